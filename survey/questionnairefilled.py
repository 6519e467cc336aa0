"""What a questionnaire holds when it is sent: a unit's answers, last year's, and how every check stands on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property

from survey import cells
from survey.form import Form
from survey.formulas import Answers, readable
from survey.questionnairechecks import Live, LiveChecks
from survey.questionnairefile import Sent
from survey.questionnaireplan import SPARE_LINES
from survey.record import previous_period
from survey.scalar import Value, Values
from survey.scheme import REGISTER_ITEMS
from survey.store import Store


@dataclass(frozen=True)
class Filled:
    """A unit's answers as the workbook shows them; of nobody yet, `uscc` and `name` are ''."""

    uscc: str
    name: str
    answers: Answers
    before: Answers
    live: LiveChecks = field(repr=False)

    @cached_property
    def values(self) -> Values:
        """What formulas that are not of a line read, by `Column.key`."""
        needed = [column for live in self.live.every for column in live.check.columns if column.lines]
        return readable(self.answers, self.before, needed)

    def lines(self, form: Form) -> list[int]:
        """The lines of a list form that have room: those that are there, and some more."""
        there = sorted(self.answers.lines.get(form.id, {}))
        last = there[-1] if there else 0
        return [*there, *range(last + 1, last + 1 + SPARE_LINES)]

    def line(self, form: Form, line: int) -> Mapping[str, Value]:
        return self.answers.lines.get(form.id, {}).get(line, {})

    @cached_property
    def verdicts(self) -> tuple[float | str, ...]:
        """How each check stands: 1, 0, or 0.5 where it is open; of lines the worst, '' where there is none."""
        return tuple(
            worst([self.on_line(live, own) for own in self.answers.lines.get(live.form.id, {}).values()])
            if live.of_lines
            else truth(live.check.closure(self.values))
            for live in self.live.every
        )

    def on_line(self, live: Live, own: Mapping[str, Value]) -> float:
        return truth(live.check.closure({**self.values, **own}))

    def sent(self) -> Iterator[Sent]:
        """What stands in the cells that answer."""
        scheme = self.live.checks.scheme
        for form in scheme.forms_of("unit"):
            for line in sorted(self.answers.lines.get(form.id, {})) if form.is_list else (0,):
                for item in form.items:
                    value = self.answers.get(item.name, line, form.id)
                    if value is not None and not item.computed:
                        yield Sent(item.name, line, value)


def truth(found: bool | None) -> float:
    """A truth as the workbook works it out."""
    return 0.5 if found is None else float(found)


def worst(found: list[float]) -> float | str:
    """How the lines stand together: failed where one has, else open where one is."""
    return "" if not found else 0.0 if 0.0 in found else 0.5 if 0.5 in found else 1.0


def filled(store: Store, unit: int | None, period: str, live: LiveChecks) -> Filled:
    """The answers of a unit, of nobody yet where it is None; what the register knows of it is filled in."""
    if unit is None:
        empty = Answers()
        store.formulas.compute(empty, Answers())
        return Filled("", "", empty, Answers(), live)
    now = deepcopy(cells.read(store, unit, period))
    before = cells.read(store, unit, previous_period(period))
    known = store.register(unit)
    for name in REGISTER_ITEMS:
        if name in store.scheme.items and now.values.get(name) is None:
            now.put(name, known[f"{name}@reg"])
    store.formulas.compute(now, before)
    return Filled(str(known["uscc@reg"] or ""), str(known["name@reg"] or ""), now, before, live)
