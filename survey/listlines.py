"""The lines of a list form that the rows of a foreign sheet are about: by their numbers, or by what they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from survey.form import Form
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store

Key = tuple[str, str]
Values = tuple[Value, ...]
_NAMING = ("text", "code", "uscc")
LAST = 9_999


def line_number(text: str) -> int | None:
    """The number of a line as a table states it, 0 where it states none; None where it can be no number of a line."""
    if not text:
        return 0
    digits = text.lstrip("0")
    sound = text.isascii() and text.isdecimal() and 0 < len(digits) <= len(str(LAST))
    return int(digits) if sound else None


class ListLines:
    """What the rows of one sheet are given, unit by unit; a key is (uscc, period).

    A row without a number is about the line that names the same, each line once; where the unit has no such line yet,
    it gets the next free number.
    """

    def __init__(self, store: Store, form: Form) -> None:
        self._store = store
        self._form = form
        asked = [item for item in form.items if item.type in _NAMING and not item.computed]
        named = [item for item in asked if item.required] or [item for item in asked if item.type == "text"]
        self._naming = frozenset(item.name for item in named)
        self._given: dict[Key, set[int]] = {}

    def numbers(
        self, keys: Sequence[Key], stated: Sequence[int], columns: Mapping[str, Sequence[Value]]
    ) -> list[int | None]:
        """The line of each row; None where this sheet has given the number to an earlier row of the unit."""
        found: list[int | None] = [None] * len(keys)
        for at, (key, number) in enumerate(zip(keys, stated, strict=True)):
            given = self._given.setdefault(key, set())
            if number and number not in given:
                given.add(number)
                found[at] = number
        names = list(columns)
        rows: dict[Key, dict[int, Values]] = {}
        for at, (key, values) in enumerate(zip(keys, zip(*columns.values(), strict=True), strict=True)):
            if not stated[at]:
                rows.setdefault(key, {})[at] = values
        stored = self._stored(list(rows), names)
        naming = [at for at, name in enumerate(names) if name in self._naming]
        for key, own in rows.items():
            for at, number in _assigned(own, stored.get(key, {}), self._given[key], naming):
                found[at] = number
        return found

    def _stored(self, keys: Sequence[Key], names: Sequence[str]) -> dict[Key, dict[int, Values]]:
        """The lines that units have by now, whoever brought them."""
        codes: dict[str, list[str]] = {}
        for uscc, period in keys:
            codes.setdefault(period, []).append(uscc)
        items = ", ".join(f"f.{quote(name)}" for name in names)
        found: dict[Key, dict[int, Values]] = {}
        for period, wanted in codes.items():
            for uscc, line, *values in self._store.execute(
                f"SELECT u.uscc, f.line, {items} FROM unit u JOIN response r ON r.unit = u.id AND r.period = ?"
                f" JOIN {self._form.table} f ON f.response = r.id"
                f" WHERE u.uscc IN ({', '.join('?' * len(wanted))}) ORDER BY f.line",
                (period, *wanted),
            ):
                found.setdefault((uscc, period), {})[line] = tuple(values)
        return found


def _assigned(
    rows: Mapping[int, Values], lines: Mapping[int, Values], given: set[int], naming: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The rows of one unit with their lines; what is the very same goes first, whatever the order of the rows."""
    named: dict[tuple[int, Value] | None, list[int]] = {}
    for number, values in lines.items():
        for one in _names(values, naming):
            named.setdefault(one, []).append(number)
    left = dict(rows)
    for same in (_equal, _within, _alike):
        for at, row in list(left.items()):
            for number in named.get(_names(row, naming)[0], ()):
                if number not in given and same(row, lines[number], naming):
                    given.add(number)
                    del left[at]
                    yield at, number
                    break
    free = (number for number in count(1) if number not in lines and number not in given)
    for at in left:
        number = next(free)
        given.add(number)
        yield at, number


def _names(values: Values, naming: Sequence[int]) -> list[tuple[int, Value] | None]:
    """What a row names, each with its place; None alone where it names nothing."""
    return [(at, values[at]) for at in naming if values[at] is not None] or [None]


def _equal(row: Values, line: Values, _naming: Sequence[int]) -> bool:
    return row == line


def _within(row: Values, line: Values, naming: Sequence[int]) -> bool:
    """Whether a line says all that a row does: a blank says nothing, but a row that names nothing is about no name."""
    if _names(row, naming) == [None] != _names(line, naming):
        return False
    return all(one is None or one == other for one, other in zip(row, line, strict=True))


def _alike(row: Values, line: Values, naming: Sequence[int]) -> bool:
    return _names(row, naming) != [None] and all(row[at] in (None, line[at]) for at in naming)
