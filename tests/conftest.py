"""What the tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from survey import codes
from survey import scheme as schemes
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts, load

if TYPE_CHECKING:
    from senders import Sender

ROOT = Path(__file__).parent.parent
_finished = 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="write the golden files anew")


def pytest_configure() -> None:
    """As in the program, nothing is collected in a thread of readers or of the runner, which has no widgets."""
    gc.disable()


def pytest_runtest_logfinish() -> None:
    """Collected between tests, in the thread of the widgets: what is young each time, all of it now and then."""
    global _finished  # noqa: PLW0603 - pytest calls functions of the module
    _finished += 1
    gc.collect(2 if _finished % 50 == 0 else 1)


@pytest.fixture(scope="session", autouse=True)
def application(qapp: object) -> object:
    """One application for all tests, made before anything draws."""
    return qapp


@pytest.fixture(scope="session")
def assets() -> Path:
    return ROOT / "assets"


@pytest.fixture(scope="session")
def data() -> Path:
    return ROOT / "tests" / "data"


@pytest.fixture(scope="session")
def texts(assets: Path) -> Texts:
    return load(assets / "i18n", "zh")


@pytest.fixture(scope="session")
def small(data: Path) -> Scheme:
    """A scheme of two forms, for tests of what does not depend on the industry."""
    return schemes.load(data / "scheme")


@pytest.fixture(scope="session")
def lists(data: Path) -> Scheme:
    """The later version of the small scheme, with list forms and forms of the district and the city."""
    return schemes.load(data / "scheme2")


@pytest.fixture(scope="session")
def cluster(assets: Path) -> Scheme:
    """The scheme that is shipped."""
    return schemes.load(assets / "schemes" / "ic-cluster")


def code_of(number: int) -> str:
    """A sound invented code."""
    return codes.uscc_with_check("91440300" + codes.organisation_code(f"MA9{number:05}"))


@pytest.fixture
def district(tmp_path: Path, small: Scheme) -> Iterator[Store]:
    """An empty district file of the small scheme."""
    opened = stores.create(tmp_path / "district.census", small, "2025", "440305")
    yield opened
    opened.close()


@pytest.fixture
def city(tmp_path: Path, small: Scheme) -> Iterator[Store]:
    """An empty city file of the small scheme."""
    opened = stores.create(tmp_path / "city.census", small, "2025", None)
    yield opened
    opened.close()


@pytest.fixture
def sender(tmp_path: Path, small: Scheme, texts: Texts) -> Iterator[Sender]:
    """A district's desk that sends returns."""
    from senders import B, Sender

    one = Sender(tmp_path / "sender", small, B, texts)
    yield one
    one.store.close()
