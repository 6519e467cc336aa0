"""What a new list says of the register: units that came, that are not in it, that moved or changed their name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Registered(NamedTuple):
    """A unit as the register or the list has it; the district is a code or ''."""

    uscc: str
    name: str
    district: str


@dataclass(frozen=True)
class Turnover:
    """New units, units not in the list, and pairs (before, now) of those renamed or moved.

    A unit that is not in the list may be closed or simply not listed: it is told and left alone.
    """

    new: tuple[Registered, ...] = ()
    missing: tuple[Registered, ...] = ()
    renamed: tuple[tuple[Registered, Registered], ...] = ()
    moved: tuple[tuple[Registered, Registered], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.missing or self.renamed or self.moved)


def compare(register: Iterable[Registered], listed: Iterable[Registered]) -> Turnover:
    """What is different; blanks in the list say nothing."""
    known = {one.uscc: one for one in register}
    found = {one.uscc: one for one in listed}
    if not found:
        return Turnover()
    both = [(known[uscc], now) for uscc, now in found.items() if uscc in known]
    return Turnover(
        tuple(one for uscc, one in found.items() if uscc not in known),
        tuple(one for uscc, one in known.items() if uscc not in found),
        tuple((was, now) for was, now in both if now.name and was.name and now.name != was.name),
        tuple((was, now) for was, now in both if now.district and was.district and now.district != was.district),
    )
