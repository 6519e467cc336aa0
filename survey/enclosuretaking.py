"""What came beside the answers of the returns that stand, brought into the file: each call gives the same file.

Nothing is added up: what stands here is worked out from the returns that stand and from whom each unit is counted at.
What this desk has said itself is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from survey import enclosures, queries, received, responses
from survey.claim import WITHDRAWN
from survey.enclosure import ANSWERS, EXPLANATIONS, REGISTER, Answered, Explained, Listed
from survey.errors import SurveyError
from survey.explanations import EXPLAINABLE, check_text
from survey.initials import initials
from survey.received import ACCEPTED, Received
from survey.record import DISPOSALS
from survey.responses import NEXT
from survey.store import Store
from survey.vacating import vacate
from survey.words import RETURN

_RETURNS = f"(SELECT id FROM source WHERE kind = '{RETURN}')"

# Explanations as they are kept, text, who, at, facts, by response and check.
_Explained: TypeAlias = dict[tuple[int, str], tuple[str, ...]]


@dataclass(frozen=True)
class Applied:
    """What is new: explanations, answers to queries, units set aside, units known from the register alone."""

    explained: int = 0
    answered: int = 0
    aside: int = 0
    listed: int = 0


def apply(store: Store, period: str) -> Applied:
    """Brings explanations, answers, statuses and the register to what the returns that stand say."""
    nothing = store.execute("SELECT NOT EXISTS (SELECT 1 FROM enclosure)").fetchone()[0]
    if nothing:
        return Applied()
    taking = _Taking(store, period)
    listed = taking.list_units()
    aside = taking.set_aside()
    # Answers may explain what a check doubts.
    answered = taking.answer()
    return Applied(taking.explain(), answered, aside, listed)


def lift(store: Store, merge: int) -> None:
    """Takes out what returns brought to the units of a return, before that one is undone; `apply` brings it again."""
    units = (
        f"(SELECT u.id FROM unit u JOIN merge m ON m.id = {merge} WHERE u.sender = m.district"
        f" OR u.uscc IN (SELECT uscc FROM merge_member WHERE merge = {merge}))"
    )
    of_period = f"period = (SELECT period FROM merge WHERE id = {merge})"
    theirs = f"(SELECT id FROM response WHERE {of_period} AND unit IN {units})"
    store.execute(f"DELETE FROM explanation WHERE sent AND response IN {theirs}")
    for row in store.execute(f"SELECT * FROM aside WHERE response IN {theirs}").fetchall():
        _put_back(store, *row)


def is_listed(store: Store) -> set[str]:
    """The codes of the units that are known from the register alone."""
    return {row[0] for row in store.execute("SELECT uscc FROM unit WHERE id IN (SELECT unit FROM listing)")}


class _Taking:
    def __init__(self, store: Store, period: str) -> None:
        self._store = store
        self._period = period
        self._of_sender = received.standing(store, period)
        self._standing: Mapping[int, Received] = {one.id: one for one in self._of_sender.values()}
        order = {code: at for at, code in enumerate(store.scheme.districts.codes)}
        self._first = sorted(self._standing.values(), key=lambda one: (order.get(one.sender, len(order)), one.sender))
        # By the number of the query: what was answered, and in which file it came.
        self._answers: dict[int, tuple[Answered, int]] = {}

    def _register(self) -> Iterator[tuple[str, Listed]]:
        """What the registers say, who stands first among the senders first."""
        by_merge: dict[int, list[Listed]] = {}
        for one in enclosures.kept(self._store, self._standing, REGISTER):
            assert isinstance(one.row, Listed)
            by_merge.setdefault(one.merge, []).append(one.row)
        for received_ in self._first:
            yield from ((received_.sender, row) for row in by_merge.get(received_.id, ()))

    # The register

    def list_units(self) -> int:
        """Units that no return has answers of belong to who names them first."""
        store = self._store
        wanted: dict[str, tuple[str, Listed]] = {}
        for sender, row in self._register():
            if row.bare == "1":
                wanted.setdefault(row.uscc, (sender, row))
        before = is_listed(store)
        if not wanted and not before:
            return 0
        known: dict[str, tuple[int, str, str]] = {
            uscc: (unit, kind, owner)
            for uscc, unit, kind, owner in store.execute("SELECT uscc, id, kind, sender FROM unit")
        }
        self._vacate(
            {uscc: sender for uscc, (sender, _) in wanted.items() if known.get(uscc, ("", ""))[1] == WITHDRAWN}
        )
        new = 0
        for uscc, (sender, row) in wanted.items():
            found = known.get(uscc)
            if found is None or found[1] == WITHDRAWN or uscc in before or self._empty(*found, sender):
                self._list(uscc, sender, row, found[0] if found else None)
                new += uscc not in before
        for uscc in before - wanted.keys():
            self._unlist(known[uscc][0])
        return new

    def _vacate(self, senders: Mapping[str, str]) -> None:
        """What was said of withdrawn units, by code who names them now, counts no longer."""
        for sender in sorted(set(senders.values())):
            vacate(self._store, self._of_sender[sender], [uscc for uscc, one in senders.items() if one == sender])

    def _unlist(self, unit: int) -> None:
        """A unit that no register names any more is withdrawn, but one of which this desk has answers is its own."""
        store = self._store
        own = any(not responses.is_empty(store, one) for one in responses.of_unit(store, unit).values())
        if own:
            # It stays on record that nothing else speaks for it.
            store.execute("UPDATE unit SET kind = 'unit', sender = '' WHERE id = ?", (unit,))
            return
        store.execute("UPDATE unit SET kind = ? WHERE id = ?", (WITHDRAWN, unit))
        store.execute("DELETE FROM listing WHERE unit = ?", (unit,))

    def _empty(self, unit: int, kind: str, owner: str, sender: str) -> bool:
        """Whether a unit is this sender's and nothing is known of it."""
        return (kind, owner) == ("unit", sender) and not responses.of_unit(self._store, unit)

    def _list(self, uscc: str, sender: str, row: Listed, unit: int | None) -> None:
        store = self._store
        district = store.district or (sender if sender in store.scheme.districts.codes else row.district)
        if unit is None:
            unit = store.execute(
                "INSERT INTO unit (uscc, name, district, kind, initials, sender) VALUES (?, ?, ?, 'unit', ?, ?)",
                (uscc, row.name, district, initials(row.name), sender),
            ).lastrowid
        else:
            store.execute(
                "INSERT OR IGNORE INTO merge_unit SELECT ?, id, kind, sender, district FROM unit WHERE id = ?"
                " AND kind = ?",
                (self._of_sender[sender].id, unit, WITHDRAWN),
            )
            store.execute(
                "UPDATE unit SET kind = 'unit', sender = ?, district = ? WHERE id = ?"
                " AND (kind, sender, district) IS NOT ('unit', ?, ?)",
                (sender, district, unit, sender, district),
            )
        store.execute("INSERT OR IGNORE INTO listing VALUES (?)", (unit,))

    # Units that have been set aside

    def set_aside(self) -> int:
        """The statuses of units that closed, cannot be reached or refuse; back to what they were where that is over."""
        store = self._store
        wanted: dict[int, tuple[str, str]] = {}
        for sender, row in self._register():
            if row.status and (unit := self._own(row.uscc, sender)):
                wanted[unit] = row.status, row.reason
        present = {unit: row for unit, *row in store.execute(
            "SELECT r.unit, a.* FROM aside a JOIN response r ON r.id = a.response WHERE r.period = ?", (self._period,)
        ).fetchall()}  # fmt: skip
        for unit, row in present.items():
            if wanted.get(unit) != (row[1], row[2]):
                _put_back(store, *row)
        return sum(self._set(unit, *wanted[unit]) for unit in wanted if _said(present.get(unit)) != wanted[unit])

    def _own(self, uscc: str, sender: str) -> int:
        """The unit where it is counted at this sender, 0 where not."""
        row = self._store.execute(
            "SELECT id FROM unit WHERE uscc = ? AND sender = ? AND kind <> 'withdrawn'", (uscc, sender)
        ).fetchone()
        return int(row[0]) if row else 0

    def _set(self, unit: int, status: str, reason: str) -> bool:
        store = self._store
        found = store.execute(
            "SELECT id, status, reason FROM response WHERE unit = ? AND period = ?", (unit, self._period)
        ).fetchone()
        if found is None:
            response = store.execute(
                f"INSERT INTO response (id, unit, period, status, reason) VALUES ({NEXT}, ?, ?, ?, ?)",
                (unit, self._period, status, reason),
            ).lastrowid
            store.execute("INSERT INTO aside VALUES (?, ?, ?, '', '')", (response, status, reason))
            return True
        response, former, former_reason = found
        if former in DISPOSALS:
            # This desk has set it aside itself.
            return False
        store.execute("UPDATE response SET status = ?, reason = ? WHERE id = ?", (status, reason, response))
        store.execute("INSERT INTO aside VALUES (?, ?, ?, ?, ?)", (response, status, reason, former, former_reason))
        return True

    # Explanations and answers

    def explain(self) -> int:
        """The explanations of units by who is counted, beside what this desk has explained itself."""
        wanted, present = self._wanted_explanations(), _Explained()
        for response, check, *said in self._store.execute(
            "SELECT e.response, e.check_code, e.text, e.who, e.at, e.facts FROM explanation e JOIN response r"
            " ON r.id = e.response WHERE r.period = ? AND e.sent",
            (self._period,),
        ):
            present[response, check] = tuple(said)
        gone = [key for key, said in present.items() if wanted.get(key) != said]
        fresh = [(*key, *said) for key, said in wanted.items() if present.get(key) != said]
        self._store.executemany("DELETE FROM explanation WHERE response = ? AND check_code = ? AND sent", gone)
        self._store.executemany(
            "INSERT INTO explanation (response, check_code, text, who, at, facts, sent) VALUES (?, ?, ?, ?, ?, ?, 1)",
            fresh,
        )
        return len(fresh)

    def _wanted_explanations(self) -> _Explained:
        wanted = _Explained(self._said_in_answers())
        for one in enclosures.kept(self._store, self._standing, EXPLANATIONS):
            row = one.row
            assert isinstance(row, Explained)
            found = self._store.execute(
                "SELECT r.id FROM unit u JOIN response r ON r.unit = u.id AND r.period = ?"
                " WHERE u.uscc = ? AND u.sender = ? AND u.kind <> 'withdrawn'",
                (self._period, row.uscc, one.sender),
            ).fetchone()
            if found:
                wanted[found[0], row.check] = row.text, row.who, row.at, row.facts
        return wanted

    def _said_in_answers(self) -> Iterator[tuple[tuple[int, str], tuple[str, ...]]]:
        """Answers to queries of what a check doubts are explanations, where they say something."""
        for number, (row, _) in self._answers.items():
            response, check, facts = self._store.execute(
                "SELECT response, check_code, facts FROM query WHERE id = ?", (number,)
            ).fetchone()
            code = check.partition("[")[0]
            known = bool(check) and self._store.scheme.has_check(code)
            if known and self._store.scheme.check(code).category in EXPLAINABLE and _says_something(row.text):
                yield (response, check), (row.text, row.who, row.at, facts)

    def answer(self) -> int:
        """The answers to this desk's queries; those that no return gives any more are open again."""
        store = self._store
        for one in enclosures.kept(store, self._standing, ANSWERS):
            assert isinstance(one.row, Answered)
            number = queries.of_origin(store, one.row.origin, one.row.uscc)
            if number is not None:
                self._answers.setdefault(number, (one.row, self._standing[one.merge].source))
        present = {
            number: tuple(said)
            for number, *said in store.execute(
                "SELECT q.id, q.answer, q.answered_by, q.answered_at FROM query q JOIN response r ON r.id = q.response"
                f" WHERE r.period = ? AND q.source IN {_RETURNS}",
                (self._period,),
            )
        }
        store.executemany(
            "UPDATE query SET answer = '', answered_by = '', answered_at = '', source = NULL WHERE id = ?",
            [(number,) for number in present if number not in self._answers],
        )
        fresh = [
            (row.text, row.who, row.at, source, number)
            for number, (row, source) in self._answers.items()
            if present.get(number) != (row.text, row.who, row.at)
        ]
        store.executemany(
            "UPDATE query SET answer = ?, answered_by = ?, answered_at = ?, source = ? WHERE id = ?"
            f" AND (answer = '' OR source IN {_RETURNS})",
            fresh,
        )
        return len(fresh)


def _said(row: list[str] | None) -> tuple[str, str] | None:
    return (row[1], row[2]) if row else None


def _says_something(text: str) -> bool:
    try:
        check_text(text)
    except SurveyError:
        return False
    return True


def _put_back(store: Store, response: int, status: str, reason: str, former: str, former_reason: str) -> None:
    """A response as it was before a return had set its unit aside, where nobody has decided otherwise since."""
    store.execute("DELETE FROM aside WHERE response = ?", (response,))
    present = store.execute("SELECT status, reason FROM response WHERE id = ?", (response,)).fetchone()
    if present != (status, reason):
        return
    if not former and responses.is_empty(store, response):
        responses.drop(store, response)
        return
    store.execute(
        "UPDATE response SET status = ?, reason = ? WHERE id = ?",
        (former if former not in ("", "in_progress") else _landed(store, response), former_reason, response),
    )


def _landed(store: Store, response: int) -> str:
    """The status of answers that came while their unit was set aside: those of a return that is final count as sent."""
    row = store.execute(
        "SELECT m.draft FROM response r JOIN unit u ON u.id = r.unit JOIN merge m ON m.district = u.sender"
        f" AND m.period = r.period AND m.state = '{ACCEPTED}' JOIN merge_member k ON k.merge = m.id"
        " AND k.uscc = u.uscc WHERE r.id = ? ORDER BY m.id DESC LIMIT 1",
        (response,),
    ).fetchone()
    return "submitted" if store.is_city and row and not row[0] else "in_progress"
