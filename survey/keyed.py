"""Cells that a person has keyed: no file overwrites them without being told to."""

from __future__ import annotations

from functools import cached_property

from survey.history import MAGNITUDE
from survey.scalar import Value
from survey.store import Store, place_text


class Keyed:
    """The cells of a survey file whose latest word is a person's, not a file's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def by_hand(self, unit: int, period: str, item: str, line: int = 0) -> bool:
        """Whether a person has keyed a cell and no file has changed it since."""
        places = self._places.get((unit, period))
        return places is not None and place_text(item, line) in places

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
            if source is None:
                keyed.setdefault((unit, period), set()).add(place)
            if reason.partition(":")[0] == MAGNITUDE:
                converted.setdefault((unit, period), {})[place] = old
        return keyed, converted
