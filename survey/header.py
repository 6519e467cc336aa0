"""The header of a foreign table: which row it is, and which item each column answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from survey.codes import fold
from survey.scheme import Scheme

PERIOD, LINE = "period", "line"
_SPELLINGS = {
    PERIOD: ("period", "报告期", "年份", "年度", "year"),
    LINE: ("line", "行号", "序号", "no.", "no"),
}
_KEYS = ("uscc", "name", "district", PERIOD, LINE)


@dataclass(frozen=True)
class Header:
    """The header of a sheet: its row, the item of each column, and the headings nobody knows.

    `form` is the list form whose lines the rows are, or '' where a row is a unit; `told` is whether a
    person once said what heads like these mean, `key` is how they are remembered.
    """

    sheet: str
    row: int
    names: dict[int, str]
    unknown: list[tuple[str, str]]
    form: str = ""
    key: str = ""
    told: bool = False


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


def meaning(heading: object, known: Mapping[str, str]) -> str | None:
    """The item a heading means: as it is, without its unit in brackets, without 其中."""
    folded = fold(str(heading))
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]$", "", folded)
    for candidate in (folded, plain, re.sub(r"^(其中[::]?|[#*])", "", plain)):
        if candidate in known:
            return known[candidate]
    return None


def head_key(cells: Sequence[Any]) -> str:
    """The heads of a table as they are remembered: folded, blanks at the end aside."""
    return "\t".join(fold(str(cell or "")) for cell in cells).rstrip("\t")


def told_header(
    sheet: str, rows: Sequence[Sequence[Any]], told: Mapping[str, Mapping[int, str]], named: Mapping[str, str]
) -> Header | None:
    """The header a person has told the meaning of; what was left open there is not unknown."""
    for number, row in enumerate(rows, 1):
        key = head_key(row)
        if key in told:
            said = {at: named[fold(str(cell))] for at, cell in enumerate(row) if fold(str(cell)) in named}
            names = {at: name for at, name in told[key].items() if name not in said.values()} | said
            if "uscc" in names.values():
                return Header(sheet, number, names, [], key=key, told=True)
    return None


def found_header(sheet: str, rows: Sequence[Sequence[Any]], known: Mapping[str, str]) -> Header | None:
    """The header that names the unit's code and most items."""
    best: Header | None = None
    for number, row in enumerate(rows, 1):
        names: dict[int, str] = {}
        unknown = []
        for at, heading in enumerate(row):
            name = meaning(heading, known) if heading not in ("", None) else None
            if name and name not in names.values():
                names[at] = name
            elif heading not in ("", None):
                unknown.append((column_letters(at), str(heading)))
        if "uscc" in names.values() and (best is None or len(names) > len(best.names)):
            best = Header(sheet, number, names, unknown, key=head_key(row))
    return best


def of_one_kind(header: Header, on_lists: Mapping[str, str]) -> Header:
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
    return replace(header, names=names, unknown=unknown, form=form)


def column_letters(at: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
