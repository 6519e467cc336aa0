"""Cells that a person has keyed: no file overwrites them without being told to."""

from __future__ import annotations

from functools import cached_property

from survey.store import Store, place_text


class Keyed:
    """The cells of a survey file whose latest word is a person's, not a file's."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def by_hand(self, unit: int, period: str, item: str, line: int = 0) -> bool:
        """Whether a person has keyed a cell and no file has changed it since."""
        places = self._places.get((unit, period))
        return places is not None and place_text(item, line) in places

    @property
    def any(self) -> bool:
        """Whether there is such a cell at all."""
        return bool(self._places)

    @cached_property
    def _places(self) -> dict[tuple[int, str], set[str]]:
        found: dict[tuple[int, str], set[str]] = {}
        # Beside max() SQLite gives the other columns of that very row. What an undone import wrote never was.
        rows = self._store.execute(
            "SELECT unit, period, item, source, max(id) FROM change WHERE source IS NULL OR source NOT IN"
            " (SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone <> '')"
            " GROUP BY unit, period, item"
        )
        for unit, period, place, source, _ in rows:
            if source is None:
                found.setdefault((unit, period), set()).add(place)
        return found
