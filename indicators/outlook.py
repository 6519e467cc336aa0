"""The figures as they are looked at: the plan's goals with their paths, every figure's course, and what was revised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indicators import edition
from indicators.catalogue import TOGETHER, UNIT, Catalogue, Indicator
from indicators.computation import Computation, IndicatorValue
from indicators.edition import Edition, Revised
from indicators.goal import Course, Goal, stated
from survey.record import previous_period
from survey.scheme import Scheme

# So many periods back a course is followed.
_PERIODS = 10


@dataclass(frozen=True)
class Outlook:
    """Everything a page of figures shows of a period.

    `courses` are the whole's values by indicator, earliest period first; `spread` by dimension, indicator and code.
    `revised` are the figures that the last edition had otherwise.
    """

    period: str
    catalogue: Catalogue
    values: Sequence[IndicatorValue]
    goals: Sequence[Goal]
    courses: Mapping[str, Course]
    spread: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    edition: Edition | None = None
    revised: Sequence[Revised] = ()

    def before(self, indicator_id: str) -> float | None:
        """The value of the period before."""
        return dict(self.courses.get(indicator_id, ())).get(previous_period(self.period))


def look(
    computation: Computation, period: str, by: str | None = None, only: Mapping[str, str] | None = None
) -> Outlook:
    """Computes it; `only` are codes by dimension that the goals are restricted to.

    Raises SurveyError `unknown_dimension` and Cancelled.
    """
    catalogue, store = computation.catalogue, computation.store
    shown = dict.fromkeys([*([by] if by else []), *filters(catalogue), *places(store.scheme, catalogue)])
    every = list(catalogue.indicators.values())
    spreads = dict.fromkeys([*(one.spreads for one in every), (), *((name,) for name in shown)])
    computation.gather(period, list(spreads), every)
    values = computation.figures(period, by)
    last = edition.last(store, period)
    figures = edition.figures_of(computation.figures(period) if by else values)
    revised = edition.revised(last, figures) if last else []
    group = {name: code for name, code in (only or {}).items() if code}
    return Outlook(
        period, catalogue, values, _goals(computation, period, group, revised), _courses(computation, period, {}),
        {name: _spread(computation, period, name) for name in shown}, last, revised,
    )  # fmt: skip


def restricted(computation: Computation, outlook: Outlook, only: Mapping[str, str]) -> Outlook:
    """An outlook with the goals of a group, or of the whole where no code is named; the rest stands as it was."""
    group = {name: code for name, code in only.items() if code}
    return replace(outlook, goals=_goals(computation, outlook.period, group, outlook.revised))


def broken_down(computation: Computation, outlook: Outlook, by: str | None) -> Outlook:
    """An outlook with all figures by the groups of a dimension, or of the whole alone; the rest stands as it was.

    Raises SurveyError `unknown_dimension` and Cancelled.
    """
    values = computation.figures(outlook.period, by)
    spread = {**outlook.spread, by: _spread(computation, outlook.period, by)} if by else outlook.spread
    return replace(outlook, values=values, spread=spread)


def filters(catalogue: Catalogue) -> tuple[str, ...]:
    """The dimensions that goals are restricted by: the first two that an item of the units says."""
    plain = [one.id for one in catalogue.dimensions.values() if UNIT in one.items and not one.cases]
    return tuple(plain[:2])


def places(scheme: Scheme, catalogue: Catalogue) -> tuple[str, ...]:
    """The first dimension whose codes lie on a map, where the scheme has one."""
    found = (one.id for one in catalogue.dimensions.values() if _on_map(scheme, one.list))
    return tuple(list(found)[:1])


def _on_map(scheme: Scheme, name: str) -> bool:
    return any(code.tile for code in scheme.lists[name].codes.values())


def adds_up(whole: float | None, parts: Sequence[float | None]) -> bool:
    """Whether parts make up the whole, so that shares of it mean something."""
    known = [part for part in parts if part is not None]
    if not known or not whole or min(known) < 0:
        return False
    return abs(sum(known) - whole) <= 0.01 * abs(whole)


@dataclass(frozen=True)
class Move:
    """How an indicator moved against the period before, `change` in per cent of it."""

    indicator: Indicator
    now: float
    before: float
    change: float


def moves(outlook: Outlook) -> list[Move]:
    """The indicators of the whole that moved, the furthest first; a change of sign has no rate."""
    found = []
    for value in outlook.values:
        before = outlook.before(value.id)
        if value.by is None and value.value is not None and value.value > 0 and before and before > 0:
            change = (value.value - before) / before * 100
            found.append(Move(outlook.catalogue.indicators[value.id], value.value, before, change))
    return sorted((one for one in found if one.change), key=lambda one: -abs(one.change))


def _goals(
    computation: Computation, period: str, group: Mapping[str, str], revised: Sequence[Revised]
) -> tuple[Goal, ...]:
    found = stated(computation, period, group)
    courses = _courses(computation, period, group, [one.target.indicator for one in found if one.known])
    whole = {one.id: one for one in revised if not one.dimensions and not group}
    return tuple(
        replace(goal, course=courses.get(name, ()), revised=whole.get(name))
        for goal in found
        for name in [goal.target.indicator]
    )


def _courses(
    computation: Computation, period: str, group: Mapping[str, str], names: Sequence[str] | None = None
) -> dict[str, Course]:
    wanted = list(computation.catalogue.indicators) if names is None else list(dict.fromkeys(names))
    periods = sorted(one for one in computation.store.periods() if one <= period)[-_PERIODS:]
    dimensions, codes = tuple(group), tuple(group.values())
    every = [(when, computation.of(wanted, when, dimensions).get(codes, {})) for when in periods]
    return {
        name: tuple((when, found[name].value if name in found else None) for when, found in every) for name in wanted
    }


def _spread(computation: Computation, period: str, dimension: str) -> dict[str, dict[str, float | None]]:
    found = computation.of(list(computation.catalogue.indicators), period, (dimension,))
    spread: dict[str, dict[str, float | None]] = {}
    for (code,), figures in found.items():
        for name, figure in figures.items():
            if code is not None:
                spread.setdefault(name, {})[code] = figure.value
    order = list(computation.store.scheme.lists[computation.catalogue.dimensions[dimension].list].codes)
    return {
        name: {code: values[code] for code in order if code in values}
        for name, values in spread.items()
    }  # fmt: skip


def joined(group: Mapping[str, str]) -> tuple[str | None, str | None]:
    """A group as `computation.units` asks for it: its dimensions and its codes; of the whole None."""
    kept = {name: code for name, code in group.items() if code}
    return (TOGETHER.join(kept), TOGETHER.join(kept.values())) if kept else (None, None)
