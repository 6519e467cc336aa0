"""Checks (edit rules): compiled once, run on one open unit or over a whole file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from survey.binding import PEER_FUNCTIONS
from survey.expression import Call, Column, Comparison, If, Logic, Membership, Node, Not, Number, Text, columns, write
from survey.form import RESPONDENTS, Check, Derivation, Item
from survey.formulas import Answers, readable
from survey.record import show_value
from survey.scalar import Closure, Value, Values, compile_scalar
from survey.scheme import Scheme
from survey.texts import Texts, measured

# What a ruling says of a check that is switched off; any other ruling names a class.
OFF = "off"
Verdict = Literal["fail", "not evaluated"]


@dataclass(frozen=True)
class Finding:
    """One unit's answers against one check that they fail, or that could not be evaluated.

    `operands` holds the values by `IC-02.301` (`@prev`, `@reg` behind); `difference` is the gap
    between the two sides of the comparison that failed, where there is one. What lines come to is
    keyed as it is written, `total([product_revenue])`. `line` counts on list forms.
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
    line: int = 0

    @property
    def items(self) -> tuple[str, ...]:
        """The cells of this unit's own forms that the finding is about."""
        plain = (key.partition("@")[0] for key in self.operands if not key.endswith(")"))
        return tuple(dict.fromkeys(plain))

    def at(self, unit: str, name: str) -> Finding:
        """The same finding with its unit."""
        return replace(self, unit=unit, name=name)


@dataclass(frozen=True)
class CompiledCheck:
    """A check with its closures; `sides` are those of the comparison that decides.

    `items` are the cells of the respondent's own forms that it is about, as statisticians cite them.
    """

    check: Check
    columns: tuple[Column, ...]
    items: tuple[str, ...]
    closure: Closure
    comparisons: tuple[tuple[Closure, Closure, Closure], ...] = field(repr=False)

    @cached_property
    def shown(self) -> tuple[Column, ...]:
        """What a finding tells."""
        return shown(self.columns)


def shown(read: Iterable[Column]) -> tuple[Column, ...]:
    """The items a check reads, and beside a measure among units the answers it is taken from."""
    found: dict[Column, None] = {}
    for column in read:
        found[column] = None
        if column.peers:
            found.update(dict.fromkeys(column.inner))
    return tuple(found)


@dataclass(frozen=True)
class CheckSet:
    """The checks of a scheme that hold in a period, ready to run.

    A check of a list form is run on each line; every other one once a respondent.
    """

    scheme: Scheme
    period: str
    compiled: tuple[CompiledCheck, ...]

    def base(self, check: Check) -> str:
        """What one record of a check is: the answers of a kind of respondent, or a line of a list form."""
        form = self.scheme.form(check.scope)
        return form.id if form.is_list else form.respondent

    def of_lines(self, base: str) -> bool:
        """Whether a record of a base is a line of a list form."""
        return base not in RESPONDENTS

    @cached_property
    def by_base(self) -> Mapping[str, tuple[CompiledCheck, ...]]:
        """The checks by what their records are."""
        found: dict[str, list[CompiledCheck]] = {}
        for one in self.compiled:
            found.setdefault(self.base(one.check), []).append(one)
        return {base: tuple(checks) for base, checks in found.items()}

    def columns(self, base: str) -> tuple[Column, ...]:
        """Every item that some check of a base reads, measures among units not counted."""
        return self._read.get(base, ())

    def measures(self, base: str) -> tuple[Column, ...]:
        """The measures among units that the checks of a base ask for."""
        return self._measured.get(base, ())

    @cached_property
    def _read(self) -> Mapping[str, tuple[Column, ...]]:
        return self._columns(lambda column: not column.peers)

    @cached_property
    def _measured(self) -> Mapping[str, tuple[Column, ...]]:
        return self._columns(lambda column: column.peers is not None)

    def _columns(self, wanted: Callable[[Column], bool]) -> Mapping[str, tuple[Column, ...]]:
        """What the checks of each base read, each column once."""
        return {
            base: tuple(dict.fromkeys(column for one in checks for column in one.columns if wanted(column)))
            for base, checks in self.by_base.items()
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what is checked: every check with its class, tree and tolerance, and how units are grouped."""
        rules = (
            f"{one.check.code} {one.check.category} {one.check.scope} {write(one.check.tree)} {one.check.tolerance}"
            for one in self.compiled
        )
        lines = [self.period, " ".join(self.scheme.checking.strata), *rules]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def by_code(self) -> Mapping[str, CompiledCheck]:
        return {one.check.code: one for one in self.compiled}

    def record(self, answers: Answers, before: Answers, register: Values, respondent: str = "unit") -> list[Finding]:
        """The findings of one respondent, the gravest first.

        `register` is keyed by `name@reg`; it may also hold measures among units, by `Column.key`.
        """
        found: list[Finding] = []
        for base in self.by_base:
            is_list = self.of_lines(base)
            if (self.scheme.form(base).respondent if is_list else base) != respondent:
                continue
            values = {**readable(answers, before, self.columns(base)), **register}
            lines = answers.lines.get(base, {}) if is_list else {0: {}}
            for line, own in lines.items():
                found += self._findings(base, {**values, **own}, line)
        return sorted(found, key=lambda finding: (finding.verdict, finding.category))

    def _findings(self, base: str, values: Values, line: int) -> Iterator[Finding]:
        for one in self.by_base[base]:
            verdict = one.closure(values)
            if verdict is not True:
                yield self.finding(one, values, "fail" if verdict is False else "not evaluated", line)

    def finding(self, one: CompiledCheck, values: Values, verdict: Verdict, line: int = 0) -> Finding:
        """The finding of a check that these values do not pass."""
        operands = {self._key(column): values.get(column.key) for column in one.shown}
        difference = _difference(one, values) if verdict == "fail" else None
        check = one.check
        return Finding(check.code, check.category, check.scope, self.period, operands, verdict, difference, line=line)

    def _key(self, column: Column) -> str:
        if not column.is_cell:
            return column.key
        key = self.scheme.item(column.name).key
        return f"{key}@{column.at}" if column.at else key


def compile_checks(scheme: Scheme, period: str) -> CheckSet:
    """The checks of a scheme for a period: its own, and those that its items imply, as the city has ruled on them.

    Of the same scheme they are compiled once: every page, review and return asks for them.
    """
    kept: dict[str, CheckSet] = scheme.kept.setdefault("checks", {})
    if period not in kept:
        kept[period] = _compile_all(scheme, period)
    return kept[period]


def _compile_all(scheme: Scheme, period: str) -> CheckSet:
    ruled = {one.check: one.action for one in sorted(scheme.rulings, key=lambda one: one.valid_from)}
    valid = [check for check in every_check(scheme, period) if ruled.get(check.code) != OFF]
    held = [replace(check, category=ruled.get(check.code, check.category)) for check in valid]
    return CheckSet(scheme, period, tuple(_compile(check, scheme) for check in held))


def single(scheme: Scheme, check: Check, period: str) -> CheckSet:
    """One check alone, ready to run whatever the scheme says of it; the set's scheme knows it."""
    others = tuple(one for one in scheme.checks if one.code != check.code)
    return CheckSet(replace(scheme, checks=(*others, check)), period, (_compile(check, scheme),))


def every_check(scheme: Scheme, period: str) -> list[Check]:
    """All checks that are valid in a period, whatever the city has ruled on them."""
    checks = [*_implied(scheme), *_derived(scheme, period), *scheme.checks]
    return [check for check in checks if check.valid_from <= period]


def _compile(check: Check, scheme: Scheme) -> CompiledCheck:
    comparisons = []
    for comparison in deciding(check.tree):
        sides = [compile_scalar(side) for side in (comparison.left, comparison.right)]
        comparisons.append((compile_scalar(comparison, check.tolerance), *sides))
    read = columns(check.tree)
    return CompiledCheck(
        check,
        read,
        tuple(dict.fromkeys(scheme.item(one.name).key for one in shown(read) if one.is_cell)),
        compile_scalar(check.tree, check.tolerance),
        tuple(comparisons),  # type: ignore[arg-type]
    )


def deciding(tree: Node) -> Iterable[Comparison]:
    """The comparisons of which the first that fails explains a failed check."""
    if isinstance(tree, Comparison):
        yield tree
    elif isinstance(tree, If):
        yield from deciding(tree.consequence)
    elif isinstance(tree, Logic) and tree.operator == "and":
        for part in tree.parts:
            yield from deciding(part)


def _difference(one: CompiledCheck, values: Values) -> float | None:
    for holds, left, right in one.comparisons:
        if holds(values) is False:
            a, b = left(values), right(values)
            return None if isinstance(a, str) or a is None or b is None else abs(float(a) - float(b))
    return None


def _implied(scheme: Scheme) -> Iterable[Check]:
    """What the items say of themselves: completeness, skips, least values, and what the program derives."""
    for item in scheme.items.values():
        if item.computed:
            continue
        skip, demand = scheme.skips.get(item.name), scheme.demands.get(item.name)
        filled = Call("filled", (_column(item),))
        if item.required or demand:
            tree = If(demand, filled) if demand else filled
            yield _implied_check("required", item, "A", If(Not(skip), tree) if skip else tree)
        if skip:
            yield _implied_check("skip", item, "B", If(skip, Not(filled)))
        if item.within and (linked := _linked(scheme, item)):
            yield _implied_check("within", item, "A", linked)
        if item.minimum is not None:
            least = Comparison(">=", _column(item), Number(float(item.minimum)))
            yield _implied_check("minimum", item, "A", If(filled, least))


def _linked(scheme: Scheme, item: Item) -> Node | None:
    """A code belongs to the outer code it is listed under; None for lists that leave some codes open."""
    outer = scheme.item(item.within)
    fitting: dict[str, list[Text]] = {}
    for code in scheme.lists[item.list].codes.values():
        belongs = code.within(outer.list)
        if not belongs:
            return None
        for one in belongs:
            fitting.setdefault(one, []).append(Text(code.code))
    parts: list[Node] = [
        If(Comparison("=", _column(outer), Text(one)), Membership(_column(item), tuple(codes)))
        for one, codes in fitting.items()
    ]
    return If(Call("filled", (_column(item),)), _and(parts))


def _derived(scheme: Scheme, period: str) -> Iterable[Check]:
    """What a unit reports of itself should be what the standard derives from its answers; class C."""
    by_item: dict[str, list[Derivation]] = {}
    for one in scheme.derived:
        if one.holds_in(period):
            by_item.setdefault(one.item, []).append(one)
    for name, rows in by_item.items():
        item = scheme.item(name)
        parts: list[Node] = []
        earlier: list[Node] = []
        for row in rows:
            value = Text(row.value) if isinstance(row.value, str) else Number(float(row.value))
            condition = _and([*earlier, row.tree])
            parts.append(If(condition, Comparison("=", _column(item), value)))
            earlier.append(Not(row.tree))
        yield _implied_check("derived", item, "C", If(Call("filled", (_column(item),)), _and(parts)))


def _and(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Logic("and", tuple(parts))


def _column(item: Item) -> Column:
    return Column(item.name, "", item.kind)


_FAMILIES = {
    "required": "completeness", "minimum": "validity", "skip": "conditional", "derived": "classification",
    "within": "validity",
}  # fmt: skip
IMPLIED = {"required": "REQ", "minimum": "MIN", "skip": "SKIP", "derived": "DER", "within": "IN"}


def _implied_check(kind: str, item: Item, category: str, tree: Node) -> Check:
    code = f"{IMPLIED[kind]}-{item.key}"
    return Check(code, category, item.form, write(tree), tree, 0.0, "", "", family=_FAMILIES[kind])


def sentence(finding: Finding, scheme: Scheme, texts: Texts) -> str:
    """What the officer reads: what must hold, then every value with its label, then the gap."""
    operands = texts("check.and").join(_operand(key, value, scheme, texts) for key, value in finding.operands.items())
    text = texts("check.finding", message=message(finding.check, scheme, texts), operands=operands)
    if finding.difference is not None and (unit := _common_unit(finding, scheme)) is not None:
        gap = f"{finding.difference:,.2f}".rstrip("0").rstrip(".")
        text += texts("check.gap", gap=measured(gap, scheme.unit(unit, texts)))
    return text + (texts("check.not_evaluated") if finding.verdict == "not evaluated" else "")


def message(code: str, scheme: Scheme, texts: Texts) -> str:
    """What must hold, in words, for the check of that code."""
    if scheme.has_check(code):
        check = scheme.check(code)
        return texts.pick(check.message, check.message_en)
    kind = next((kind for kind, prefix in IMPLIED.items() if code.startswith(prefix + "-")), "gone")
    return texts(f"check.{kind}")


def _operand(key: str, value: Value, scheme: Scheme, texts: Texts) -> str:
    if key.endswith(")"):
        among_peers = key.partition("(")[0] in PEER_FUNCTIONS
        shown = texts("check.blank") if value is None else f"{value:,.3g}" if among_peers else f"{value:,.15g}"
        return texts("check.operand_lines", label=lines_label(key, scheme, texts), value=shown)
    item, at = scheme.item_at(key), key.partition("@")[2]
    shown = show_value(item, value, scheme.lists, texts.lang) or texts("check.blank")
    unit = scheme.unit(item.unit, texts) if value is not None else ""
    label = texts.pick(item.label, item.label_en) + (texts(f"check.{at}") if at else "")
    return texts("check.operand", label=label, code=item.code, value=measured(shown, unit))


def lines_label(key: str, scheme: Scheme, texts: Texts) -> str:
    """What an aggregate over lines is called: its form's title, its item's label, and what is made of it.

    A measure among units is called by the labels of all its items.
    """
    function, names = key.partition("(")[0], dict.fromkeys(re.findall(r"\[([^\]@]+)", key))
    items = [scheme.item(name) for name in names]
    form = scheme.form(items[0].form)
    labels = [texts.pick(item.label, item.label_en) for item in items]
    label = texts("check.lines.and").join(labels) if function in PEER_FUNCTIONS else labels[0]
    return texts(f"check.lines.{function}", form=texts.pick(form.title, form.title_en), label=label)


def _common_unit(finding: Finding, scheme: Scheme) -> str | None:
    if any(key.endswith(")") for key in finding.operands):
        return None
    items = [scheme.item_at(key) for key in finding.operands]
    units = {item.unit for item in items}
    return units.pop() if len(units) == 1 and all(item.numeric for item in items) else None
