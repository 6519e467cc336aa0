"""The reading process: what kills it or never ends takes nobody with it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from foreign_files import taken

from survey import reader
from survey.book import Book
from survey.errors import SurveyError
from survey.reader import Reader


def lines(book: Book) -> Iterator[list[str]]:
    yield from book.rows(book.sheets[0])


def die(_book: Book) -> Iterator[None]:
    os.abort()
    yield


def panic(_book: Book) -> Iterator[None]:
    raise KeyboardInterrupt
    yield


def sleep(_book: Book) -> Iterator[None]:
    time.sleep(60)
    yield


def trickle(_book: Book) -> Iterator[int]:
    while True:
        time.sleep(0.01)
        yield 1


def die_of_some(book: Book) -> Iterator[str]:
    if "bad" in book.path.name:
        os.abort()
    yield book.known[book.path.stem[0]]


def swallow(_book: Book) -> Iterator[int]:
    yield len(bytearray(16 << 30))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 50_000, encoding="utf-8")
    return path


@pytest.mark.parametrize("trouble", [die, panic, swallow])
def test_a_file_that_kills_its_reader_is_refused_and_the_next_one_is_read(table: Path, trouble: reader.Decode) -> None:
    with Reader() as one:
        with pytest.raises(SurveyError, match=r"unreadable|file\.memory"), one.read(table, trouble) as parts:
            list(parts)
        with one.read(table, lines) as parts:
            assert next(parts) == ["a", "b"]
        with one.read(table, lines) as parts:
            assert len(list(parts)) == 50_001


def test_a_child_that_dies_as_it_begins_keeps_nobody_waiting(table: Path) -> None:
    from dying_book import DyingBook

    with Reader((DyingBook, b" " * (4 << 20)), DyingBook) as one:
        for _ in range(2):
            with pytest.raises(SurveyError, match="unreadable"), one.read(table, lines) as parts:
                list(parts)


def test_a_file_that_never_ends_is_given_up(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SILENCE_LIMIT", 0.5)
    with Reader() as one, pytest.raises(SurveyError, match="too_slow"), one.read(table, sleep) as parts:
        list(parts)


@pytest.mark.parametrize(
    ("content", "error"), [(b"\xff\xfe\x00x\x81", "not_text"), (b"PK\x03\x04 broken", "unreadable")]
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, error: str) -> None:
    path = tmp_path / ("t.xlsx" if content.startswith(b"PK") else "t.csv")
    path.write_bytes(content)
    with Reader() as one, pytest.raises(SurveyError, match=error), one.read(path, lines) as parts:
        list(parts)


@pytest.fixture
def many(tmp_path: Path) -> list[Path]:
    paths = [
        tmp_path / f"{name}.csv" for name in ("a1", "b-bad", "a2", "c", "a-bad", "a3", "a4", "a5", "a6", "a7", "b")
    ]
    for path in paths:
        path.write_text("a,b\n1,2\n", encoding="utf-8")
    return paths


def test_a_file_left_half_way_does_not_keep_the_next_from_being_read(many: list[Path]) -> None:
    with Reader() as one:
        first = [next(parts) for _, parts in one.read_many(many, lines)]
    assert first == [["a", "b"]] * len(many)


def test_of_many_files_each_has_its_outcome_in_order_and_a_crash_is_not_the_end(many: list[Path]) -> None:
    with Reader(known={"a": "甲", "b": "乙"}) as one:
        outcomes = [(path, taken(parts)) for path, parts in one.read_many(many, die_of_some)]
    assert [path for path, _ in outcomes] == many
    found = [outcome.code if isinstance(outcome, SurveyError) else outcome for _, outcome in outcomes]
    assert found == [["甲"], "unreadable", ["甲"], "unreadable", "unreadable", *[["甲"]] * 5, ["乙"]]


def test_many_files_may_be_left_half_way_and_the_next_is_read(many: list[Path]) -> None:
    with Reader() as one:
        for _path, parts in one.read_many(many, lines):
            assert list(parts) == [["a", "b"], ["1", "2"]]
            break
        with one.read(many[-1], lines) as parts:
            assert next(parts) == ["a", "b"]


def test_no_file_at_all_has_no_outcome() -> None:
    with Reader() as one:
        assert list(one.read_many([], lines)) == []


def test_a_file_that_trickles_without_end_is_given_up(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "TIME_LIMIT", 0.5)
    with Reader() as one, pytest.raises(SurveyError, match="too_slow"), one.read(table, trickle) as parts:
        list(parts)
