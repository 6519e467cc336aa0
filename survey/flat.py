"""Flat tables as they are read: the header says which column answers which item, rows come typed.

Runs in the reading process, so it knows neither the survey file nor anything slow to load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from survey.codes import fold
from survey.errors import SurveyError
from survey.form import Item
from survey.reader import Book
from survey.record import Lists, ValueProblem, read_column
from survey.scalar import Value
from survey.scheme import Scheme

PERIOD, LINE = "period", "line"
_SPELLINGS = {
    PERIOD: ("period", "报告期", "年份", "年度", "year"),
    LINE: ("line", "行号", "序号", "no.", "no"),
}
_KEYS = ("uscc", "name", "district", PERIOD, LINE)
_HEADER_SEARCH = 20
_ROWS = 5_000


@dataclass(frozen=True)
class Trouble:
    """A cell that cannot be taken; where it is the code, the whole row is lost and `name` says whose it was."""

    cell: str
    found: str
    code: str
    facts: Mapping[str, object]
    whole_row: bool
    name: str = ""


@dataclass(frozen=True)
class Part:
    """Some decoded rows, as they come from the reading process."""

    sheet: str
    rows: list[int]
    columns: dict[str, list[Value]]
    problems: list[Trouble]


@dataclass(frozen=True)
class Header:
    """The header of a sheet: its row, the item of each column, and the headings nobody knows.

    `form` is the list form whose lines the rows are, or '' where a row is a unit.
    """

    sheet: str
    row: int
    names: dict[int, str]
    unknown: list[tuple[str, str]]
    form: str = ""


def spellings(scheme: Scheme) -> dict[str, str]:
    """What a heading may say, folded, and the item it means; a label two items share means neither."""
    found: dict[str, str] = {}
    labels: dict[str, list[str]] = {}
    for item in scheme.items.values():
        for plain in (item.name, item.key):
            found[fold(plain)] = item.name
        for label in {item.label, item.label_en} - {""}:
            labels.setdefault(fold(label), []).append(item.name)
    for label, names in labels.items():
        if len(names) == 1:
            found.setdefault(label, names[0])
    for name, said in _SPELLINGS.items():
        for spelling in said:
            found.setdefault(fold(spelling), name)
    return found


def _meaning(heading: object, known: Mapping[str, str]) -> str | None:
    """The item a heading means: as it is, without its unit in brackets, without 其中."""
    folded = fold(str(heading))
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]$", "", folded)
    for candidate in (folded, plain, re.sub(r"^(其中[::]?|[#*])", "", plain)):
        if candidate in known:
            return known[candidate]
    return None


@dataclass(frozen=True)
class Plan:
    """What the reading process must know: spellings, items, lists, the items on list forms.

    `repairs` are spoilt codes as they stand in the file, with what a person accepted for them;
    `told` is what a person said of columns, by the key of their heads (see `columns`).
    """

    known: Mapping[str, str]
    items: Mapping[str, Item]
    lists: Lists
    on_lists: Mapping[str, str]
    repairs: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


def plan_for(scheme: Scheme, repairs: Mapping[str, str], told: Mapping[str, Mapping[int, str]]) -> Plan:
    """How the flat tables of a scheme are read."""
    on_lists = {item.name: form.id for form in scheme.forms if form.is_list for item in form.items}
    return Plan(spellings(scheme), dict(scheme.items), dict(scheme.lists), on_lists, dict(repairs), dict(told))


def decode(book: Book, plan: Plan) -> Iterator[Header | Part]:
    """In the reading process: the header of each sheet, then its rows in parts, already typed."""
    found_any = False
    for sheet in book.sheets:
        rows = iter(book.rows(sheet))
        head = list(islice(rows, _HEADER_SEARCH))
        header = _told(sheet, head, plan.told) or _header(sheet, head, plan.known)
        if header is None:
            continue
        header = _of_one_kind(header, plan.on_lists)
        found_any = True
        yield header
        body = chain(head[header.row :], rows)
        number = header.row + 1
        while chunk := list(islice(body, _ROWS)):
            yield _part(header, chunk, number, plan)
            number += len(chunk)
    if not found_any:
        raise SurveyError("no_header", path=book.path)


def head_key(cells: Sequence[Any]) -> str:
    """The heads of a table as they are remembered: folded, blanks at the end aside."""
    return "\t".join(fold(str(cell or "")) for cell in cells).rstrip("\t")


def _told(sheet: str, rows: Sequence[Sequence[Any]], told: Mapping[str, Mapping[int, str]]) -> Header | None:
    """The header a person has told the meaning of; what was left open there is not unknown."""
    for number, row in enumerate(rows, 1):
        key = head_key(row)
        if key in told and "uscc" in told[key].values():
            return Header(sheet, number, dict(told[key]), [])
    return None


def _header(sheet: str, rows: Sequence[Sequence[Any]], known: Mapping[str, str]) -> Header | None:
    best: Header | None = None
    for number, row in enumerate(rows, 1):
        names: dict[int, str] = {}
        unknown = []
        for at, heading in enumerate(row):
            name = _meaning(heading, known) if heading not in ("", None) else None
            if name and name not in names.values():
                names[at] = name
            elif heading not in ("", None):
                unknown.append((column_letters(at), str(heading)))
        if "uscc" in names.values() and (best is None or len(names) > len(best.names)):
            best = Header(sheet, number, names, unknown)
    return best


def _of_one_kind(header: Header, on_lists: Mapping[str, str]) -> Header:
    """A sheet holds units, or the lines of one list form; columns of another kind are not taken."""
    kinds = {at: on_lists.get(name, "") for at, name in header.names.items() if name not in _KEYS}
    form = next(iter(kinds.values()), "") if len(set(kinds.values())) == 1 else ""
    other = [at for at, kind in kinds.items() if kind != form]
    if not form:
        other += [at for at, name in header.names.items() if name == LINE]
    else:
        other += [at for at, name in header.names.items() if name in ("name", "district")]
    names = {at: name for at, name in header.names.items() if at not in other}
    strange = [at for at in other if kinds.get(at)]
    unknown = header.unknown + [(column_letters(at), header.names[at]) for at in strange]
    return Header(header.sheet, header.row, names, unknown, form)


def _part(header: Header, chunk: list[list[Any]], first: int, plan: Plan) -> Part:
    width = max(header.names) + 1
    at_uscc = next(at for at, name in header.names.items() if name == "uscc")
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
    lost: set[int] = set()
    named = next((at for at, name in header.names.items() if name == "name"), None)
    for at, name in header.names.items():
        found = raws[at] if raws else ()
        if name == "uscc" and plan.repairs:
            found = tuple(plan.repairs.get(str(raw), raw) for raw in found)
        if name in (PERIOD, LINE):
            columns[name] = [_period(raw) for raw in found]
            continue
        values, bad = read_column(plan.items[name], found, plan.lists)
        columns[name] = values
        if name == "uscc":
            blank = [position for position, raw in enumerate(found) if raw in ("", None)]
            bad += [(position, ValueProblem("required", plan.items[name], "")) for position in blank]
            lost.update(position for position, _ in bad)
        for position, problem in bad:
            cell = f"{column_letters(at)}{numbers[position]}"
            unit = str(raws[named][position]) if name == "uscc" and named is not None else ""
            problems.append(Trouble(cell, str(found[position]), problem.code, problem.facts, name == "uscc", unit))
    if lost:
        keep = [position for position in range(len(numbers)) if position not in lost]
        numbers = [numbers[position] for position in keep]
        columns = {name: [values[position] for position in keep] for name, values in columns.items()}
    return Part(header.sheet, numbers, columns, problems)


def _period(raw: object) -> str:
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else fold(str(raw or ""))
    return text.removesuffix("年").upper()


def column_letters(at: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
