"""What the brief says: the targets in few words, what moved, what is at risk, and the notes below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop import goal_words
from indicators import goalwords
from survey.texts import Texts, measured

if TYPE_CHECKING:
    from indicators.goal import Goal
    from indicators.outlook import Outlook

_HEADS = ("indicator", "target", "value", "path", "gap", "status")


@dataclass(frozen=True)
class Line:
    """A line of a list: what is said, the figures at its end, and the status that colours them."""

    text: str
    figures: str = ""
    tone: str = ""


def board(outlook: Outlook, texts: Texts) -> list[tuple[tuple[str, ...], str]]:
    """The heads, then a row a goal, each with its status; the plan's sentence stands below what it is about."""
    at = [goal_words.HEADS.index(name) for name in _HEADS]
    heads = goal_words.heads(texts)
    found = [(tuple(heads[one] for one in at), "")]
    for goal in outlook.goals:
        cells = goal_words.cells(goal, outlook.catalogue, texts)
        found.append(((f"{cells[0]}\n{cells[1]}", *(cells[one] for one in at[1:])), goal.status))
    return found


def moved(outlook: Outlook, texts: Texts, most: int) -> list[Line]:
    """The indicators that moved furthest against the period before."""
    from indicators.outlook import moves

    found = []
    for move in moves(outlook)[:most]:
        one = move.indicator
        before, now = (goalwords.figure(value, one.digits) for value in (move.before, move.now))
        unit = texts.pick(one.unit, one.unit_en)
        points = goalwords.difference(move.now - move.before, one.digits, unit, texts)
        change = points if unit == "%" else goalwords.signed(move.change, 1, "%")
        label = texts.pick(one.label, one.label_en)
        text = texts("brief.move", label=label, before=before, now=measured(now, unit))
        found.append(Line(text, change))
    return found


def risks(outlook: Outlook, texts: Texts, most: int) -> list[Line]:
    """The goals that are behind and those that hang on few units; where there are more, how many."""
    goals = goal_words.at_risk(outlook.goals)
    found = [_risk(goal, outlook, texts) for goal in goals[:most]]
    return [*found, Line(texts("brief.more", count=len(goals) - most))] if len(goals) > most else found


def _risk(goal: Goal, outlook: Outlook, texts: Texts) -> Line:
    catalogue = outlook.catalogue
    label = goalwords.label(goal, catalogue, texts)
    if goal.hangs_on:
        why = texts("brief.hangs", label=label, why=texts(f"goal.hangs.{goal.hangs_on}"))
        return Line(why, goalwords.status(goal, texts), goal.status)
    places, unit = goalwords.digits(goal, catalogue), goalwords.unit(goal, catalogue, texts)
    aim = goal.planned if goal.planned is not None else goal.target.value
    facts = {"value": goalwords.figure(goal.value, places, unit), "aim": goalwords.figure(aim, places, unit)}
    gap = goalwords.gap(goal, catalogue, texts)
    return Line(texts("brief.behind", label=label, **facts), gap, goal.status)


def notes(outlook: Outlook, texts: Texts) -> list[str]:
    """Scope, coverage, how words of the plan are read, and revisions."""
    figures = [goal for goal in outlook.goals if goal.due]
    least = min(figures, key=lambda goal: goal.used / goal.due) if figures else None
    catalogue = outlook.catalogue
    found = [" ".join(filter(None, (texts.pick(catalogue.scope, catalogue.scope_en), texts("brief.path"))))]
    if least:
        label = goalwords.label(least, catalogue, texts)
        found.append(texts("brief.coverage", label=label, used=f"{least.used:,}", due=f"{least.due:,}"))
    found += [*goalwords.footnotes(outlook.goals, texts), texts("table.note.targets"), texts("table.note.rounding")]
    return [*found, *([line] if (line := goal_words.revision_line(outlook, texts)) else [])]
