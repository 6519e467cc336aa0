"""The checks that a questionnaire workbook works out by itself: each with its formula and the cell it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from survey.checks import CheckSet, CompiledCheck, compile_checks, message
from survey.excelformula import UnwritableError, to_formula
from survey.expression import If, columns
from survey.form import Check, Form, Item
from survey.questionnaireplan import Plan


@dataclass(frozen=True)
class Live:
    """A check in the workbook: the item it is about, None where it is about no cell, its formula and sentence."""

    check: CompiledCheck
    form: Form
    item: Item | None
    formula: str
    sentence: str

    @property
    def of_lines(self) -> bool:
        return self.form.is_list


class LiveChecks:
    """The checks of a period that the workbook can say, in the order of the forms and their items."""

    def __init__(self, plan: Plan, period: str) -> None:
        self._plan = plan
        self.checks: CheckSet = compile_checks(plan.scheme, period)

    @cached_property
    def every(self) -> tuple[Live, ...]:
        """Those about one item, and those of one list form, stand together."""
        order = {item.name: at for at, item in enumerate(self._plan.items)}
        forms = {form.id: at for at, form in enumerate(self._plan.forms)}

        def place(live: Live) -> tuple[int, int]:
            return forms[live.form.id], order[live.item.name] if live.item else len(order)

        return tuple(sorted(self._live(), key=place))

    @cached_property
    def by_item(self) -> Mapping[str, tuple[int, int]]:
        """The first and last check about an item of a table, by item name; they count from 0."""
        found: dict[str, tuple[int, int]] = {}
        for at, live in enumerate(self.every):
            if live.item and not live.of_lines:
                found[live.item.name] = (found.get(live.item.name, (at, at))[0], at)
        return found

    @cached_property
    def by_list(self) -> Mapping[str, tuple[tuple[int, Live], ...]]:
        """The checks of each list form, with their places among all."""
        found: dict[str, list[tuple[int, Live]]] = {form: [] for form in self._plan.lists}
        for at, live in enumerate(self.every):
            if live.of_lines:
                found[live.form.id].append((at, live))
        return {form: tuple(lives) for form, lives in found.items()}

    def _live(self) -> Iterator[Live]:
        plan, forms = self._plan, {form.id: form for form in self._plan.forms}
        for one in self.checks.compiled:
            base = self.checks.base(one.check)
            line_form = base if self.checks.of_lines(base) else ""
            scope = forms.get(one.check.scope)
            if scope is None:
                continue
            sheet = line_form or plan.texts("questionnaire.checks")
            try:
                formula = to_formula(one.check.tree, plan.reader(sheet, line_form), one.check.tolerance)
            except UnwritableError:
                continue
            item = self._about(one.check, line_form)
            form = scope if line_form or item is None else forms[item.form]
            yield Live(one, form, item, formula, message(one.check.code, plan.scheme, plan.texts))

    def _about(self, check: Check, line_form: str) -> Item | None:
        """The cell that a failure asks for first: one of what must hold before one of the condition."""
        if not self._plan.scheme.has_check(check.code):
            # What an item says of itself is about it.
            return self._plan.scheme.item_at(check.code.partition("-")[2])
        tree = wanted = check.tree
        while isinstance(wanted, If):
            wanted = wanted.consequence
        for computed in (False, True):
            for column in (*columns(wanted), *columns(tree)):
                item = self._plan.scheme.item(column.name)
                on_sheet = item.form == line_form if line_form else item.form in self._plan.tables
                if column.is_cell and not column.at and on_sheet and bool(item.computed) == computed:
                    return item
        return None
