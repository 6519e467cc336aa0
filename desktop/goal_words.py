"""The goals of the plan in words: the cells of the board, and what stands behind a goal's figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from survey.scalar import round_half_away
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue, Indicator
    from indicators.edition import Edition
    from indicators.outlook import Goal, Outlook

HEADS = ("indicator", "wording", "target", "value", "share", "path", "gap", "course", "status")
COURSE = HEADS.index("course")


def figure(value: float | None, digits: int, unit: str = "") -> str:
    """A number as it is printed, with its unit; none is —."""
    if value is None:
        return "—"
    return f"{round_half_away(value, digits):,.{digits}f}{f' {unit}' if unit else ''}"


def signed(value: float | None, digits: int, unit: str = "") -> str:
    """A difference, with its sign."""
    return ("+" if value is not None and value > 0 else "") + figure(value, digits, unit).replace("-", "−")


def heads(texts: Texts) -> list[str]:
    """The heads of the board."""
    own = ("path", "gap", "course")
    named = (texts(f"goal.head.{name}" if name in own else f"table.head.{name}") for name in HEADS)
    return [name.replace("\n", " ") for name in named]


def label(goal: Goal, catalogue: Catalogue, texts: Texts) -> str:
    """What a goal is about."""
    found = _indicator(goal, catalogue)
    one = found or goal.target
    return texts.pick(one.label, one.label_en)


def unit(goal: Goal, catalogue: Catalogue, texts: Texts) -> str:
    """The unit of a goal's figure."""
    found = _indicator(goal, catalogue)
    return texts.pick(goal.target.unit, goal.target.unit_en) or (texts.pick(found.unit, found.unit_en) if found else "")


def digits(goal: Goal, catalogue: Catalogue) -> int:
    """With how many digits a goal's figure is shown."""
    found = _indicator(goal, catalogue)
    return found.digits if found else 0


def _indicator(goal: Goal, catalogue: Catalogue) -> Indicator | None:
    return catalogue.indicators.get(goal.target.indicator)


def asked(goal: Goal, catalogue: Catalogue, texts: Texts) -> str:
    """The target with its sign; a goal without a number asks for none."""
    target = goal.target
    if target.value is None:
        return "—"
    return f"{target.operator.replace('>=', '≥')} {target.value:,g} {unit(goal, catalogue, texts)}"


def status(goal: Goal, texts: Texts) -> str:
    """Where a goal stands, in a word."""
    return texts("goal.part") if goal.status == "part" else texts(f"table.status.{goal.status}")


def cells(goal: Goal, catalogue: Catalogue, texts: Texts) -> tuple[str, ...]:
    """A row of the board; the course is drawn."""
    places, of = digits(goal, catalogue), unit(goal, catalogue, texts)
    share = goal.share if goal.status != "part" else None
    return (
        label(goal, catalogue, texts), texts("table.quote", wording=goal.target.wording), asked(goal, catalogue, texts),
        figure(goal.value, places, of), figure(share, 1), figure(goal.planned, places, of),
        signed(goal.gap, places, of), "", status(goal, texts),
    )  # fmt: skip


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
        planned, gap = figure(goal.planned, places, of), signed(goal.gap, places, of)
        found.append(texts("goal.path", base=base, aim=aim, planned=planned, gap=gap, **facts_of_path))
    elif goal.gap is not None:
        found.append(texts("goal.gap", gap=signed(goal.gap, places, of)))
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
