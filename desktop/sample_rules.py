"""How sample answers are drawn: one rule an item, read from the sample's data, in the order they stand there.

A rule says `of` which answers, times `between` what; or which `codes`, `numbers` or `text`. Names that begin
with `_` are only steps on the way; `name@before` is the answer of the earlier year.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from survey import codes
from survey.codes import CodeList
from survey.form import Item
from survey.scalar import Value, round_half_away

Given = dict[str, Any]
Bound = float | str
_KINDS = {"codes", "numbers", "text", "copy", "look", "uscc", "listed"}
_NO = (None, 0, "", "none", "not_needed")


@dataclass
class Case:
    """One respondent or line that is being answered: what is given so far, and its answers a year earlier."""

    dice: random.Random
    given: Given
    before: Given | None = None


@dataclass(frozen=True)
class Source:
    """The code lists that rules draw from."""

    items: Mapping[str, Item]
    lists: Mapping[str, CodeList]
    _found: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def label(self, name: str, given: Given) -> str:
        """What the code of an item is called."""
        return self.lists[self.items[name].list].label(given.get(name))

    def within(self, name: str, given: Given, narrowing: str) -> list[str]:
        """The codes an item may take beside the answer that narrows its list, its own or another."""
        item = self.items[name]
        narrowing = narrowing or item.within
        parent = str(given.get(narrowing, ""))
        key = (name, parent)
        if key not in self._found:
            entries = self.lists[item.list].codes.items()
            column = self.items[narrowing].list if narrowing else ""
            self._found[key] = [code for code, entry in entries if not column or entry.extra.get(column) == parent]
        return self._found[key]


class Rule:
    """How one item is drawn."""

    def __init__(self, name: str, facts: Mapping[str, Any]) -> None:
        own = {key: value for key, value in facts.items() if key not in ("by", "cases", "first")}
        self.name = name
        self.by: str = facts.get("by", "")
        self.cases = {key: Rule(name, own | case) for key, case in facts.get("cases", {}).items()}
        self.first = Rule(name, own | facts["first"]) if "first" in facts else None
        self.needs: str = own.get("given", "")
        self.same: bool = own.get("same", False)
        self.grows: list[float] | None = own.get("grows")
        self.chance: float | None = own.get("chance")
        self.otherwise: Value = own.get("otherwise")
        self.missed: Value = own.get("otherwise", 0)
        self.parts: dict[str, float] = own.get("parts", {})
        self._of = [_signed(one) for one in _several(own.get("of"))]
        self._over: Bound = own.get("over", 1)
        self._rounds: bool = own.get("rounds", False)
        self._between: list[Bound] | None = own.get("between") or ([1, 1] if self._of or self._is_flag(own) else None)
        self._least, self._most = _several(own.get("least")), _several(own.get("most"))
        self._digits: int = own.get("digits", 0)
        self._weights = own.get("codes") or own.get("numbers")
        self._is_number = "numbers" in own
        self._text: str = own.get("text", "")
        self._copy: str = own.get("copy", "")
        self._look: list[str] = own.get("look", [])
        self._uscc: str = own.get("uscc", "")
        self._listed: bool = own.get("listed", False)
        self._within: str = own.get("within", "")

    @staticmethod
    def _is_flag(own: Mapping[str, Any]) -> bool:
        """A rule that only says how often."""
        return "chance" in own and not own.keys() & _KINDS

    def chosen(self, case: Case) -> Rule:
        """The rule that holds in a case: that of a first year, or of another answer."""
        rule = self.first if self.first and case.before is None else self
        while rule.by and (narrower := rule.cases.get(_key(case.given.get(rule.by)))):
            rule = narrower
        return rule

    def draw(self, case: Case, source: Source) -> Value:
        """The answer of a case; None leaves it blank."""
        rule, given, before = self.chosen(case), case.given, case.before
        if rule.needs and given.get(rule.needs) in _NO:
            return rule.otherwise
        if before is not None and (rule.same or rule.grows) and before.get(rule.name) is not None:
            return rule._kept(case, before[rule.name])  # noqa: SLF001 - another rule of this class
        if rule.chance is not None and case.dice.random() >= rule.chance:
            return rule.missed
        return rule._drawn(case, source)  # noqa: SLF001 - another rule of this class

    def _kept(self, case: Case, value: Any) -> Value:
        """What was answered a year earlier, grown, within what still holds."""
        if isinstance(value, str):
            return value
        if self.grows:
            value = math.floor(value * case.dice.uniform(*self.grows))
        return min([value, *(math.floor(_bound(bound, case)) for bound in self._most)])  # type: ignore[no-any-return]

    def _drawn(self, case: Case, source: Source) -> Value:
        given = case.given
        if self._between is not None:
            return self._amount(case)
        if self._weights:
            weights = given[self._weights] if isinstance(self._weights, str) else self._weights
            if not weights:
                return None
            code = case.dice.choices(list(weights), list(weights.values()))[0]
            return float(code) if self._is_number else code
        if self._text:
            return self._text.format_map(given)
        if self._copy:
            name, _, way = self._copy.partition(":")
            return source.label(name, given) if way else given.get(name)
        if self._look:
            table, key = self._look
            return given[table].get(given[key], 0)  # type: ignore[no-any-return]
        if self._uscc:
            body = codes.organisation_code(self._uscc.format_map(given))
            return codes.uscc_with_check("91440300" + body)
        found = source.within(self.name, given, self._within) if self._listed else []
        return case.dice.choice(found) if found else None

    def _amount(self, case: Case) -> Value:
        base = 1.0
        if self._of:
            read = [(sign, _read(name, case)) for sign, name in self._of]
            if all(value is None for _, value in read):
                return None
            base = sum(sign * (value or 0) for sign, value in read)
        low, high = (_bound(bound, case) for bound in self._between or ())
        amount = base * (low if low == high else case.dice.uniform(low, high if self._of or self._digits else high + 1))
        amount /= _bound(self._over, case) or 1
        for bound in self._least:
            amount = max(amount, _bound(bound, case))
        for bound in self._most:
            amount = min(amount, _bound(bound, case))
        if self._rounds:
            return int(round_half_away(amount))
        return round(amount, self._digits) if self._digits else math.floor(amount)


def rules(facts: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules of a table of the sample's data, in their order."""
    return tuple(Rule(name, one) for name, one in facts.items())


def answer(case: Case, wanted: tuple[Rule, ...], source: Source) -> None:
    """Answers everything that is not yet given; what a rule divides goes into its parts."""
    for rule in wanted:
        if rule.name not in case.given:
            case.given[rule.name] = rule.draw(case, source)
        if (parts := rule.chosen(case).parts) and case.given[rule.name] is not None:
            case.given.update(divided(case.dice, int(case.given[rule.name]), parts))


def divided(dice: random.Random, whole: int, weights: Mapping[str, float]) -> dict[str, int]:
    """A whole number in parts that add up to it exactly, about in the proportions given."""
    lots = [weight * dice.uniform(0.6, 1.4) for weight in weights.values()]
    total, given, heap, found = sum(lots) or 1.0, 0, 0.0, {}
    for name, lot in zip(weights, lots, strict=True):
        heap += lot
        share = round(whole * heap / total) - given
        given += share
        found[name] = share
    return found


def _several(one: Any) -> list[Any]:
    return [] if one is None else one if isinstance(one, list) else [one]


def _signed(name: str) -> tuple[int, str]:
    return (-1, name[1:]) if name.startswith("-") else (1, name)


def _read(name: str, case: Case) -> Any:
    name, _, at = name.partition("@")
    return (case.before or {}).get(name) if at else case.given.get(name)


def _bound(bound: Bound, case: Case) -> float:
    return float(_read(bound, case) or 0) if isinstance(bound, str) else bound


def _key(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
