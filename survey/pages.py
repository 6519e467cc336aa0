"""The pages of a survey file as they stand on the disk, its log included, for when SQLite no longer reads them.

Pages under a passphrase are held against their HMAC one by one, as SQLCipher 4 writes them:
https://www.zetetic.net/sqlcipher/design/. The log is read as https://sqlite.org/fileformat2.html#walformat has it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from survey.connection import Key
from survey.filemark import MAGIC, PAGE, SALT

_IV, _MAC = 16, 64
_MASK = 0x3A
_LOG_HEAD, _FRAME_HEAD = 32, 24
_PROBED = 64


@dataclass(frozen=True)
class Image:
    """A database without encryption and log; pages that fail their HMAC are empty, and their numbers told."""

    content: bytes
    failed: tuple[int, ...]


def image(path: Path, key: Key | None) -> Image:
    """What a file and its log hold; raises OSError where the disk does not give it."""
    raw = path.read_bytes()
    size = PAGE if key else _page_size(raw)
    pages = dict(enumerate((raw[at : at + size] for at in range(0, len(raw), size)), 1))
    pages |= _logged(path.with_name(path.name + "-wal"), size)
    failed = []
    if key:
        cipher = _Cipher(key)
        for number, page in pages.items():
            sound = cipher.sound(page, number)
            if not sound:
                failed.append(number)
            # Without the first page nothing can be found; what is wrong in it shows in what it leads to.
            pages[number] = cipher.plain(page, number) if sound or number == 1 else bytes(size)
    content = bytearray(
        b"".join(pages.get(number, bytes(size)).ljust(size, b"\0") for number in range(1, max(pages) + 1))
    )
    # It stands in memory, where there is no log.
    content[18:20] = b"\1\1"
    return Image(bytes(content), tuple(failed))


def authentic(path: Path, key: Key) -> bool:
    """Whether any of the first pages of an encrypted file is sound under a key, which then is the file's."""
    cipher = _Cipher(key)
    with path.open("rb") as file:
        pages = iter(lambda: file.read(PAGE), b"")
        return any(cipher.sound(page, number) for number, page in enumerate(islice(pages, _PROBED), 1))


def _page_size(raw: bytes) -> int:
    size = int.from_bytes(raw[16:18], "big")
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
