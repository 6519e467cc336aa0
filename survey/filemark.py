"""What a survey file begins with, plain or encrypted."""

from __future__ import annotations

import re
from pathlib import Path

# What marks a SQLite file as a survey file.
APPLICATION_ID = 0x43454E53
# What it is called; an encrypted one begins with salt and can be told by its name alone.
SUFFIX = ".census"
SALT = 16
MAGIC = b"SQLite format 3\0"
_HEAD = 72
PAGE = 4096


def is_census(path: Path) -> bool:
    """Whether a survey file stands at a path; nothing else is ever written in its place."""
    head = _head(path)
    return (head.startswith(MAGIC) and int.from_bytes(head[68:72], "big") == APPLICATION_ID) or is_encrypted(path)


def is_encrypted(path: Path) -> bool:
    """Whether a file can only be a survey file under a passphrase, as its name says and its beginning hides."""
    head = _head(path)
    named = SUFFIX in map(str.lower, path.suffixes) and len(head) == _HEAD and not head.startswith(MAGIC)
    # One that was not copied whole is one still: it is asked for its passphrase, and never written over.
    return named and path.stat().st_size >= PAGE


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_HEAD)


def kept_name(path: Path, at: str) -> Path:
    """A free name beside a survey file for a copy of what it was at a moment, as `now` tells it."""
    stamp = re.sub(r"[-:]", "", at[:19]).replace("T", "-")
    names = (f"{path.stem}-{stamp}{more}{path.suffix}.bak" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(found for found in map(path.with_name, names) if not found.exists())
