"""Editions: figures as they went out, with what they were computed from, so that they can be computed again.

An edition keeps the digests of the answers and of the scheme, the version of the program, and every figure. Later it
tells what has been revised since, and whether the file still gives what was published.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Literal

from indicators import protection
from indicators.catalogue import Catalogue
from indicators.computation import Computation, IndicatorValue
from survey.errors import SurveyError
from survey.progress import Progress
from survey.record import previous_period
from survey.sql import literal, quote
from survey.store import Store, now

# 内部 has single units, 工作 all totals, 公开 only what discloses nobody.
EditionKind = Literal["internal", "working", "public"]
KINDS: tuple[EditionKind, ...] = ("internal", "working", "public")
# Summing in another order may cost so much.
_NEAR = 5e-14
# A figure: indicator, dimensions, codes of the group ('' for the whole).
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Edition:
    """An edition on record: digests are SHA-256, `figures` by indicator, dimensions and group."""

    id: int
    kind: str
    period: str
    at: str
    who: str
    note: str
    data: str
    scheme: str
    program: str
    figures: Mapping[Key, float | None]


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
    """Keeps the period's figures as an edition; raises SurveyError `nothing_computed` and Cancelled."""
    store, period = computation.store, computation.store.period
    if not store.response_count(period):
        raise SurveyError("nothing_computed", period=period)
    data = digest_of(store, computation.catalogue, progress)
    figures = figures_of(computation.figures(period))
    if kind == "public":
        figures = _published(computation, period, figures, progress)
    body = json.dumps([[*key, value] for key, value in figures.items()], ensure_ascii=False)
    with store.atomic():
        found = store.execute(
            "INSERT INTO edition (kind, period, at, who, note, data, scheme, program, figures)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, period, now(), who, " ".join(note.split()), data, store.scheme.digest, program, body),
        ).lastrowid
    assert found is not None
    return edition(store, found)


def _published(
    computation: Computation, period: str, figures: Mapping[Key, float | None], progress: Progress | None
) -> dict[Key, float | None]:
    found = protection.protect(computation, period, [key[:2] for key in figures], progress)
    if not found.publishable:
        raise SurveyError("disclosure_leaks", count=len(found.protected.audit.leaks))
    return {key: value for key, value in figures.items() if found.statuses.get(key, "published") == "published"}


def figures_of(values: Sequence[IndicatorValue]) -> dict[Key, float | None]:
    """Figures by their keys."""
    return {(one.id, one.dimensions, one.by or ""): one.value for one in values}


def listed(store: Store) -> list[Edition]:
    """The editions on record, the latest first."""
    rows = store.execute(
        "SELECT id, kind, period, at, who, note, data, scheme, program, figures FROM edition ORDER BY id DESC"
    )
    return [
        Edition(number, kind, period, at, who, note, data, scheme, program, _read(body))
        for number, kind, period, at, who, note, data, scheme, program, body in rows
    ]


def edition(store: Store, number: int) -> Edition:
    """One edition; raises SurveyError `no_edition`."""
    found = next((one for one in listed(store) if one.id == number), None)
    if found is None:
        raise SurveyError("no_edition", number=number)
    return found


def last(store: Store, period: str) -> Edition | None:
    """The latest edition of a period."""
    return next((one for one in listed(store) if one.period == period), None)


def _read(body: str) -> dict[Key, float | None]:
    return {(one, dimensions, by): value for one, dimensions, by, value in json.loads(body)}


def revised(before: Mapping[Key, float | None], figures: Mapping[Key, float | None]) -> list[Revised]:
    """The figures that differ from those of an edition, in its order, then those it did not have."""
    keys = dict.fromkeys([*before, *figures])
    pairs = [(key, before.get(key), figures.get(key)) for key in keys]
    return [Revised(*key, old, new) for key, old, new in pairs if not _same(old, new)]


def _same(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    return isclose(old, new, rel_tol=_NEAR, abs_tol=_NEAR)


def verify(computation: Computation, one: Edition, program: str, progress: Progress | None = None) -> Verified:
    """Computes an edition again from what the file holds now; raises as `freeze` does."""
    store = computation.store
    data = digest_of(store, computation.catalogue, progress, one.period)
    figures = figures_of(computation.figures(one.period))
    if one.kind == "public":
        figures = _published(computation, one.period, figures, progress)
    found = revised(one.figures, figures)
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
