"""The returns that have come in: which of each sender stands, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass

from survey.store import Store

ACCEPTED, SUPERSEDED, REJECTED, UNDONE = "accepted", "superseded", "rejected", "undone"

_COLUMNS = (
    "m.id, m.source, s.name, s.path, s.sha256, m.district, m.period, m.sequence, m.digest, m.parent, m.created, m.at,"
    " m.who, m.draft, m.state, m.reason, m.units, m.new, m.changed, m.identical, m.withdrawn, m.left_out, m.conflicts,"
    " m.signer"
)
_STANDING = "m.state = 'accepted' AND m.district = ? AND m.period = ? ORDER BY m.sequence DESC, m.id DESC LIMIT 1"


@dataclass(frozen=True)
class Received:
    """A return as it was received: the file, who sent it, what it says of itself, what became of it.

    `created` is when the sender wrote it, `at` when it came in; the counts are units, `conflicts` what was left open;
    `signer` is the public key that signed it, '' where none did.
    """

    id: int
    source: int
    name: str
    path: str
    sha256: str
    sender: str
    period: str
    sequence: int
    digest: str
    parent: str
    created: str
    at: str
    who: str
    draft: int
    state: str
    reason: str
    units: int
    new: int
    changed: int
    identical: int
    withdrawn: int
    left_out: int
    conflicts: int
    signer: str


def current(store: Store, sender: str, period: str) -> Received | None:
    """The return of a sender that stands: of those accepted and not undone the one with the highest number."""
    row = store.execute(
        f"SELECT {_COLUMNS} FROM merge m JOIN source s ON s.id = m.source WHERE {_STANDING}", (sender, period)
    ).fetchone()
    return Received(*row) if row else None


def last_signed(store: Store, sender: str) -> Received | None:
    """The return of a sender, of any period, that came in last with a signature; undone ones and late ones aside."""
    row = store.execute(
        f"SELECT {_COLUMNS} FROM merge m JOIN source s ON s.id = m.source WHERE m.district = ? AND m.signer <> ''"
        " AND m.state IN (?, ?) ORDER BY m.id DESC LIMIT 1",
        (sender, ACCEPTED, REJECTED),
    ).fetchone()
    return Received(*row) if row else None


def listed(store: Store, period: str) -> list[Received]:
    """All returns of a period, the latest first."""
    rows = store.execute(
        f"SELECT {_COLUMNS} FROM merge m JOIN source s ON s.id = m.source WHERE m.period = ? ORDER BY m.id DESC",
        (period,),
    )
    return [Received(*row) for row in rows]


def standing(store: Store, period: str) -> dict[str, Received]:
    """The return that stands, by sender."""
    found: dict[str, Received] = {}
    for one in sorted(listed(store, period), key=lambda one: (one.sequence, one.id)):
        if one.state == ACCEPTED:
            found[one.sender] = one
    return found
