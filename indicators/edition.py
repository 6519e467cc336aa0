"""Editions: figures as they went out, with what they were computed from, so that they can be computed again.

An edition keeps the digests of the answers and of the scheme, the version of the program, and every figure that is
listed or stands in a table. Later it tells what has been revised since, and whether the file still gives what was
published; its tables are written from it alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from indicators import printed, protection, withheld
from indicators.buildup import Earlier, near
from indicators.catalogue import Catalogue
from indicators.computation import Computation, IndicatorValue
from indicators.printed import BEFORE, Pair
from indicators.protection import Publication
from indicators.withheld import Key, Withheld
from survey import journal
from survey.errors import SurveyError
from survey.form import Disclosure
from survey.identity import acting
from survey.persons import permit
from survey.progress import Progress
from survey.record import previous_period
from survey.sql import literal, quote
from survey.store import Store, now

# 内部 has single units, 工作 all totals, 公开 only what discloses nobody.
EditionKind = Literal["internal", "working", "public"]
KINDS: tuple[EditionKind, ...] = ("internal", "working", "public")
_FACTS = "id, kind, period, at, who, note, data, scheme, program, json_array_length(figures)"


@dataclass(frozen=True)
class Taken:
    """A figure of an edition, and what it rests on as `IndicatorValue` tells; what is not told is None."""

    value: float | None
    used: int | None = None
    due: int | None = None
    near: int | None = None
    largest: float | None = None


@dataclass(frozen=True)
class Heading:
    """What is told of an edition on record: digests are SHA-256, `count` is how many figures it has."""

    id: int
    kind: str
    period: str
    at: str
    who: str
    note: str
    data: str
    scheme: str
    program: str
    count: int


@dataclass(frozen=True)
class Edition(Heading):
    """An edition with its figures, those of the period before under ids with BEFORE; and what it withholds.

    `control` is what the city had decided about checks and units by then.
    """

    taken: Mapping[Key, Taken]
    withheld: Mapping[Key, Withheld]
    control: Mapping[str, str | int]

    @cached_property
    def figures(self) -> dict[Key, float | None]:
        """The values alone."""
        return {key: one.value for key, one in self.taken.items()}


@dataclass(frozen=True)
class Revised:
    """A figure that is not what an edition had; None where there is or was none."""

    id: str
    dimensions: str
    by: str
    before: float | None
    now: float | None


@dataclass(frozen=True)
class Verified:
    """Whether an edition can be computed again: what differs of what it was computed from, and which figures."""

    data: bool
    scheme: bool
    program: bool
    revised: Sequence[Revised]

    @property
    def reproduced(self) -> bool:
        """Whether the same answers and scheme give the same figures."""
        return self.data and self.scheme and not self.revised


def freeze(
    computation: Computation, kind: EditionKind, program: str, *, who: str = "", note: str = "",
    progress: Progress | None = None,
) -> Edition:  # fmt: skip
    """Keeps the period's figures as an edition; raises SurveyError `nothing_computed` and Cancelled.

    A public one has no figure from which a respondent can be inferred, also with the public ones before it; raises
    SurveyError as `protection.protect` does, and `disclosure_leaks`.
    """
    store, period = computation.store, computation.store.period
    permit(store, "publish")
    if not store.response_count(period):
        raise SurveyError("nothing_computed", period=period)
    data = digest_of(store, computation.catalogue, progress)
    pairs = printed.every(store, computation.catalogue)
    hidden: Mapping[Key, Withheld] = {}
    if kind == "public":
        chosen = publication(computation, period, progress)
        if not chosen.publishable:
            raise SurveyError("disclosure_leaks", count=len(chosen.protected.audit.leaks))
        hidden, rules = chosen.withheld, store.scheme.disclosure
        pairs = list(dict.fromkeys(key[:2] for key in chosen.statuses))
    taken = _taken(computation, period, pairs)
    if kind == "public":
        taken = {key: _public(key, one, rules) for key, one in taken.items() if key not in hidden}
    body = _written([*key, one.value, one.used, one.due, one.near, one.largest] for key, one in taken.items())
    with store.atomic():
        found = store.execute(
            "INSERT INTO edition (kind, period, at, who, note, data, scheme, program, figures, withheld, control)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, period, now(), who or acting(), " ".join(note.split()), data, store.scheme.digest, program, body,
             _written([*key, *one.row()] for key, one in hidden.items()),
             json.dumps(printed.decided(store, period), ensure_ascii=False)),
        ).lastrowid  # fmt: skip
        assert found is not None
        journal.record(store, "published", f"{kind} {found}", figures=len(taken), withheld=len(hidden))
    return edition(store, found)


def _written(rows: Iterable[Sequence[object]]) -> str:
    return json.dumps(list(rows), ensure_ascii=False)


def publication(computation: Computation, period: str, progress: Progress | None = None) -> Publication:
    """What a public edition of a period would withhold, given those before it; raises as `protection.protect` does."""
    store = computation.store
    before = already(store, period)
    pairs = list(dict.fromkeys([*printed.every(store, computation.catalogue), *(key[:2] for key in before)]))
    # All at once: each of them by itself would be a pass over the records.
    _taken(computation, period, pairs)
    numbers = [one.id for one in listed(store) if one.kind == "public" and one.period == period]
    editions = [edition(store, number) for number in numbers]
    earlier = [Earlier(one.id, one.figures, one.withheld) for one in editions]
    return protection.protect(computation, period, pairs, progress, before, earlier)


def _public(key: Key, one: Taken, rules: Disclosure) -> Taken:
    """A figure as everybody may see it: with the coverage of the whole, but for very few; nothing of the largest."""
    least = max(rules.threshold, rules.counts)
    told = not key[1] and one.used is not None and (one.used == 0 or one.used >= least)
    return Taken(one.value, one.used, one.due) if told else Taken(one.value)


def _taken(computation: Computation, period: str, pairs: Iterable[Pair]) -> dict[Key, Taken]:
    """Figures of a period and the one before; what the catalogue or the file does not have is left out."""
    catalogue = computation.catalogue
    together: dict[tuple[str, str], list[str]] = {}
    for name, dimensions in pairs:
        when = BEFORE if name.endswith(BEFORE) else ""
        together.setdefault((when, dimensions), []).append(name.removesuffix(BEFORE))
    lists = []
    for (when, dimensions), names in together.items():
        by = tuple(dimensions.split("*")) if dimensions else ()
        at = previous_period(period) if when else period
        if computation.has(at) and set(by) <= set(catalogue.dimensions):
            wanted = [catalogue.indicators[name] for name in names if name in catalogue.indicators]
            lists.append((when, at, by, wanted))
    for at in {at for _, at, _, _ in lists}:
        own = [(by, wanted) for _, when, by, wanted in lists if when == at]
        computation.gather(at, [by for by, _ in own], list({one.id: one for _, many in own for one in many}.values()))
    found: dict[Key, Taken] = {}
    for when, at, by, wanted in lists:
        for one in computation.listed(at, by, wanted):
            rests = (one.units_used, one.units_due, one.near, one.largest)
            found[one.id + when, one.dimensions, one.by or ""] = Taken(one.value, *rests)
    return found


def already(store: Store, period: str) -> dict[Key, float | None]:
    """What public editions have told of a period and the one before, the latest figure of each."""
    found: dict[Key, float | None] = {}
    for one in reversed(listed(store)):
        later = previous_period(one.period) == period
        if one.kind != "public" or not (later or one.period in (period, previous_period(period))):
            continue
        for (name, dimensions, by), value in edition(store, one.id).figures.items():
            of_before = name.endswith(BEFORE)
            if one.period == period:
                found[name, dimensions, by] = value
            elif later and of_before:
                found[name.removesuffix(BEFORE), dimensions, by] = value
            elif not later and not of_before:
                found[name + BEFORE, dimensions, by] = value
    return {key: value for key, value in found.items() if value is not None}


def figures_of(values: Sequence[IndicatorValue]) -> dict[Key, float | None]:
    """Figures by their keys."""
    return {(one.id, one.dimensions, one.by or ""): one.value for one in values}


def listed(store: Store) -> list[Heading]:
    """The editions on record, the latest first."""
    return [Heading(*row) for row in store.execute(f"SELECT {_FACTS} FROM edition ORDER BY id DESC")]


def edition(store: Store, number: int) -> Edition:
    """One edition; raises SurveyError `no_edition`."""
    found = _read(store, "id = ?", number)
    if found is None:
        raise SurveyError("no_edition", number=number)
    return found


def last(store: Store, period: str) -> Edition | None:
    """The latest edition of a period."""
    return _read(store, "period = ?", period)


def public_before(store: Store, one: Heading) -> Edition | None:
    """The public edition of the same period that went out before another."""
    return _read(store, "kind = 'public' AND period = ? AND id < ?", one.period, one.id)


def _read(store: Store, which: str, *facts: str | int) -> Edition | None:
    row = store.execute(
        f"SELECT {_FACTS}, figures, withheld, control FROM edition WHERE {which} ORDER BY id DESC LIMIT 1", facts
    ).fetchone()
    if row is None:
        return None
    figures, hidden, control = row[10:]
    taken = {(name, dimensions, by): Taken(*rest) for name, dimensions, by, *rest in json.loads(figures)}
    kept = {(name, dimensions, by): withheld.read(rest) for name, dimensions, by, *rest in json.loads(hidden)}
    return Edition(**vars(Heading(*row[:10])), taken=taken, withheld=kept, control=json.loads(control))


def revised(one: Edition, figures: Mapping[Key, float | None]) -> list[Revised]:
    """The figures that differ from those of an edition, in its order, then those it did not have.

    What it withholds is not compared, nor what only one of both takes in at all.
    """
    pairs = {key[:2] for key in one.figures} & {key[:2] for key in figures}
    keys = (key for key in dict.fromkeys([*one.figures, *figures]) if key[:2] in pairs and key not in one.withheld)
    both = ((key, one.figures.get(key), figures.get(key)) for key in keys)
    return [Revised(*key, old, new) for key, old, new in both if not near(old, new)]


def changed(before: Edition, one: Edition) -> list[Revised]:
    """What a public edition tells otherwise than one before it, in its order, figures that it withholds included."""
    both = ((key, value, one.figures.get(key)) for key, value in before.figures.items())
    return [Revised(*key, old, new) for key, old, new in both if not near(old, new)]


def late(before: Edition, one: Edition, rules: Disclosure) -> int:
    """How many units came or went between two public editions, where so few that the difference is theirs; else 0."""
    both = ((found.used, now.used) for key, found in before.taken.items() if (now := one.taken.get(key)) and not key[1])
    moved = [abs(now - then) for then, now in both if then is not None and now is not None]
    return min((count for count in moved if 0 < count < rules.threshold), default=0)


def verify(computation: Computation, one: Edition, program: str, progress: Progress | None = None) -> Verified:
    """Computes an edition's figures again from what the file holds now; raises Cancelled."""
    store = computation.store
    data = digest_of(store, computation.catalogue, progress, one.period)
    figures: dict[Key, float | None] = dict.fromkeys(one.figures)
    pairs = dict.fromkeys(key[:2] for key in one.figures)
    figures |= {key: found.value for key, found in _taken(computation, one.period, pairs).items()}
    found = revised(one, figures)
    return Verified(data == one.data, store.scheme.digest == one.scheme, program == one.program, found)


def digest_of(store: Store, catalogue: Catalogue, progress: Progress | None = None, period: str = "") -> str:
    """SHA-256 over the answers that figures are made of, of a period and the one before, unit by unit by code."""
    when = period or store.period
    total = hashlib.sha256()
    tables = [(table, names) for table, names in catalogue.tables(store.scheme).items() if len(names) > 1]
    for at, (table, names) in enumerate(tables):
        if progress:
            progress(at, len(tables), "progress.digest")
        total.update(f"{table} {' '.join(names)}\n".encode())
        for row in _rows(store, table, names, when):
            total.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode())
    return total.hexdigest()


def _rows(store: Store, table: str, names: Sequence[str], period: str) -> Iterator[tuple[object, ...]]:
    periods = f"({literal(period)}, {literal(previous_period(period))})"
    # By code, period and line: in whatever order the answers came, the digest is the same.
    columns = ", ".join(f"f.{quote(name)}" for name in names if name != "response")
    order = ", f.line" if "line" in names else ""
    return store.execute(
        f"SELECT u.uscc, u.district, r.period, r.status, {columns} FROM {table} f JOIN response r ON r.id = f.response"
        f" JOIN unit u ON u.id = r.unit WHERE r.period IN {periods} AND u.kind IN ('unit', 'district', 'city')"
        f" ORDER BY u.uscc, r.period{order}"
    )
