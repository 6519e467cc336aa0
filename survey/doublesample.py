"""Which units are keyed a second time: drawn once, by a seed that anybody can repeat."""

from __future__ import annotations

import json
import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Literal

from survey.errors import SurveyError
from survey.form import MONEY_UNIT
from survey.persons import permit
from survey.scheme import Scheme
from survey.sql import quote
from survey.store import Store, now

By = Literal["random", "weighted"]


@dataclass(frozen=True)
class Sample:
    """A drawn sample: how it was drawn, by whom and when, from how many units, and which units came out.

    `times` counts the draws of the period, the last included.
    """

    by: By
    item: str
    count: int
    frame: int
    seed: int
    who: str
    at: str
    reason: str
    times: int
    units: tuple[int, ...]


def weight_item(scheme: Scheme) -> str:
    """The item that units are weighted by where none is named: the first money item that must be answered."""
    asked = [item for form in scheme.forms_of("unit") if not form.is_list for item in form.items]
    money = [item for item in asked if item.unit == MONEY_UNIT and item.numeric and not item.computed]
    chosen = [item for item in money if item.required] or money
    return chosen[0].name if chosen else ""


def wanted(share: float, frame: int) -> int:
    """How many units a share of the frame is: rounded up, at least one where there is any."""
    return min(frame, max(1, math.ceil(round(share * frame, 9)))) if frame else 0


def frame(store: Store, period: str, item: str = "") -> dict[int, float]:
    """The units whose entry has begun, by number, with their value of an item (0 where there is none)."""
    form = store.scheme.form_of(item) if item else None
    value = f"coalesce(f.{quote(item)}, 0)" if form else "0"
    join = f"LEFT JOIN {form.table} f ON f.response = r.id" if form else ""
    rows = store.execute(
        f"SELECT u.id, {value} FROM response r JOIN unit u ON u.id = r.unit {join}"
        " WHERE r.period = ? AND u.kind = 'unit' AND r.status <> 'due' ORDER BY u.id",
        (period,),
    )
    return {int(unit): float(size) for unit, size in rows}


def certain(sizes: Mapping[int, float], count: int) -> set[int]:
    """The units that are so large that they are drawn for certain: take-all.

    A unit belongs here when count × size ≥ total; as each takes a place and its size with it, the
    rule is applied again to the others until none is left (Särndal, Swensson and Wretman 1992,
    Model Assisted Survey Sampling, chapter 3.6).
    """
    taken: set[int] = set()
    while len(taken) < count:
        rest = {unit: size for unit, size in sizes.items() if unit not in taken}
        total = math.fsum(rest.values())
        large = [unit for unit, size in rest.items() if (count - len(taken)) * size >= total > 0]
        if not large:
            break
        taken.update(large[: count - len(taken)])
    return taken


def lifted(sizes: Mapping[int, float]) -> dict[int, float]:
    """Sizes to draw by: units without a positive value count as the smallest that has one, so that none is safe."""
    least = min((size for size in sizes.values() if size > 0), default=1.0)
    return {unit: size if size > 0 else least for unit, size in sizes.items()}


def inclusion(sizes: Mapping[int, float], count: int) -> dict[int, float]:
    """The probability with which each unit is drawn: 1 for the take-all units, else proportional to size."""
    sizes = lifted(sizes)
    taken = certain(sizes, min(count, len(sizes)))
    total = math.fsum(size for unit, size in sizes.items() if unit not in taken)
    left = min(count, len(sizes)) - len(taken)
    return {unit: 1.0 if unit in taken else left * size / total for unit, size in sizes.items()}


def systematic(sizes: Mapping[int, float], count: int, start: float) -> list[int]:
    """A systematic sample with probability proportional to size, the largest for certain.

    The sizes are laid end to end; a point is set at `start` (a part of a step, 0 ≤ start < 1) and
    at every step after it; the units the points fall in are drawn. A step is total ÷ count, so no
    unit left after take-all is as long as a step and none is drawn twice.
    """
    sizes = lifted(sizes)
    count = min(count, len(sizes))
    taken = certain(sizes, count)
    rest = [unit for unit in sizes if unit not in taken]
    left = count - len(taken)
    if not left:
        return sorted(taken)
    ends = list(accumulate(sizes[unit] for unit in rest))
    step = ends[-1] / left
    points = [(start + at) * step for at in range(left)]
    return sorted(taken | {rest[min(bisect_right(ends, point), len(rest) - 1)] for point in points})


def choose(sizes: Mapping[int, float], count: int, by: By, seed: int) -> list[int]:
    """The units of a sample; the same for the same seed."""
    numbers = random.Random(seed)  # noqa: S311 - a sample must be repeatable, not secret
    if by == "weighted":
        return systematic(sizes, count, numbers.random())
    return sorted(numbers.sample(sorted(sizes), min(count, len(sizes))))


def draw(
    store: Store,
    period: str,
    *,
    share: float = 0,
    count: int = 0,
    by: By = "random",
    seed: int,
    item: str = "",
    who: str = "",
    reason: str = "",
) -> Sample:
    """Draws the units to key again, a share of those entered or a count of them; remembers and records it.

    A sample cannot be drawn again until one likes it: a second draw needs a reason, is recorded, and
    keeps the units whose second entry has begun. Raises SurveyError `second_none`, `second_size`, `second_drawn`.
    """
    permit(store, "edit")
    item = (item or weight_item(store.scheme)) if by == "weighted" else ""
    sizes = frame(store, period, item)
    before = drawn(store, period)
    if not sizes:
        raise SurveyError("second_none")
    if not (0 < share <= 1 or count > 0):
        raise SurveyError("second_size", found=share or count)
    if before and not reason.strip():
        raise SurveyError("second_drawn")
    count = min(count or wanted(share, len(sizes)), len(sizes))
    chosen = choose(sizes, count, by, seed)
    times = before.times + 1 if before else 1
    sample = Sample(by, item, count, len(sizes), seed, who, now(), reason.strip(), times, tuple(chosen))
    _keep(store, period, sample)
    return sample


def drawn(store: Store, period: str) -> Sample | None:
    """The sample of a period as it was last drawn."""
    text = store.desk.get(f"second_sample:{period}")
    if not text:
        return None
    facts = json.loads(text)
    return Sample(**{**facts, "units": tuple(facts["units"])})


def _keep(store: Store, period: str, sample: Sample) -> None:
    with store.atomic():
        begun = "SELECT unit FROM second_entry WHERE period = second_unit.period"
        store.execute(
            f"DELETE FROM second_unit WHERE period = ? AND finished = '' AND unit NOT IN ({begun})", (period,)
        )
        _add(store, period, sample.units)
        store.set_desk(f"second_sample:{period}", json.dumps(asdict(sample), ensure_ascii=False))
        store.add_source(_line(period, sample), "sample", "", sample.who)


def _add(store: Store, period: str, units: Sequence[int]) -> None:
    store.executemany(
        "INSERT OR IGNORE INTO second_unit (unit, period, drawn) VALUES (?, ?, ?)",
        [(unit, period, now()) for unit in units],
    )


def _line(period: str, sample: Sample) -> str:
    """A draw as it is recorded: enough to repeat it."""
    how = f"{sample.by}({sample.item})" if sample.item else sample.by
    facts = f"{period} {how} {sample.count}/{sample.frame} seed={sample.seed} draw={sample.times}"
    return f"{facts} {sample.reason}".rstrip()
