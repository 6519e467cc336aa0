"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from survey import scheme as schemes
from survey.scheme import Scheme
from survey.texts import Texts, load

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="write the golden files anew")


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
def cluster(assets: Path) -> Scheme:
    """The scheme that is shipped."""
    return schemes.load(assets / "schemes" / "ic-cluster")
