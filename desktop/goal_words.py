"""The goals of the plan on the board: its heads and rows, and what stands behind a goal's figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indicators import goalwords
from indicators.goalwords import digits, figure, unit
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Edition
    from indicators.goal import Goal
    from indicators.outlook import Outlook

HEADS = ("indicator", "wording", "target", "value", "share", "path", "gap", "course", "status")
COURSE = HEADS.index("course")


def heads(texts: Texts) -> list[str]:
    """The heads of the board."""
    own = ("path", "gap", "course")
    named = (texts(f"goal.head.{name}" if name in own else f"table.head.{name}") for name in HEADS)
    return [name.replace("\n", " ") for name in named]


def cells(goal: Goal, catalogue: Catalogue, texts: Texts) -> tuple[str, ...]:
    """A row of the board; the course is drawn."""
    told = goalwords.cells(goal, catalogue, texts)
    return tuple(told.get(name, "") for name in HEADS)


def facts(goal: Goal, outlook: Outlook, texts: Texts) -> list[str]:
    """What stands behind a goal's figure, a sentence each: its source, coverage, sensitivity, path and revision."""
    catalogue, target = outlook.catalogue, goal.target
    places, of = digits(goal, catalogue), unit(goal, catalogue, texts)
    found = [texts("goal.source", wording=target.wording, source=target.source or "—")]
    if target.indicator not in catalogue.indicators:
        return [*found, texts("goal.none")]
    found.append(texts("goal.coverage", used=f"{goal.used:,}", due=f"{goal.due:,}"))
    if goal.near is not None:
        found.append(texts("goal.near", count=f"{goal.near:,}"))
    if goal.largest is not None:
        found.append(texts("goal.largest", share=figure(goal.largest, 1)))
    if goal.planned is not None:
        facts_of_path = {"year": outlook.period[:4], "base_year": target.base_year, "goal_year": target.year}
        base, aim = figure(target.base, places, of), figure(target.value, places, of)
        planned, gap = figure(goal.planned, places, of), goalwords.gap(goal, catalogue, texts)
        found.append(texts("goal.path", base=base, aim=aim, planned=planned, gap=gap, **facts_of_path))
        found += goalwords.footnotes([goal], texts)
    elif goal.gap is not None:
        found.append(texts("goal.gap", gap=goalwords.gap(goal, catalogue, texts)))
    if goal.status == "qualitative":
        found += _direction(goal, places, of, texts)
    if goal.status == "part":
        found.append(texts("goal.restricted"))
    if goal.hangs_on:
        found.append(texts(f"goal.hangs.{goal.hangs_on}"))
    if goal.revised:
        found.append(texts("goal.revised", before=figure(goal.revised.before, places, of)))
    return found


def _direction(goal: Goal, places: int, of: str, texts: Texts) -> list[str]:
    """Of a goal without a number: the first value there is, and which way it went since."""
    known = [(period, value) for period, value in goal.course if value is not None]
    if len(known) < 2:
        return [texts("goal.no_base")]
    (since, base), (_, now) = known[0], known[-1]
    way = "up" if now > base else "down" if now < base else "level"
    return [texts("goal.direction", year=since, base=figure(base, places, of), way=texts(f"goal.way.{way}"))]


def revision_line(outlook: Outlook, texts: Texts) -> str:
    """How much was revised since the last edition; '' where there is none."""
    last: Edition | None = outlook.edition
    if last is None:
        return ""
    kind, day = texts(f"edition.kind.{last.kind}"), last.at[:10]
    key = "goal.since" if outlook.revised else "goal.as_published"
    goals = sum(one.revised is not None for one in outlook.goals)
    return texts(key, number=last.id, kind=kind, day=day, count=f"{len(outlook.revised):,}", goals=goals)


def at_risk(goals: Sequence[Goal]) -> list[Goal]:
    """The goals that are behind, then those that hang on few units."""
    behind = [goal for goal in goals if goal.status == "behind"]
    return behind + [goal for goal in goals if goal.hangs_on]
