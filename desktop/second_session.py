"""A unit's second entry: the forms begin empty, and what is typed goes beside the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.session import CellChange, Session
from survey import doubleentry
from survey.form import Form, Item
from survey.formulas import Answers
from survey.history import Event
from survey.scalar import Value
from survey.scheme import REGISTER_ITEMS


class BlindSession(Session):
    """A session whose cells are the second entry's: no last year, no findings, no history to look at.

    What the register says of the unit stands there and is not keyed.
    """

    def fixed(self, item: Item) -> bool:
        return item.name in REGISTER_ITEMS or super().fixed(item)

    def derived(self) -> Mapping[str, Value]:
        """Nothing is suggested to whoever keys blind."""
        return {}

    def history(self, name: str, line: int = 0) -> list[Event]:  # noqa: ARG002 - what was keyed first stays unseen
        return []

    def commit_all(self, changes: Sequence[CellChange], reason: str = "") -> None:
        super().commit_all([one for one in changes if one.name not in REGISTER_ITEMS], reason)

    def remove_line(self, form: Form, line: int) -> None:
        held = [item.name for item in form.items if not self.fixed(item) and self.value(item.name, line) is not None]
        self.commit_all([CellChange(name, line, self.value(name, line), None) for name in held])

    def keyed_first(self) -> bool:
        """Whether the person at the desk wrote the answers that are to be verified."""
        return doubleentry.keyed_first(self.store, self.unit, self.period, self.who)

    def keyed(self) -> int:
        """How many cells have been keyed."""
        row = self.store.execute(
            "SELECT count(*) FROM second_entry WHERE unit = ? AND period = ?", (self.unit, self.period)
        ).fetchone()
        return int(row[0])

    def finish(self) -> list[doubleentry.Difference]:
        """Ends the second entry; gives the differences from the first."""
        return doubleentry.finish(self.store, self.unit, self.period, self.who)

    def _write(self, written: Sequence[tuple[str, int, Value]], reason: str) -> None:  # noqa: ARG002 - no record of changes here
        self._must_be_writable()
        doubleentry.write_second(self.store, self.unit, self.period, written, self.who)
        self._read()
        self.changed.emit()

    def _read(self) -> None:
        self.answers = doubleentry.read_second(self.store, self.unit, self.period)
        self.earlier = Answers()
        self.findings = []

    def _restore_steps(self) -> None:
        """Steps are undone as long as the unit is open."""
        self.undo.clear()
