"""Cells of foreign workbooks that show something and hold no value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Unreadable:
    """What stands in place of a value: an error (`#REF!`), or a formula that nobody has calculated (`=B3+B4`).

    `merged` is a number that stands over several rows: to which it belongs is not known.
    """

    kind: Literal["error", "formula", "merged"]
    shown: str

    def __str__(self) -> str:
        return self.shown
