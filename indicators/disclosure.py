"""Disclosure control of a publication: what its tables withhold, why, and what can still be inferred."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from indicators.attack import Demand
from indicators.audit import Audit, audit
from indicators.demands import Watch
from indicators.linked import Cell, Ratio, Relation, System
from indicators.sequential import sequential
from indicators.suppression import Limits, exact, protectable, settled
from indicators.trimming import trimmed
from survey.errors import SurveyError
from survey.form import Disclosure
from survey.progress import Progress
from survey.solver import UnsolvedError
from survey.texts import Texts

# `withheld` and `unshown` were asked for; `primary` is sensitive itself, `complementary` protects others.
Status = Literal["published", "primary", "complementary", "withheld", "unshown"]


@dataclass(frozen=True)
class Reason:
    """Why a figure is withheld.

    `rule` is that of the sensitive cell, or of the demand that a complementary one serves: `threshold`, `percent`,
    `prior`, `dominance`, or `ratio` for one of a sensitive figure; '' where withholding was asked for. `protects`
    are the cells that could be inferred without it, or the sensitive figures of a ratio; `knower` the contributor who
    could. For the eyes of the city only: rule and numbers help an attacker.
    """

    status: Status
    rule: str = ""
    contributors: int = 0
    protects: tuple[str, ...] = ()
    knower: str = ""

    def text(self, texts: Texts, label: Callable[[str], str] = str) -> str:
        """The sentence, figures called as `label` says."""
        names = texts("disclosure.and").join(map(label, self.protects))
        key = self.rule if self.status == "primary" else self.status
        sentence = texts(f"disclosure.reason.{key}", contributors=self.contributors, cells=names)
        return sentence + texts("disclosure.reason.insider") if self.knower else sentence


@dataclass(frozen=True)
class Protected:
    """What may be published: the status of every figure by id, the reason of each withheld one, and the audit.

    `loss` is the weight of what is withheld beside the sensitive figures; `method` is `exact` or `sequential`.
    """

    statuses: Mapping[str, Status]
    reasons: Mapping[str, Reason]
    audit: Audit
    loss: float
    method: str

    @property
    def publishable(self) -> bool:
        """Whether the audit is clean; otherwise nothing may be published."""
        return self.audit.publishable


def protect(
    cells: Iterable[Cell],
    relations: Sequence[Relation],
    rules: Disclosure,
    ratios: Sequence[Ratio] = (),
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Protected:
    """Chooses what to withhold at the least loss, and audits it; the same figures always give the same choice.

    Cells of all tables come together, those of one id being one figure. Up to `limits.figures` of them the choice is
    the best one within `limits.gap`, else one demand after another; either way nothing is withheld in vain. Raises
    SurveyError where figures contradict one another, or where cells that must be published leave no protection;
    `progress` may raise Cancelled.
    """
    limits = limits or Limits()
    watch = Watch(System(cells, relations, ratios, rules))
    try:
        return _protected(watch, limits, progress)
    except UnsolvedError:
        raise SurveyError("disclosure_unsolved") from None


def check(
    cells: Iterable[Cell],
    relations: Sequence[Relation],
    rules: Disclosure,
    withheld: Collection[str],
    ratios: Sequence[Ratio] = (),
    *,
    progress: Progress | None = None,
) -> Audit:
    """Audits a choice that somebody else has made: `withheld` are the ids of the figures that are not published.

    Raises SurveyError where figures contradict one another or one is unknown.
    """
    system = System(cells, relations, ratios, rules)
    unknown = sorted(set(withheld) - set(system.ids))
    if unknown:
        raise SurveyError("disclosure_unknown", id=unknown[0], where="withheld")
    pattern = np.array([name in withheld or system.figure(name).standing == "unshown" for name in system.ids], bool)
    try:
        return audit(Watch(system), pattern, progress)
    except UnsolvedError:
        raise SurveyError("disclosure_unsolved") from None


def _protected(watch: Watch, limits: Limits, progress: Progress | None) -> Protected:
    system = watch.system
    must, may = settled(system, watch)
    pattern, method = None, "exact"
    if len(system.ids) <= limits.figures:
        pattern = exact(watch, must, may, limits, progress)
    if pattern is None:
        pattern, method = sequential(watch, must, may, progress), "sequential"
    if pattern is None:
        # Demands that a part of what may be withheld gives rise to may be in vain where all of it has none of them.
        protectable(watch, may)
        pattern = may.copy()
    pattern, needed = trimmed(watch, pattern, must, progress)
    statuses = {name: _status(watch, name, pattern[at]) for name, at in system.number.items()}
    reasons = {name: _reason(watch, name, one, needed) for name, one in statuses.items() if one != "published"}
    loss = float(system.weights[pattern & ~must].sum())
    return Protected(statuses, reasons, audit(watch, pattern, progress), loss, method)


def _status(watch: Watch, name: str, hidden: Any) -> Status:
    standing = watch.system.figure(name).standing
    if not hidden:
        return "published"
    if standing == "unshown":
        return "unshown"
    if _sensitive(watch, name):
        return "primary"
    return "withheld" if standing == "withheld" else "complementary"


def _sensitive(watch: Watch, name: str) -> tuple[str, ...]:
    """The sensitive cells that make a figure one: itself, or those of a ratio."""
    ratio = watch.system.ratios.get(name)
    names = (ratio.numerator, ratio.denominator) if ratio else (name,)
    return tuple(one for one in names if one in watch.primaries)


def _reason(watch: Watch, name: str, status: Status, needed: Mapping[str, Demand]) -> Reason:
    if status == "complementary":
        demand = needed[name]
        return Reason(status, demand.rule, 0, demand.about, demand.knower)
    if status != "primary":
        return Reason(status)
    if name in watch.system.ratios:
        return Reason(status, "ratio", 0, _sensitive(watch, name))
    why = watch.primaries[name]
    return Reason(status, why.rule, why.contributors)
