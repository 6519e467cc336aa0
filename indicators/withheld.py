"""A figure that a public edition withholds: why, and how closely it can still be inferred. For the city's own eyes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from indicators.disclosure import Reason
from survey.texts import Texts

# A figure: indicator, dimensions joined by `*`, codes of the group ('' for the whole).
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Withheld:
    """`value` is the figure, `lower` and `upper` what it must lie between for all who know what is published.

    `protection` is how far from it they must be, 0 where it is not sensitive itself. All in the indicator's unit; the
    ends are None where the figure is no multiple of one sum, as ratios are.
    `protects` are the figures that it protects, or those that it is a ratio of; for a sum that no figure shows the
    two stand there whose difference it is, or else its name alone.
    """

    reason: Reason
    protects: tuple[Key, ...] = ()
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    protection: float = 0.0

    def text(self, texts: Texts, called: Callable[[Key], str]) -> str:
        """The reason as a sentence, figures called as `called` says."""
        names = dict(zip(self.reason.protects, self.protects, strict=True))
        return self.reason.text(texts, lambda cell: called(names[cell]))

    def row(self) -> list[Any]:
        """As it is kept in the file."""
        reason = self.reason
        facts = [reason.status, reason.rule, reason.contributors, reason.knower]
        return [*facts, [list(key) for key in self.protects], self.value, self.lower, self.upper, self.protection]


def read(row: list[Any]) -> Withheld:
    """What `Withheld.row` has written."""
    status, rule, contributors, knower, protects, *figures = row
    keys = tuple((str(one), str(dimensions), str(by)) for one, dimensions, by in protects)
    reason = Reason(status, rule, contributors, tuple("|".join(key) for key in keys), knower)
    return Withheld(reason, keys, *figures)
