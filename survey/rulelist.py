"""Every check of a file with how it stands: where it is from, what the city has ruled, from when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from survey import control
from survey.checks import OFF, every_check
from survey.form import Check, Ruling
from survey.store import Store, now

Origin = Literal["scheme", "item", "local"]


@dataclass(frozen=True)
class Rule:
    """A check as the scheme or the desk writes it; `ruling` is the city's in force, `coming` those of later days."""

    check: Check
    origin: Origin
    ruling: Ruling | None = None
    coming: tuple[Ruling, ...] = ()
    begun: bool = True

    @property
    def off(self) -> bool:
        """Whether the city has switched it off."""
        return self.ruling is not None and self.ruling.action == OFF

    @property
    def category(self) -> str:
        """The class it has now, or had before it was switched off."""
        return self.ruling.action if self.ruling and not self.off else self.check.category

    @property
    def in_force(self) -> bool:
        return self.begun and not self.off


def rules(store: Store, period: str) -> list[Rule]:
    """The scheme's own checks, then what the items imply, then the desk's own; those not yet in force included."""
    ruled: dict[str, list[Ruling]] = {}
    for one in control.rulings(store):
        ruled.setdefault(one.check, []).append(one)
    official = {check.code for check in store.scheme.checks}
    later = [check for check in store.scheme.checks if check.valid_from > period]
    found = [_rule(check, ruled, official, period) for check in (*every_check(store.scheme, period), *later)]
    order = ("scheme", "item", "local")
    return sorted(found, key=lambda rule: (order.index(rule.origin), *_place(rule)))


def _place(rule: Rule) -> tuple[str, str]:
    """Checks by form and code; what items imply as they come."""
    return ("", "") if rule.origin == "item" else (rule.check.scope, rule.check.code)


def _rule(check: Check, ruled: dict[str, list[Ruling]], official: set[str], period: str) -> Rule:
    today = now()[:10]
    mine = ruled.get(check.code, [])
    past = [one for one in mine if one.valid_from <= today]
    origin: Origin = "local" if check.local else "scheme" if check.code in official else "item"
    return Rule(
        check,
        origin,
        past[-1] if past else None,
        tuple(one for one in mine if one.valid_from > today),
        begun=check.valid_from <= period,
    )
