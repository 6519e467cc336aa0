"""What a survey file begins with, plain or encrypted."""

from __future__ import annotations

import struct
from itertools import islice
from pathlib import Path

# What marks a SQLite file as a survey file.
APPLICATION_ID = 0x43454E53
# What it is called; an encrypted one begins with salt and can be told by its name alone.
SUFFIX = ".census"
SALT = 16
MAGIC = b"SQLite format 3\0"
_HEAD = 72
PAGE = 4096
_PROBED = 64
_LEAST = 512


def is_census(path: Path) -> bool:
    """Whether a survey file stands at a path; nothing else is ever written in its place."""
    head = _head(path)
    ours = head.startswith(MAGIC) and int.from_bytes(head[68:72], "big") == APPLICATION_ID
    return ours or _nameless(path, head)


def is_encrypted(path: Path) -> bool:
    """Whether a file can only be a survey file under a passphrase, as its name says and its beginning hides."""
    return _nameless(path, _head(path)) and not _plain(path)


def is_headless(path: Path) -> bool:
    """Whether a file is a survey file without a passphrase whose beginning is lost."""
    return _nameless(path, _head(path)) and _plain(path)


def _nameless(path: Path, head: bytes) -> bool:
    """Whether a file is called a survey file, but does not begin as one."""
    named = SUFFIX in map(str.lower, path.suffixes) and len(head) == _HEAD and not head.startswith(MAGIC)
    # One that was not copied whole is one still: it is asked for its passphrase, and never written over.
    return named and path.stat().st_size >= PAGE


def _plain(path: Path) -> bool:
    """Whether any page behind the first is one of a tree; of an encrypted one, none looks like anything."""
    with path.open("rb") as file:
        file.seek(PAGE)
        return any(in_tree(page) for page in islice(iter(lambda: file.read(PAGE), b""), _PROBED))


def in_tree(page: bytes) -> bool:
    """Whether a page begins as https://sqlite.org/fileformat2.html has it, and all it points to is where it can be."""
    if len(page) < _LEAST or page[0] not in (2, 5, 10, 13):
        return False
    count, content = struct.unpack_from(">2H", page, 3)
    first = 12 if page[0] < 10 else 8
    if not first + 2 * count <= content <= len(page):
        return False
    return all(content <= at < len(page) for at in struct.unpack_from(f">{count}H", page, first))


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_HEAD)
