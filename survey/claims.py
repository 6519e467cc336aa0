"""Units that several senders return (重复上报): each sender's answers are kept, one of them is counted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from survey import conflicts, duplicates, enclosuretaking
from survey.errors import SurveyError
from survey.form import Form
from survey.formintake import Rows
from survey.intake import Intake
from survey.received import Received, standing
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store, now, place_text
from survey.words import Words

# A row of a claim: form, period, line, row of the return's sheet, values in the order of the form's items.
ClaimRow: TypeAlias = tuple[str, str, int, int, Sequence[Value]]
# What a unit is that its sender no longer returns.
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Claim:
    """What one sender says of a unit: the return it stands in, and its answers by (period, place)."""

    sender: str
    received: Received
    name: str
    answers: dict[tuple[str, str], Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Contested:
    """A unit with the claims of its senders; `decided` is whether a person has said which is counted."""

    uscc: str
    name: str
    counted: str
    decided: bool
    claims: tuple[Claim, ...]


class Claims:
    """Who claims what, at the moment this is made."""

    def __init__(self, store: Store, period: str) -> None:
        self._store = store
        self._order = {code: at for at, code in enumerate(store.scheme.districts.codes)}
        self.standing = standing(store, period)
        self._decided: dict[str, str] = dict(store.execute("SELECT uscc, sender FROM counted"))
        self._senders: dict[str, set[str]] = defaultdict(set)
        by_merge = {one.id: sender for sender, one in self.standing.items()}
        for merge, uscc in store.execute("SELECT merge, uscc FROM claim"):
            if merge in by_merge:
                self._senders[uscc].add(by_merge[merge])

    @property
    def contested(self) -> list[str]:
        """The codes that more than one sender claims."""
        return sorted(uscc for uscc, senders in self._senders.items() if len(senders) > 1)

    @property
    def claimed(self) -> Collection[str]:
        """The codes of which a claim is kept."""
        return self._senders.keys()

    def senders(self, uscc: str) -> set[str]:
        """Who claims a unit, as far as claims are kept."""
        return set(self._senders.get(uscc, ()))

    def decision(self, uscc: str) -> str:
        """Whom a person has decided for, or ''."""
        return self._decided.get(uscc, "")

    def winner(self, uscc: str, senders: Iterable[str]) -> str:
        """Who of some senders is counted: whom a person decided for, else who stands first among the districts."""
        among = sorted(senders, key=lambda one: (self._order.get(one, len(self._order)), one))
        decided = self._decided.get(uscc)
        return decided if decided in among else among[0]


def listed(store: Store, period: str, only: Collection[str] = ()) -> list[Contested]:
    """The units that several senders return, or `only` some of them, with what each says."""
    claims = Claims(store, period)
    found = []
    for uscc in claims.contested if not only else sorted(set(only) & set(claims.contested)):
        unit = store.execute("SELECT sender FROM unit WHERE uscc = ?", (uscc,)).fetchone()
        sides = [_claim(store, claims.standing[sender], uscc) for sender in sorted(claims.senders(uscc))]
        decided = claims.decision(uscc) in claims.senders(uscc)
        found.append(Contested(uscc, sides[0].name, str(unit[0]) if unit else "", decided, tuple(sides)))
    return found


def _claim(store: Store, received: Received, uscc: str) -> Claim:
    name, rows = read(store, received.id, uscc)
    claim = Claim(received.sender, received, name)
    for form_id, period, line, _, values in rows:
        for item, value in zip(store.scheme.form(form_id).items, values, strict=True):
            if value is not None:
                claim.answers[period, place_text(item.name, line)] = value
    return claim


def read(store: Store, merge: int, uscc: str) -> tuple[str, list[ClaimRow]]:
    """What a return says of a unit that others return too: the name, and the rows."""
    name, body = store.execute("SELECT name, body FROM claim WHERE merge = ? AND uscc = ?", (merge, uscc)).fetchone()
    return str(name), [tuple(row) for row in json.loads(body)]


def write(store: Store, merge: int, uscc: str, name: str, rows: Sequence[ClaimRow]) -> None:
    """Keeps what a return says of a unit."""
    store.execute(
        "INSERT OR REPLACE INTO claim (merge, uscc, name, body) VALUES (?, ?, ?, ?)",
        (merge, uscc, name, json.dumps(rows, ensure_ascii=False, separators=(",", ":"))),
    )


def of_present(store: Store, words: Words, uscc: str) -> tuple[str, list[ClaimRow]]:
    """What the present sender of a unit says of it, as it was sent: its name, and the rows."""
    unit, name = store.execute("SELECT id, name FROM unit WHERE uscc = ?", (uscc,)).fetchone()
    rows: list[ClaimRow] = []
    # By period and unit there is an index, by the unit alone there is none.
    begun = [
        (period, found[0])
        for period in reversed(store.periods())
        if (found := store.execute("SELECT id FROM response WHERE period = ? AND unit = ?", (period, unit)).fetchone())
    ]
    for form in store.scheme.forms_of("unit"):
        line = "line" if form.is_list else "0"
        names = ", ".join(quote(item.name) for item in form.items)
        sql = f"SELECT {line}, coalesce(source_row, 0), {names} FROM {form.table} WHERE response = ? ORDER BY 1"
        for period, response in begun:
            said = words.of(unit, period)
            for at, number, *values in store.execute(sql, (response,)).fetchall():
                sent = [
                    said.get(place_text(item.name, at), value) for item, value in zip(form.items, values, strict=True)
                ]
                rows.append((form.id, period, at, number, sent))
    return str(name), rows


def settle(store: Store, codes: Sequence[str], sender: str, period: str, *, who: str = "", reason: str = "") -> None:
    """Decides that some units are counted where `sender` returns them, all or none; what the city has written stays.

    Raises SurveyError `no_claim` where that sender does not return one of them.
    """
    with store.atomic():
        claims = Claims(store, period)
        for uscc in codes:
            if sender not in claims.senders(uscc):
                raise SurveyError("no_claim", uscc=uscc, district=store.scheme.districts.label(sender))
        store.executemany(
            "INSERT OR REPLACE INTO counted (uscc, sender, who, at, reason) VALUES (?, ?, ?, ?, ?)",
            [(uscc, sender, who, now(), reason) for uscc in codes],
        )
        assign(store, Claims(store, period), codes, who=who)
        enclosuretaking.apply(store, period)
        duplicates.mark(store)


def reopen(store: Store, codes: Sequence[str], period: str, *, who: str = "") -> None:
    """Takes decisions about units back: they are counted where they were without them."""
    with store.atomic():
        store.executemany("DELETE FROM counted WHERE uscc = ?", [(uscc,) for uscc in codes])
        assign(store, Claims(store, period), codes, who=who)
        enclosuretaking.apply(store, period)
        duplicates.mark(store)


def assign(store: Store, claims: Claims, codes: Iterable[str], *, who: str = "", again: bool = False) -> None:
    """Brings units to who is counted now, from the claims that are kept, in the open transaction.

    With `again` also those that are counted there already: what another return had brought of them may be gone. A unit
    that nobody claims any longer is withdrawn: its answers stay in the file and count for nothing.
    """
    senders = dict(store.execute("SELECT uscc, sender FROM unit").fetchall())
    by_sender: dict[str, list[str]] = defaultdict(list)
    for uscc in codes:
        among = claims.senders(uscc)
        if not among:
            continue
        winner = claims.winner(uscc, among)
        if again or senders.get(uscc) != winner or not _counts(store, uscc):
            by_sender[winner].append(uscc)
    for sender, own in by_sender.items():
        _take(store, claims.standing[sender], own, who)


def district_of(store: Store, sender: str) -> str | None:
    """The district of the units that a sender returns; None where only they themselves say."""
    return store.district or (sender if sender in store.scheme.districts.codes else None)


def _counts(store: Store, uscc: str) -> bool:
    row = store.execute("SELECT kind FROM unit WHERE uscc = ?", (uscc,)).fetchone()
    return row is not None and row[0] != WITHDRAWN


def _take(store: Store, received: Received, codes: Sequence[str], who: str) -> None:
    """The answers of units as one sender claims them."""
    district = district_of(store, received.sender)
    intake = Intake(store, who=who, blanks=True, words=Words(store), sender=received.sender)
    intake.begin(received.source)
    for uscc in codes:
        name, rows = read(store, received.id, uscc)
        for form in store.scheme.forms_of("unit"):
            own = [row for row in rows if row[0] == form.id]
            if own:
                intake.take(_rows(form, uscc, name, own, district or ""))
    intake.finish()
    store.executemany(
        "UPDATE unit SET sender = ?, district = coalesce(?, district),"
        " kind = CASE kind WHEN 'withdrawn' THEN 'unit' ELSE kind END WHERE uscc = ?",
        [(received.sender, district, uscc) for uscc in codes],
    )
    conflicts.keep(store, received.id, intake.outcome)
    _extend(store, received, intake)


def _extend(store: Store, received: Received, intake: Intake) -> None:
    """Responses begun from a claim are the return's: undoing it takes them out, and they have its status."""
    first, last = intake.new_responses
    begun = range(first, last + 1)
    store.executemany(
        "INSERT INTO batch_response SELECT batch, ? FROM merge WHERE id = ? AND batch IS NOT NULL",
        [(one, received.id) for one in begun],
    )
    if store.is_city and not received.draft:
        store.executemany(
            "UPDATE response SET status = 'submitted' WHERE id = ? AND period = ? AND status = 'in_progress'",
            [(one, received.period) for one in begun],
        )


def _rows(form: Form, uscc: str, name: str, rows: Sequence[ClaimRow], district: str) -> Rows:
    columns = {item.name: [row[4][at] for row in rows] for at, item in enumerate(form.items)}
    keys = [(uscc, row[1]) for row in rows]
    lines = [row[2] for row in rows] if form.is_list else []
    return Rows(keys, [row[3] for row in rows], columns, [district] * len(rows), [name] * len(rows), lines)
