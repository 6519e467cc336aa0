"""Units that may stand twice in the file (疑似重复) under different codes or names: found, weighed, grouped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from survey import firmname
from survey.agreement import BANDS, Commonness, Known, Pair, compare
from survey.blocking import Blocks, Places, deletions, once
from survey.codes import sound_neighbours, valid_uscc
from survey.form import Item
from survey.progress import Progress
from survey.record import previous_period
from survey.scheme import Scheme
from survey.screening import Screen
from survey.sql import quote
from survey.store import Store

# What is shown at once; the others come up when these are settled.
MOST_PAIRS = 20_000
# A group beyond this is a chain of likenesses, not a unit; and each of its units has a key of its own.
MOST_TOGETHER = 9
_STEP = 2_000
_LEAST_DELETED = 4
_PHONE = 8
_LEAST_PHONE = 7
_GAPS, _DIGITS, _NUMBER = re.compile(r"[\s()]"), re.compile(r"\d+"), re.compile(r"\d{7,}")
_LEAST_ADDRESS = 6
_LEAST_FIGURES = 2
_HEAD = re.compile(r"^(?:[^省市区县]{2,3}省)?(?:[^省市区县]{2,4}市)?(?:[^省市区县路街]{2,4}(?:新区|区|县))?")


@dataclass(frozen=True)
class Group:
    """Units, by code, that may be one, and the pairs among them, the strongest first; a relation is of two units."""

    units: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @property
    def relation(self) -> str:
        return self.pairs[0].relation

    @property
    def band(self) -> str:
        return self.pairs[0].band

    @property
    def score(self) -> float:
        return self.pairs[0].score

    @property
    def sure(self) -> bool:
        """Whether all its units hang together by pairs that are sure."""
        reached, more = set(self.units[:1]), True
        while more:
            near = {
                uscc
                for pair in self.pairs
                if pair.band == "sure" and not pair.relation and reached & {pair.first, pair.second}
                for uscc in (pair.first, pair.second)
            }
            more = not near <= reached
            reached |= near
        return reached == set(self.units)


@dataclass
class Found:
    """What a search brought: groups with the likeliest first, then relations; `left_out` counts the pairs beyond."""

    groups: list[Group] = field(default_factory=list)
    units: int = 0
    compared: int = 0
    left_out: int = 0


def search(store: Store, period: str, progress: Progress | None = None) -> Found:
    """The units of the file that look alike and about which nobody has decided. Raises Cancelled."""
    told = progress or _silent
    told(0, 100, "progress.lookalikes_read")
    units = list(known(store, period))
    settled = _settled(store)
    found = Found(units=len(units))
    places = candidates(units, told)
    common = Commonness.of(units)
    pairs: list[Pair] = []
    for start in range(0, len(places), _STEP):
        told(start, len(places), "progress.lookalikes")
        for one, other in places[start : start + _STEP].tolist():
            left, right = units[one], units[other]
            if settled and frozenset((left.uscc, right.uscc)) in settled:
                continue
            pair = compare(left, right, common)
            if pair is not None:
                pairs.append(pair)
    found.compared = len(places)
    pairs.sort(key=lambda pair: (bool(pair.relation), BANDS.index(pair.band), -pair.score, pair.first, pair.second))
    found.left_out = max(0, len(pairs) - MOST_PAIRS)
    found.groups = grouped(pairs[:MOST_PAIRS], settled)
    return found


def _silent(_done: int, _total: int, _label: str) -> None:
    pass


def known(store: Store, period: str) -> Iterator[Known]:
    """The counted units as they are compared, with the answers of a period or, before it is begun, the year before."""
    scheme = store.scheme
    roles = scheme.roles
    names = [*roles.phones, *filter(None, (roles.address, roles.person, roles.parent))]
    figures = _figures(scheme)
    columns, joins = _sources(scheme, [*map(scheme.item, names), *figures])
    rows = store.execute(
        f"SELECT u.id, u.uscc, u.name, u.district{columns} FROM unit u"
        " LEFT JOIN response r ON r.unit = u.id AND r.period = ? LEFT JOIN response p ON p.unit = u.id AND p.period = ?"
        f" {joins} WHERE u.kind = 'unit' ORDER BY u.id",
        (period, previous_period(period)),
    )
    places = {firmname.bare_place(code.label) for code in scheme.districts.codes.values()}
    for unit, uscc, name, district, *answers in rows:
        said = dict(zip(names, answers, strict=False))
        told = tuple(answers[len(names) :])
        yield Known(
            unit, uscc, firmname.parse(name, places), district,
            phones_of([str(said[phone] or "") for phone in roles.phones]),
            address_of(str(said.get(roles.address) or "")),
            firmname.fold(str(said.get(roles.person) or "")),
            str(said.get(roles.parent) or ""),
            told if sum(bool(value) for value in told) >= _LEAST_FIGURES else (),
            valid_uscc(uscc),
        )  # fmt: skip


def _figures(scheme: Scheme) -> list[Item]:
    """The key items, which two units hardly ever have all in common."""
    items = map(scheme.item, scheme.checking.key_items)
    return [item for item in items if not scheme.form(item.form).is_list]


def _sources(scheme: Scheme, items: Sequence[Item]) -> tuple[str, str]:
    """The columns of some items, and the joins of their forms: those of the period, else of the year before."""
    tables = dict.fromkeys(scheme.form(item.form).table for item in items)
    joins = [
        f"LEFT JOIN {table} now_{table} ON now_{table}.response = r.id"
        f" LEFT JOIN {table} then_{table} ON then_{table}.response = p.id"
        for table in tables
    ]
    columns = [
        f", CASE WHEN now_{table}.response IS NULL THEN then_{table}.{name} ELSE now_{table}.{name} END"
        for table, name in ((scheme.form(item.form).table, quote(item.name)) for item in items)
    ]
    return "".join(columns), " ".join(joins)


def phones_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The last eight digits of telephone numbers; area codes, extensions and how they are written aside."""
    found = []
    for text in filter(None, texts):
        close = _GAPS.sub("", unicodedata.normalize("NFKC", text))
        whole = _NUMBER.search(close)
        digits = whole.group() if whole else "".join(_DIGITS.findall(close.partition("转")[0]))
        if len(digits) >= _LEAST_PHONE:
            found.append(digits[-_PHONE:])
    return tuple(dict.fromkeys(found))


def address_of(text: str) -> str:
    """An address as it is compared: folded, without province, city and district."""
    folded = firmname.fold(text).replace("(", "").replace(")", "")
    rest = _HEAD.sub("", folded)
    return rest if len(rest) >= _LEAST_ADDRESS else ""


def candidates(units: Sequence[Known], told: Progress = _silent) -> Places:
    """The places of the units worth comparing, shape (n, 2)."""
    sharing = shared(units, told)
    told(len(units), len(units), "progress.lookalikes_keys")
    return once(np.concatenate((_related(units), Screen(units).passed(sharing))))


def shared(units: Sequence[Known], told: Progress = _silent) -> Places:
    """The places of the units that share a key few others have, shape (n, 2)."""
    blocks = Blocks()
    for at, unit in enumerate(units):
        if at % _STEP == 0:
            told(at, len(units), "progress.lookalikes_keys")
        blocks.add(at, _keys(unit))
    return blocks.pairs()


def _related(units: Sequence[Known]) -> Places:
    """The places of units that name one another: parents by code or by the name of a branch, codes one slip apart."""
    by_code = {unit.uscc: at for at, unit in enumerate(units)}
    by_name = {unit.name.whole: at for at, unit in enumerate(units) if not unit.name.branch}
    by_stem = {unit.name.stem: at for at, unit in enumerate(units) if not unit.name.branch}
    found: list[tuple[int, int | None]] = []
    for at, unit in enumerate(units):
        if unit.parent:
            found.append((at, by_code.get(unit.parent)))
        if unit.name.branch:
            found.append((at, by_name.get(unit.name.parent, by_stem.get(unit.name.stem))))
        if not unit.sound:
            found += ((at, by_code[code]) for code in sound_neighbours(unit.uscc) if code in by_code)
    return np.array([pair for pair in found if pair[1] is not None], np.int64).reshape(-1, 2)


def _keys(unit: Known) -> Iterator[tuple[str, str]]:
    """What a unit shares with those that may be the same."""
    name, numbers = unit.name, "".join(unit.name.numbers)
    words = "".join(letter for letter in name.stem + name.branch if not letter.isdecimal())
    if len(words) >= _LEAST_DELETED:
        for part in deletions(words):
            yield "stem", part + numbers
    else:
        yield "stem", words + numbers
    if not name.branch:
        yield "core", name.core
    yield "organisation", unit.uscc[8:17]
    for phone in unit.phones:
        yield "phone", phone
    for part, value in (("address", unit.address), ("person", unit.person), ("figures", str(unit.figures or ""))):
        if value:
            yield part, value
            # Where many share it, those with the same first character of the trade name still meet.
            yield part, value + name.core[:1]


def grouped(pairs: Sequence[Pair], apart: Collection[frozenset[str]] = ()) -> list[Group]:
    """The pairs put into groups, strongest first.

    A pair that is no more than possible widens no group; one that would make a group too large, or bring together
    two units that are known to be `apart`, stands alone.
    """
    member: dict[str, int] = {}
    units: dict[int, list[str]] = {}
    within: dict[int, list[Pair]] = {}
    alone: list[Group] = []
    for at, pair in enumerate(pairs):
        one, other = member.get(pair.first, -1), member.get(pair.second, -1)
        sides = [units.get(one, [pair.first]), units.get(other, [pair.second])]
        if not pair.relation and one == other != -1:
            within[one].append(pair)
        elif (
            pair.relation
            or (pair.band == "possible" and (one, other) != (-1, -1))
            or len(sides[0]) + len(sides[1]) > MOST_TOGETHER
            or (apart and any(frozenset(both) in apart for both in product(*sides)))
        ):
            alone.append(Group((pair.first, pair.second), (pair,)))
        else:
            units[at] = [*sides[0], *sides[1]]
            within[at] = [*within.pop(one, ()), *within.pop(other, ()), pair]
            for side in (one, other):
                units.pop(side, None)
            member.update(dict.fromkeys(units[at], at))
    groups = [
        Group(tuple(sorted(units[at])), tuple(sorted(found, key=lambda pair: -pair.score)))
        for at, found in within.items()
    ]
    return sorted([*groups, *alone], key=_urgent_first)


def _urgent_first(group: Group) -> tuple[bool, int, float, tuple[str, ...]]:
    return bool(group.relation), BANDS.index(group.band), -group.score, group.units


def _settled(store: Store) -> set[frozenset[str]]:
    """The pairs about which somebody has decided, or that are tied already."""
    rows = store.execute(
        "SELECT first, second FROM lookalike"
        " UNION ALL SELECT u.uscc, l.other FROM unit_link l JOIN unit u ON u.id = l.unit"
    )
    return {frozenset(row) for row in rows}
