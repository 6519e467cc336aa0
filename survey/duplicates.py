"""What people have decided about look-alikes: which units are one, which are not, which are tied; all can be undone.

Of units that are one, one is kept; the others are of the kind `duplicate` and count for nothing, while their answers
stay in the file. Whatever comes in or goes since, the kinds follow from the decisions: `mark` brings them about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING

from survey import cells, links
from survey.errors import SurveyError
from survey.persons import permit
from survey.progress import Progress
from survey.store import Store

if TYPE_CHECKING:
    from survey.lookalikes import Group

DUPLICATE = "duplicate"
# No item of a scheme can be called this.
PLACE = "@counted"
SAME, DIFFERENT = "same", "different"
# The reason of what was decided without looking at each group.
SURELY = "all-sure"
# Of what two units are to one another; the first is this of the second.
TIES = links.KINDS
_COUNTED = ("unit", DUPLICATE)
_TWO = 2


@dataclass(frozen=True)
class Decision:
    """One decision about some units, by code: the verdict, which unit is kept, who counts it.

    `names` stand beside `units`; of a tie the first unit is `verdict` of the second. With `at`, `key` tells decisions
    apart.
    """

    verdict: str
    units: tuple[str, ...]
    names: tuple[str, ...]
    kept: str
    district: str
    who: str
    at: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class Counted:
    """A unit that counts no more, or counts again, for the record of changes; it is so in all periods."""

    unit: int
    old: str
    new: str

    def facts(self) -> tuple[object, ...]:
        return self.unit, "", PLACE, "", self.old, self.new


def settle(store: Store, codes: Collection[str], kept: str, *, who: str = "", reason: str = "") -> None:
    """Decides that units are one, and which of them is kept. Raises SurveyError
    `unknown_unit`, `one_unit`, `not_among`, and `decided_already` about two of them.

    Answers of the others stay where they are; nothing of theirs is put into the unit that is kept.
    """
    chosen = _known(store, codes)
    if kept not in chosen:
        raise SurveyError("not_among", uscc=kept)
    with store.atomic():
        _decide(store, combinations(chosen, 2), SAME, kept, who, reason)
        mark(store, who=who, reason=reason)


def settle_sure(store: Store, groups: Sequence[Group], *, who: str = "", progress: Progress | None = None) -> int:
    """Makes each group one unit that surely is one, all or none; gives how many. Raises Cancelled.

    The unit that came into the file first is kept; each group is a decision of its own. A group that shares a unit
    with one before it waits.
    """
    sure: list[Group] = []
    taken: set[str] = set()
    for group in groups:
        if group.sure and not taken & set(group.units):
            sure.append(group)
            taken.update(group.units)
    with store.atomic():
        for at, group in enumerate(sure):
            if progress:
                progress(at, len(sure), "progress.lookalikes_decide")
            ids = dict(zip(group.units, store.find_units(group.units), strict=True))
            kept = min(group.units, key=ids.__getitem__)
            _decide(store, combinations(group.units, 2), SAME, kept, who, SURELY)
        mark(store, who=who, reason=SURELY)
    return len(sure)


def part(store: Store, codes: Collection[str], *, who: str = "", reason: str = "") -> None:
    """Decides that units are different ones; none of their pairs is proposed again. Raises as `settle` does."""
    chosen = _known(store, codes)
    with store.atomic():
        _decide(store, combinations(chosen, 2), DIFFERENT, "", who, reason)


def tie(store: Store, first: str, verdict: str, second: str, *, who: str = "", reason: str = "") -> None:
    """Decides that a unit is `verdict` (branch_of, moved_from, …) the other: both count, and are tied.

    Raises SurveyError `unknown_unit`, `one_unit`, `decided_already`, `link_kind`.
    """
    _known(store, (first, second))
    with store.atomic():
        _decide(store, [(first, second)], verdict, "", who, reason)
        [unit] = store.find_units([first])
        links.add(store, unit, verdict, second, who=who)


def undo(store: Store, codes: Collection[str], *, who: str = "") -> list[Decision]:
    """Takes back the decisions about any pair of some units, each as a whole; gives them.

    Raises SurveyError `not_decided` where there is none.
    """
    permit(store, "merge")
    gone = _about(store, codes)
    if not gone:
        raise SurveyError("not_decided", codes="、".join(codes))
    with store.atomic():
        for one in gone:
            store.execute("DELETE FROM lookalike WHERE at = ? AND kept = ?", (one.at, one.key))
            if one.verdict in TIES:
                links.remove(store, links.Tie(one.units[0], "", one.verdict, one.units[1], ""))
        mark(store, {uscc for one in gone for uscc in one.units}, who=who)
    return gone


def _about(store: Store, codes: Collection[str]) -> list[Decision]:
    """The decisions about any pair of some units."""
    marks = ", ".join("?" * len(codes))
    pairs = f"SELECT at, kept FROM lookalike WHERE first IN ({marks}) AND second IN ({marks})"
    return _decisions(store, f"WHERE (at, kept) IN ({pairs})", (*codes, *codes))


def decided(store: Store) -> list[Decision]:
    """The decisions that stand, the latest first."""
    return _decisions(store, "", ())


def _decisions(store: Store, where: str, facts: Sequence[str]) -> list[Decision]:
    found: dict[tuple[str, ...], dict[str, None]] = {}
    names: dict[str, tuple[str, str]] = {}
    for *said, first, second, name, district, other_name, other_district in store.execute(
        "SELECT l.verdict, l.kept, l.who, l.at, l.reason, l.first, l.second, coalesce(a.name, ''),"
        " coalesce(a.district, ''), coalesce(b.name, ''), coalesce(b.district, '') FROM lookalike l"
        f" LEFT JOIN unit a ON a.uscc = l.first LEFT JOIN unit b ON b.uscc = l.second {where}"
        " ORDER BY l.at DESC, l.first, l.second",
        facts,
    ):
        found.setdefault(tuple(said), {}).update({first: None, second: None})
        names |= {first: (name, district), second: (other_name, other_district)}
    return [_decision(said, list(units), names) for said, units in found.items()]


def _decision(facts: tuple[str, ...], units: list[str], names: dict[str, tuple[str, str]]) -> Decision:
    verdict, kept, who, at, reason = facts
    if verdict in TIES:
        # Of a tie it is kept which unit is the first.
        units, kept = sorted(units, key=lambda uscc: uscc != kept), ""
    district = names.get(kept, ("", ""))[1]
    said = tuple(names.get(uscc, ("", ""))[0] for uscc in units)
    return Decision(verdict, tuple(units), said, kept, district, who, at, reason, facts[1])


def _known(store: Store, codes: Collection[str]) -> list[str]:
    chosen = sorted(set(codes))
    store.find_units(chosen)
    if len(chosen) < _TWO:
        raise SurveyError("one_unit", uscc="、".join(chosen))
    if _about(store, chosen):
        raise SurveyError("decided_already", codes="、".join(chosen))
    return chosen


def _decide(store: Store, pairs: Iterable[tuple[str, str]], verdict: str, kept: str, who: str, reason: str) -> None:
    """Writes a verdict about pairs, all of one moment: by it they are one decision."""
    permit(store, "merge")
    at = datetime.now().astimezone().isoformat(timespec="microseconds")
    rows = [(*sorted(pair), verdict, kept if verdict == SAME else pair[0] if verdict in TIES else "") for pair in pairs]
    store.executemany(
        "INSERT OR REPLACE INTO lookalike (first, second, verdict, kept, who, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*row, who, at, " ".join(reason.split())) for row in rows],
    )


# What follows for the units


def mark(store: Store, released: Collection[str] = (), *, who: str = "", reason: str = "") -> None:
    """Brings the kinds of units in line with the decisions, in the open transaction; what turns is recorded.

    `released` are units of decisions that have just been taken back.
    """
    rows = store.execute(
        "SELECT first, second, kept FROM lookalike WHERE verdict = ? ORDER BY at DESC, first, second", (SAME,)
    ).fetchall()
    if not rows and not released:
        return
    kinds = _kinds(store, released)
    losers: set[str] = set()
    for group, kept in _groups(rows):
        losers |= _losers(group, kept, kinds)
    turned = []
    for uscc, kind in kinds.items():
        wanted = DUPLICATE if uscc in losers else "unit"
        if kind in _COUNTED and kind != wanted:
            [unit] = store.find_units([uscc])
            _turn(store, unit, wanted)
            turned.append(Counted(unit, kind, wanted))
    store.log(turned, who=who, reason=reason, source=None)


def _kinds(store: Store, released: Collection[str]) -> dict[str, str]:
    """The kinds of the units that are said to be others' or others theirs, and of some more, by code."""
    same = f"(SELECT first FROM lookalike WHERE verdict = '{SAME}' UNION SELECT second FROM lookalike"
    found = dict(store.execute(f"SELECT uscc, kind FROM unit WHERE uscc IN {same} WHERE verdict = '{SAME}')"))
    marks = ", ".join("?" * len(released))
    return found | dict(store.execute(f"SELECT uscc, kind FROM unit WHERE uscc IN ({marks})", tuple(released)))


def _groups(rows: Sequence[tuple[str, str, str]]) -> list[tuple[set[str], list[str]]]:
    """The units that are one, as the pairs hang together, with what was kept of them, the latest first."""
    found: dict[str, set[str]] = {}
    for first, second, _ in rows:
        joined = found.get(first, {first}) | found.get(second, {second})
        found.update(dict.fromkeys(joined, joined))
    kept: dict[int, list[str]] = {}
    for first, _, chosen in rows:
        kept.setdefault(id(found[first]), []).append(chosen)
    groups = {id(group): group for group in found.values()}
    return [(group, kept[at]) for at, group in groups.items()]


def _losers(group: Collection[str], kept: Sequence[str], kinds: dict[str, str]) -> set[str]:
    """All of a group but one: the one kept last, of those that are still in the file and not withdrawn."""
    present = sorted(uscc for uscc in group if kinds.get(uscc) in _COUNTED)
    winner = next((uscc for uscc in kept if uscc in present), present[0] if present else "")
    return {uscc for uscc in present if uscc != winner}


def _turn(store: Store, unit: int, kind: str) -> None:
    """Gives a unit its kind; what is computed of one that counts again follows, without reopening its answers."""
    store.execute("UPDATE unit SET kind = ? WHERE id = ?", (kind, unit))
    if kind == DUPLICATE:
        return
    for response, period, status, reason in store.execute(
        "SELECT id, period, status, reason FROM response WHERE unit = ?", (unit,)
    ).fetchall():
        cells.refresh(store, unit, period)
        store.execute(
            "UPDATE response SET status = ?, reason = ? WHERE id = ? AND status <> ?",
            (status, reason, response, status),
        )
