"""The board of a desk that takes returns: sender by form what is due, what has come, what is still open in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from survey import expected
from survey.claims import Claims
from survey.conflicts import COUNTS, OPEN
from survey.errors import SurveyError
from survey.form import Form
from survey.persons import permit
from survey.received import ACCEPTED, REJECTED, Received, listed
from survey.store import Store, place_of
from survey.unsettled import Found, Unsettled
from survey.words import HELD

# How a sender stands: nothing has come, in time or not; its last return was rejected; a draft; final, in time or not.
State = Literal["due", "overdue", "rejected", "draft", "received", "late"]
STATES: tuple[State, ...] = ("due", "overdue", "rejected", "draft", "received", "late")
_DUE = "returns_due"
_NOTHING = Unsettled()


@dataclass(frozen=True)
class Cell:
    """A form of a sender: the rows of its sheet in the return that stands, those of last year too; what is open.

    `rows` is None where no return stands; `errors` and `doubts` are findings, `conflicts` cells.
    """

    rows: int | None = None
    errors: int = 0
    doubts: int = 0
    conflicts: int = 0


@dataclass(frozen=True)
class Line:
    """A sender: its return that stands, its last one where that was rejected, its forms by their ids.

    `counted` are the units that count as its own, `contested` those that others return too and nobody has decided,
    `overdue` is whether the day has passed and no final return stands.
    """

    sender: str
    state: State
    overdue: bool
    standing: Received | None
    rejected: Received | None
    counted: int
    contested: int
    cells: Mapping[str, Cell]

    @property
    def total(self) -> Cell:
        """All its forms together."""
        return together(self.cells.values())


@dataclass(frozen=True)
class Board:
    """The senders that are expected, then others that have sent; `due` is the day, or None.

    `counted` are the units of all senders, `contested` those that several return, each once; `found` what checks left.
    """

    due: date | None
    forms: tuple[Form, ...]
    lines: tuple[Line, ...]
    counted: int
    contested: int
    found: Found

    def count(self, *states: State) -> int:
        """How many senders stand so."""
        return sum(line.state in states for line in self.lines)

    def of_form(self, form: str) -> Cell:
        """A form of all senders."""
        return together(line.cells[form] for line in self.lines)

    @property
    def total(self) -> Cell:
        """Everything."""
        return together(line.total for line in self.lines)


def together(cells: Iterable[Cell]) -> Cell:
    """Some cells as one."""
    found = list(cells)
    rows = [one.rows for one in found if one.rows is not None]
    return Cell(
        sum(rows) if rows else None,
        sum(one.errors for one in found),
        sum(one.doubts for one in found),
        sum(one.conflicts for one in found),
    )


def due_date(store: Store) -> date | None:
    """The day on which the returns are due; None where nobody has said."""
    text = store.desk.get(_DUE, "")
    return date.fromisoformat(text) if text else None


def set_due_date(store: Store, text: str) -> None:
    """Says when the returns are due, as 2026-03-31, or with '' that nobody knows; raises SurveyError `due_date`."""
    permit(store, "merge")
    kept = text.strip()
    try:
        kept = date.fromisoformat(kept).isoformat() if kept else ""
    except ValueError:
        raise SurveyError("due_date", found=text) from None
    store.set_desk(_DUE, kept)


def forms_of(store: Store) -> tuple[Form, ...]:
    """The forms that come with returns: the units', and at a city's desk the districts' own."""
    kinds = ("unit", "district") if store.is_city and not store.is_province else ("unit",)
    return tuple(form for form in store.scheme.forms if form.respondent in kinds)


def board(store: Store, today: date, found: Found | None = None) -> Board:
    """The board as it stands; what checks have left open is told from `found`.

    Raises SurveyError `not_city`.
    """
    if not store.takes_returns:
        raise SurveyError("not_city", path=store.path)
    period, forms, due = store.period, forms_of(store), due_date(store)
    returns = listed(store, period)
    by_sender: dict[str, list[Received]] = defaultdict(list)
    for one in returns:
        by_sender[one.sender].append(one)
    counted = dict(store.execute("SELECT sender, count(*) FROM unit WHERE kind = 'unit' GROUP BY sender").fetchall())
    contested = _contested(store, period)
    rows = _rows(store, period)
    clashes = _conflicts(store, period)
    open_ = found.open if found else {}
    lines = []
    for sender in expected.senders(store, by_sender):
        standing, rejected = _state_of(by_sender.get(sender, ()))
        state = _state(standing, rejected, due, today)
        overdue = due is not None and today > due and (standing is None or bool(standing.draft))
        own = rows.get(standing.id, {}) if standing else None
        cells = {form.id: _cell(own, clashes, open_, sender, form.id) for form in forms}
        lines.append(
            Line(sender, state, overdue, standing, rejected, counted.get(sender, 0), len(contested[sender]), cells)
        )
    every = set().union(*contested.values())
    return Board(due, forms, tuple(lines), sum(one.counted for one in lines), len(every), found or Found())


def _state_of(returns: Sequence[Received]) -> tuple[Received | None, Received | None]:
    """The return of a sender that stands, and its last one where that was rejected; the latest come first."""
    accepted = sorted((one for one in returns if one.state == ACCEPTED), key=lambda one: (one.sequence, one.id))
    standing = accepted[-1] if accepted else None
    last = next((one for one in returns if one.state in (ACCEPTED, REJECTED)), None)
    return standing, last if last and last.state == REJECTED else None


def _state(standing: Received | None, rejected: Received | None, due: date | None, today: date) -> State:
    if standing is None:
        if rejected:
            return "rejected"
        return "overdue" if due and today > due else "due"
    if standing.draft:
        return "draft"
    # What counts is when the sender wrote it, not when somebody here found the time to take it in.
    return "late" if due and (standing.created or standing.at)[:10] > due.isoformat() else "received"


def _cell(
    own: Mapping[str, int] | None,
    clashes: Mapping[tuple[str, str], int],
    open_: Mapping[tuple[str, str], Unsettled],
    sender: str,
    form: str,
) -> Cell:
    left = open_.get((sender, form), _NOTHING)
    rows = None if own is None else own.get(form, 0)
    return Cell(rows, left.errors, left.doubts, clashes.get((sender, form), 0))


def _rows(store: Store, period: str) -> dict[int, dict[str, int]]:
    """The rows of each sheet, by return and form."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for merge, form, records in store.execute(
        "SELECT f.merge, f.form, f.records FROM merge_form f JOIN merge m ON m.id = f.merge WHERE m.period = ?",
        (period,),
    ):
        found[merge][form] = records
    return found


def _conflicts(store: Store, period: str) -> Counter[tuple[str, str]]:
    """The cells that wait for a decision, by sender and form."""
    found: Counter[tuple[str, str]] = Counter()
    for sender, place, number in store.execute(
        "SELECT c.district, c.item, count(*) FROM conflict c JOIN unit u ON u.uscc = c.uscc"
        f" WHERE c.kind = ? AND c.state = ? AND c.period = ? AND {COUNTS} GROUP BY 1, 2",
        (HELD, OPEN, period),
    ):
        found[sender, store.scheme.form_of(place_of(place)[0]).id] += number
    return found


def _contested(store: Store, period: str) -> dict[str, set[str]]:
    """The units of which nobody has decided who is counted, by each that returns them."""
    claims = Claims(store, period)
    found: dict[str, set[str]] = defaultdict(set)
    for uscc in claims.contested:
        among = claims.senders(uscc)
        if claims.decision(uscc) not in among:
            for sender in among:
                found[sender].add(uscc)
    return found
