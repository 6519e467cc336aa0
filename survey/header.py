"""The header of a foreign table: which row it is, and which item each column answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from survey.celladdress import column_letters
from survey.codes import fold
from survey.figures import factor_between
from survey.scheme import Scheme

__all__ = ["LINE", "PERIOD", "Header", "column_letters", "found_header", "told_header"]

PERIOD, LINE = "period", "line"
_SPELLINGS = {
    PERIOD: ("period", "报告期", "年份", "年度", "year"),
    LINE: ("line", "行号", "序号", "no.", "no"),
}
_BLANK = frozenset({"", None})
# A head has at most so many rows.
_DEEPEST = 3
# What stands below a heading and means the heading itself, and what means another period.
_WHOLE = frozenset(
    {"合计", "小计", "总计", "计", "全部", "本年", "本期", "本年实际", "本年累计", "当年", "金额", "数量", "数值"}
)
_BEFORE = frozenset(
    {
        "上年",
        "上期",
        "上年同期",
        "去年",
        "去年同期",
        "同比",
        "增长",
        "增速",
        "增减",
        "同比增长",
        "增长率",
        "计划",
        "预算",
    }
)
_KEYS = ("uscc", "name", "district", PERIOD, LINE)


@dataclass(frozen=True)
class Measure:
    """The unit of measure a table states for a column, the factor that makes the item's of it, and the heading."""

    unit: str
    factor: Decimal
    heading: str = ""


@dataclass(frozen=True)
class Header:
    """The header of a sheet: its row, the item of each column, and the headings nobody knows.

    `row` is the last row of the head, which may have several. `measures` are the columns whose unit of measure is
    another than their item's, `repeated` those that answer an item again and are not read. `form` is the list form
    whose lines the rows are, or '' where a row is a unit; `told` is whether a person once said what heads like these
    mean, `key` is how they are remembered.
    """

    sheet: str
    row: int
    names: dict[int, str]
    unknown: list[tuple[str, str]]
    form: str = ""
    key: str = ""
    told: bool = False
    measures: Mapping[int, Measure] = field(default_factory=dict)
    repeated: Sequence[tuple[int, str]] = ()


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
    """The item a heading means: as it is, without its unit in brackets or behind a stroke, without 其中."""
    folded = fold(str(heading))
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]$", "", folded)
    stroke = re.fullmatch(r"(.+)[/_-]([^/_-]{1,6})", plain)
    if stroke and factor_between(stroke[2], stroke[2]):
        plain = stroke[1]
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
    """The header that names the unit's code and most items; it may have several rows, one below the other."""
    best: Header | None = None
    for first in range(len(rows)):
        for last in range(first, min(first + _DEEPEST, len(rows))):
            if last > first and not _continues(rows[first], rows[last], known):
                break
            one = _header(sheet, rows[first : last + 1], last + 1, known)
            if one and (best is None or len(one.names) > len(best.names)):
                best = one
    return best


def _header(sheet: str, rows: Sequence[Sequence[Any]], number: int, known: Mapping[str, str]) -> Header | None:
    """What the columns mean under a head of these rows; None where none is the unit's code."""
    names: dict[int, str] = {}
    unknown, repeated = [], []
    for at, path in enumerate(heading_paths(rows)):
        name = _meaning_below(path, known) if path else None
        if name and name not in names.values():
            names[at] = name
        elif name:
            repeated.append((at, name))
        elif path:
            unknown.append((column_letters(at), " ".join(path)))
    if "uscc" not in names.values():
        return None
    return Header(sheet, number, names, unknown, key=head_key(rows[-1]), repeated=repeated)


def _continues(head: Sequence[Any], row: Sequence[Any], known: Mapping[str, str]) -> bool:
    """Whether a row goes on with the head above it: words only, and nothing new where the code stands."""
    at = next((at for at, cell in enumerate(head) if cell not in _BLANK and meaning(cell, known) == "uscc"), -1)
    if at < 0 or (at < len(row) and row[at] not in _BLANK and meaning(row[at], known) != "uscc"):
        return False
    filled = [cell for cell in row if cell not in _BLANK]
    return bool(filled) and all(isinstance(cell, str) for cell in filled)


def heading_paths(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """What stands above each column, from the top; a heading goes on to the right over what is below it."""
    width = max(map(len, rows))
    wide = [
        [str(cell).strip() if cell not in _BLANK else "" for cell in row] + [""] * (width - len(row)) for row in rows
    ]
    for depth, row in enumerate(wide[:-1]):
        for at in range(1, width):
            if not row[at] and any(below[at] for below in wide[depth + 1 :]):
                row[at] = row[at - 1]
    return [list(dict.fromkeys(row[at] for row in wide if row[at])) for at in range(width)]


def _meaning_below(path: Sequence[str], known: Mapping[str, str]) -> str | None:
    """The item that headings one below the other mean; of another period than this one it is none."""
    said = [fold(part) for part in path]
    if len(path) > 1 and any(part in _BEFORE for part in said):
        return None
    own = [part for part, folded in zip(path, said, strict=True) if folded not in _WHOLE] or list(path)
    return meaning(own[-1], known) or (meaning("".join(own), known) if len(own) > 1 else None)


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
