"""What a survey file begins with, plain or encrypted."""

from __future__ import annotations

from pathlib import Path

# What marks a SQLite file as a survey file.
APPLICATION_ID = 0x43454E53
# What it is called; an encrypted one begins with salt and can be told by its name alone.
SUFFIX = ".census"
SALT = 16
_MAGIC = b"SQLite format 3\0"
_HEAD = 72
_PAGE = 4096


def is_census(path: Path) -> bool:
    """Whether a survey file stands at a path; nothing else is ever written in its place."""
    head = _head(path)
    return (head.startswith(_MAGIC) and int.from_bytes(head[68:72], "big") == APPLICATION_ID) or is_encrypted(path)


def is_encrypted(path: Path) -> bool:
    """Whether a file can only be a survey file under a passphrase, as its name says and its beginning hides."""
    head = _head(path)
    named = SUFFIX in path.suffixes and len(head) == _HEAD and not head.startswith(_MAGIC)
    return named and path.stat().st_size % _PAGE == 0


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(_HEAD)
