"""Chains of hashes: each entry of a record carries the hash of the one before, so that none is changed unseen.

They have no key. Who can write the file can write a whole chain anew; what was told elsewhere of where it stood, a
`Head`, shows that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from survey.toldnumber import is_whole, whole

Chain = Literal["journal", "change"]
CHAINS: tuple[Chain, ...] = ("journal", "change")
_HASH = re.compile("[0-9a-f]{1,64}")


@dataclass(frozen=True)
class Head:
    """The hash of an entry of a chain by its number: it holds all that came before. Raises ValueError for none."""

    chain: Chain
    number: int
    hash: str

    def __post_init__(self) -> None:
        # Files that others write say anything, of any type.
        if not is_whole(self.number, 1) or not isinstance(self.hash, str) or not _HASH.fullmatch(self.hash):
            raise ValueError(f"{self.chain}.{self.number}"[:100])


def link(previous: str, facts: Sequence[object]) -> str:
    """The hash of an entry that says this after the one before; '' before the first. SHA-256 in hexadecimal digits."""
    return hashlib.sha256(repr((previous, *facts)).encode()).hexdigest()


def lines_of(heads: Sequence[Head]) -> list[tuple[str, str]]:
    """Heads as a file tells them: `journal.120` and the hash."""
    return [(f"{one.chain}.{one.number}", one.hash) for one in heads]


def read_heads(lines: Mapping[str, str]) -> tuple[Head, ...]:
    """The heads that a file tells; chains that nobody knows yet are left aside. Raises ValueError for what is none."""
    split = ((key.partition("."), digest) for key, digest in lines.items())
    found = {(name, whole(number)): digest for (name, _, number), digest in split if name in CHAINS}
    return tuple(
        Head(one, number, found[one, number]) for one in CHAINS for name, number in sorted(found) if name == one
    )
