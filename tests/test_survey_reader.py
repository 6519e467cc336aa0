"""The reading process: what kills it or never ends takes nobody with it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey import reader
from survey.errors import SurveyError
from survey.reader import Book, Reader


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
        with pytest.raises(SurveyError, match="unreadable"), one.read(table, trouble) as parts:
            list(parts)
        with one.read(table, lines) as parts:
            assert next(parts) == ["a", "b"]
        with one.read(table, lines) as parts:
            assert len(list(parts)) == 50_001


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
