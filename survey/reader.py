"""Foreign workbooks and text tables, read in a child process with limits.

A hostile or damaged file can abort its reader or swallow the machine's memory; it must take
neither the program nor an officer's work with it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import zip_longest
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from survey.book import Book
from survey.errors import SurveyError
from survey.filekind import check_there

__all__ = ["Book", "Decode", "Reader", "sha256_of"]

# What the child may take beyond what it needs to live: a cheap laptop has four gigabytes.
MEMORY_LIMIT = 3 << 29
SILENCE_LIMIT = 120.0
# How long a file may be waited for in all; what is done with its rows meanwhile does not count.
TIME_LIMIT = 600.0
# Requests the child may have waiting; together they fit into the pipe.
_AHEAD, _SMALL = 4, 1_000
# From so many files on a second child takes every other one.
_MANY, _CHILDREN = 8, 2

Decode = Callable[..., Iterator[Any]]


class Reader:
    """A child process that reads files; use as a context manager, one for many files.

    `known` is handed to the child once, and stands there as `book.known`.
    """

    def __init__(self, known: object = None) -> None:
        self._known = known
        self._open = False
        self._process: SpawnProcess | None = None

    def _start(self) -> None:
        """Begins a child, where none is there; one that was stopped is not missed before there is something to read."""
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._pipe, child_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(child_end, self._known), daemon=True)
        self._process.start()
        child_end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._process is not None:
            self._pipe.close()
            self._process.kill()
            self._process.join()
        self._process, self._open = None, False

    @contextmanager
    def read(self, path: Path, decode: Decode, *arguments: object) -> Iterator[Iterator[Any]]:
        """What `decode(book, *arguments)` yields in the child, as it comes; whoever stops early may.

        `decode` is a function at the top of a module. Raises SurveyError: `no_file`, `file.<kind>`, `zip_bomb`,
        `password`, `unreadable`, `too_slow`, and what `decode` raises.
        """
        self._send(path, decode, arguments)
        try:
            yield self._parts(path)
        finally:
            if self._open:
                # The rest of this file must not be taken for the next one.
                self._stop()

    def read_many(
        self, paths: Sequence[Path], decode: Decode, *arguments: object, many: int = _MANY
    ) -> Iterator[tuple[Path, Iterator[Any]]]:
        """What `decode` yields of each file, in order, as it comes; whoever stops a file early may.

        A file that cannot be read raises SurveyError where its parts are taken, and the next one is read. Children
        read ahead of whoever takes the parts: two of them, where there are `many` files.
        """
        if len(paths) < many or (os.cpu_count() or 1) < _CHILDREN:
            yield from self._in_turn(paths, decode, arguments)
            return
        with Reader(self._known) as other:
            streams = (self._in_turn(paths[::2], decode, arguments), other._in_turn(paths[1::2], decode, arguments))
            with closing(streams[0]), closing(streams[1]):
                for both in zip_longest(*streams):
                    yield from (one for one in both if one is not None)

    def _in_turn(
        self, paths: Sequence[Path], decode: Decode, arguments: tuple[object, ...]
    ) -> Generator[tuple[Path, Iterator[Any]], None, None]:
        """The files that this child reads, one after the other."""
        # A request that the pipe cannot hold is only sent to a child that waits for it.
        ahead = _AHEAD if len(pickle.dumps(arguments)) < _SMALL else 1
        asked = 0
        try:
            for at, path in enumerate(paths):
                while asked < min(at + ahead, len(paths)):
                    self._send(paths[asked], decode, arguments)
                    asked += 1
                yield path, self._parts(path)
                if self._open:
                    # The child is gone or in the middle of a file: the requests that waited are asked again.
                    self._stop()
                    asked = at + 1
                self._open = asked > at + 1
        finally:
            if self._open:
                self._stop()

    def _send(self, path: Path, decode: Decode, arguments: tuple[object, ...]) -> None:
        self._start()
        with suppress(BrokenPipeError, ConnectionResetError):
            # A child that is gone is told of when its answer is missed.
            self._pipe.send((path, decode, arguments))
        self._open = True

    def _parts(self, path: Path) -> Iterator[Any]:
        left = TIME_LIMIT
        while True:
            began = monotonic()
            try:
                if left <= 0 or not self._pipe.poll(min(SILENCE_LIMIT, left)):
                    raise SurveyError("too_slow", path=path)
                kind, payload = self._pipe.recv()
            except (EOFError, ConnectionResetError, BrokenPipeError):
                raise SurveyError("unreadable", path=path, detail="") from None
            left -= monotonic() - began
            if kind == "part":
                yield payload
                continue
            self._open = False
            if kind == "error":
                raise SurveyError(payload[0], **payload[1])
            return


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; raises SurveyError `no_file`, `file.folder`."""
    check_there(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _serve(pipe: Connection, known: object) -> None:
    """The child's whole life: takes a file, sends what is decoded, waits for the next."""
    _limit_memory()
    # What a reader prints while it dies is of no use to the officer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            path, decode, arguments = pipe.recv()
            try:
                for part in decode(Book(path, known), *arguments):
                    pipe.send(("part", part))
            except SurveyError as error:
                pipe.send(("error", (error.code, error.facts)))
            except (BrokenPipeError, ConnectionResetError):
                raise
            except MemoryError:
                pipe.send(("error", ("file.memory", {"path": path})))
            except BaseException as error:  # noqa: BLE001 - a panic of the reader is no Exception
                pipe.send(("error", ("unreadable", {"path": path, "detail": next(iter(str(error).splitlines()), "")})))
            else:
                pipe.send(("end", None))


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError, IndexError):
        # Windows has no such limit; the guards on what is unpacked and how many cells it holds still stand there.
        import resource

        own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY_LIMIT, own + MEMORY_LIMIT))
