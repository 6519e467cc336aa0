"""The goals of the plan in words, for the board on screen, the printed table and the brief alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from indicators.table import Figure
from survey.texts import Texts, measured

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue, Indicator
    from indicators.goal import Goal


def figure(value: float | None, digits: int, unit: str = "") -> str:
    """A number as it is printed, with its unit; none is —."""
    text = Figure(value, digits).text()
    return measured(text, unit) if value is not None else text


def signed(value: float | None, digits: int, unit: str = "") -> str:
    """A difference, with its sign."""
    return ("+" if value is not None and value > 0 else "") + figure(value, digits, unit).replace("-", "−")


def gap(goal: Goal, catalogue: Catalogue, texts: Texts) -> str:
    """What a goal is above its path or target; between percentages that are points."""
    return difference(goal.gap, digits(goal, catalogue), unit(goal, catalogue, texts), texts)


def difference(value: float | None, digits: int, unit: str, texts: Texts) -> str:
    """What one figure is above another of the same unit."""
    if unit != "%" or value is None:
        return signed(value, digits, unit)
    return texts("goal.points", change=signed(value, max(digits, 1)))


def label(goal: Goal, catalogue: Catalogue, texts: Texts) -> str:
    """What a goal is about."""
    one = _indicator(goal, catalogue) or goal.target
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
    return f"{target.operator.replace('>=', '≥')} {measured(f'{target.value:,g}', unit(goal, catalogue, texts))}"


def status(goal: Goal, texts: Texts) -> str:
    """Where a goal stands, in a word."""
    return texts("goal.part") if goal.status == "part" else texts(f"table.status.{goal.status}")


def cells(goal: Goal, catalogue: Catalogue, texts: Texts) -> dict[str, str]:
    """What is told of a goal, by the heads it stands below."""
    places, of = digits(goal, catalogue), unit(goal, catalogue, texts)
    return {
        "indicator": label(goal, catalogue, texts) + goal.mark,
        "wording": texts("table.quote", wording=goal.target.wording),
        "target": asked(goal, catalogue, texts),
        "value": figure(goal.value, places, of),
        "share": figure(goal.share, 1),
        "path": figure(goal.planned, places, of),
        "gap": gap(goal, catalogue, texts),
        "status": status(goal, texts),
    }


def footnotes(goals: Sequence[Goal], texts: Texts) -> list[str]:
    """The notes of their targets with their marks."""
    return [f"{goal.mark} {texts.pick(goal.target.note, goal.target.note_en)}" for goal in goals if goal.mark]
