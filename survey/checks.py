"""Checks (edit rules): compiled once, run on one open unit or over a whole file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from survey.binding import bind
from survey.expression import Column, Comparison, If, Logic, Node, columns, parse
from survey.form import Check, Item
from survey.record import show_value
from survey.scalar import Closure, Value, Values, compile_scalar
from survey.scheme import ItemNames, Scheme
from survey.texts import Texts

Verdict = Literal["fail", "not evaluated"]


@dataclass(frozen=True)
class Finding:
    """One unit's answers against one check that they fail, or that could not be evaluated.

    `operands` holds the values by `IC-02.301` (`@prev`, `@reg` behind); `difference` is the gap
    between the two sides of the comparison that failed, where there is one.
    """

    check: str
    category: str
    form: str
    period: str
    operands: Mapping[str, Value]
    verdict: Verdict
    difference: float | None = None
    unit: str = ""
    name: str = ""

    @property
    def items(self) -> tuple[str, ...]:
        """The cells of this unit's own forms that the finding is about."""
        return tuple(dict.fromkeys(key.partition("@")[0] for key in self.operands))

    def at(self, unit: str, name: str) -> Finding:
        """The same finding with its unit."""
        return replace(self, unit=unit, name=name)


@dataclass(frozen=True)
class CompiledCheck:
    """A check with its closures; `sides` are those of the comparison that decides."""

    check: Check
    columns: tuple[Column, ...]
    closure: Closure
    comparisons: tuple[tuple[Closure, Closure, Closure], ...] = field(repr=False)


@dataclass(frozen=True)
class CheckSet:
    """The checks of a scheme that hold in a period, ready to run."""

    scheme: Scheme
    period: str
    compiled: tuple[CompiledCheck, ...]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every item that some check reads."""
        return tuple(dict.fromkeys(column for one in self.compiled for column in one.columns))

    def record(self, answers: Values, previous: Values, register: Values) -> list[Finding]:
        """The findings of one unit, the gravest first.

        `answers` and `previous` are keyed by item name, `register` by `name@reg`.
        """
        values: dict[str, Value] = dict(answers)
        values.update((f"{name}@prev", value) for name, value in previous.items())
        values.update(register)
        found = []
        for one in self.compiled:
            verdict = one.closure(values)
            if verdict is not True:
                found.append(self.finding(one, values, "fail" if verdict is False else "not evaluated"))
        return sorted(found, key=lambda finding: (finding.verdict, finding.category))

    def finding(self, one: CompiledCheck, values: Values, verdict: Verdict) -> Finding:
        """The finding of a check that these values do not pass."""
        operands = {self._key(column): values.get(column.key) for column in one.columns}
        difference = _difference(one, values) if verdict == "fail" else None
        return Finding(one.check.code, one.check.category, one.check.scope, self.period, operands, verdict, difference)

    def _key(self, column: Column) -> str:
        key = self.scheme.item(column.name).key
        return f"{key}@{column.at}" if column.at else key


def compile_checks(scheme: Scheme, period: str) -> CheckSet:
    """The checks of a scheme for a period: its own, and those that its items imply."""
    checks = [*_implied(scheme), *scheme.checks]
    valid = [check for check in checks if check.valid_from <= period]
    return CheckSet(scheme, period, tuple(_compile(check) for check in valid))


def _compile(check: Check) -> CompiledCheck:
    comparisons = []
    for comparison in _deciding(check.tree):
        sides = [compile_scalar(side) for side in (comparison.left, comparison.right)]
        comparisons.append((compile_scalar(comparison, check.tolerance), *sides))
    return CompiledCheck(
        check,
        columns(check.tree),
        compile_scalar(check.tree, check.tolerance),
        tuple(comparisons),  # type: ignore[arg-type]
    )


def _deciding(tree: Node) -> Iterable[Comparison]:
    """The comparisons of which the first that fails explains a failed check."""
    if isinstance(tree, Comparison):
        yield tree
    elif isinstance(tree, If):
        yield from _deciding(tree.consequence)
    elif isinstance(tree, Logic) and tree.operator == "and":
        for part in tree.parts:
            yield from _deciding(part)


def _difference(one: CompiledCheck, values: Values) -> float | None:
    for holds, left, right in one.comparisons:
        if holds(values) is False:
            a, b = left(values), right(values)
            return None if isinstance(a, str) or a is None or b is None else abs(float(a) - float(b))
    return None


def _implied(scheme: Scheme) -> Iterable[Check]:
    """Completeness of the required items, and the least value of those that have one; both class A."""
    for item in scheme.items.values():
        if item.required:
            yield _implied_check(scheme, item, "required", f"filled([{item.name}])")
        if item.minimum is not None:
            least = f"{item.minimum:f}"
            yield _implied_check(scheme, item, "minimum", f"if filled([{item.name}]) then [{item.name}] >= {least}")


IMPLIED = {"required": "REQ", "minimum": "MIN"}


def _implied_check(scheme: Scheme, item: Item, kind: str, text: str) -> Check:
    tree = bind(parse(text), ItemNames(scheme.forms), text, want="truth")
    return Check(f"{IMPLIED[kind]}-{item.key}", "A", item.form, text, tree, 0.0, "", "")


def sentence(finding: Finding, scheme: Scheme, texts: Texts) -> str:
    """What the officer reads: what must hold, then every value with its label, then the gap."""
    operands = texts("check.and").join(_operand(key, value, scheme, texts) for key, value in finding.operands.items())
    text = texts("check.finding", message=_message(finding, scheme, texts), operands=operands)
    if finding.difference is not None and (unit := _common_unit(finding, scheme)) is not None:
        gap = f"{finding.difference:,.2f}".rstrip("0").rstrip(".")
        text += texts("check.gap", gap=gap, unit=scheme.unit(unit, texts))
    return text + (texts("check.not_evaluated") if finding.verdict == "not evaluated" else "")


def _message(finding: Finding, scheme: Scheme, texts: Texts) -> str:
    for kind, prefix in IMPLIED.items():
        if finding.check.startswith(prefix + "-"):
            return texts(f"check.{kind}")
    check = scheme.check(finding.check)
    return texts.pick(check.message, check.message_en)


def _operand(key: str, value: Value, scheme: Scheme, texts: Texts) -> str:
    item, at = scheme.item_at(key), key.partition("@")[2]
    shown = show_value(item, value, scheme.lists, texts.lang) or texts("check.blank")
    unit = scheme.unit(item.unit, texts) if value is not None else ""
    label = texts.pick(item.label, item.label_en) + (texts(f"check.{at}") if at else "")
    return texts("check.operand", label=label, code=item.code, value=shown, unit=unit).rstrip()


def _common_unit(finding: Finding, scheme: Scheme) -> str | None:
    items = [scheme.item_at(key) for key in finding.operands]
    units = {item.unit for item in items}
    return units.pop() if len(units) == 1 and all(item.numeric for item in items) else None
