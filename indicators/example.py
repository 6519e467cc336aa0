"""Worked examples: a scheme's own proof that its indicators mean what they say, on a few units, by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from indicators.catalogue import Catalogue
from indicators.computation import Computation
from survey import cells
from survey import store as stores
from survey.errors import Problem, SchemeError
from survey.record import previous_period
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import CITY, Store
from survey.textfiles import line_of

FILE = "examples.toml"
# A year that the plan's targets and paths lie in, where an example names none.
PERIOD = "2025"
_BEFORE = "before"
_KEYS = ("indicator", "units", "desks", "expect", "by", "period")
_NEAR = 1e-9


@dataclass(frozen=True)
class Example:
    """What some units and desks answer, and what an indicator comes to: by group where `by` names dimensions.

    Of a unit the answers stand by item name, last year's under `before`, lines under the list form's id.
    """

    indicator: str
    units: Sequence[Mapping[str, Any]]
    desks: Mapping[str, Mapping[str, Any]]
    expect: Mapping[str, float | None]
    by: str
    period: str
    line: int


def load(scheme: Scheme) -> list[Example]:
    """The examples of a scheme, none where it has no such file; raises SchemeError."""
    text = scheme.files.get(FILE, "")
    try:
        tables = tomllib.loads(text).get("example", [])
    except tomllib.TOMLDecodeError as error:
        raise SchemeError([Problem(FILE, 0, "toml", {"detail": str(error)})]) from None
    problems: list[Problem] = []
    found: list[Example] = []
    at = 0
    for table in tables:
        at = _next(text, at)
        problems += [Problem(FILE, at, "unknown_key", {"found": key, "nearest": ""}) for key in table.keys() - {*_KEYS}]
        expected = table.get("expect")
        by_group = expected if isinstance(expected, dict) else {"": expected}
        found.append(
            Example(
                str(table.get("indicator", "")), table.get("units", []), table.get("desks", {}),
                {group: None if value in ("", None) else float(value) for group, value in by_group.items()},
                str(table.get("by", "")), str(table.get("period", PERIOD)), at,
            )
        )  # fmt: skip
    if problems:
        raise SchemeError(problems)
    return found


def _next(text: str, after: int) -> int:
    """The line of the next example."""
    lines = text.splitlines()
    return next((at for at in range(after + 1, len(lines) + 1) if lines[at - 1].strip() == "[[example]]"), after)


def check(scheme: Scheme, catalogue: Catalogue) -> list[Problem]:
    """What does not come to what the examples say, and the indicators that have none as hints."""
    examples = load(scheme)
    if not examples:
        return []
    problems: list[Problem] = []
    with TemporaryDirectory() as folder:
        store = stores.create(Path(folder) / "examples.census", scheme, PERIOD, None)
        try:
            for example in examples:
                problems += _wrong(store, catalogue, example)
        finally:
            store.close()
    shown = {example.indicator for example in examples}
    for one in catalogue.indicators:
        if one not in shown:
            line = line_of(scheme.files["indicators.toml"], f'"{one}"')
            problems.append(Problem("indicators.toml", line, "no_example", {"found": one}, hint=True))
    return problems


def _wrong(store: Store, catalogue: Catalogue, example: Example) -> Iterator[Problem]:
    if example.indicator not in catalogue.indicators:
        yield Problem(FILE, example.line, "unknown_indicator", {"found": example.indicator, "nearest": ""})
        return
    try:
        found = worked(store, catalogue, example)
    except KeyError as error:
        yield Problem(FILE, example.line, "unknown_key", {"found": error.args[0], "nearest": ""})
        return
    for group, wanted in example.expect.items():
        value = found.get(group)
        if not _same(value, wanted):
            told = {"group": group or "—", "found": _told(value), "wanted": _told(wanted)}
            yield Problem(FILE, example.line, "example", {"indicator": example.indicator, **told})


def worked(store: Store, catalogue: Catalogue, example: Example) -> Mapping[str, float | None]:
    """What an example comes to, by group, '' for the whole; nothing of it stays in the file.

    Raises KeyError with the name of an item, form or dimension that there is not.
    """
    dimensions = tuple(example.by.split("*")) if example.by else ()
    for name in dimensions:
        _ = catalogue.dimensions[name]
    with store.atomic(keep=False):
        for number, answers in enumerate(example.units, 1):
            unit = store.insert_unit(f"{number:018}", f"演示数据{number}")
            _answer(store, unit, example.period, answers)
        for code, answers in example.desks.items():
            kind: Any = "city" if code == "city" else "district"
            desk = store.insert_unit(CITY if code == "city" else code, code, kind)
            _answer(store, desk, example.period, answers)
        computation = Computation(store, catalogue)
        return computation.one(example.indicator, example.period, dimensions)


def _answer(store: Store, unit: int, period: str, answers: Mapping[str, Any]) -> None:
    earlier = answers.get(_BEFORE, {})
    if earlier:
        _answer(store, unit, previous_period(period), earlier)
    forms = {form.id for form in store.scheme.forms if form.is_list}
    for name, value in answers.items():
        if name == _BEFORE:
            continue
        if name in forms:
            for line, cells_ in enumerate(value, 1):
                for item, one in cells_.items():
                    _put(store, unit, period, item, one, line)
        else:
            _put(store, unit, period, name, value)
    cells.refresh(store, unit, period)


def _put(store: Store, unit: int, period: str, name: str, value: Value, line: int = 0) -> None:
    if name not in store.scheme.items:
        raise KeyError(name)
    cells.put(store, unit, period, store.scheme.item(name), value, line)


def _same(value: float | None, wanted: float | None) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return isclose(value, wanted, rel_tol=_NEAR, abs_tol=_NEAR)


def _told(value: float | None) -> str:
    return "—" if value is None else f"{value:.12g}"
