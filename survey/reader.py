"""Foreign workbooks and text tables, read in a child process with limits.

A hostile or damaged file can abort its reader or swallow the machine's memory; it must take
neither the program nor an officer's work with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import multiprocessing
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from survey.errors import SurveyError

MEMORY_LIMIT = 4 << 30
SILENCE_LIMIT = 300.0
UNPACKED_LIMIT = 4 << 30
RATIO_LIMIT = 250
_OLE = b"\xd0\xcf\x11\xe0"

Decode = Callable[..., Iterator[Any]]


class Book:
    """A workbook or text table open in the child process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._workbook: Any = None
        if path.suffix.lower() in (".csv", ".txt", ".tsv"):
            self.sheets = [path.stem]
        else:
            from python_calamine import CalamineWorkbook

            self._workbook = CalamineWorkbook.from_path(str(path))
            self.sheets = list(self._workbook.sheet_names)

    @cached_property
    def names(self) -> Mapping[str, list[str]]:
        """The texts of the workbook's defined names that are texts; a name may stand there more than once."""
        from lxml import etree

        found: dict[str, list[str]] = {}
        with suppress(zipfile.BadZipFile, KeyError, etree.XMLSyntaxError), zipfile.ZipFile(self.path) as archive:
            workbook = archive.open("xl/workbook.xml")
            for _, element in etree.iterparse(workbook, tag="{*}definedName", resolve_entities=False, no_network=True):
                text = element.text or ""
                if len(text) > 1 and text[0] == text[-1] == '"':
                    found.setdefault(element.get("name", ""), []).append(text[1:-1].replace('""', '"'))
        return found

    def rows(self, sheet: str) -> Iterator[list[Any]]:
        """The rows of a sheet from its first one, each a list of str, float, bool, date or ''."""
        if self._workbook is None:
            yield from _text_rows(self.path)
            return
        found = self._workbook.get_sheet_by_name(sheet)
        # Rows come from the first of the sheet, columns from the first that is used.
        indent = [""] * (found.start[1] if found.start else 0)
        for row in found.iter_rows():
            yield indent + row if indent else row


def _text_rows(path: Path) -> Iterator[list[Any]]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            break
    else:
        raise SurveyError("not_text", path=path)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    yield from csv.reader(io.StringIO(text), delimiter=delimiter)


class Reader:
    """A child process that reads files; use as a context manager, one for many files."""

    def __init__(self) -> None:
        self._open = False
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(child_end,), daemon=True)
        self._process.start()
        child_end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()

    @contextmanager
    def read(self, path: Path, decode: Decode, *arguments: object) -> Iterator[Iterator[Any]]:
        """What `decode(book, *arguments)` yields in the child, as it comes; whoever stops early may.

        `decode` is a function at the top of a module. Raises SurveyError: `no_file`, `zip_bomb`,
        `password`, `unreadable`, `too_slow`, and what `decode` raises.
        """
        check_file(path)
        self._pipe.send((path, decode, arguments))
        self._open = True
        try:
            yield self._parts(path)
        finally:
            if self._open:
                # The rest of this file must not be taken for the next one.
                self._stop()
                self._start()

    def _parts(self, path: Path) -> Iterator[Any]:
        while True:
            try:
                if not self._pipe.poll(SILENCE_LIMIT):
                    raise SurveyError("too_slow", path=path)
                kind, payload = self._pipe.recv()
            except (EOFError, ConnectionResetError):
                raise SurveyError("unreadable", path=path, detail="") from None
            if kind == "part":
                yield payload
                continue
            self._open = False
            if kind == "error":
                raise SurveyError(payload[0], **payload[1])
            return


def check_file(path: Path) -> None:
    """Refuses, before anything is read, what is no workbook or table or would burst when unpacked."""
    if not path.is_file():
        raise SurveyError("no_file", path=path)
    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLE and b"E\0n\0c\0r\0y\0p\0t\0e\0d" in path.read_bytes():
        raise SurveyError("password", path=path)
    if head[:2] == b"PK":
        try:
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise SurveyError("unreadable", path=path, detail=str(error)) from None
        if unpacked > UNPACKED_LIMIT or unpacked > RATIO_LIMIT * max(path.stat().st_size, 1 << 20):
            raise SurveyError("zip_bomb", path=path)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _serve(pipe: Connection) -> None:
    """The child's whole life: takes a file, sends what is decoded, waits for the next."""
    _limit_memory()
    # What a reader prints while it dies is of no use to the officer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            path, decode, arguments = pipe.recv()
            try:
                for part in decode(Book(path), *arguments):
                    pipe.send(("part", part))
            except SurveyError as error:
                pipe.send(("error", (error.code, error.facts)))
            except (BrokenPipeError, ConnectionResetError):
                raise
            except BaseException as error:  # noqa: BLE001 - a panic of the reader is no Exception
                pipe.send(("error", ("unreadable", {"path": path, "detail": next(iter(str(error).splitlines()), "")})))
            else:
                pipe.send(("end", None))


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):
        # Windows has no such limit; the guard on the unpacked size still holds there.
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
