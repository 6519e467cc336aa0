"""The pages of a survey file as they stand on the disk, its log included, for when SQLite no longer reads them.

Pages under a passphrase are held against their HMAC one by one, as SQLCipher 4 writes them:
https://www.zetetic.net/sqlcipher/design/. The log is read as https://sqlite.org/fileformat2.html#walformat has it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from survey.connection import Key
from survey.filemark import MAGIC, PAGE, SALT, in_tree

_IV, _MAC = 16, 64
_MASK = 0x3A
_LOG_HEAD, _FRAME_HEAD = 32, 24
_PROBED = 64


@dataclass(frozen=True)
class Image:
    """The pages of a database by number, without encryption and log, and how many bytes of each hold anything.

    Pages that are empty are not among them; nor are those that fail their HMAC, whose numbers are told. `unchecked`:
    the salt is lost, so that no HMAC can be told from another.
    """

    pages: Mapping[int, bytes]
    usable: int
    failed: tuple[int, ...]
    unchecked: bool = False

    @property
    def free(self) -> tuple[int, int] | None:
        """The first page of the list of free ones, and how many there are; None where nothing tells."""
        head = self.pages.get(1, b"")
        return struct.unpack_from(">2I", head, 32) if head.startswith(MAGIC) else None


def image(path: Path, key: Key | None) -> Image:
    """What a file and its log hold; raises OSError where the disk does not give it."""
    raw = path.read_bytes()
    size = PAGE if key else _page_size(raw)
    pages = dict(enumerate((raw[at : at + size] for at in range(0, len(raw) - size + 1, size)), 1))
    pages |= _logged(path.with_name(path.name + "-wal"), size)
    failed: set[int] = set()
    unchecked = False
    if key:
        cipher = _Cipher(key)
        failed = {number for number, page in pages.items() if not cipher.sound(page, number)}
        unchecked = len(failed) == len(pages)
        failed = set() if unchecked else failed
        pages = {number: cipher.plain(page, number) for number, page in pages.items() if number not in failed}
    there = {number: page for number, page in sorted(pages.items()) if page.strip(b"\0")}
    return Image(there, size - (_IV + _MAC if key else 0), tuple(sorted(failed)), unchecked)


def authentic(path: Path, key: Key) -> bool:
    """Whether any of the first pages of an encrypted file is sound under a key, which then is the file's."""
    cipher = _Cipher(key)
    with path.open("rb") as file:
        pages = iter(lambda: file.read(PAGE), b"")
        return any(cipher.sound(page, number) for number, page in enumerate(islice(pages, _PROBED), 1))


def legible(path: Path, key: Key) -> bool:
    """Whether a key makes sense of any of the first pages of an encrypted file, be its salt right or not."""
    cipher = _Cipher(key)
    with path.open("rb") as file:
        pages = [page for page in islice(iter(lambda: file.read(PAGE), b""), _PROBED) if len(page) == PAGE]
    end = PAGE - _IV - _MAC
    return any(in_tree(cipher.plain(page, number)[:end]) for number, page in enumerate(pages[1:], 2))


def _page_size(raw: bytes) -> int:
    size = int.from_bytes(raw[16:18], "big") if raw.startswith(MAGIC) else PAGE
    return 65536 if size == 1 else size if size in {1 << n for n in range(9, 16)} else PAGE


def _logged(path: Path, size: int) -> dict[int, bytes]:
    """The pages of all transactions that the log holds whole."""
    raw = path.read_bytes() if path.is_file() else b""
    kept: dict[int, bytes] = {}
    open_ones: dict[int, bytes] = {}
    for number, commits, page in _frames(raw, size):
        open_ones[number] = page
        if commits:
            kept |= open_ones
            open_ones = {}
    return kept


def _frames(raw: bytes, size: int) -> Iterator[tuple[int, int, bytes]]:
    if len(raw) < _LOG_HEAD:
        return
    order = ">" if raw[3] & 1 else "<"
    salts, total = raw[16:24], _sum(raw[:24], (0, 0), order)
    for at in range(_LOG_HEAD, len(raw) - _FRAME_HEAD - size + 1, _FRAME_HEAD + size):
        head, page = raw[at : at + _FRAME_HEAD], raw[at + _FRAME_HEAD : at + _FRAME_HEAD + size]
        total = _sum(page, _sum(head[:8], total, order), order)
        if head[8:16] != salts or struct.unpack(">2I", head[16:24]) != total:
            return
        yield *struct.unpack(">2I", head[:8]), page


def _sum(block: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(block) // 4}I", block)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


class _Cipher:
    """One key at work on single pages."""

    def __init__(self, key: Key) -> None:
        self._key = key
        salt = bytes(byte ^ _MASK for byte in key.salt)
        self._mac = hashlib.pbkdf2_hmac("sha512", key.raw, salt, 2, len(key.raw))

    def sound(self, page: bytes, number: int) -> bool:
        body, claimed = page[_first(number) : -_MAC], page[-_MAC:]
        return hmac.compare_digest(hmac.digest(self._mac, body + number.to_bytes(4, "little"), "sha512"), claimed)

    def plain(self, page: bytes, number: int) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        end = len(page) - _IV - _MAC
        decryptor = Cipher(AES(self._key.raw), CBC(page[end : end + _IV])).decryptor()
        head = MAGIC if number == 1 else b""
        return head + decryptor.update(page[_first(number) : end]) + page[end:]


def _first(number: int) -> int:
    """Where what is encrypted begins on a page: the first one begins with the salt."""
    return SALT if number == 1 else 0
