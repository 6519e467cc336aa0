"""Imports as a whole: what each of them brought, and how it is undone."""

from __future__ import annotations

from dataclasses import dataclass, field

from survey.cells import refresh_all
from survey.errors import SurveyError
from survey.form import Form
from survey.history import IMPORT
from survey.importreport import ImportReport
from survey.intake import Intake
from survey.scalar import Value
from survey.sql import quote
from survey.store import Change, Store, now, place_of, place_text

# Rows of these tables tell that somebody has worked on a response since it came.
_WORKED_ON = ("explanation", "query")
_ABOUT_UNITS = ("note", "unit_link", "second_unit", "second_entry", "second_cell")


@dataclass(frozen=True)
class BatchLine:
    """An import as it is listed: counts are units, `undone` is when it was undone, or ''."""

    id: int
    at: str
    who: str
    period: str
    files: tuple[str, ...]
    new: int
    changed: int
    undone: str


@dataclass(frozen=True)
class Kept:
    """A cell that was not put back: it has been changed since the import."""

    uscc: str
    name: str
    period: str
    item: str
    line: int
    imported: Value
    now: Value


@dataclass
class UndoReport:
    """What undoing an import did: cells put back, units and responses taken out, cells that were kept."""

    restored: int = 0
    units: int = 0
    responses: int = 0
    kept: list[Kept] = field(default_factory=list)


def begin(store: Store, who: str, period: str) -> int:
    """A new import, in the open transaction; gives its number."""
    found = store.execute(
        "INSERT INTO batch (at, who, period, files, new, changed, identical, rejected, collisions, first_unit,"
        " last_unit, first_response, last_response, last_change) VALUES (?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
        (now(), who, period),
    ).lastrowid
    assert found is not None
    return found


def finish(store: Store, batch: int, intake: Intake, report: ImportReport) -> int:
    """Ends an import; gives its number, or 0 where it changed nothing and so is none."""
    if not report.effects:
        store.execute("DELETE FROM batch WHERE id = ?", (batch,))
        return 0
    last_change = store.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
    taken = sum(one.error is None for one in report.files)
    facts = (
        taken, report.new, report.changed, report.identical, report.rejected, len(report.collisions),
        *intake.new_units, *intake.new_responses, last_change,
    )  # fmt: skip
    store.execute(
        "UPDATE batch SET files = ?, new = ?, changed = ?, identical = ?, rejected = ?, collisions = ?, first_unit = ?,"
        f" last_unit = ?, first_response = ?, last_response = ?, last_change = ? WHERE id = {batch}",
        facts,
    )
    return batch


def listed(store: Store) -> list[BatchLine]:
    """The imports, the latest first."""
    names: dict[int, list[str]] = {}
    for batch, name in store.execute("SELECT batch, name FROM source WHERE batch IS NOT NULL ORDER BY id"):
        names.setdefault(batch, []).append(name)
    rows = store.execute("SELECT id, at, who, period, new, changed, undone FROM batch ORDER BY id DESC")
    return [
        BatchLine(id_, at, who, period, tuple(names.get(id_, ())), new, changed, undone)
        for id_, at, who, period, new, changed, undone in rows
    ]


def undo(store: Store, batch: int, *, who: str = "", dry_run: bool = False) -> UndoReport:
    """Puts back what an import changed and takes out what it brought; what was changed since is kept and told.

    Raises SurveyError `no_batch`, `batch_undone`.
    """
    row = store.execute("SELECT undone FROM batch WHERE id = ?", (batch,)).fetchone()
    if row is None:
        raise SurveyError("no_batch", number=batch)
    if row[0]:
        raise SurveyError("batch_undone", number=batch, at=row[0][:16].replace("T", " "))
    report = UndoReport()
    with store.atomic(keep=not dry_run):
        _Undo(store, batch, who, report).run()
    return report


class _Undo:
    def __init__(self, store: Store, batch: int, who: str, report: UndoReport) -> None:
        self._store = store
        self._batch = batch
        self._who = who
        self._report = report
        self._sources = f"(SELECT id FROM source WHERE batch = {batch})"
        facts = store.execute(
            "SELECT period, first_unit, last_unit, first_response, last_response, last_change FROM batch WHERE id = ?",
            (batch,),
        ).fetchone()
        self._period, self._first_unit, self._last_unit, self._first, self._last, self._last_change = facts
        self._touched: set[str] = set()
        self._names: dict[int, tuple[str, str]] = {}

    def run(self) -> None:
        self._put_back()
        self._take_out()
        self._forget_units()
        self._store.execute("UPDATE batch SET undone = ?, undone_by = ? WHERE id = ?", (now(), self._who, self._batch))
        refresh_all(self._store, self._touched or {self._period})

    # Units that were known before

    def _put_back(self) -> None:
        """The cells of known responses as they were; rows that the import added to them go."""
        rows = self._store.execute(
            "SELECT c.unit, c.period, c.item, c.old, c.new, r.id FROM change c JOIN response r ON r.unit = c.unit"
            f" AND r.period = c.period WHERE c.source IN {self._sources} ORDER BY c.id"
        ).fetchall()
        first: dict[tuple[int, str, str], Value] = {}
        last: dict[tuple[int, str, str], tuple[Value, int]] = {}
        for unit, period, place, old, new, response in rows:
            first.setdefault((unit, period, place), old)
            last[unit, period, place] = new, response
        changes = []
        for (unit, period, place), old in first.items():
            imported, response = last[unit, period, place]
            if change := self._restored(unit, period, place, imported, old, response):
                changes.append(change)
        self._log(changes)
        self._report.restored = len(changes)
        self._rows_back()

    def _restored(
        self, unit: int, period: str, place: str, imported: Value, old: Value, response: int
    ) -> Change | None:
        """Puts a cell back where it still holds what was imported."""
        name, line = place_of(place)
        item = self._store.scheme.items.get(name)
        if item is None:
            return None
        form = self._store.scheme.form(item.form)
        where, key = ("response = ? AND line = ?", (response, line)) if line else ("response = ?", (response,))
        found = self._store.execute(f"SELECT {quote(name)} FROM {form.table} WHERE {where}", key).fetchone()
        present = found[0] if found else None
        if present != imported:
            self._keep(unit, period, name, line, imported, present)
            return None
        self._touched.add(period)
        if found is None and old is not None:
            # A complete source had taken the line out.
            columns, marks = ("response, line", "?, ?") if line else ("response", "?")
            self._store.execute(f"INSERT INTO {form.table} ({columns}) VALUES ({marks})", key)
        self._store.execute(f"UPDATE {form.table} SET {quote(name)} = ? WHERE {where}", (old, *key))
        if name == "name" and period == self._store.period and old is not None:
            self._store.name_unit(unit, "name", str(old))
        return Change(unit, item, period, imported, old, line)

    def _rows_back(self) -> None:
        """Rows with the source they had; those that the import added go where nothing is left in them."""
        rows = self._store.execute(
            "SELECT form, response, line, inserted, source, source_row FROM batch_row WHERE batch = ?", (self._batch,)
        ).fetchall()
        for form_id, response, line, inserted, source, number in rows:
            form = self._store.scheme.form(form_id)
            where, key = ("response = ? AND line = ?", (response, line)) if line else ("response = ?", (response,))
            if inserted:
                self._store.execute(f"DELETE FROM {form.table} WHERE {where} AND {_blank(form)}", key)
            self._store.execute(
                f"UPDATE {form.table} SET source = ?, source_row = ? WHERE {where} AND source IN {self._sources}",
                (source, number, *key),
            )
            self._store.execute("UPDATE response SET status = 'in_progress', reason = '' WHERE id = ?", (response,))

    # What the import began

    def _take_out(self) -> None:
        """The responses that the import began, as far as nobody has worked on them since."""
        rows = self._store.execute(
            "SELECT id, unit, period FROM response WHERE id BETWEEN ? AND ?", (self._first, self._last)
        ).fetchall()
        worked_on = self._worked_on()
        for response, unit, period in rows:
            self._touched.add(period)
            if response in worked_on:
                self._empty(response, unit, period)
                continue
            for form in self._store.scheme.forms:
                self._store.execute(f"DELETE FROM {form.table} WHERE response = ?", (response,))
            self._store.execute("DELETE FROM response WHERE id = ?", (response,))
            self._report.responses += 1

    def _worked_on(self) -> set[int]:
        """The responses that somebody has changed, explained or asked about since the import."""
        span = (self._first, self._last)
        found = self._store.execute(
            "SELECT DISTINCT r.id FROM change c JOIN response r ON r.unit = c.unit AND r.period = c.period"
            f" WHERE r.id BETWEEN ? AND ? AND (c.source IS NULL OR c.source NOT IN {self._sources})",
            span,
        ).fetchall()
        for table in _WORKED_ON:
            found += self._store.execute(
                f"SELECT DISTINCT response FROM {table} WHERE response BETWEEN ? AND ?", span
            ).fetchall()
        return {row[0] for row in found}

    def _empty(self, response: int, unit: int, period: str) -> None:
        """Blanks what the import brought to a response that somebody has worked on; what was changed since is kept."""
        later = {
            row[0]: row[1]
            for row in self._store.execute(
                "SELECT item, new FROM change WHERE unit = ? AND period = ? AND form <> ''"
                f" AND (source IS NULL OR source NOT IN {self._sources}) ORDER BY id",
                (unit, period),
            )
        }
        changes: list[Change] = []
        for form in self._store.scheme.forms:
            line = "line" if form.is_list else "0"
            items = [item for item in form.items if not item.computed]
            names = ", ".join(quote(item.name) for item in items)
            rows = self._store.execute(
                f"SELECT {line}, {names} FROM {form.table} WHERE response = ? AND source IN {self._sources}",
                (response,),
            ).fetchall()
            for at, *values in rows:
                for item, value in zip(items, values, strict=True):
                    place = place_text(item.name, at)
                    if value is None or place in later or item.name in ("uscc", "name", "district"):
                        continue
                    where, key = ("response = ? AND line = ?", (response, at)) if at else ("response = ?", (response,))
                    self._store.execute(f"UPDATE {form.table} SET {quote(item.name)} = NULL WHERE {where}", key)
                    changes.append(Change(unit, item, period, value, None, at))
            self._store.execute(f"DELETE FROM {form.table} WHERE response = ? AND {_blank(form)}", (response,))
        self._log(changes)
        self._report.restored += len(changes)
        for place, value in later.items():
            name, at = place_of(place)
            if name in self._store.scheme.items:
                self._keep(unit, period, name, at, None, value)

    def _forget_units(self) -> None:
        """The units that the import brought into the register, where nothing is left of them."""
        used = " ".join(
            f"AND NOT EXISTS (SELECT 1 FROM {table} WHERE unit = u.id)"
            for table in ("response", "change", *_ABOUT_UNITS)
        )
        cursor = self._store.execute(
            f"DELETE FROM unit AS u WHERE u.id BETWEEN ? AND ? {used}", (self._first_unit, self._last_unit)
        )
        self._report.units = cursor.rowcount

    def _keep(self, unit: int, period: str, item: str, line: int, imported: Value, present: Value) -> None:
        if unit not in self._names:
            row = self._store.execute("SELECT uscc, name FROM unit WHERE id = ?", (unit,)).fetchone()
            self._names[unit] = (str(row[0]), str(row[1]))
        self._report.kept.append(Kept(*self._names[unit], period, item, line, imported, present))

    def _log(self, changes: list[Change]) -> None:
        """Records what is put back as a word of the import itself: no person has keyed it."""
        if changes:
            source = self._store.execute(f"SELECT max(id) FROM source WHERE batch = {self._batch}").fetchone()[0]
            self._store.log(changes, who=self._who, reason=f"{IMPORT}:{self._batch}", source=source)


def _blank(form: Form) -> str:
    return " AND ".join(f"{quote(item.name)} IS NULL" for item in form.items if not item.computed)
