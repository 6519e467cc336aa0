"""Flat tables as they are read: the header says which column answers which item, rows come typed.

Runs in the reading process, so it knows neither the survey file nor anything slow to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from survey.codecolumn import CodeColumn, read_codes
from survey.codes import fold
from survey.errors import SurveyError
from survey.form import Item
from survey.header import LINE, PERIOD, Header, column_letters, found_header, of_one_kind, spellings, told_header
from survey.reader import Book
from survey.record import Lists, read_column
from survey.scalar import Value
from survey.scheme import Scheme

_HEADER_SEARCH = 20
_ROWS = 5_000


@dataclass(frozen=True)
class Trouble:
    """A cell that cannot be taken; where it is the code, the whole row is lost and `name` says whose it was.

    `damage` is how a code was spoilt, `joined` the code it makes with the cell beside it. A code whose
    check character is wrong is taken all the same: then `code` is ''.
    """

    cell: str
    found: str
    code: str
    facts: Mapping[str, object]
    whole_row: bool
    name: str = ""
    district: str = ""
    damage: str = ""
    joined: str = ""


@dataclass(frozen=True)
class Part:
    """Some decoded rows, as they come from the reading process; `mended` counts codes put right, by kind."""

    sheet: str
    rows: list[int]
    columns: dict[str, list[Value]]
    problems: list[Trouble]
    mended: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Skipped:
    """A sheet that holds something but no header that is understood."""

    sheet: str


@dataclass(frozen=True)
class Plan:
    """What the reading process must know: spellings, items, lists, the items on list forms.

    `repairs` are spoilt codes by (sheet, cell, what stands there), with what a person accepted for them;
    `named` is what headings mean by a person's word now, `told` what was said of columns before, by the key
    of their heads (see `columns`).
    """

    known: Mapping[str, str]
    items: Mapping[str, Item]
    lists: Lists
    on_lists: Mapping[str, str]
    repairs: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def plan_for(scheme: Scheme, named: Mapping[str, str], told: Mapping[str, Mapping[int, str]]) -> Plan:
    """How the flat tables of a scheme are read; `named` is what some headings mean."""
    on_lists = {item.name: form.id for form in scheme.forms if form.is_list for item in form.items}
    said = {fold(heading): name for heading, name in named.items()}
    known = {**spellings(scheme), **said}
    return Plan(known, dict(scheme.items), dict(scheme.lists), on_lists, named=said, told=dict(told))


def decode(book: Book, plan: Plan) -> Iterator[Header | Skipped | Part]:
    """In the reading process: the header of each sheet, then its rows in parts, already typed."""
    found_any = False
    for sheet in book.sheets:
        rows = iter(book.rows(sheet))
        head = list(islice(rows, _HEADER_SEARCH))
        header = told_header(sheet, head, plan.told, plan.named) or found_header(sheet, head, plan.known)
        if header is None:
            if any(cell not in ("", None) for row in head for cell in row):
                yield Skipped(sheet)
            continue
        header = of_one_kind(header, plan.on_lists)
        found_any = True
        yield header
        body = chain(head[header.row :], rows)
        number = header.row + 1
        while chunk := list(islice(body, _ROWS)):
            yield _part(header, chunk, number, plan)
            number += len(chunk)
    if not found_any:
        raise SurveyError("no_header", path=book.path)


def _part(header: Header, chunk: list[list[Any]], first: int, plan: Plan) -> Part:
    at_uscc = _column_of(header, "uscc")
    # One column more than is taken: the rest of a code may stand there.
    width = max(*header.names, at_uscc + 1) + 1
    numbers, rows = [], []
    for number, row in enumerate(chunk, first):
        wide = row if len(row) >= width else [*row, *[""] * (width - len(row))]
        heading = isinstance(wide[at_uscc], str) and plan.known.get(fold(wide[at_uscc])) == "uscc"
        if not heading and any(cell not in ("", None) for cell in wide):
            numbers.append(number)
            rows.append(wide)
    return _typed(header, numbers, list(zip(*rows, strict=False)), plan)


def _typed(header: Header, numbers: list[int], raws: list[tuple[Any, ...]], plan: Plan) -> Part:
    """The columns with their types; a row whose unit is not known is left out with its reason."""
    columns: dict[str, list[Value]] = {}
    problems: list[Trouble] = []
    codes = _codes(header, numbers, raws, plan)
    for at, name in header.names.items():
        found = raws[at] if raws else ()
        if name == "uscc":
            columns[name] = codes.values
            continue
        if name in (PERIOD, LINE):
            columns[name] = [_period(raw) for raw in found]
            continue
        values, bad = read_column(plan.items[name], found, plan.lists)
        columns[name] = values
        for position, problem in bad:
            cell = f"{column_letters(at)}{numbers[position]}"
            problems.append(Trouble(cell, str(found[position]), problem.code, problem.facts, whole_row=False))
    problems = _spoilt(header, numbers, raws, columns, codes) + problems
    lost = {position for position, one in codes.spoilt.items() if one.problem}
    if lost:
        keep = [position for position in range(len(numbers)) if position not in lost]
        numbers = [numbers[position] for position in keep]
        columns = {name: [values[position] for position in keep] for name, values in columns.items()}
    return Part(header.sheet, numbers, columns, problems, codes.mended)


def _codes(header: Header, numbers: list[int], raws: list[tuple[Any, ...]], plan: Plan) -> CodeColumn:
    """The units' codes, with the repairs that were accepted for their cells."""
    if not raws:
        return CodeColumn([], {}, {})
    at = _column_of(header, "uscc")
    found: Sequence[Any] = raws[at]
    if plan.repairs:
        letters = column_letters(at)
        found = [
            plan.repairs.get((header.sheet, f"{letters}{number}", str(raw)), raw)
            for number, raw in zip(numbers, found, strict=True)
        ]
    left, right = raws[at - 1] if at else (), raws[at + 1] if at + 1 < len(raws) else ()
    return read_codes(plan.items["uscc"], found, left, right, plan.lists)


def _spoilt(
    header: Header,
    numbers: list[int],
    raws: list[tuple[Any, ...]],
    columns: Mapping[str, list[Value]],
    codes: CodeColumn,
) -> list[Trouble]:
    """The codes that are spoilt, each with what the row says of its unit."""
    at, named = _column_of(header, "uscc"), _column_of(header, "name")
    found = []
    for position, one in codes.spoilt.items():
        name = str(raws[named][position]) if named >= 0 else ""
        district = columns["district"][position] if "district" in columns else ""
        code, facts = (one.problem.code, one.problem.facts) if one.problem else ("", {})
        found.append(
            Trouble(
                f"{column_letters(at)}{numbers[position]}", str(raws[at][position]), code, facts,
                one.problem is not None, name, str(district or ""), one.damage, one.joined,
            )
        )  # fmt: skip
    return found


def _column_of(header: Header, name: str) -> int:
    """The column that answers an item, -1 where none does."""
    return next((at for at, item in header.names.items() if item == name), -1)


def _period(raw: object) -> str:
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else fold(str(raw or ""))
    return text.removesuffix("年").upper()
