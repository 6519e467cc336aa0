"""Double entry: some units are keyed a second time without sight of the first, then compared cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from survey import cells, history
from survey.errors import SurveyError
from survey.explanations import check_text
from survey.form import Form
from survey.formulas import Answers
from survey.persons import permit
from survey.scalar import Value
from survey.scheme import REGISTER_ITEMS
from survey.store import Store, now, place_of

State = Literal["due", "begun", "differs", "settled"]
STATES: tuple[State, ...] = ("due", "begun", "differs", "settled")
# What became of a compared cell: equal, not yet settled, or settled for one entry or for neither.
Outcome = Literal["same", "open", "first", "second", "other"]


@dataclass(frozen=True)
class Difference:
    """A cell with two values: who wrote the first, who keyed the second."""

    item: str
    line: int
    first: Value
    second: Value
    first_who: str
    second_who: str


@dataclass(frozen=True)
class Settled:
    """A difference with what was decided: `outcome` is `open` until it is."""

    difference: Difference
    outcome: Outcome
    value: Value
    reason: str
    who: str


@dataclass(frozen=True)
class Drawn:
    """A drawn unit: how far its second entry is, who keyed it, whether that was the first keyer."""

    unit: int
    uscc: str
    name: str
    state: State
    keyed: int
    differing: int
    open: int
    who: str
    same_keyer: bool


@dataclass(frozen=True)
class Progress:
    """How many units were drawn, keyed to the end, and settled; how many differences are open."""

    drawn: int
    keyed: int
    settled: int
    open: int

    @property
    def left(self) -> int:
        return self.drawn - self.keyed


def progress(store: Store, period: str) -> Progress:
    """How far double entry is in a period."""
    units = drawn_units(store, period)
    keyed = [one for one in units if one.state in ("differs", "settled")]
    settled = sum(one.state == "settled" for one in units)
    return Progress(len(units), len(keyed), settled, sum(one.open for one in units))


def drawn_units(store: Store, period: str) -> list[Drawn]:
    """The drawn units in the order of the file."""
    rows = store.execute(
        """SELECT s.unit, u.uscc, u.name, s.finished, s.who, s.same_keyer,
        (SELECT count(*) FROM second_entry e WHERE e.unit = s.unit AND e.period = s.period),
        (SELECT count(*) FROM second_cell c WHERE c.unit = s.unit AND c.period = s.period AND c.outcome <> 'same'),
        (SELECT count(*) FROM second_cell c WHERE c.unit = s.unit AND c.period = s.period AND c.outcome = 'open')
        FROM second_unit s JOIN unit u ON u.id = s.unit WHERE s.period = ? ORDER BY s.unit""",
        (period,),
    )
    return [
        Drawn(unit, uscc, name, _state(finished, keyed, left), keyed, differing, left, who, bool(same))
        for unit, uscc, name, finished, who, same, keyed, differing, left in rows
    ]


def _state(finished: str, keyed: int, left: int) -> State:
    if finished:
        return "differs" if left else "settled"
    return "begun" if keyed else "due"


# Keying


def read_second(store: Store, unit: int, period: str) -> Answers:
    """What was keyed the second time, with what the register already says and what follows by formula."""
    found = Answers()
    for name, value in store.register(unit).items():
        if name.removesuffix("@reg") in store.scheme.items:
            found.put(name.removesuffix("@reg"), value)
    rows = store.execute("SELECT item, value FROM second_entry WHERE unit = ? AND period = ?", (unit, period))
    for place, value in rows:
        name, line = place_of(place)
        if name in store.scheme.items:
            found.put(name, value, line, store.scheme.item(name).form)
    store.formulas.compute(found, Answers())
    return found


def write_second(
    store: Store, unit: int, period: str, written: Sequence[tuple[str, int, Value]], who: str = ""
) -> None:
    """Cells (item name, line, value) of the second entry, on disk when this returns; the answers stay as they are.

    Raises SurveyError `second_unit`, `second_finished`, `second_identity`, `computed`.
    """
    permit(store, "edit")
    with store.atomic():
        _begin(store, unit, period, who)
        for name, line, value in written:
            _refuse(store, name)
            place = (unit, period, _place(name, line))
            if value is None:
                store.execute("DELETE FROM second_entry WHERE unit = ? AND period = ? AND item = ?", place)
            else:
                store.execute(
                    "INSERT INTO second_entry (unit, period, item, value, who, at) VALUES (?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (unit, period, item) DO UPDATE SET value = excluded.value, who = excluded.who,"
                    " at = excluded.at",
                    (*place, value, who, now()),
                )


def _begin(store: Store, unit: int, period: str, who: str) -> None:
    """Notes who keys; whether that is somebody who keyed the first time stays recorded."""
    row = store.execute(
        "SELECT finished, same_keyer FROM second_unit WHERE unit = ? AND period = ?", (unit, period)
    ).fetchone()
    if row is None:
        raise SurveyError("second_unit")
    if row[0]:
        raise SurveyError("second_finished")
    same = bool(row[1]) or keyed_first(store, unit, period, who)
    store.execute(
        "UPDATE second_unit SET who = ?, same_keyer = ? WHERE unit = ? AND period = ?", (who, int(same), unit, period)
    )


def _refuse(store: Store, name: str) -> None:
    item = store.scheme.item(name)
    if item.computed:
        raise SurveyError("computed", label=item.label, label_en=item.label_en)
    if name in REGISTER_ITEMS:
        raise SurveyError("second_identity", label=item.label, label_en=item.label_en)


def keyed_first(store: Store, unit: int, period: str, who: str) -> bool:
    """Whether somebody wrote the answers that now stand: then another should key the second time."""
    return bool(who) and who in _writers(store, unit, period).values()


# Comparing


def compare(store: Store, unit: int, period: str) -> list[Difference]:
    """The cells in which the two entries differ now, in the order of the forms, settled ones left out."""
    done = {_place(one.difference.item, one.difference.line) for one in outcomes(store, unit, period)
            if one.outcome != "open"}  # fmt: skip
    return [
        one for one in _pairs(store, unit, period) if one.first != one.second and _place(one.item, one.line) not in done
    ]


def finish(store: Store, unit: int, period: str, who: str = "") -> list[Difference]:
    """Ends the second entry of a unit: every cell is compared and kept with its two keyers; gives the differences."""
    permit(store, "edit")
    with store.atomic():
        _begin(store, unit, period, who)
        found = _pairs(store, unit, period)
        store.executemany(
            "INSERT INTO second_cell (unit, period, form, item, first, second, first_who, second_who, outcome, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    unit, period, store.scheme.item(one.item).form, _place(one.item, one.line), one.first, one.second,
                    one.first_who, one.second_who, "same" if one.first == one.second else "open", now(),
                )
                for one in found
            ],
        )  # fmt: skip
        store.execute("UPDATE second_unit SET finished = ? WHERE unit = ? AND period = ?", (now(), unit, period))
    return [one for one in found if one.first != one.second]


def outcomes(store: Store, unit: int, period: str) -> list[Settled]:
    """The differences of a finished unit in the order of the forms, settled or not."""
    rows = store.execute(
        "SELECT item, first, second, first_who, second_who, outcome, value, reason, who FROM second_cell"
        " WHERE unit = ? AND period = ? AND outcome <> 'same' ORDER BY rowid",
        (unit, period),
    )
    return [
        Settled(Difference(*place_of(place), first, second, one, two), outcome, value, reason, who)
        for place, first, second, one, two, outcome, value, reason, who in rows
    ]


def settle(
    store: Store, unit: int, period: str, item: str, line: int, value: Value, reason: str = "", who: str = ""
) -> Outcome:
    """Writes the right value of a cell and marks the difference settled; a third value needs a real reason.

    Raises SurveyError `second_settled`, `explanation_short`, `explanation_empty` and what `cells.write` raises.
    """
    permit(store, "edit")
    place = (unit, period, _place(item, line))
    row = store.execute(
        "SELECT first, second, outcome FROM second_cell WHERE unit = ? AND period = ? AND item = ?", place
    ).fetchone()
    if row is None or row[2] != "open":
        raise SurveyError("second_settled")
    outcome: Outcome = "first" if value == row[0] else "second" if value == row[1] else "other"
    kept = check_text(reason) if outcome == "other" else reason.strip()
    with store.atomic():
        # An item that a later version of the scheme has dropped has no cell any more.
        known = store.scheme.items.get(item)
        if known and cells.read(store, unit, period).get(item, line, known.form) != value:
            cells.write(store, unit, period, item, value, line=line, who=who, reason=kept)
        store.execute(
            "UPDATE second_cell SET outcome = ?, value = ?, reason = ?, who = ?, at = ?"
            " WHERE unit = ? AND period = ? AND item = ?",
            (outcome, value, kept, who, now(), *place),
        )
    return outcome


def _place(name: str, line: int) -> str:
    return f"{name}[{line}]" if line else name


def _pairs(store: Store, unit: int, period: str) -> list[Difference]:
    """Every cell that either entry answered, with both values; identity and computed items are not keyed."""
    first, second = cells.read(store, unit, period), read_second(store, unit, period)
    writers = _writers(store, unit, period)
    usual = Counter(writers.values()).most_common(1)
    keyers = dict(
        store.execute("SELECT item, who FROM second_entry WHERE unit = ? AND period = ?", (unit, period)).fetchall()
    )
    unit_keyer = store.execute("SELECT who FROM second_unit WHERE unit = ? AND period = ?", (unit, period)).fetchone()
    found = []
    for form in store.scheme.forms_of("unit"):
        for line, other in _lines(form, first, second):
            for item in form.items:
                one, two = first.get(item.name, line, form.id), second.get(item.name, other, form.id)
                if item.computed or item.name in REGISTER_ITEMS or (one is None and two is None):
                    continue
                # Whoever wrote most of the unit answers for a cell that was left out.
                who = writers.get(_place(item.name, line), usual[0][0] if usual else "")
                keyer = keyers.get(_place(item.name, other), unit_keyer[0] if unit_keyer else "")
                found.append(Difference(item.name, line, one, two, who, keyer))
    return found


def _lines(form: Form, first: Answers, second: Answers) -> Iterator[tuple[int, int]]:
    """Which lines stand for each other: the first with the first, whatever their numbers are.

    A line that only the second entry has gets the next number of the first.
    """
    if not form.is_list:
        yield 0, 0
        return
    ours, theirs = sorted(first.lines.get(form.id, {})), sorted(second.lines.get(form.id, {}))
    after = ours[-1] if ours else 0
    ours += [after + more for more in range(1, len(theirs) - len(ours) + 1)]
    unheld = (theirs[-1] if theirs else 0) + 1
    for at, line in enumerate(ours):
        yield line, theirs[at] if at < len(theirs) else unheld + at


def _writers(store: Store, unit: int, period: str) -> dict[str, str]:
    """Who wrote the answers that now stand, by their place: a person, or the file they came from."""
    found: dict[str, str] = {}
    for event in history.of_unit(store, unit):
        if event.period == period and event.item not in REGISTER_ITEMS:
            found.setdefault(_place(event.item, event.line), event.who or event.source)
    return {place: who for place, who in found.items() if who}
