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
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

from survey.book import Book, OwnBook
from survey.errors import SurveyError
from survey.filekind import check_there

__all__ = ["Book", "Decode", "Reader", "sha256_of"]

# What the child may take beyond what it needs to live: a cheap laptop has four gigabytes.
MEMORY_LIMIT = 3 << 29
SILENCE_LIMIT = 120.0
# How long a file may be waited for in all; what is done with its rows meanwhile does not count.
TIME_LIMIT = 600.0
# Requests the child may have waiting, and how many bytes of what it has read.
_AHEAD, _WAITING = 4, 64 << 20
# From so many files on a second child takes every other one.
_MANY, _CHILDREN = 8, 2

# What a child sends: some of what was decoded, the end of a file, why it cannot be read; or the child is gone.
_PART, _END, _ERROR, _GONE = b"p", b"e", b"x", b"g"

Decode = Callable[..., Iterator[Any]]


class Reader:
    """A child process that reads files; use as a context manager, one for many files.

    `known` is handed to the child once, and stands there as `book.known`; `book` is how files are opened there.
    """

    def __init__(self, known: object = None, book: type[Book] | type[OwnBook] = Book) -> None:
        self._known = known
        self._book = book
        self._open = False
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop()
        self._child, self._open = None, False

    @contextmanager
    def read(self, path: Path, decode: Decode, *arguments: object) -> Iterator[Iterator[Any]]:
        """What `decode(book, *arguments)` yields in the child, as it comes; whoever stops early may.

        `decode` is a function at the top of a module. Raises SurveyError: `no_file`, `file.<kind>`, `zip_bomb`,
        `password`, `unreadable`, `too_slow`, and what `decode` raises.
        """
        self._ask(path, decode, arguments)
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
        with Reader(self._known, self._book) as other:
            streams = (self._in_turn(paths[::2], decode, arguments), other._in_turn(paths[1::2], decode, arguments))
            with closing(streams[0]), closing(streams[1]):
                for both in zip_longest(*streams):
                    yield from (one for one in both if one is not None)

    def _in_turn(
        self, paths: Sequence[Path], decode: Decode, arguments: tuple[object, ...]
    ) -> Generator[tuple[Path, Iterator[Any]], None, None]:
        """The files that this child reads, one after the other."""
        asked = 0
        try:
            for at, path in enumerate(paths):
                while asked < min(at + _AHEAD, len(paths)):
                    self._ask(paths[asked], decode, arguments)
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

    def _ask(self, path: Path, decode: Decode, arguments: tuple[object, ...]) -> None:
        if self._child is None:
            self._child = _Child(self._known, self._book)
        self._child.ask((path, decode, arguments))
        self._open = True

    def _parts(self, path: Path) -> Iterator[Any]:
        left = TIME_LIMIT
        while True:
            assert self._child
            began = monotonic()
            try:
                kind, payload = self._child.answer(min(SILENCE_LIMIT, left))
            except Empty:
                raise SurveyError("too_slow", path=path) from None
            left -= monotonic() - began
            if kind == _PART:
                yield payload
                continue
            if kind == _GONE:
                raise SurveyError("unreadable", path=path, detail="")
            self._open = False
            if kind == _ERROR:
                raise SurveyError(payload[0], **payload[1])
            return


class _Child:
    """The child process, and the thread that starts it, asks it and takes what it sends: nobody else waits for it."""

    def __init__(self, known: object, book: type[Book] | type[OwnBook]) -> None:
        self._known = known
        self._book = book
        self._requests: SimpleQueue[object] = SimpleQueue()
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._room = Condition()
        self._waiting = 0
        self._stopped = False
        self._process: SpawnProcess | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self, request: object) -> None:
        """Hands on a request: path, decode, arguments."""
        self._requests.put(request)

    def answer(self, seconds: float) -> tuple[bytes, Any]:
        """The next of what the child sends: its kind, and what it is; raises Empty where nothing comes in time."""
        if seconds <= 0:
            raise Empty
        sent = self._answers.get(timeout=seconds)
        with self._room:
            self._waiting -= len(sent)
            self._room.notify()
        return sent[:1], pickle.loads(memoryview(sent)[1:]) if len(sent) > 1 else None  # noqa: S301 - our own child

    def stop(self) -> None:
        """Ends the child, wherever it is."""
        with self._room:
            self._stopped = True
            self._room.notify()
            if self._process is not None:
                self._process.kill()
        self._requests.put(None)
        self._thread.join()

    def _run(self) -> None:
        pipe, end = multiprocessing.Pipe()
        # What it is to know comes by the pipe: a child that dies as it begins would never take it from its start.
        process = begin(end, self._book)
        try:
            process.start()
        except OSError:
            # The machine has no room for another process.
            self._keep(_GONE)
            return
        finally:
            end.close()
        with self._room:
            self._process = process
            if self._stopped:
                process.kill()
        try:
            self._serve(pipe)
        finally:
            pipe.close()
            process.kill()
            process.join()

    def _serve(self, pipe: Connection) -> None:
        with suppress(OSError):
            pipe.send(self._known)
        while (request := self._requests.get()) is not None:
            sent = b""
            with suppress(EOFError, OSError):
                pipe.send(request)
                while (sent := pipe.recv_bytes())[:1] == _PART:
                    self._keep(sent)
            if sent[:1] in (b"", _PART):
                self._keep(_GONE)
                return
            self._keep(sent)

    def _keep(self, sent: bytes) -> None:
        """What was sent waits to be taken; there is room for so much, then the child has to wait."""
        with self._room:
            self._room.wait_for(lambda: self._waiting < _WAITING or self._stopped)
            self._waiting += len(sent)
        self._answers.put(sent)


def begin(pipe: Connection, book: type[Book] | type[OwnBook]) -> SpawnProcess:
    """The child process, not yet started; it serves the other end of a pipe."""
    return multiprocessing.get_context("spawn").Process(target=_live, args=(pipe, book), daemon=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; raises SurveyError `no_file`, `file.folder`."""
    check_there(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _live(pipe: Connection, book: type[Book] | type[OwnBook]) -> None:
    """The child's whole life."""
    _limit_memory()
    # What a reader prints while it dies is of no use to the officer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    serve(pipe, book)


def serve(pipe: Connection, book: type[Book] | type[OwnBook]) -> None:
    """Learns what it is to know, takes a file, sends what is decoded, waits for the next; until the pipe is closed."""

    def send(kind: bytes, payload: object) -> None:
        pipe.send_bytes(kind + pickle.dumps(payload, pickle.HIGHEST_PROTOCOL))

    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        known = pipe.recv()
        while True:
            path, decode, arguments = pipe.recv()
            try:
                for part in decode(book(path, known), *arguments):
                    send(_PART, part)
            except SurveyError as error:
                send(_ERROR, (error.code, error.facts))
            except (BrokenPipeError, ConnectionResetError):
                raise
            except MemoryError:
                send(_ERROR, ("file.memory", {"path": path}))
            except BaseException as error:  # noqa: BLE001 - a panic of the reader is no Exception
                send(_ERROR, ("unreadable", {"path": path, "detail": next(iter(str(error).splitlines()), "")}))
            else:
                send(_END, None)


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError, IndexError):
        # Windows has no such limit; the guards on what is unpacked and how many cells it holds still stand there.
        import resource

        own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY_LIMIT, own + MEMORY_LIMIT))
