"""What travels with a return beside the answers, row by row: the register, explanations, answers to queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from survey.sealing import row_digest

REGISTER, EXPLANATIONS, ANSWERS = "_register", "_explanations", "_answers"


@dataclass(frozen=True)
class Listed:
    """A unit of the register of which the answers alone do not tell: it has none, or it has been set aside.

    `bare` is '1' where the return has no answers of it; `status` is a disposal, or '' where it still owes its return.
    """

    uscc: str
    name: str
    district: str
    bare: str
    status: str
    reason: str


@dataclass(frozen=True)
class Explained:
    """Why answers that a check doubts are right: the check with its line, the answers as text, who says so, when."""

    uscc: str
    check: str
    facts: str
    text: str
    who: str
    at: str


@dataclass(frozen=True)
class Answered:
    """What was answered to a query of the desk above, which knows it by its `origin`."""

    uscc: str
    origin: str
    text: str
    who: str
    at: str


Enclosed: TypeAlias = Listed | Explained | Answered
KINDS: Mapping[str, type[Listed] | type[Explained] | type[Answered]] = {
    REGISTER: Listed, EXPLANATIONS: Explained, ANSWERS: Answered,
}  # fmt: skip


def columns_of(sheet: str) -> list[str]:
    """The columns of a hidden sheet."""
    return [field.name for field in fields(KINDS[sheet])]


def cells_of(one: Enclosed) -> list[str]:
    """A row of a hidden sheet."""
    return [str(getattr(one, field.name)) for field in fields(one)]


def read_cells(sheet: str, cells: Sequence[str]) -> Enclosed:
    """A row of a hidden sheet as it was written."""
    return KINDS[sheet](*cells)


def digests_of(sheet: str, rows: Iterable[Enclosed]) -> Iterator[str]:
    """The digests of the rows of a hidden sheet."""
    return (row_digest(sheet, cells_of(one)) for one in rows)


def plain_cells(row: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """The cells of a row in some columns; '' where it has none."""
    return [row[at] if 0 <= at < len(row) else "" for at in places]
