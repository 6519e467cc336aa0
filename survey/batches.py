"""Imports as a whole: what each of them brought."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from survey.importreport import ImportReport
from survey.intake import Intake
from survey.record import DISPOSALS
from survey.store import Store, now
from survey.taking import Key

# The files of imports that were undone, as SQL.
UNDONE = "(SELECT s.id FROM source s JOIN batch b ON b.id = s.batch WHERE b.undone <> '')"


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


def begin(store: Store, who: str, period: str) -> int:
    """A new import, in the open transaction; gives its number."""
    found = store.execute(
        "INSERT INTO batch (at, who, period, files, new, changed, identical, rejected, collisions, first_unit,"
        " last_unit, first_response, last_response, last_change) VALUES (?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
        (now(), who, period),
    ).lastrowid
    assert found is not None
    return found


def taken_before(store: Store, sha256: str, source: int) -> bool:
    """Whether this very file was taken before, in an import that stands."""
    row = store.execute(
        f"SELECT 1 FROM source WHERE sha256 = ? AND id <> ? AND id NOT IN {UNDONE} LIMIT 1", (sha256, source)
    ).fetchone()
    return row is not None


def reopen(store: Store, batch: int, keys: Collection[Key]) -> list[tuple[str, str, str]]:
    """Responses that got other answers: what was said of them holds no longer, and is kept with the import.

    Gives the units among them that had been set aside: code, name, status.
    """
    revived = []
    for uscc, period in keys:
        row = store.execute(
            "SELECT r.id, r.status, r.reason, u.name FROM response r JOIN unit u ON u.id = r.unit"
            " WHERE r.period = ? AND u.uscc = ? AND r.status <> 'in_progress'",
            (period, uscc),
        ).fetchone()
        if row is None:
            continue
        response, status, reason, name = row
        store.execute("INSERT OR IGNORE INTO batch_status VALUES (?, ?, ?, ?)", (batch, response, status, reason))
        store.execute("UPDATE response SET status = 'in_progress', reason = '' WHERE id = ?", (response,))
        if status in DISPOSALS:
            revived.append((uscc, str(name), str(status)))
    return revived


def finish(store: Store, batch: int, intake: Intake, report: ImportReport) -> int:
    """Ends an import; gives its number, or 0 where it changed nothing and so is none."""
    if not report.effects:
        store.execute("DELETE FROM batch WHERE id = ?", (batch,))
        return 0
    taken = sum(one.error is None for one in report.files)
    close(
        store,
        batch,
        intake,
        (taken, report.new, report.changed, report.identical, report.rejected, len(report.collisions)),
    )
    return batch


def close(store: Store, batch: int, intake: Intake, counts: tuple[int, int, int, int, int, int]) -> None:
    """Records what an import or a return brought: files, new, changed, identical, rejected, collisions; and its ids."""
    last_change = store.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
    store.execute(
        "UPDATE batch SET files = ?, new = ?, changed = ?, identical = ?, rejected = ?, collisions = ?, first_unit = ?,"
        f" last_unit = ?, first_response = ?, last_response = ?, last_change = ? WHERE id = {batch}",
        (*counts, *intake.new_units, *intake.new_responses, last_change),
    )


def listed(store: Store) -> list[BatchLine]:
    """The imports, the latest first; returns that were merged are not among them."""
    names: dict[int, list[str]] = {}
    for batch, name in store.execute("SELECT batch, name FROM source WHERE batch IS NOT NULL ORDER BY id"):
        names.setdefault(batch, []).append(name)
    rows = store.execute(
        "SELECT id, at, who, period, new, changed, undone FROM batch"
        " WHERE id NOT IN (SELECT batch FROM merge WHERE batch IS NOT NULL) ORDER BY id DESC"
    )
    return [
        BatchLine(id_, at, who, period, tuple(names.get(id_, ())), new, changed, undone)
        for id_, at, who, period, new, changed, undone in rows
    ]
