"""Units whose sender names them and has no answers any more: what was answered of them before counts no longer."""

from __future__ import annotations

from collections.abc import Sequence

from survey import claim
from survey.intake import Intake
from survey.received import ACCEPTED, Received
from survey.store import Store
from survey.words import Words


def vacate(store: Store, received: Received, codes: Sequence[str]) -> None:
    """Empties units that a return only names, in the open transaction; what this desk has written itself stays.

    What an earlier return had said of them is kept with that return, which may stand again, and the record of changes
    tells what was emptied.
    """
    words = Words(store)
    for uscc in codes:
        _keep(store, words, uscc)
    intake = Intake(store, blanks=True, words=words, sender=received.sender)
    intake.begin(received.source)
    intake.clear(codes)
    intake.finish()


def _keep(store: Store, words: Words, uscc: str) -> None:
    row = store.execute(
        "SELECT m.id FROM unit u JOIN merge m ON m.district = u.sender JOIN merge_member k ON k.merge = m.id"
        " AND k.uscc = u.uscc WHERE u.uscc = ? AND m.period = ? AND m.state = ? ORDER BY m.id DESC LIMIT 1",
        (uscc, store.period, ACCEPTED),
    ).fetchone()
    if row and not store.execute("SELECT 1 FROM claim WHERE merge = ? AND uscc = ?", (row[0], uscc)).fetchone():
        claim.write(store, row[0], uscc, *claim.of_present(store, words, uscc))
