"""Flat tables as they are read: the header says which column answers which item, rows come typed.

Runs in the reading process, so it knows neither the survey file nor anything slow to load.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from survey.bodyrows import is_total, unmerged
from survey.book import Book
from survey.codecolumn import CodeColumn, read_codes
from survey.codes import USCC_LENGTH, fold
from survey.csvguard import meant_rows
from survey.errors import SurveyError
from survey.figures import mended_in
from survey.form import Item
from survey.header import (
    LINE,
    PERIOD,
    Header,
    column_letters,
    found_header,
    meaning,
    of_one_kind,
    spellings,
    told_header,
)
from survey.headunits import converted, with_measures
from survey.record import Lists, ValueProblem, read_column
from survey.scalar import Value
from survey.scheme import Scheme
from survey.submissions import Parents, joined

_HEADER_SEARCH = 20
_ROWS = 5_000
# No spreadsheet has more columns.
_WIDEST = 16_384


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
    """Some decoded rows, as they come from the reading process; `mended` counts what was put right, by kind.

    `totals` are the rows that sum up others and are no units.
    """

    sheet: str
    rows: list[int]
    columns: dict[str, list[Value]]
    problems: list[Trouble]
    mended: Mapping[str, int] = field(default_factory=dict)
    totals: Sequence[int] = ()


@dataclass(frozen=True)
class Skipped:
    """A sheet that holds something and is not read: it has no header that is understood, or is hidden."""

    sheet: str
    hidden: bool = False


@dataclass(frozen=True)
class Plan:
    """What the reading process must know: spellings, items, lists, the items on list forms.

    `repairs` are spoilt codes by (sheet, cell, what stands there), with what a person accepted for them;
    `named` is what headings mean by a person's word now, `told` what was said of columns before, by the key
    of their heads (see `columns`). `units` are the factors a person accepted for columns that state another unit of
    measure, by (sheet, letters of the column); `submitted` are the submissions of field programs that lines may
    belong to.
    """

    known: Mapping[str, str]
    items: Mapping[str, Item]
    lists: Lists
    on_lists: Mapping[str, str]
    repairs: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    units: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    submitted: Parents = field(default_factory=dict)


def plan_for(scheme: Scheme, named: Mapping[str, str], told: Mapping[str, Mapping[int, str]]) -> Plan:
    """How the flat tables of a scheme are read; `named` is what some headings mean."""
    on_lists = {item.name: form.id for form in scheme.forms if form.is_list for item in form.items}
    said = {fold(heading): name for heading, name in named.items()}
    known = {**spellings(scheme), **said}
    return Plan(known, dict(scheme.items), dict(scheme.lists), on_lists, named=said, told=dict(told))


def decode(book: Book, plan: Plan) -> Iterator[Header | Skipped | Part]:
    """In the reading process: the header of each sheet, then its rows in parts, already typed.

    A hidden sheet is not read where another one is shown: it is often an older state of the list. Raises SurveyError
    `no_header`.
    """
    found_any = False
    submitted = dict(plan.submitted)
    for sheet in book.sheets:
        rows = meant_rows(book.rows(sheet)) if book.kind == "text" else iter(book.rows(sheet))
        rows = joined(rows, plan.known, submitted, book.path.name)
        head = [row[:_WIDEST] for row in islice(rows, _HEADER_SEARCH)]
        hidden = sheet in book.hidden and len(book.hidden) < len(book.sheets)
        header = None if hidden else _header(sheet, head, plan)
        if header is None:
            if any(cell not in ("", None) for row in chain(head, rows) for cell in row):
                yield Skipped(sheet, hidden)
            continue
        found_any = True
        yield header
        troubles = _repeated(header, plan) + _other_units(header, plan)
        if troubles:
            yield Part(sheet, [], {name: [] for name in header.names.values()}, troubles)
        body = unmerged(chain(head[header.row :], rows), book.merged(sheet), header, plan.items)
        yield from _parts(header, body, plan)
    if not found_any:
        raise SurveyError("no_header", path=book.path)


def _header(sheet: str, head: Sequence[Sequence[Any]], plan: Plan) -> Header | None:
    header = told_header(sheet, head, plan.told, plan.named) or found_header(sheet, head, plan.known)
    return header and with_measures(of_one_kind(header, plan.on_lists), head, plan.items)


def _repeated(header: Header, plan: Plan) -> list[Trouble]:
    """The columns that answer an item a second time: which one is right a person must say."""
    found = []
    for at, name in header.repeated:
        if name in plan.items and name in header.names.values():
            item, letters = plan.items[name], column_letters(_column_of(header, name))
            problem = ValueProblem("column_again", item, item.label, first=letters, again=column_letters(at))
            cell = f"{column_letters(at)}{header.row}"
            found.append(Trouble(cell, item.label, problem.code, problem.facts, whole_row=False))
    return found


def _other_units(header: Header, plan: Plan) -> list[Trouble]:
    """The columns that state another unit of measure than their item's, and that nobody has accepted yet."""
    found = []
    for at, measure in header.measures.items():
        letters = column_letters(at)
        if not _accepted(header, at, plan):
            item = plan.items[header.names[at]]
            factor = f"{measure.factor.normalize():f}"
            problem = ValueProblem(
                "unit_differs", item, measure.heading, unit=measure.unit, wanted=item.unit, factor=factor
            )
            found.append(
                Trouble(f"{letters}{header.row}", measure.heading, problem.code, problem.facts, whole_row=False)
            )
    return found


def _parts(header: Header, body: Iterator[Sequence[Any]], plan: Plan) -> Iterator[Part]:
    number = header.row + 1
    while chunk := list(islice(body, _ROWS)):
        other = _other_head(header, chunk, plan)
        part = _part(header, chunk[:other], number, plan)
        if part.rows or part.problems or part.totals:
            yield part
        if other is not None:
            yield _second_table(header, number + other)
            return
        number += len(chunk)


def _other_head(header: Header, chunk: Sequence[Sequence[Any]], plan: Plan) -> int | None:
    """Where a table with other headings begins below this one; None where none does."""
    at_uscc = _column_of(header, "uscc")
    for at, row in enumerate(chunk):
        code = row[at_uscc] if at_uscc < len(row) else ""
        if isinstance(code, str) and len(code) < USCC_LENGTH and code and plan.known.get(fold(code)) == "uscc":
            said = {place: meaning(row[place], plan.known) for place in header.names if place < len(row) and row[place]}
            if any(name not in (None, header.names[place]) for place, name in said.items()):
                return at
    return None


def _second_table(header: Header, number: int) -> Part:
    """What is told of a second table on a sheet: its rows would be read under the wrong headings."""
    cell = f"{column_letters(_column_of(header, 'uscc'))}{number}"
    told = Trouble(cell, "", "row.second_table", {"row": number}, whole_row=True)
    return Part(header.sheet, [], {name: [] for name in header.names.values()}, [told])


def _part(header: Header, chunk: Sequence[Sequence[Any]], first: int, plan: Plan) -> Part:
    at_uscc = _column_of(header, "uscc")
    # One column more than is taken: the rest of a code may stand there.
    width = max(*header.names, at_uscc + 1) + 1
    numbers, rows, totals = [], [], []
    for number, row in enumerate(chunk, first):
        wide = row if len(row) >= width else [*row, *[""] * (width - len(row))]
        code = wide[at_uscc]
        heading = isinstance(code, str) and plan.known.get(fold(code)) == "uscc"
        if heading or all(cell in ("", None) for cell in wide):
            continue
        if (not isinstance(code, str) or len(code) < USCC_LENGTH) and is_total(wide, code):
            totals.append(number)
            continue
        numbers.append(number)
        rows.append(wide)
    return replace(_typed(header, numbers, list(zip(*rows, strict=False)), plan), totals=totals)


def _typed(header: Header, numbers: list[int], raws: list[tuple[Any, ...]], plan: Plan) -> Part:
    """The columns with their types; a row whose unit is not known is left out with its reason."""
    columns: dict[str, list[Value]] = {}
    problems: list[Trouble] = []
    codes = _codes(header, numbers, raws, plan)
    mended = Counter(codes.mended)
    for at, name in header.names.items():
        found: Sequence[Any] = raws[at] if raws else ()
        if name == "uscc":
            columns[name] = codes.values
            continue
        if name in (PERIOD, LINE):
            columns[name] = [_period(raw) for raw in found]
            continue
        item = plan.items[name]
        found = _in_unit(header, at, found, plan)
        values, bad = read_column(item, found, plan.lists)
        columns[name] = values
        if item.type in ("integer", "decimal"):
            mended.update(mended_in(found, item.unit))
        for position, problem in bad:
            cell = f"{column_letters(at)}{numbers[position]}"
            problems.append(Trouble(cell, str(found[position]), problem.code, problem.facts, whole_row=False))
    problems = _spoilt(header, numbers, raws, columns, codes) + problems
    lost = {position for position, one in codes.spoilt.items() if one.problem}
    if lost:
        keep = [position for position in range(len(numbers)) if position not in lost]
        numbers = [numbers[position] for position in keep]
        columns = {name: [values[position] for position in keep] for name, values in columns.items()}
    return Part(header.sheet, numbers, columns, problems, mended)


def _in_unit(header: Header, at: int, raws: Sequence[Any], plan: Plan) -> Sequence[Any]:
    """The cells of a column in the unit of its item; none where the table states another that nobody accepted."""
    if at not in header.measures:
        return raws
    measure = header.measures[at]
    return converted(raws, measure.factor, measure.unit) if _accepted(header, at, plan) else [""] * len(raws)


def _accepted(header: Header, at: int, plan: Plan) -> bool:
    """Whether a person accepted the very factor that the table states now."""
    return plan.units.get((header.sheet, column_letters(at))) == header.measures[at].factor


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
