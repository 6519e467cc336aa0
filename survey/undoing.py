"""An import undone as a whole: what it changed is put back, what it brought goes, what was changed since is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from survey import duplicates, journal, responses
from survey.batches import UNDONE
from survey.cells import refresh_all
from survey.errors import SurveyError
from survey.form import Item
from survey.history import IMPORT
from survey.persons import permit
from survey.responses import WORKED_ON, blank_row
from survey.scalar import Value
from survey.sql import literal, quote
from survey.store import Change, Store, now, place_of, place_text

_ABOUT_UNITS = ("note", "unit_link", "second_unit", "second_entry", "second_cell")
_REGISTER = ("uscc", "name", "district")


@dataclass(frozen=True)
class Kept:
    """A cell that was not put back: somebody has changed or confirmed it since the import."""

    uscc: str
    name: str
    period: str
    item: str
    line: int
    imported: Value
    now: Value


@dataclass
class UndoReport:
    """What undoing an import did: cells put back, units and responses taken out, cells that were kept.

    `lost` counts cells of items that the scheme has no longer, `sent` the responses that had gone out in a return.
    `passed` are the files of the sender's returns that came too late to stand, and may stand now if they are taken
    again.
    """

    restored: int = 0
    units: int = 0
    responses: int = 0
    kept: list[Kept] = field(default_factory=list)
    lost: int = 0
    sent: int = 0
    passed: tuple[str, ...] = ()


def undo(store: Store, batch: int, *, who: str = "", dry_run: bool = False, returned: bool = False) -> UndoReport:
    """Puts back what an import changed and takes out what it brought; what was changed since is kept and told.

    What a return brought (`returned`) is undone by `merge.undo` only. Raises SurveyError `no_batch`, `batch_undone`,
    and `batch_later` or `return_later` where a later import or return that stands has answers of the same units:
    that one is undone first.
    """
    permit(store, "merge" if returned else "edit")
    row = store.execute(
        "SELECT undone FROM batch WHERE id = ? AND (?2 OR id NOT IN (SELECT batch FROM merge WHERE batch IS NOT NULL))",
        (batch, returned),
    ).fetchone()
    if row is None:
        raise SurveyError("no_batch", number=batch)
    if row[0]:
        raise SurveyError("batch_undone", number=batch, at=row[0][:16].replace("T", " "))
    report = UndoReport()
    with store.atomic(keep=not dry_run):
        _Undo(store, batch, who, report, returned=returned).run()
        if not returned:
            journal.record(store, "undone", what="import", number=batch)
    return report


class _Undo:
    def __init__(self, store: Store, batch: int, who: str, report: UndoReport, *, returned: bool) -> None:
        self._store = store
        self._returned = returned
        self._batch = batch
        self._who = who
        self._report = report
        self._own = f"(SELECT id FROM source WHERE batch = {batch})"
        self._begun = (
            "(SELECT r.id FROM response r JOIN batch b ON r.id BETWEEN b.first_response AND b.last_response"
            f" WHERE b.id = {batch} UNION SELECT response FROM batch_response WHERE batch = {batch})"
        )
        facts = store.execute("SELECT period, first_unit, last_unit FROM batch WHERE id = ?", (batch,)).fetchone()
        self._period, self._first_unit, self._last_unit = facts
        self._touched: set[str] = set()
        self._names: dict[int, tuple[str, str]] = {}

    def run(self) -> None:
        self._refuse_covered()
        self._report.sent = self._sent()
        self._begin_again()
        self._put_back()
        self._take_out()
        self._forget_units()
        self._withdraw_named()
        self._statuses_back()
        self._store.execute("UPDATE batch SET undone = ?, undone_by = ? WHERE id = ?", (now(), self._who, self._batch))
        duplicates.mark(self._store)
        refresh_all(self._store, self._touched or {self._period})

    @property
    def _mine(self) -> str:
        """The responses that the import has begun or changed."""
        return f"(SELECT response FROM batch_row WHERE batch = {self._batch} UNION SELECT * FROM {self._begun})"

    def _refuse_covered(self) -> None:
        row = self._store.execute(
            "SELECT max(b.id) FROM batch_row r JOIN batch b ON b.id = r.batch WHERE b.id > ? AND b.undone = ''"
            f" AND r.response IN {self._mine}",
            (self._batch,),
        ).fetchone()
        if row[0] is not None:
            returned = self._store.execute(
                "SELECT s.name FROM merge m JOIN source s ON s.id = m.source WHERE m.batch = ?", (row[0],)
            ).fetchone()
            if returned:
                raise SurveyError("return_later", name=returned[0])
            raise SurveyError("batch_later", number=self._batch, later=row[0])
        if not self._returned:
            self._refuse_returned()

    def _refuse_returned(self) -> None:
        """A unit that an import began may have been returned since, without a word that differs."""
        row = self._store.execute(
            "SELECT s.name FROM merge m JOIN source s ON s.id = m.source JOIN merge_member k ON k.merge = m.id"
            " JOIN unit u ON u.uscc = k.uscc JOIN response r ON r.unit = u.id"
            f" WHERE m.state = 'accepted' AND m.batch > ? AND r.id IN {self._begun} LIMIT 1",
            (self._batch,),
        ).fetchone()
        if row:
            raise SurveyError("return_later", name=row[0])

    def _sent(self) -> int:
        query = f"SELECT count(*) FROM response WHERE status IN ('submitted', 'accepted') AND id IN {self._mine}"
        return int(self._store.execute(query).fetchone()[0])

    # Units that were known before

    def _begin_again(self) -> None:
        """Responses that were forgotten because nothing of them was left, where nobody has begun them since."""
        self._store.execute(
            "INSERT OR IGNORE INTO response (id, unit, period, status, reason)"
            f" SELECT response, unit, period, status, reason FROM batch_forgotten WHERE batch = {self._batch}"
        )

    def _put_back(self) -> None:
        """The cells of known responses as they were; rows that the import added to them go."""
        first: dict[tuple[int, str, str], Value] = {}
        last: dict[tuple[int, str, str], tuple[Value, int]] = {}
        for unit, period, place, old, new, response in self._store.execute(
            "SELECT c.unit, c.period, c.item, c.old, c.new, r.id FROM change c JOIN response r ON r.unit = c.unit"
            f" AND r.period = c.period WHERE c.source IN {self._own} AND r.id NOT IN {self._begun} ORDER BY c.id"
        ).fetchall():
            first.setdefault((unit, period, place), old)
            last[unit, period, place] = new, response
        since = self._since(f"c.unit IN (SELECT unit FROM change WHERE source IN {self._own})")
        changes = []
        for (unit, period, place), old in first.items():
            imported, response = last[unit, period, place]
            if change := self._restored(unit, period, place, imported, old, response, since):
                changes.append(change)
        self._log(changes)
        self._report.restored += len(changes)
        self._rows_back()

    def _since(self, where: str) -> dict[tuple[int, str, str], Value]:
        """The cells that others had the last word about, with what they hold; an undone import never had a word."""
        found: dict[tuple[int, str, str], Value] = {}
        rows = self._store.execute(
            f"SELECT c.unit, c.period, c.item, c.new, c.source IN {self._own}, max(c.id) FROM change c WHERE {where}"
            f" AND (c.source IS NULL OR c.source NOT IN {UNDONE}) GROUP BY c.unit, c.period, c.item"
        )
        for unit, period, place, new, own, _ in rows:
            if not own:
                found[unit, period, place] = new
        return found

    def _restored(
        self,
        unit: int,
        period: str,
        place: str,
        imported: Value,
        old: Value,
        response: int,
        since: dict[tuple[int, str, str], Value],
    ) -> Change | None:
        """Puts a cell back where the import had the last word about it."""
        name, line = place_of(place)
        item = self._store.scheme.items.get(name)
        if item is None:
            self._report.lost += 1
            return None
        if (unit, period, place) in since:
            self._keep(unit, period, name, line, imported, since[unit, period, place])
            return None
        form = self._store.scheme.form(item.form)
        where, key = _row(response, line)
        self._touched.add(period)
        if self._store.execute(f"SELECT 1 FROM {form.table} WHERE {where}", key).fetchone() is None:
            if old is None:
                return None
            # The import had emptied the row. Until `_rows_back` tells where that had come from it is the import's.
            columns, marks = ("response, line", "?, ?") if line else ("response", "?")
            self._store.execute(
                f"INSERT INTO {form.table} ({columns}, source) VALUES ({marks}, (SELECT min(id) FROM {self._own}))", key
            )
        self._store.execute(f"UPDATE {form.table} SET {quote(name)} = ? WHERE {where}", (old, *key))
        return Change(unit, item, period, imported, old, line)

    def _rows_back(self) -> None:
        """Rows with the source they had; those that the import added go where nothing is left in them."""
        rows = self._store.execute(
            "SELECT form, response, line, inserted, source, source_row FROM batch_row WHERE batch = ?", (self._batch,)
        ).fetchall()
        for form_id, response, line, inserted, source, number in rows:
            form = self._store.scheme.form(form_id)
            where, key = _row(response, line)
            if inserted:
                self._store.execute(f"DELETE FROM {form.table} WHERE {where} AND {blank_row(form)}", key)
            self._store.execute(
                f"UPDATE {form.table} SET source = ?, source_row = ? WHERE {where} AND source IN {self._own}",
                (source, number, *key),
            )

    # What the import began

    def _take_out(self) -> None:
        """The responses that the import began, as far as nobody has worked on them since."""
        worked_on = self._worked_on()
        for response, unit, period in self._store.execute(
            f"SELECT id, unit, period FROM response WHERE id IN {self._begun}"
        ).fetchall():
            self._touched.add(period)
            if response in worked_on:
                self._empty(response, unit, period)
                continue
            responses.drop(self._store, response)
            self._report.responses += 1

    def _worked_on(self) -> set[int]:
        """The responses that somebody has changed, explained or asked about since the import."""
        found = self._store.execute(
            "SELECT DISTINCT r.id FROM change c JOIN response r ON r.unit = c.unit AND r.period = c.period"
            f" WHERE r.id IN {self._begun} AND (c.source IS NULL OR c.source NOT IN {self._own})"
            f" AND (c.source IS NULL OR c.source NOT IN {UNDONE})"
        ).fetchall()
        for table in WORKED_ON:
            found += self._store.execute(
                f"SELECT DISTINCT response FROM {table} WHERE response IN {self._begun}"
            ).fetchall()
        return {row[0] for row in found}

    def _empty(self, response: int, unit: int, period: str) -> None:
        """Blanks what the import brought to a response that somebody has worked on; what was changed since is kept."""
        since = self._since(f"c.unit = {unit} AND c.period = {literal(period)}")
        changes: list[Change] = []
        for place, item, value in list(self._cells(response)):
            name, line = place_of(place)
            if (unit, period, place) in since:
                self._keep(unit, period, name, line, None, value)
            elif name not in _REGISTER:
                where, key = _row(response, line)
                table = self._store.scheme.form(item.form).table
                self._store.execute(f"UPDATE {table} SET {quote(name)} = NULL WHERE {where}", key)
                changes.append(Change(unit, item, period, value, None, line))
        for form in self._store.scheme.forms:
            self._store.execute(f"DELETE FROM {form.table} WHERE response = ? AND {blank_row(form)}", (response,))
        self._log(changes)
        self._report.restored += len(changes)

    def _cells(self, response: int) -> Iterator[tuple[str, Item, Value]]:
        """The filled cells of a response: place, item, value."""
        for form in self._store.scheme.forms:
            items = [item for item in form.items if not item.computed]
            names = ", ".join(quote(item.name) for item in items)
            line = "line" if form.is_list else "0"
            rows = self._store.execute(f"SELECT {line}, {names} FROM {form.table} WHERE response = ?", (response,))
            for at, *values in rows.fetchall():
                for item, value in zip(items, values, strict=True):
                    if value is not None:
                        yield place_text(item.name, at), item, value

    def _forget_units(self) -> None:
        """The units that the import brought into the register, where nothing is left of them; and names as they were.

        Of whom the record of changes speaks must stay for its sake, under no code that anybody looks for.
        """
        names = self._store.execute("SELECT unit, name FROM batch_name WHERE batch = ?", (self._batch,)).fetchall()
        for unit, name in names:
            self._store.name_unit(unit, "name", name)
        left = " AND ".join(
            f"NOT EXISTS (SELECT 1 FROM {table} t WHERE t.unit = unit.id)" for table in ("response", *_ABOUT_UNITS)
        )
        span = f"id BETWEEN {self._first_unit} AND {self._last_unit} AND kind IN ('unit', 'duplicate') AND {left}"
        told = "EXISTS (SELECT 1 FROM change c WHERE c.unit = unit.id)"
        self._report.units = self._store.execute(f"DELETE FROM unit WHERE {span} AND NOT {told}").rowcount
        self._report.units += self._store.execute(
            f"UPDATE unit SET kind = 'gone', uscc = uscc || '#' || id WHERE {span}"
        ).rowcount

    def _withdraw_named(self) -> None:
        """Units that only registers had named before the import spoke of them, and that none names any more."""
        rows = self._store.execute(
            "SELECT u.id FROM listing l JOIN unit u ON u.id = l.unit WHERE u.kind = 'unit' AND u.sender = ''"
        ).fetchall()
        for (unit,) in rows:
            left = responses.of_unit(self._store, unit).values()
            if all(responses.is_empty(self._store, one) for one in left):
                self._store.execute("UPDATE unit SET kind = 'withdrawn' WHERE id = ?", (unit,))
                self._store.execute("DELETE FROM listing WHERE unit = ?", (unit,))

    def _statuses_back(self) -> None:
        """What was said of responses before, where nobody has gone on with them since."""
        returned = self._store.execute("SELECT 1 FROM merge WHERE batch = ?", (self._batch,)).fetchone()
        kept = {(one.uscc, one.period) for one in self._report.kept}
        rows = self._store.execute(
            "SELECT s.response, s.status, s.reason, u.uscc, r.period FROM batch_status s JOIN response r"
            " ON r.id = s.response JOIN unit u ON u.id = r.unit WHERE s.batch = ? AND r.status = ?",
            (self._batch, "submitted" if returned else "in_progress"),
        ).fetchall()
        self._store.executemany(
            "UPDATE response SET status = ?, reason = ? WHERE id = ?",
            [(status, reason, response) for response, status, reason, *key in rows if tuple(key) not in kept],
        )

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


def _row(response: int, line: int) -> tuple[str, tuple[int, ...]]:
    """The condition of a row, and what stands in its places."""
    return ("response = ? AND line = ?", (response, line)) if line else ("response = ?", (response,))
