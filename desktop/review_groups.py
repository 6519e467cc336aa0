"""The outcome of checking by check, item, unit and number: the rows of the page's tables, of paper, of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.pages import class_name
from desktop.review_work import Outcome
from survey.priority import Priority
from survey.reviewbook import family, rule
from survey.scheme import Scheme
from survey.texts import Texts


@dataclass(frozen=True)
class Group:
    """A table: heads, rows of texts with what stands behind each, which columns are numbers, and their widths."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    objects: Sequence[Any]
    right: tuple[int, ...]
    widths: tuple[int, ...]
    stretch: int


# The rows, and what stands behind each.
Rows = tuple[Sequence[Sequence[str]], Sequence[Any]]
GROUPS = ("checks", "items", "units", "numbers")
_SHAPES: Mapping[str, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    "checks": ((4, 5, 6, 7, 8), (116, 92, 104, 300, 76, 76, 100, 92, 92), 3),
    "items": ((2, 3, 4), (120, 320, 110, 110, 130), 1),
    "units": ((0, 3, 4, 5, 6, 7), (84, 176, 220, 44, 44, 44, 44, 76, 300), 8),
    "numbers": ((0, 1, 2), (200, 140, 140), 2),
}


def group(name: str, outcome: Outcome, scheme: Scheme, texts: Texts, asked: Sequence[Priority] = ()) -> Group:
    """One of `GROUPS`; with `asked` the units come in that order, the others after them."""
    right, widths, stretch = _SHAPES[name]
    rows, objects = _ROWS[name](outcome, scheme, texts, asked)
    return Group(name, texts(f"review.heads.{name}").split("|"), rows, objects, right, widths, stretch)


def _checks(outcome: Outcome, scheme: Scheme, texts: Texts, _asked: Sequence[Priority]) -> Rows:
    """Every check with its counts, the most often failed first."""
    compiled = sorted(outcome.checks.compiled, key=lambda one: -outcome.tallies[one.check.code].failed)
    rows = []
    for one in compiled:
        tally = outcome.tallies[one.check.code]
        counts = (tally.passed, tally.failed, tally.answered, tally.not_evaluated)
        rate = "—" if tally.rate is None else f"{tally.rate:.1f}"
        rows.append((
            tally.check, class_name(texts, tally.category), family(one.check.family, texts),
            rule(scheme, tally.check, texts), *(f"{count:,}" for count in counts), rate,
        ))  # fmt: skip
    return rows, [one.check.code for one in compiled]


def _items(outcome: Outcome, scheme: Scheme, texts: Texts, _asked: Sequence[Priority]) -> Rows:
    rows = [
        (one.key, scheme.label(scheme.item_at(one.key).name, texts.lang),
         f"{one.failed:,}", f"{one.units:,}", f"{one.causes:,}")
        for one in outcome.items
    ]  # fmt: skip
    return rows, [one.key for one in outcome.items]


def _units(outcome: Outcome, scheme: Scheme, texts: Texts, asked: Sequence[Priority]) -> Rows:
    """Every failing unit: whom to ask first where that is known, else the gravest first."""
    scores = {one.uscc: one.score for one in asked}
    counted = sorted(outcome.failing, key=lambda pair: -scores.get(pair[1].uscc, 0.0))
    rows = []
    for count, unit in counted:
        labels = [f"{scheme.label(scheme.item_at(key).name, texts.lang)}（{key}）" for key in count.causes]
        score = f"{100 * scores[unit.uscc]:.3f}" if unit.uscc in scores else ""
        classes = (f"{count.by_class[category]:,}" for category in "ABCD")
        rows.append((score, unit.uscc, unit.name, *classes, f"{count.unexplained:,}", texts("check.and").join(labels)))
    return rows, [unit.uscc for _, unit in counted]


def _numbers(outcome: Outcome, _scheme: Scheme, _texts: Texts, _asked: Sequence[Priority]) -> Rows:
    whole = max(outcome.units, 1)
    rows = [(str(number), f"{units:,}", f"{100 * units / whole:.1f}") for number, units in outcome.distribution.items()]
    return rows, list(outcome.distribution)


_ROWS: Mapping[str, Callable[[Outcome, Scheme, Texts, Sequence[Priority]], Rows]] = {
    "checks": _checks,
    "items": _items,
    "units": _units,
    "numbers": _numbers,
}
