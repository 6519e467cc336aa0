"""What a formula reads beside the sums of its own group: other figures, of other groups and of the period before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from indicators import measure
from indicators.catalogue import Indicator, Measure
from indicators.cube import Group
from indicators.figure import Figure
from indicators.query import Spread
from survey.record import previous_period

ById: TypeAlias = Mapping[str, Figure]
Figures: TypeAlias = Mapping[Group, ById]
# Some indicators of a period by the groups of some dimensions.
Of: TypeAlias = Callable[[Sequence[str], str, Spread], Figures]
_PLAIN: Mapping[str, Callable[[measure.Figures], float | None]] = {
    "shannon": measure.shannon,
    "gini_of": measure.gini_of,
    "hhi_of": measure.hhi_of,
    "groups_of": measure.groups_of,
    "mean_of": measure.mean_of,
}


class Beside:
    """The figures that formulas refer to beside those of the same group, each kind read once."""

    def __init__(
        self, of: Of, has: Callable[[str], bool], period: str, dimensions: Spread, indicators: Sequence[Indicator]
    ) -> None:
        self._of = of
        self._has = has
        self._period = period
        self._dimensions = dimensions
        self._groups: dict[str, Figures] = {}
        self._spreads: dict[tuple[str, Spread], Mapping[Group, dict[str, float]]] = {}
        referred: dict[str, dict[str, None]] = {}
        for one in indicators:
            for column in one.others:
                if column.at:
                    referred.setdefault(column.at, {})[column.name] = None
        self._by_at = {at: self._read(at, list(names)) for at, names in referred.items()}

    def _read(self, at: str, names: Sequence[str]) -> Figures:
        if at == "prev":
            before = previous_period(self._period)
            return self._of(names, before, self._dimensions) if self._has(before) else {}
        return self._of(names, self._period, self._onto(at))

    def _onto(self, at: str) -> Spread:
        return tuple(name for name in self._dimensions if name == at)

    def seen(self, indicator: Indicator, group: Group, figures: ById) -> Mapping[str, Figure | None]:
        """The figures an indicator's formula reads in a group, by the key of each."""
        found = {one.key: self._figure(one.name, one.at, group, figures) for one in indicator.others}
        for key, one in indicator.measures.items():
            figure = self._here(one.indicator, group)
            used, due = (figure.used, figure.due) if figure else (0, 0)
            found[key] = Figure(self._measured(one, group), used, due)
        return found

    def _figure(self, name: str, at: str, group: Group, figures: ById) -> Figure | None:
        if not at:
            return figures.get(name)
        own = group if at == "prev" else self._part(group, self._onto(at))
        return self._by_at[at].get(own, {}).get(name)

    def _part(self, group: Group, dimensions: Spread) -> Group:
        return tuple(code for name, code in zip(self._dimensions, group, strict=True) if name in dimensions)

    def _here(self, name: str, group: Group) -> Figure | None:
        """Another indicator's figure in the same group."""
        if name not in self._groups:
            self._groups[name] = self._of([name], self._period, self._dimensions)
        return self._groups[name].get(group, {}).get(name)

    def _measured(self, one: Measure, group: Group) -> float | None:
        if one.dimension in self._dimensions:
            return None
        own = self._spread(one, (*self._dimensions, one.dimension), group)
        match one.function:
            case "krugman":
                every = self._spread(one, (one.dimension,), ())
                return measure.krugman(own, {code: value - own.get(code, 0.0) for code, value in every.items()})
            case "ellison_glaeser":
                plants = self._here(one.more[0], group) if one.more else None
                return measure.ellison_glaeser(
                    own, self._spread(one, (one.dimension,), ()), plants.value if plants else None
                )
        return _PLAIN[one.function](own)

    def _spread(self, one: Measure, dimensions: Spread, group: Group) -> Mapping[str, float]:
        """An indicator's figures in a group by the codes of the last of the dimensions."""
        key = (one.indicator, dimensions)
        if key not in self._spreads:
            found: dict[Group, dict[str, float]] = {}
            for codes, by_id in self._of([one.indicator], self._period, dimensions).items():
                figure = by_id.get(one.indicator)
                if figure and figure.value is not None:
                    found.setdefault(codes[:-1], {})[str(codes[-1])] = figure.value
            self._spreads[key] = found
        return self._spreads[key].get(group, {})
