"""Where tables take their figures from: computed now, or an edition that went out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from indicators.catalogue import Catalogue
from indicators.cube import Group
from survey.store import Store

# A figure is there (or cannot be computed), may not be told, or is none of those an edition has.
Standing = Literal["there", "withheld", "lacking"]


class Source(Protocol):
    """What tables ask; `public` is whether everybody may read the answers, so that none tells of single units.

    The figures of `of` have a value, used, due, near and largest, as `IndicatorValue` tells.
    """

    @property
    def store(self) -> Store: ...

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def public(self) -> bool: ...

    def has(self, period: str) -> bool:
        """Whether there is anything for a period."""

    def of(self, names: Sequence[str], period: str, dimensions: tuple[str, ...]) -> Mapping[Group, Mapping[str, Any]]:
        """Some indicators by the groups of some dimensions."""

    def standing(self, name: str, period: str, dimensions: tuple[str, ...], group: Group, what: str) -> Standing:
        """Whether a figure, or what it rests on, can be told."""
