"""Damaged files: the damage is told, and what can be read is in a new file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of

from desktop.cli import main
from survey import cells, journal, keyring
from survey import store as stores
from survey.backup import back_up, folder_of
from survey.encryption import protect
from survey.errors import SurveyError
from survey.rescue import rescue
from survey.scheme import Scheme

UNITS = 400
WORD = "演示口令 2025"
PAGE = 4096
DAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    yield
    keyring._keys.clear()
    keyring.ask_with(None)


@pytest.fixture(params=["plain", "encrypted"])
def path(tmp_path: Path, lists: Scheme, request: pytest.FixtureRequest) -> Path:
    """A file with units, answers and lines."""
    path = tmp_path / "d.census"
    with closing(stores.create(path, lists, "2025", "440305")) as store, store.atomic():
        for number in range(UNITS):
            unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
            cells.write(store, unit, "2025", "revenue", number)
            cells.write(store, unit, "2025", "product_revenue", number, line=1)
    if request.param == "encrypted":
        protect(path, WORD)
    return path


def spoil(path: Path, dice: random.Random, pages: int = 1) -> None:
    """Flips bits in some pages behind the first."""
    content = bytearray(path.read_bytes())
    for _ in range(pages):
        start = dice.randrange(1, len(content) // PAGE) * PAGE
        for _ in range(60):
            content[start + dice.randrange(PAGE)] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def held(path: Path) -> dict[str, int]:
    """Revenues by code."""
    with closing(stores.open(path)) as store:
        return dict(store.execute("SELECT u.uscc, f.revenue FROM unit u JOIN response r ON r.unit = u.id"
                                  " JOIN form_t_02 f ON f.response = r.id"))  # fmt: skip


def test_a_sound_file_is_saved_whole(path: Path) -> None:
    found = rescue(path, path.with_name("new.census"), who="保密员")
    assert (found.damaged, found.failed, found.orphans, found.breaks) == ((), 0, 0, ())
    assert held(found.target) == held(path)
    with closing(stores.open(found.target)) as store:
        assert [one.who for one in journal.entries(store, "rescued")] == ["保密员"]


def test_with_pages_spoilt_most_is_saved_and_what_is_saved_is_true(path: Path) -> None:
    whole, sound = held(path), path.read_bytes()
    dice = random.Random(5)
    saved = nothing = 0
    for number in range(12):
        path.write_bytes(sound)
        spoil(path, dice)
        target = path.with_name(f"new{number}.census")
        # Where the schema itself is hit there is nothing without a copy.
        with suppress(SurveyError):
            rescue(path, target)
        if not target.exists():
            nothing += 1
            continue
        now = held(target)
        assert all(whole.get(code) == revenue for code, revenue in now.items()) or not keyring.is_encrypted(path)
        saved += len(now)
    assert nothing <= 5
    assert saved >= 0.7 * UNITS * (12 - nothing)


def test_a_copy_of_the_day_before_fills_the_gap(path: Path) -> None:
    back_up(path, DAY)
    whole, sound = held(path), path.read_bytes()
    dice = random.Random(6)
    saved = altered = 0
    for number in range(12):
        path.write_bytes(sound)
        spoil(path, dice, pages=2)
        found = rescue(path, path.with_name(f"new{number}.census"))
        now = held(found.target)
        saved += len(now.keys() & whole.keys())
        altered += sum(whole.get(code) != revenue for code, revenue in now.items())
    # A plain page has no check: a code or a number that was altered in it and still is one cannot be told.
    if keyring.is_encrypted(path):
        assert (saved, altered) == (12 * UNITS, 0)
    else:
        assert saved >= 0.99 * 12 * UNITS
        assert altered <= 0.01 * 12 * UNITS


def test_the_log_that_was_not_taken_in_is_read_too(path: Path) -> None:
    store = stores.open(path)
    with store.atomic():
        cells.write(store, 1, "2025", "revenue", 77_777)
    assert path.with_name(path.name + "-wal").stat().st_size
    found = rescue(path, path.with_name("new.census"))
    store.close()
    assert held(found.target)[code_of(0)] == 77_777


def test_a_page_that_fails_its_check_is_told_at_the_daily_copy_and_no_copy_is_trusted(path: Path) -> None:
    if not keyring.is_encrypted(path):
        pytest.skip("plain pages have no check")
    told = 0
    sound, dice = path.read_bytes(), random.Random(8)
    for _ in range(10):
        path.write_bytes(sound)
        spoil(path, dice)
        with pytest.raises(SurveyError) as caught:
            back_up(path, DAY)
        told += caught.value.code == "damaged"
        assert not list(folder_of(path).glob("*.census"))
    assert told == 10


def test_nothing_is_written_over_and_the_damaged_file_stays(path: Path) -> None:
    before = path.read_bytes()
    other = path.with_name("other.census")
    other.write_bytes(b"x")
    with pytest.raises(SurveyError, match="exists"):
        rescue(path, other)
    rescue(path, path.with_name("new.census"))
    assert path.read_bytes() == before
    assert other.read_bytes() == b"x"


def test_noise_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "noise.census"
    path.write_bytes(b"SQLite format 3\0" + random.Random(1).randbytes(9 * PAGE))
    with pytest.raises(SurveyError, match=r"nothing_rescued|damaged|not_ours"):
        rescue(path, tmp_path / "new.census")
    assert [one.name for one in tmp_path.iterdir()] == ["noise.census"]


def test_the_command_line_saves_and_tells_what_it_could_not(path: Path, tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text(WORD, encoding="utf-8")
    new = path.with_name("new.census")
    done = CliRunner().invoke(main, ["--passphrase-file", str(word), "rescue", str(path), str(new)])
    assert done.exit_code == 0, done.output
    assert str(new) in done.output
    spoil(path, random.Random(9), pages=3)
    again = CliRunner().invoke(main, ["--passphrase-file", str(word), "rescue", str(path), str(tmp_path / "n2.census")])
    assert again.exit_code in (1, 2), again.output
