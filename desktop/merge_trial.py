"""What was tried together: a return comes out as it was shown only after the returns that were taken before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from survey.mergereport import MergeReport


@dataclass(frozen=True)
class Step:
    """A return that is taken, and the units that are left out of it."""

    path: Path
    left_out: frozenset[str] = frozenset()


def stale(tried: Sequence[Step], now: Sequence[Step]) -> list[Path]:
    """The returns that would be taken `now` and may come out differently from how they were `tried`.

    Returns are taken in their order, so what is decided about one concerns those after it alone; what is left out
    of a return is not taken, and the rest of it stays as it was shown.
    """
    found = []
    for at, step in enumerate(now):
        same = tried[:at] == now[:at] and at < len(tried) and tried[at].path == step.path
        if not same:
            found.append(step.path)
    return found


def renewed(before: MergeReport, after: MergeReport, left_out: Collection[str]) -> MergeReport:
    """A return that was tried anew; the units left out of it are still listed, so that they can be taken again."""
    known = {one.uscc for one in after.units}
    units = [one for one in before.units if one.uscc in left_out and one.uscc not in known]
    codes = {one.uscc for one in units}
    cells = [one for one in before.cells if one.uscc in codes]
    return replace(after, units=[*after.units, *units], cells=[*after.cells, *cells]) if units else after
