"""The column of unit codes in a foreign table: read, put right where that is certain, told where it is spoilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.codes import valid_uscc
from survey.damage import CHECK, TWO_CELLS, ZEROS, certain, joined, kind_of
from survey.form import Item
from survey.rawcell import Unreadable
from survey.record import Lists, ValueProblem, read_column
from survey.scalar import Value


@dataclass(frozen=True)
class Spoilt:
    """What is wrong with a code: why its row is lost (None where it is taken), how it was spoilt.

    `joined` is the sound code it makes with the cell beside it.
    """

    problem: ValueProblem | None
    damage: str = ""
    joined: str = ""


@dataclass(frozen=True)
class CodeColumn:
    """The codes, those that are spoilt by position, and how many were put right, by kind."""

    values: list[Value]
    spoilt: Mapping[int, Spoilt]
    mended: Mapping[str, int]


def read_codes(item: Item, raws: Sequence[Any], left: Sequence[Any], right: Sequence[Any], lists: Lists) -> CodeColumn:
    """The codes of a column; `left` and `right` are the columns beside it, as long or empty."""
    values, bad = read_column(item, raws, lists)
    spoilt: dict[int, Spoilt] = {}
    mended: Counter[str] = Counter()
    for at, problem in bad:
        whole = joined(left[at] if left else "", raws[at], right[at] if right else "")
        kind = "" if isinstance(raws[at], Unreadable) else TWO_CELLS if whole else kind_of(raws[at])
        spoilt[at] = Spoilt(problem, kind, whole)
    for at, (raw, value) in enumerate(zip(raws, values, strict=True)):
        if raw == value and value is not None and valid_uscc(raw):
            continue
        if value is None:
            if raw in ("", None):
                spoilt[at] = Spoilt(ValueProblem("required", item, ""))
            continue
        if raw != value:
            mended.update(certain(str(raw)))
        if not valid_uscc(str(value)):
            kind = kind_of(raw)
            # Zeros for the last digits: a spreadsheet has lost them, though it looks like a code.
            spoilt[at] = Spoilt(ValueProblem("code_as_number", item, raw) if kind == ZEROS else None, kind or CHECK)
    return CodeColumn(values, spoilt, mended)
