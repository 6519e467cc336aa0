"""What stands where an indicator and a group cross: the figure, how it compares, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.source import Source
from indicators.tabledefinition import Definition

PERCENT = "%"


@dataclass(frozen=True)
class Line:
    """A row: an indicator, a group of `dimensions`, or such a group of an indicator; neither is the total.

    `heading` has no figures: it says what the rows below it are about.
    """

    labels: tuple[str, ...]
    indicator: str = ""
    group: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    heading: bool = False

    @property
    def key(self) -> str:
        """The indicator, or the code of the group; '' for the total."""
        return self.indicator or (self.group[-1] if self.group else "")


@dataclass(frozen=True)
class Place:
    """A column of figures: an indicator ('': the row's), a group across ('': all of them), and what it tells."""

    path: tuple[str, ...]
    indicator: str
    code: str
    part: str


class WithheldError(Exception):
    """A figure may not be told, and so nothing that is worked out from it."""


class CrossFigures:
    """The figures of one table; `periods` are this one (`now`) and the one `before`.

    `lacking` becomes true where a figure was asked for that the edition they are of does not have.
    """

    def __init__(self, source: Source, periods: Mapping[str, str], wanted: Definition, names: Sequence[str]) -> None:
        self._source = source
        self.lacking = False
        self._periods = periods
        self._wanted = wanted
        self._names = names

    def told(self, line: Line, place: Place, part: str) -> float | None:
        """What a part of an indicator comes to; None where it cannot be computed. Raises WithheldError."""
        match part:
            case "now" | "before":
                return self._value(line, place, part)
            case "growth":
                return self._growth(line, place)
            case "share":
                whole = Place((), place.indicator, "", "now") if not self._wanted.by else place
                return _percent(self._value(line, place), self._value(Line((), line.indicator), whole))
            case "filled":
                return _percent(self.told(line, place, "used"), self.told(line, place, "due"))
        return self._value(line, place, what=part)

    def _growth(self, line: Line, place: Place) -> float | None:
        """Over the period before in per cent; of a percentage the difference in percentage points."""
        now, before = (self._value(line, place, when) for when in ("now", "before"))
        if now is None or before is None:
            return None
        if self._source.catalogue.indicators[line.indicator or place.indicator].unit == PERCENT:
            return now - before
        return (now / before - 1) * 100 if before > 0 else None

    def _value(self, line: Line, place: Place, when: str = "now", what: str = "value") -> float | None:
        group, dimensions = line.group, line.dimensions
        if place.code:
            group, dimensions = (*group, place.code), (*dimensions, self._wanted.across)
        period = self._periods[when]
        if when == "before" and not self._source.has(period):
            return None
        name = line.indicator or place.indicator
        figure = self._source.of(self._names, period, dimensions).get(group, {}).get(name)
        standing = self._source.standing(name, period, dimensions, group, what)
        if standing == "withheld":
            raise WithheldError
        self.lacking |= standing == "lacking"
        value: float | None = getattr(figure, what) if figure else None
        return value


def _percent(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole * 100
