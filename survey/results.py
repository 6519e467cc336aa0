"""What checking found, kept in the survey file: a bit a record and check, so that a million units are a few megabytes.

A part is a run of records of one base, ordered by response and line. Of each check that some record of
the part does not pass it keeps packed masks: `failing`, of these `answered` by an explanation or an
exemption, and `open` for what could not be evaluated.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from survey.checks import CheckSet
from survey.record import previous_period
from survey.store import Store

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
# Fast rather than small: most masks are nearly empty.
_LEVEL = 1


@dataclass
class Tally:
    """How many records pass a check, fail it, or could not be evaluated; of those that fail, how many are answered."""

    check: str
    category: str
    passed: int = 0
    failed: int = 0
    not_evaluated: int = 0
    answered: int = 0

    @property
    def rate(self) -> float | None:
        """Failures in per cent of what could be evaluated; None where nothing could."""
        evaluated = self.passed + self.failed
        return 100 * self.failed / evaluated if evaluated else None


class Masks(NamedTuple):
    """The records of a part that fail a check, those not evaluated, and of those that fail the answered, shape (n,)."""

    failing: Mask
    open: Mask
    answered: Mask


@dataclass(frozen=True)
class Part:
    """Some records of a base, shape (n,), and by check the packed masks; a check all records pass is not in it."""

    base: str
    responses: Ids
    lines: Ids
    packed: Mapping[str, tuple[bytes | None, bytes | None, bytes | None]]

    def masks(self, check: str) -> Masks:
        """What the records are to a check."""
        return Masks(*(_unpacked(one, len(self.responses)) for one in self.packed.get(check, (None, None, None))))


def part_of(base: str, responses: Ids, lines: Ids, masks: Iterable[tuple[str, Masks]]) -> Part:
    """A part from the masks of its checks."""
    packed = {check: (_packed(of.failing), _packed(of.open), _packed(of.answered)) for check, of in masks}
    return Part(base, responses, lines, {check: three for check, three in packed.items() if any(three)})


def replaced(part: Part, gone: Ids, fresh: Part) -> Part:
    """A part in which the records of some responses have given place to others of the same base."""
    kept = ~np.isin(part.responses, gone)
    responses = np.concatenate((part.responses[kept], fresh.responses))
    lines = np.concatenate((part.lines[kept], fresh.lines))
    order = np.lexsort((lines, responses))

    def masks() -> Iterator[tuple[str, Masks]]:
        for check in dict.fromkeys((*part.packed, *fresh.packed)):
            pairs = zip(part.masks(check), fresh.masks(check), strict=True)
            yield check, Masks(*(np.concatenate((old[kept], new))[order] for old, new in pairs))

    return part_of(part.base, responses[order], lines[order], masks())


def joined(base: str, parts: Iterable[Part]) -> Part:
    """The records of several parts of a base as one."""
    whole = part_of(base, _NO_IDS, _NO_IDS, ())
    for part in parts:
        whole = replaced(whole, _NO_IDS, part)
    return whole


def taken(part: Part, places: Mask) -> Part:
    """Some records of a part."""
    masks = ((check, Masks(*(one[places] for one in part.masks(check)))) for check in part.packed)
    return part_of(part.base, part.responses[places], part.lines[places], masks)


def _packed(mask: Mask) -> bytes | None:
    return zlib.compress(np.packbits(mask).tobytes(), _LEVEL) if mask.any() else None


def _unpacked(packed: bytes | None, count: int) -> Mask:
    if packed is None:
        return np.zeros(count, np.bool_)
    return np.unpackbits(np.frombuffer(zlib.decompress(packed), np.uint8), count=count).astype(np.bool_)


@dataclass(frozen=True)
class Failures:
    """Failed checks as arrays of shape (n,): the place in `codes` of each check, its response, its line."""

    codes: tuple[str, ...]
    checks: NDArray[np.int32]
    responses: Ids
    lines: Ids
    answered: Mask

    def __len__(self) -> int:
        return len(self.checks)

    def taken(self, places: NDArray[Any]) -> Failures:
        """Those at some places, or where a mask is set."""
        columns = (self.checks, self.responses, self.lines, self.answered)
        return Failures(self.codes, *(column[places] for column in columns))


def failures_of(parts: Iterable[Part], checks: Collection[str]) -> Failures:
    """The records of some parts that fail some checks: by check in the order given, then by response and line."""
    codes = tuple(checks)
    place = {check: at for at, check in enumerate(codes)}
    found: list[tuple[NDArray[Any], ...]] = [_NONE]
    for part in parts:
        for check in part.packed:
            if check not in place:
                continue
            failing, _, answered = part.masks(check)
            responses = part.responses[failing]
            checks_ = np.full(len(responses), place[check], np.int32)
            found.append((checks_, responses, part.lines[failing], answered[failing]))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    return Failures(codes, *columns).taken(np.lexsort((columns[2], columns[1], columns[0])))


class Results:
    """The stored outcome of a period; everything is read as it is asked for."""

    def __init__(self, store: Store, period: str) -> None:
        self._store = store
        self.period = period
        row = store.execute("SELECT rules, seen, at, standards FROM result WHERE period = ?", (period,)).fetchone()
        facts: tuple[str, int, str, str] = row or ("", 0, "", "{}")
        self.rules, self.seen, self.at, self.standards = facts
        # Whether the period was checked before this review of it.
        self.former = bool(self.at)

    def touched(self) -> Ids:
        """The responses of the period that were changed, or whose last year was, since they were checked."""
        rows = self._store.execute(
            # What was touched is little: it leads, whatever the planner thinks of the period.
            "SELECT t.response FROM touched t LEFT JOIN response r ON r.id = t.response"
            " WHERE t.at > ? AND (r.id IS NULL OR r.period = ?)"
            " UNION SELECT now.id FROM touched t CROSS JOIN response r ON r.id = t.response"
            " CROSS JOIN response now ON now.unit = r.unit WHERE t.at > ? AND r.period = ? AND now.period = ?",
            (self.seen, self.period, self.seen, previous_period(self.period), self.period),
        )
        return np.fromiter((row[0] for row in rows), np.int64)

    def tallies(self, checks: CheckSet) -> dict[str, Tally]:
        """The counts of every check."""
        rows = self._store.execute(
            "SELECT check_code, sum(failed), sum(unknown), sum(settled) FROM result_check WHERE period = ?"
            " GROUP BY check_code",
            (self.period,),
        )
        counts = {row[0]: row[1:] for row in rows}
        records = self.records()
        found = {}
        for one in checks.compiled:
            code = one.check.code
            failed, unknown, answered = counts.get(code, (0, 0, 0))
            passed = records.get(checks.base(one.check), 0) - failed - unknown
            found[code] = Tally(code, one.check.category, passed, failed, unknown, answered)
        return found

    def records(self) -> dict[str, int]:
        """How many records of each base were checked."""
        rows = self._store.execute(
            "SELECT base, sum(rows) FROM result_part WHERE period = ? GROUP BY base", (self.period,)
        )
        return dict(rows)

    def parts(self, base: str = "", checks: Collection[str] | None = None) -> Iterator[tuple[int, Part]]:
        """The parts with their numbers, in order; with the masks of some checks alone where they are named."""
        where, facts = (" AND base = ?", (base,)) if base else ("", ())
        heads = self._store.execute(
            f"SELECT base, part, responses, lines FROM result_part WHERE period = ?{where} ORDER BY base, part",
            (self.period, *facts),
        ).fetchall()
        for of, number, responses, lines in heads:
            yield number, Part(of, _ids(responses), _ids(lines), self._packed(of, number, checks))

    def whole(self, number: int, part: Part) -> Part:
        """A part with the masks of every check."""
        return Part(part.base, part.responses, part.lines, self._packed(part.base, number, None))

    def _packed(
        self, base: str, part: int, checks: Collection[str] | None
    ) -> dict[str, tuple[bytes | None, bytes | None, bytes | None]]:
        wanted = "" if checks is None else f" AND check_code IN ({', '.join('?' * len(checks))})"
        rows = self._store.execute(
            "SELECT check_code, failing, open, answered FROM result_check"
            f" WHERE period = ? AND base = ? AND part = ?{wanted}",
            (self.period, base, part, *(checks or ())),
        )
        return {check: tuple(masks) for check, *masks in rows}

    def failures(self, checks: Collection[str]) -> Failures:
        """The records that fail some checks: by check in the order given, then by response and line."""
        return failures_of((part for _, part in self.parts(checks=checks)), checks)

    def begin(self) -> None:
        """Makes room for the outcome, in the open transaction: from then on the file notes what is changed."""
        self._store.execute(
            "INSERT OR IGNORE INTO result (period, rules, seen, at, standards)"
            " VALUES (?, '', (SELECT coalesce(max(at), 0) FROM touched), '', '{}')",
            (self.period,),
        )

    def save(self, rules: str, seen: int, at: str, standards: str, parts: Iterable[tuple[int, Part]]) -> None:
        """Keeps parts in place of those of their base and number, in the open transaction."""
        self._store.execute(
            "INSERT OR REPLACE INTO result (period, rules, seen, at, standards) VALUES (?, ?, ?, ?, ?)",
            (self.period, rules, seen, at, standards),
        )
        for number, part in parts:
            self._drop(" AND base = ? AND part = ?", (part.base, number))
            if len(part.responses):
                self._insert(number, part)
        self.rules, self.seen, self.at, self.standards = rules, seen, at, standards

    def _insert(self, number: int, part: Part) -> None:
        self._store.execute(
            "INSERT INTO result_part (period, base, part, rows, responses, lines) VALUES (?, ?, ?, ?, ?, ?)",
            (self.period, part.base, number, len(part.responses), part.responses.tobytes(), part.lines.tobytes()),
        )
        self._store.executemany(
            "INSERT INTO result_check (period, base, part, check_code, failed, unknown, settled, failing, open,"
            " answered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (self.period, part.base, number, check, *(int(mask.sum()) for mask in part.masks(check)), *packed)
                for check, packed in part.packed.items()
            ],
        )

    def clear(self) -> None:
        """Forgets the period's outcome, in the open transaction."""
        self._drop("", ())
        self._store.execute("DELETE FROM result WHERE period = ?", (self.period,))

    def _drop(self, where: str, facts: tuple[object, ...]) -> None:
        for table in ("result_part", "result_check"):
            self._store.execute(f"DELETE FROM {table} WHERE period = ?{where}", (self.period, *facts))


_NO_IDS = np.empty(0, np.int64)
_NONE = (np.empty(0, np.int32), _NO_IDS, _NO_IDS, np.empty(0, np.bool_))


def _ids(blob: bytes) -> Ids:
    return np.frombuffer(blob, np.int64)
