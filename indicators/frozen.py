"""An edition as tables ask for figures: as it was kept, whatever the file has become since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicators.catalogue import TOGETHER, Catalogue
from indicators.cube import Group
from indicators.edition import Edition, Taken
from indicators.printed import BEFORE
from indicators.source import Standing
from survey.store import Store

_NOTHING = Taken(None)


class Frozen:
    """The figures of an edition by indicator, period and group; nothing is computed."""

    def __init__(self, store: Store, catalogue: Catalogue, edition: Edition) -> None:
        self.store = store
        self.catalogue = catalogue
        self.public = edition.kind == "public"
        self._edition = edition
        self._found: dict[tuple[str, str], dict[Group, dict[str, Taken]]] = {}
        for (name, dimensions, by), one in [*edition.taken.items(), *((key, _NOTHING) for key in edition.withheld)]:
            group: Group = tuple(by.split(TOGETHER)) if dimensions else ()
            when = BEFORE if name.endswith(BEFORE) else ""
            groups = self._found.setdefault((when, dimensions), {})
            groups.setdefault(group, {})[name.removesuffix(BEFORE)] = one
        self._pairs = {key[:2] for key in (*edition.taken, *edition.withheld)}

    def has(self, period: str) -> bool:
        """Whether the edition has figures of a period: its own, or the one before."""
        return any(when == self._when(period) for when, _ in self._found)

    def of(self, names: Sequence[str], period: str, dimensions: tuple[str, ...]) -> Mapping[Group, Mapping[str, Taken]]:
        """Some indicators by the groups of some dimensions; those that are withheld have no value."""
        wanted = set(names)
        groups = self._found.get((self._when(period), TOGETHER.join(dimensions)), {})
        chosen = {group: {name: one for name, one in by.items() if name in wanted} for group, by in groups.items()}
        return {group: by for group, by in chosen.items() if by}

    def standing(self, name: str, period: str, dimensions: tuple[str, ...], group: Group, what: str) -> Standing:
        """Whether the edition has a figure, or what it rests on, and may tell it."""
        key = (name + self._when(period), TOGETHER.join(dimensions), TOGETHER.join(code or "" for code in group))
        if key in self._edition.withheld:
            return "withheld"
        if key[:2] not in self._pairs:
            return "lacking"
        found = self._edition.taken.get(key)
        return "withheld" if self.public and found and what != "value" and getattr(found, what) is None else "there"

    def _when(self, period: str) -> str:
        return "" if period == self._edition.period else BEFORE
