"""Sheets whose rows carry a digest each, so that a changed row is found and named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DIGEST_COLUMN = "_digest"
DIGITS = 12
"""Digits of its digest that a row carries in a sheet; seals and signatures are over all of them."""


@dataclass(frozen=True)
class Seal:
    """How many rows a sheet has, and the digest of all of them, in whatever order."""

    count: int
    digest: str

    def text(self) -> str:
        return f"{self.count} {self.digest}"


def seal_of(digests: Iterable[str]) -> Seal:
    """The seal of a sheet by the digests of its rows."""
    rows = sorted(digests)
    return Seal(len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())


def read_seal(text: str) -> Seal:
    """A seal as `Seal.text` wrote it; raises ValueError."""
    count, digest = text.split()
    return Seal(int(count), digest)


def row_digest(sheet: str, cells: Sequence[object]) -> str:
    """SHA-256 over one row of a sheet, alike before and after Excel or WPS saved it."""
    texts = [text_of(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return hashlib.sha256("\x1f".join([sheet, *texts]).encode()).hexdigest()


def fits(claimed: str, digest: str) -> bool:
    """Whether the digits that a row carries are those of its digest."""
    return len(claimed) >= DIGITS and digest.startswith(claimed)


def text_of(cell: object) -> str:
    """A cell as text: numbers as a spreadsheet keeps them, with fifteen digits; how words are spaced does not count."""
    if isinstance(cell, int | float):
        return f"{cell:.15g}"
    return " ".join(str(cell).split()) if cell is not None else ""


def as_kept(number: float) -> float:
    """A number as a spreadsheet keeps it: written so, its digest is the same when it is read."""
    return float(f"{number:.15g}")


def grouped(digest: str, size: int = 8) -> str:
    """A digest in groups that can be compared by eye."""
    return " ".join(digest[at : at + size] for at in range(0, len(digest), size))
