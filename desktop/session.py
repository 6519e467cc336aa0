"""The open unit: its answers, what is wrong with them, and the way back from every step."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from survey import cells, conflicts, control, explanations, history, journal, notes, provenance
from survey.checks import Finding, compile_checks
from survey.conflicts import OpenConflict
from survey.errors import SurveyError
from survey.explanations import Explanation
from survey.expression import columns
from survey.files import UNTOLD, Told
from survey.form import Form, Item, Respondent
from survey.formulas import Answers, readable
from survey.history import BLOCK, REDO, UNDO, Event, Step
from survey.persons import may, permit
from survey.provenance import Origin
from survey.record import previous_period
from survey.scalar import Value, compile_scalar
from survey.scheme import REGISTER_ITEMS
from survey.store import Store, now
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.peers import Peers

_OVERRIDE = "legal_override"
HANDFUL = 12
"""So many cells go onto the clipboard without an entry: who moves some answers about takes nothing away."""


@dataclass(frozen=True)
class CellChange:
    """One cell of the open unit that gets another value; `line` counts on list forms."""

    name: str
    line: int
    old: Value
    new: Value


class Session(QObject):
    """One unit in one period. Every change is on disk before it is shown; `changed` says that one happened.

    `opened` says that another unit or period is shown; nothing is changed by that.
    `refused` brings the SurveyError of a step that could not be taken back.
    """

    opened = Signal()
    changed = Signal()
    refused = Signal(object)

    def __init__(self, store: Store, who: Callable[[], str]) -> None:
        super().__init__()
        self.store = store
        self.undo = QUndoStack(self)
        self.unit = 0
        self.period = store.period
        self.kind: Respondent = "unit"
        self.answers = Answers()
        self.earlier = Answers()
        self.findings: list[Finding] = []
        self._who = who
        self._may_edit = may(store, "edit")
        self._checks = compile_checks(store.scheme, store.period)
        self._explained: dict[str, list[tuple[Explanation, str]]] = {}
        self._among: Peers | None = None
        self._exempt: frozenset[str] = frozenset()
        self._last: Mapping[str, Value] = {}
        self.choices: dict[tuple[str, str], list[Any]] = {}
        self._skips = {name: compile_scalar(tree) for name, tree in store.scheme.skips.items()}

    @property
    def who(self) -> str:
        return self._who()

    @property
    def before(self) -> str:
        """The period before the open one."""
        return previous_period(self.period)

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms the open unit fills in."""
        return self.store.scheme.forms_of(self.kind)

    def open(self, unit: int, period: str) -> None:
        """Another unit or period; what was done to it today can still be undone. Raises as `permit` does."""
        permit(self.store, "view")
        if self.unit and unit != self.unit:
            self._last = self.answers.values
        if period != self._checks.period:
            self._checks = compile_checks(self.store.scheme, period)
        self.unit, self.period, self.kind = unit, period, self.store.kind_of(unit)
        self._among = self._measured_by()
        self._read()
        self._restore_steps()
        if self.kind == "unit":
            journal.record_once(self.store, "viewed", self._code)
        self.opened.emit()

    def copying(self, cells: int) -> Told:
        """What tells of answers that go onto the clipboard; of a handful nobody has to."""
        if cells <= HANDFUL:
            return UNTOLD
        return journal.Telling(self.store, "copied", self._code, what="answers", cells=cells)

    @property
    def _code(self) -> str:
        """The open unit's code; '' where the desk answers itself."""
        return str(self.store.register(self.unit)["uscc@reg"]) if self.kind == "unit" else ""

    def reread_open(self) -> None:
        """Answers were written elsewhere, of which units nobody says: the open one is read anew."""
        self.reread(self.unit)

    def reread(self, unit: int) -> None:
        """The answers of a unit were written elsewhere: where it is the open one, it is read anew."""
        if unit and unit == self.unit:
            self.open(self.unit, self.period)

    def rules_changed(self) -> None:
        """Checks were written or ruled on: the open unit is judged by those that hold now."""
        self._checks = compile_checks(self.store.scheme, self.period)
        if self.unit:
            self._among = self._measured_by()
            self._read()
            self.changed.emit()

    def value(self, name: str, line: int = 0) -> Value:
        """An answer."""
        return self.answers.get(name, line, self.store.scheme.item(name).form)

    def last_year(self, name: str) -> Value:
        """The answer of the period before."""
        return self.earlier.values.get(name)

    def lines(self, form: Form) -> list[int]:
        """The lines of a list form, in order."""
        return sorted(self.answers.lines.get(form.id, {}))

    def fixed(self, item: Item) -> bool:
        """Whether an item is only shown: it is computed, the survey's time is over, or the person's role forbids it."""
        return bool(item.computed) or self.locked() or not self._may_edit

    def repeated(self, name: str, line: int = 0) -> Value:
        """What F7 repeats: the line above on a list form, else what the unit before was given."""
        if not line:
            return self._last.get(name)
        form = self.store.scheme.form_of(name)
        above = [one for one in self.lines(form) if one < line]
        return self.value(name, above[-1]) if above else None

    def derived(self) -> Mapping[str, Value]:
        """What the standards derive from the answers, by item name."""
        return self.store.formulas.derive(self.answers, self.earlier, self.period)

    def skipped(self) -> set[str]:
        """The items that need no answer by their skip conditions."""
        scheme = self.store.scheme
        needed = [column for tree in scheme.skips.values() for column in columns(tree)]
        values = readable(self.answers, self.earlier, needed)
        return {name for name, closure in self._skips.items() if closure(values) is True}

    # Writing

    def commit(self, name: str, value: Value, line: int = 0, reason: str = "") -> None:
        """One cell. Raises SurveyError where it cannot be written; then nothing has changed."""
        self.commit_all([CellChange(name, line, self.value(name, line), value)], reason)

    def commit_all(self, changes: Sequence[CellChange], reason: str = "") -> None:
        """Some cells as one step that can be undone at once."""
        changes = [change for change in changes if change.old != change.new]
        if not changes:
            return
        step = reason or (f"{BLOCK}:{uuid.uuid4().hex[:8]}" if len(changes) > 1 else "")
        self._write([(one.name, one.line, one.new) for one in changes], step)
        self.undo.push(_StepCommand(self, tuple(changes), written=True))

    def carried(self) -> list[CellChange]:
        """What the identity forms could take over from last year: blank now, answered then."""
        items = [item for form in self.forms if form.layout == "fields" for item in form.items]
        return [
            CellChange(item.name, 0, None, self.last_year(item.name))
            for item in items
            if item.previous
            and not item.computed
            and self.value(item.name) is None
            and self.last_year(item.name) is not None
        ]

    def begun(self) -> bool:
        """Whether anything but the register's own items is answered."""
        return bool(set(self.answers.values) - set(REGISTER_ITEMS)) or any(self.answers.lines.values())

    def remove_line(self, form: Form, line: int) -> None:
        """Takes a line out of a list form."""
        held = [item.name for item in form.items if not item.computed and self.value(item.name, line) is not None]
        self.commit_all([CellChange(name, line, self.value(name, line), None) for name in held])

    def correct_before(self, name: str, value: Value, reason: str) -> None:
        """Another value for the period before, with its reason."""
        self._must_be_writable()
        cells.write(self.store, self.unit, self.before, name, value, who=self.who, reason=reason)
        self._read()
        self.changed.emit()

    def rewrite(self, written: Sequence[tuple[str, int, Value]], reason: str) -> None:
        """Writes cells without a new step: what undo and redo do."""
        tied = f"{reason}:{uuid.uuid4().hex[:8]}"
        self._write(written, tied)

    def _write(self, written: Sequence[tuple[str, int, Value]], reason: str) -> None:
        self._must_be_writable()
        cells.write_all(self.store, self.unit, self.period, written, who=self.who, reason=reason)
        self._judge()
        self.changed.emit()

    def _must_be_writable(self) -> None:
        """Raises SurveyError where the survey's time is over, or the file has been taken away meanwhile."""
        if self.locked():
            raise SurveyError("expired", until=self.store.scheme.legal.valid_until)
        if not self.store.path.exists():
            # Some systems go on writing to a file that nobody will ever find again.
            raise SurveyError("file_gone", path=self.store.path)

    # The legal block

    def locked(self) -> bool:
        """Whether the survey's time has run out and nobody has said why entry goes on."""
        until = self.store.scheme.legal.valid_until
        return bool(until) and now()[:10][: len(until)] > until and not self.store.desk.get(_OVERRIDE)

    def unlock(self, reason: str) -> None:
        """Goes on after the survey's time for a reason, which is recorded; SurveyError where it says nothing."""
        permit(self.store, "edit")
        kept = explanations.check_text(reason)
        with self.store.atomic():
            self.store.set_desk(_OVERRIDE, f"{now()} {self.who} {kept}")
            self.store.add_source(kept, "override", "", self.who)
        self.changed.emit()

    # Findings, explanations, notes, history

    def explanation(self, finding: Finding) -> Explanation | None:
        """Why a finding was accepted."""
        return explanations.answer_to(finding, self._explained)

    def whereabouts(self, finding: Finding, texts: Texts) -> str:
        """Where the error of a record that fails a check may be, in words; nothing is changed by it."""
        from survey import localised

        base = self._checks.base(self._checks.by_code[finding.check].check)
        found = localised.of_record(self.store, self._checks, self.unit, base, finding.line)
        return localised.told(found, self.store.scheme, texts)

    def exempt(self, finding: Finding) -> bool:
        """Whether the city lets the unit fail this check."""
        return finding.check in self._exempt

    def explain(self, finding: Finding, text: str) -> None:
        """Accepts a finding with a reason. Raises SurveyError where it says nothing."""
        explanations.explain(self.store, self.unit, finding, text, who=self.who)
        self._read()
        self.changed.emit()

    def last_explanation(self, finding: Finding) -> str:
        """What was accepted for the same check last year, or ''."""
        known = explanations.of_unit(self.store, self.unit, self.before)
        found = known.get(explanations.code_of(finding))
        return found[0][0].text if found else ""

    def check(self) -> str:
        """Settles the unit's status by its findings; gives it: checked, to_explain or errors."""
        failed = [one for one in self.findings if one.verdict == "fail"]
        open_ = [one for one in failed if one.category in explanations.EXPLAINABLE and not self._accepted(one)]
        blocking = any(one.category == "A" and one.check not in self._exempt for one in failed)
        status = "errors" if blocking else "to_explain" if open_ else "checked"
        if response := self._response():
            self.store.set_statuses(self.period, {response: status})
        return status

    def _accepted(self, finding: Finding) -> bool:
        if finding.check in self._exempt:
            return True
        found = self.explanation(finding)
        return found is not None and found.fits

    def notes(self) -> list[notes.Note]:
        """The unit's notes of the period."""
        return notes.of_unit(self.store, self.unit, self.period)

    def history(self, name: str, line: int = 0) -> list[Event]:
        """Every change of a cell, the latest first."""
        return history.of_cell(self.store, self.unit, self.period, name, line)

    def origin(self, name: str, line: int = 0) -> Origin | None:
        """The file that a cell's answer came from."""
        return provenance.of_cell(self.store, self.unit, self.period, name, line)

    def returned_in(self, name: str, line: int = 0) -> Origin | None:
        """Where a cell stands in a return, whatever was written since."""
        return provenance.returned_in(self.store, self.unit, self.period, name, line)

    def conflicts(self, name: str, line: int = 0) -> list[OpenConflict]:
        """What senders of returns said of a cell against what is kept here, the latest first."""
        return conflicts.of_cell(self.store, self.unit, self.period, name, line)

    def _read(self) -> None:
        self.earlier = cells.read(self.store, self.unit, self.before)
        self._explained = explanations.of_unit(self.store, self.unit, self.period)
        self._exempt = control.exempt_checks(self.store, self.unit, self.period)
        self._judge()

    def _judge(self) -> None:
        """This year's answers and what the checks say of them; last year stands as it was read."""
        self.answers = cells.read(self.store, self.unit, self.period)
        beside = self._beside() if self._among else self.store.register(self.unit)
        self.findings = self._checks.record(self.answers, self.earlier, beside, self.kind)

    def _beside(self) -> dict[str, Value]:
        # Comparing units takes libraries that a desk without such checks need not wait for.
        from survey import peers

        assert self._among
        return peers.beside(self.store, self._checks, self._among, self.unit, self.answers, self.earlier)

    def _measured_by(self) -> Peers | None:
        """How the unit is measured among others, where some check asks for that."""
        if not self._checks.measures(self.kind):
            return None
        from survey import peers

        return peers.kept(self.store, self._checks, self.kind)

    def _response(self) -> int:
        row = self.store.execute(
            "SELECT id FROM response WHERE unit = ? AND period = ?", (self.unit, self.period)
        ).fetchone()
        return int(row[0]) if row else 0

    def _restore_steps(self) -> None:
        """The steps of today, from the record of changes."""
        self.undo.clear()
        steps, done = history.steps_since(self.store, self.unit, self.period, now()[:10])
        if any(event.item not in self.store.scheme.items for step in steps for event in step.events):
            # The scheme was changed today: its former items cannot be written any more.
            return
        for step in steps:
            self.undo.push(_StepCommand(self, _changes(step), written=True))
        self.undo.blockSignals(True)
        for command in range(len(steps) - 1, done - 1, -1):
            restored = self.undo.command(command)
            assert isinstance(restored, _StepCommand)
            restored.skip = True
            self.undo.undo()
        self.undo.blockSignals(False)


def _changes(step: Step) -> tuple[CellChange, ...]:
    return tuple(CellChange(event.item, event.line, event.old, event.new) for event in step.events)


class _StepCommand(QUndoCommand):
    """One step of a person. `written`: it is already in the file when it is pushed."""

    def __init__(self, session: Session, changes: tuple[CellChange, ...], *, written: bool) -> None:
        super().__init__()
        self._session = session
        self._changes = changes
        self.skip = written
        self.setText(session.store.scheme.label(changes[0].name))

    def redo(self) -> None:
        self._apply([(one.name, one.line, one.new) for one in self._changes], REDO)

    def undo(self) -> None:
        self._apply([(one.name, one.line, one.old) for one in reversed(self._changes)], UNDO)

    def _apply(self, written: list[tuple[str, int, Value]], reason: str) -> None:
        if self.skip:
            self.skip = False
            return
        try:
            self._session.rewrite(written, reason)
        except SurveyError as error:
            # What cannot be written back must not stand in the way of the steps before it.
            self.setObsolete(True)
            self._session.refused.emit(error)
