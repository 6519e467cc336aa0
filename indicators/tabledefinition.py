"""What tables a scheme or a desk asks for: read strictly, all problems at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indicators.additive import adds_up
from indicators.catalogue import Catalogue
from survey.errors import SchemeError
from survey.scheme import Scheme
from survey.textfiles import TextFiles, line_of

FILE = "tables.toml"
KINDS = ("targets", "indicators", "breakdown")
# What a column tells of an indicator: this period, the one before, how they compare, the share of the total, and what
# the figure rests on.
PARTS = ("now", "before", "growth", "share", "coverage", "due", "used", "filled", "near", "largest")
TOTALS = ("first", "last", "none")
UNITS = ("column", "table")
_KEYS = (
    "id", "kind", "title", "title_en", "by", "nested", "columns", "heads", "rows", "sections", "within", "compare",
    "across", "groups", "order", "total", "unit", "digits", "notes", "notes_en", "footnotes", "source", "source_en",
    "chart",
)  # fmt: skip
_HEAD_KEYS = ("label", "label_en", "columns")
_SECTION_KEYS = ("label", "label_en", "rows")
_FOOTNOTE_KEYS = ("text", "text_en", "row", "column")
# The type of a key's value, and of what is in it.
_TYPES: Mapping[str, tuple[type[Any], type[Any] | None]] = {
    **dict.fromkeys(("columns", "rows", "compare", "notes", "notes_en"), (list, str)),
    **dict.fromkeys(("heads", "sections", "footnotes"), (list, dict)),
    **dict.fromkeys(("groups", "within", "digits"), (dict, None)),
    "nested": (bool, None),
    **dict.fromkeys(("kind", "title", "title_en", "across", "order", "total", "unit", "source", "source_en", "chart"),
                    (str, None)),
}  # fmt: skip
_NAMES: Mapping[type, str] = {list: "[…]", dict: "{…}", str: "text", bool: "true, false"}
_MOST_DIGITS = 6
# So many dimensions stand one after another at most.
_MOST_BESIDE = 6


@dataclass(frozen=True)
class Head:
    """A head over several columns; one without a label is none."""

    label: str
    label_en: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """Rows of indicators below a line that says what they are about; one without a label has no such line."""

    label: str
    label_en: str
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Footnote:
    """A remark on a column (an indicator), a row (a group or an indicator), or where both cross."""

    text: str
    text_en: str = ""
    row: str = ""
    column: str = ""


@dataclass(frozen=True)
class Definition:
    """A table as it is asked for.

    Rows are indicators in `sections`, those named in `within` followed by the groups of a dimension; or the groups of
    the dimensions `by`, the second within the first or, where not `nested`, one dimension after another. Columns are
    indicators below `heads`, by the groups of the dimension `across`, each told in `compare` parts. `groups` chooses
    groups of a dimension, `order` is the indicator by which rows descend, `digits` overrule an indicator's own.
    """

    id: str
    kind: str
    title: str
    title_en: str = ""
    by: tuple[str, ...] = ()
    nested: bool = True
    heads: tuple[Head, ...] = ()
    sections: tuple[Section, ...] = ()
    within: Mapping[str, str] = field(default_factory=dict)
    compare: tuple[str, ...] = ("now",)
    across: str = ""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = ""
    total: str = "first"
    unit: str = "column"
    digits: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    notes_en: tuple[str, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    source: str = ""
    source_en: str = ""
    chart: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The indicators that have columns."""
        return tuple(name for head in self.heads for name in head.columns)

    @property
    def rows(self) -> tuple[str, ...]:
        """The indicators that have rows."""
        return tuple(name for section in self.sections for name in section.rows)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions whose groups have rows or columns."""
        return tuple(dict.fromkeys(filter(None, (*self.by, *self.within.values(), self.across))))


def definitions(scheme: Scheme, catalogue: Catalogue) -> list[Definition]:
    """The tables a scheme asks for, none where it has no `tables.toml`.

    Raises SchemeError with everything that is wrong.
    """
    if FILE not in scheme.files:
        return []
    return read(scheme.files[FILE], scheme, catalogue, FILE)


def read(text: str, scheme: Scheme, catalogue: Catalogue, file: str) -> list[Definition]:
    """The tables in the text of a file of that name; raises SchemeError with everything that is wrong."""
    reader = _Reader(TextFiles({file: text}), scheme, catalogue, file)
    found = reader.tables()
    if reader.texts.problems:
        raise SchemeError(reader.texts.problems)
    return found


class _Reader:
    def __init__(self, texts: TextFiles, scheme: Scheme, catalogue: Catalogue, file: str) -> None:
        self.texts = texts
        self._lists = scheme.lists
        self._catalogue = catalogue
        self._file = file

    def tables(self) -> list[Definition]:
        top = self.texts.toml(self._file)
        self.texts.known_keys(self._file, 0, top, ("table",))
        found: dict[str, Definition] = {}
        for table in top.get("table", []):
            wanted = str(table.get("id", ""))
            line = line_of(self.texts.files[self._file], f'id = "{wanted}"')
            if wanted in found:
                self._add(line, "twice", found=wanted)
            one = self._table(table, line)
            if one is not None:
                found[wanted] = one
        return list(found.values())

    def _add(self, line: int, code: str, **facts: object) -> None:
        self.texts.add(self._file, line, code, **facts)

    def _table(self, table: Mapping[str, Any], line: int) -> Definition | None:
        before = len(self.texts.problems)
        self.texts.known_keys(self._file, line, table, _KEYS)
        self.texts.present(self._file, line, table, ("id", "kind", "title"))
        self._types(table, line)
        if len(self.texts.problems) > before:
            return None
        one = _definition(table)
        self._choices(one, line)
        self._names(one, line)
        self._groups(one, line)
        self._parts(one, line)
        return one

    def _types(self, table: Mapping[str, Any], line: int) -> None:
        for key, value in table.items():
            outer, inner = _TYPES.get(key, (object, None))
            fits = isinstance(value, outer) and (inner is None or all(isinstance(one, inner) for one in value))
            if not fits:
                self._add(line, "wrong_type", key=key, wanted=_NAMES[outer])
        for key, known, needed in (
            ("heads", _HEAD_KEYS, "columns"), ("sections", _SECTION_KEYS, "rows"), ("footnotes", _FOOTNOTE_KEYS, "text")
        ):  # fmt: skip
            for one in table.get(key, []):
                if isinstance(one, dict):
                    self.texts.known_keys(self._file, line, one, known)
                    self.texts.present(self._file, line, one, (needed,))

    def _choices(self, one: Definition, line: int) -> None:
        for found, known in (
            (one.kind, KINDS), (one.total, TOTALS), (one.unit, UNITS), *((part, PARTS) for part in one.compare)
        ):  # fmt: skip
            if found not in known:
                self._add(line, "not_one_of", found=found, wanted=", ".join(known))
        for name, digits in one.digits.items():
            if not isinstance(digits, int) or not 0 <= digits <= _MOST_DIGITS:
                self._add(line, "not_one_of", found=f"{name} = {digits}", wanted=f"0 … {_MOST_DIGITS}")

    def _names(self, one: Definition, line: int) -> None:
        dimensions = self._catalogue.dimensions
        by = [*one.by, one.across] if one.across else list(one.by)
        if one.kind == "breakdown" and not 1 <= len(one.by) <= (2 if one.nested else _MOST_BESIDE):
            self._add(line, "not_one_of", found=" ".join(one.by), wanted=", ".join(dimensions))
        for name in one.dimensions:
            if name not in dimensions:
                self._add(line, "not_one_of", found=name, wanted=", ".join(dimensions))
        for name in one.within:
            if name not in one.rows:
                self._add(line, "not_one_of", found=name, wanted=", ".join(one.rows) or "—")
        for names in (by, one.rows):
            for name in dict.fromkeys(name for name in names if names.count(name) > 1):
                self._add(line, "twice", found=name)
        asked = [*one.columns, *one.rows, *one.digits, *filter(None, (one.order, one.chart))]
        for name in dict.fromkeys(asked):
            self.texts.known_name(self._file, line, "unknown_indicator", name, self._catalogue.indicators)
        shown = one.columns if one.kind == "breakdown" else ()
        for name in filter(None, (one.order, one.chart)):
            if name not in shown:
                self._add(line, "not_one_of", found=name, wanted=", ".join(shown) or "—")

    def _groups(self, one: Definition, line: int) -> None:
        """Groups are chosen of a dimension that the table has, by codes of its list."""
        own = [name for name in one.dimensions if name in self._catalogue.dimensions]
        for name, codes in one.groups.items():
            if name not in own:
                self._add(line, "not_one_of", found=name, wanted=", ".join(own) or "—")
                continue
            known = self._lists[self._catalogue.dimensions[name].list].codes
            for code in codes:
                if code not in known:
                    self._add(line, "not_one_of", found=code, wanted=", ".join(known))

    def _parts(self, one: Definition, line: int) -> None:
        """What cannot be told of an indicator: a share of what does not add up, a group of what is of the whole."""
        known = self._catalogue.indicators
        shown = [known[name] for name in (*one.columns, *one.rows) if name in known]
        if one.kind == "breakdown" and not one.columns:
            self._add(line, "missing_key", key="columns")
        if "share" in one.compare:
            for indicator in shown:
                if not adds_up(indicator):
                    self._add(line, "not_added_up", found=indicator.id)
        grouped = shown if one.by or one.across else [known[name] for name in one.within if name in known]
        for indicator in grouped:
            if indicator.whole_only:
                self._add(line, "whole_only", found=indicator.id)
        if one.unit == "table" and len({indicator.unit for indicator in shown}) > 1:
            self._add(line, "many_units", found=", ".join(dict.fromkeys(indicator.unit for indicator in shown)))


def _definition(table: Mapping[str, Any]) -> Definition:
    by = table.get("by", ())
    usual = ("now", "before", "coverage") if table["kind"] == "indicators" else ("now",)
    return Definition(
        id=str(table["id"]),
        by=(by,) if isinstance(by, str) else _texts(by),
        nested=table.get("nested", True),
        heads=tuple(Head(*one) for one in _labelled(table, "heads", "columns")),
        sections=tuple(Section(*one) for one in _labelled(table, "sections", "rows")),
        within={name: str(dimension) for name, dimension in table.get("within", {}).items()},
        compare=_texts(table.get("compare", usual)),
        groups={name: _texts(codes) for name, codes in table.get("groups", {}).items()},
        digits=table.get("digits", {}),
        notes=_texts(table.get("notes", ())),
        notes_en=_texts(table.get("notes_en", ())),
        footnotes=tuple(Footnote(**one) for one in table.get("footnotes", ())),
        **_plain(table),
    )


def _labelled(table: Mapping[str, Any], key: str, inner: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Names below labels, those without one first."""
    found = [
        (str(one.get("label", "")), str(one.get("label_en", "")), _texts(one[inner])) for one in table.get(key, ())
    ]
    return [("", "", _texts(table[inner])), *found] if table.get(inner) else found


def _plain(table: Mapping[str, Any]) -> dict[str, str]:
    """What stands in a definition as it is written."""
    keys = ("kind", "title", "title_en", "across", "order", "total", "unit", "source", "source_en", "chart")
    return {key: table[key] for key in keys if key in table}


def _texts(found: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(one) for one in found)
