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
from survey.form import Item
from survey.scheme import Scheme

__all__ = ["LINE", "PERIOD", "Header", "column_letters", "found_header", "told_header"]

PERIOD, LINE = "period", "line"
_SPELLINGS = {
    PERIOD: ("period", "报告期", "年份", "年度", "year"),
    LINE: ("line", "行号", "序号", "no.", "no"),
    "uscc": (
        "统一社会信用代码(18位)",
        "统一社会信用代码(必填)",
        "社会信用代码",
        "统一信用代码",
        "信用代码",
        "税号",
        "纳税人识别号",
    ),
    "name": ("企业名称", "单位名称", "公司名称", "企业全称"),
}
_BLANK = frozenset({"", None})
# A head has at most so many rows.
_DEEPEST = 3
# What stands below a heading and means the heading itself, and what speaks of another period or of no amount at all.
_WHOLE = frozenset(
    {"合计", "小计", "总计", "计", "全部", "本年", "本期", "本年实际", "本年累计", "当年", "金额", "数量", "数值"}
)
_OTHER_PERIOD = re.compile(
    r"(上|去|前|往|下|明)一?(年|期|季|月|半年).*|期初.*|年初.*|.*(同期|同比|环比|增长|增速|增幅|增减|计划|预算|预计|预测|目标).*"
    r"|(19|20)\d\d(年|\W|$).*|.*\d{1,2}月.*|.*季度.*|[上下]半年.*"
)
# What a heading may hold in brackets and mean the item itself, for this period and as a whole.
_THIS = frozenset({"本年", "本期", "当年", "全年", "本年实际", "本年累计", "合计"})
_BRACKET = re.compile(r"(.+)[(\[【]([^()\[\]【】]*)[)\]】]")
_KINDS = re.compile(r"[、,;和]")
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
            for spelling in (label, *(f"{label}({unit})" for unit in _own_units(scheme, item))):
                labels.setdefault(fold(spelling), []).append(item.name)
    for label, names in labels.items():
        if len(names) == 1:
            found.setdefault(label, names[0])
    for name, said in _SPELLINGS.items():
        for spelling in said if name in (*scheme.items, PERIOD, LINE) else ():
            found.setdefault(fold(spelling), name)
    return found


def _own_units(scheme: Scheme, item: Item) -> set[str]:
    """How an item's own unit of measure is written, where it is none that everybody knows."""
    return {unit for unit in (item.unit, scheme.units.get(item.unit, "")) if unit and not _is_measure(unit)}


def _is_measure(text: str) -> bool:
    return factor_between(text, text) is not None


def meaning(heading: object, known: Mapping[str, str]) -> str | None:
    """The item a heading means: as it is, without what only explains it in brackets or behind a stroke, without 其中.

    What else stands in brackets is of another period, or of something else than the item.
    """
    rest, inside = fold(str(heading)), list[str]()
    while rest:
        for candidate in (rest, re.sub(r"^(其中[::]?|[#*])", "", rest)):
            name = known.get(candidate)
            if name and all(_explains(text, name, known) for text in inside):
                return name
        bracket, stroke = _BRACKET.fullmatch(rest), re.fullmatch(r"(.+)[/_-]([^/_-]{1,6})", rest)
        if bracket:
            rest = bracket[1]
            inside.append(bracket[2])
        elif stroke and _is_measure(stroke[2]):
            rest = stroke[1]
        else:
            rest = ""
    return None


def _explains(text: str, name: str, known: Mapping[str, str]) -> bool:
    """Whether what stands in brackets says nothing but how an item is measured, or what its own labels say."""
    parts = [part for part in _KINDS.split(re.sub(r"^(金额|货币|计量|数量)?单位:", "", text)) if part]
    own = [spelling for spelling, other in known.items() if other == name]
    return all(
        part in _THIS or _is_measure(part) or (len(part) > 1 and any(part in one for one in own)) for part in parts
    )


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
        one = _deepest(sheet, rows, first, known)
        if one and (best is None or len(one.names) > len(best.names)):
            best = one
    return best


def _deepest(sheet: str, rows: Sequence[Sequence[Any]], first: int, known: Mapping[str, str]) -> Header | None:
    """The header that begins in a row, with the rows below that tell more of its headings."""
    best: Header | None = None
    for last in range(first, min(first + _DEEPEST, len(rows))):
        if last > first and not _continues(rows[first], rows[last], known):
            break
        one = _header(sheet, rows[first : last + 1], last + 1, known)
        tells = last > first and _tells_period(rows[first], rows[last], known)
        if one and (best is None or tells or len(one.names) > len(best.names)):
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


def _tells_period(head: Sequence[Any], row: Sequence[Any], known: Mapping[str, str]) -> bool:
    """Whether a row below a head says of which period its columns are; it is no unit's row then."""
    below = [(at, fold(str(cell))) for at, cell in enumerate(row) if cell not in _BLANK]
    if any(at < len(head) and head[at] not in _BLANK and meaning(head[at], known) in _KEYS for at, _ in below):
        return False
    return any(_is_whole(text) or _of_another_period(text, known) for _, text in below)


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
    if "".join(said) in known:
        return known["".join(said)]
    if len(path) > 1 and any(_of_another_period(part, known) for part in said):
        return None
    own = [part for part, folded in zip(path, said, strict=True) if not _is_whole(folded)] or list(path)
    return meaning(own[-1], known) or (meaning("".join(own), known) if len(own) > 1 else None)


def _is_whole(heading: str) -> bool:
    """Whether a heading means the one above it, a unit of measure in brackets aside."""
    bracket = _BRACKET.fullmatch(heading)
    return heading in _WHOLE or bool(bracket and bracket[1] in _WHOLE and _explains(bracket[2], "", {}))


def _of_another_period(heading: str, known: Mapping[str, str]) -> bool:
    """Whether a heading above or below others speaks of last year, of a plan or of a growth, and is no item."""
    said = [heading, *re.split(r"[()\[\]【】]", heading)]
    return meaning(heading, known) is None and any(_OTHER_PERIOD.fullmatch(part) for part in said)


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
