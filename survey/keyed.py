"""Cells that a person has keyed: no file overwrites them without being told to."""

from __future__ import annotations

from functools import cached_property

from survey.history import MAGNITUDE
from survey.scalar import Value
from survey.store import Store, place_text


class Keyed:
    """The cells of a survey file whose latest word is a person's, not a file's."""

    def __init__(self, store: Store, *, imports: bool = False) -> None:
        """With `imports` the files that people have taken in count as their word: at the city, against returns."""
        self._store = store
        self._imports = imports

    def imported(self, source: int | None) -> bool:
        """Whether a row came with an import, where that counts as a person's word."""
        return source is not None and source in self._sources

    @cached_property
    def _sources(self) -> frozenset[int]:
        if not self._imports:
            return frozenset()
        rows = self._store.execute("SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone = ''")
        return frozenset(row[0] for row in rows)

    def by_hand(self, unit: int, period: str, item: str, line: int = 0) -> bool:
        """Whether a person has keyed a cell and no file has changed it since."""
        places = self._places.get((unit, period))
        return places is not None and place_text(item, line) in places

    @property
    def any(self) -> bool:
        """Whether there may be such a cell at all."""
        return bool(self._places or self._sources)

    def converted(self, unit: int, period: str, item: str, line: int = 0) -> Value:
        """What a file said in another unit of measure, where the cell holds it converted; None for other cells."""
        places = self._conversions.get((unit, period))
        return places.get(place_text(item, line)) if places else None

    @property
    def _places(self) -> dict[tuple[int, str], set[str]]:
        return self._latest[0]

    @property
    def _conversions(self) -> dict[tuple[int, str], dict[str, Value]]:
        return self._latest[1]

    @cached_property
    def _latest(self) -> tuple[dict[tuple[int, str], set[str]], dict[tuple[int, str], dict[str, Value]]]:
        """The cells whose latest word is a person's, and what stood in those that were converted."""
        keyed: dict[tuple[int, str], set[str]] = {}
        converted: dict[tuple[int, str], dict[str, Value]] = {}
        # Beside max() SQLite gives the other columns of that very row. What an undone import wrote never was.
        rows = self._store.execute(
            "SELECT unit, period, item, source, reason, old, max(id) FROM change WHERE source IS NULL OR source NOT IN"
            " (SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone <> '')"
            " GROUP BY unit, period, item"
        )
        for unit, period, place, source, reason, old, _ in rows:
            if source is None or source in self._sources:
                keyed.setdefault((unit, period), set()).add(place)
            if reason.partition(":")[0] == MAGNITUDE:
                converted.setdefault((unit, period), {})[place] = old
        return keyed, converted
