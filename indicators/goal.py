"""The plan's goals: where each figure stands, what it rests on, and how far it is from target and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from indicators import growth
from indicators.catalogue import Target
from indicators.table import MARKS

if TYPE_CHECKING:
    from indicators.edition import Revised
    from indicators.source import Source

# A figure of which one unit brings so much, in per cent, hangs on that unit.
HEAVY = 30.0
Course = Sequence[tuple[str, float | None]]


@dataclass(frozen=True)
class Goal:
    """A target of the plan and where its figure stands; numbers unrounded in the target's unit.

    `planned` is the path's value of the period, `gap` what the value has above it, or above the target where there is
    no path. `status` is that of `growth.status`, or `part` for a group and in a district's file, of which the plan
    asks nothing. `known` tells
    whether there is an indicator for it, `withheld` whether its figure may not be told, `mark` leads to the target's
    note. `course` and `revised`, which is what the last edition had instead, are an outlook's to tell.
    """

    target: Target
    value: float | None
    status: str
    used: int = 0
    due: int = 0
    near: int | None = None
    largest: float | None = None
    planned: float | None = None
    gap: float | None = None
    course: Course = ()
    path: Sequence[tuple[str, float]] = ()
    revised: Revised | None = None
    known: bool = True
    mark: str = ""
    withheld: bool = False

    @property
    def share(self) -> float | None:
        """How much of the target is reached, in per cent; of a part it is not told."""
        if self.value is None or not self.target.value or self.status == "part":
            return None
        return self.value / self.target.value * 100

    @property
    def hangs_on(self) -> str:
        """What a goal that is reached rests on: `near` where units near a threshold decide, `largest` on one unit."""
        if self.status not in ("met", "on_track") or self.value is None or self.target.value is None:
            return ""
        if self.near and self.value - self.near < self.target.value:
            return "near"
        return "largest" if self.largest is not None and self.largest >= HEAVY else ""


def stated(source: Source, period: str, group: Mapping[str, str] | None = None) -> tuple[Goal, ...]:
    """The plan's goals in its order; `group` are codes by dimension that they are restricted to."""
    known, targets = source.catalogue.indicators, source.catalogue.targets
    names = [one.indicator for one in targets if one.indicator in known]
    dimensions, codes = tuple(group or ()), tuple((group or {}).values())
    found = source.of(names, period, dimensions).get(codes, {})
    part = bool(group or source.store.district)
    marks = dict(zip((one.indicator for one in targets if one.note), MARKS, strict=False))
    goals = []
    for target in targets:
        figure = found.get(target.indicator)
        value = figure.value if figure else None
        status = "part" if part else growth.status(target, value, period)
        facts = (target.indicator in known, marks.get(target.indicator, ""))
        goal = _measured(_goal(target, status, figure, *facts), period, asked=not part)
        withheld = source.standing(target.indicator, period, dimensions, codes, "value") == "withheld"
        goals.append(replace(goal, withheld=withheld))
    return tuple(goals)


def _goal(target: Target, status: str, figure: Any, known: bool, mark: str) -> Goal:
    if figure is None:
        return Goal(target, None, status, known=known, mark=mark)
    return Goal(
        target,
        figure.value,
        status,
        figure.used or 0,
        figure.due or 0,
        figure.near,
        figure.largest,
        known=known,
        mark=mark,
    )


def _measured(goal: Goal, period: str, *, asked: bool) -> Goal:
    """A goal with its path and its gap, where there is a number to be reached."""
    target = goal.target
    if not asked or target.value is None:
        return goal
    planned = growth.planned_value(target, period)
    aim = target.value if planned is None else planned
    gap = None if goal.value is None else goal.value - aim
    return replace(goal, planned=planned, gap=gap, path=_path(target))


def _path(target: Target) -> tuple[tuple[str, float], ...]:
    """The path's value of every year from the base to the target."""
    if not target.base_year or not target.year:
        return ()
    years = [str(year) for year in range(int(target.base_year), int(target.year) + 1)]
    return tuple((year, value) for year in years if (value := growth.planned_value(target, year)) is not None)
