"""Units that several senders return (重复上报): each sender's answers are kept, one of them is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from survey import claim, conflicts, duplicates, enclosuretaking
from survey.claim import WITHDRAWN, ClaimRow
from survey.errors import SurveyError
from survey.form import Form
from survey.intake import Intake
from survey.persons import permit
from survey.received import Received, standing
from survey.scalar import Value
from survey.store import Store, now, place_text
from survey.taking import Rows
from survey.words import Words


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
    name, rows = claim.read(store, received.id, uscc)
    found = Claim(received.sender, received, name)
    for form_id, period, line, _, values in rows:
        for item, value in zip(store.scheme.form(form_id).items, values, strict=True):
            if value is not None:
                found.answers[period, place_text(item.name, line)] = value
    return found


def settle(store: Store, codes: Sequence[str], sender: str, period: str, *, who: str = "", reason: str = "") -> None:
    """Decides that some units are counted where `sender` returns them, all or none; what the city has written stays.

    Raises SurveyError `no_claim` where that sender does not return one of them.
    """
    permit(store, "merge")
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
    permit(store, "merge")
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
        name, rows = claim.read(store, received.id, uscc)
        for form in store.scheme.forms_of("unit"):
            own = [row for row in rows if row[0] == form.id]
            if own:
                intake.take(_rows(form, uscc, name, own, district or ""))
    intake.finish()
    units = store.find_units(codes)
    give(store, units, received.sender)
    store.executemany("DELETE FROM listing WHERE unit = ?", [(unit,) for unit in units])
    conflicts.keep(store, received.id, intake.outcome)
    _extend(store, received, intake)


def give(store: Store, units: Sequence[int], sender: str) -> None:
    """Units are counted at a sender; their district is the sender's, or the one they answer themselves."""
    district = district_of(store, sender)
    form = store.scheme.form_of("district")
    said = (
        f"(SELECT f.district FROM response r JOIN {form.table} f ON f.response = r.id"
        " WHERE r.period = ?3 AND r.unit = unit.id)"
    )
    store.executemany(
        f"UPDATE unit SET sender = ?1, district = coalesce(?2, {said}, district),"
        f" kind = CASE kind WHEN '{WITHDRAWN}' THEN 'unit' ELSE kind END WHERE id = ?4",
        [(sender, district, store.period, unit) for unit in units],
    )


def statuses_of(*, draft: bool) -> tuple[tuple[str, ...], str]:
    """Which statuses a return changes of what it tells of, and to which."""
    return (("submitted",), "in_progress") if draft else (("in_progress", "returned"), "submitted")


def _extend(store: Store, received: Received, intake: Intake) -> None:
    """Responses begun from a claim are the return's, undoing it takes them out; what it tells of has its status."""
    first, last = intake.new_responses
    store.executemany(
        "INSERT INTO batch_response SELECT batch, ? FROM merge WHERE id = ? AND batch IS NOT NULL",
        [(one, received.id) for one in range(first, last + 1)],
    )
    if store.is_city:
        codes = [uscc for uscc, period in intake.outcome.seen if period == received.period]
        before, after = statuses_of(draft=bool(received.draft))
        store.executemany(
            "UPDATE response SET status = ?, reason = '' WHERE period = ? AND unit = ?"
            f" AND status IN ({', '.join('?' * len(before))})",
            [(after, received.period, unit, *before) for unit in store.find_units(codes)],
        )


def _rows(form: Form, uscc: str, name: str, rows: Sequence[ClaimRow], district: str) -> Rows:
    columns = {item.name: [row[4][at] for row in rows] for at, item in enumerate(form.items)}
    keys = [(uscc, row[1]) for row in rows]
    lines = [row[2] for row in rows] if form.is_list else []
    return Rows(keys, [row[3] for row in rows], columns, [district] * len(rows), [name] * len(rows), lines)
