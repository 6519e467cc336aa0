"""Which of many pairs can look alike at all: an upper bound of what weighing them could give, over whole arrays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from survey.agreement import LEAST, WEIGHTS, Known
from survey.blocking import Places

_BLANK = 0
# So many pairs are held as texts at once.
_CHUNK = 200_000


class Screen:
    """The parts of units as numbers, shape (n,); equal numbers mean equal parts, 0 a blank."""

    def __init__(self, units: Sequence[Known]) -> None:
        self._stems = np.array([unit.name.stem for unit in units], object)
        self._whole = _numbers(unit.name.whole for unit in units)
        self._stem = _numbers(unit.name.stem for unit in units)
        self._core = _numbers(unit.name.core for unit in units)
        self._address = _numbers(unit.address for unit in units)
        self._person = _numbers(unit.person for unit in units)
        self._figures = _numbers(unit.figures for unit in units)
        self._organisation = _numbers(unit.uscc[8:17] for unit in units)
        most = max((len(unit.phones) for unit in units), default=0)
        self._phones = [
            _numbers(unit.phones[at] if at < len(unit.phones) else "" for unit in units) for at in range(most)
        ]
        self._sound = np.array([unit.sound for unit in units], np.bool_)

    def passed(self, pairs: Places) -> Places:
        """The pairs that may weigh enough to be shown."""
        parts = (pairs[at : at + _CHUNK] for at in range(0, len(pairs), _CHUNK))
        return np.concatenate([part[self._may(part[:, 0], part[:, 1])] for part in parts] or [pairs])

    def _may(self, one: Places, other: Places) -> NDArray[np.bool_]:
        phone = np.zeros(len(one), np.bool_)
        for left in self._phones:
            for right in self._phones:
                phone |= (left[one] == right[other]) & (left[one] != _BLANK)
        address, person, figures = (
            (part[one] == part[other]) & (part[one] != _BLANK) for part in (self._address, self._person, self._figures)
        )
        near = ~address & (self._address[one] != _BLANK) & (self._address[other] != _BLANK)
        apart = self._sound[one] & self._sound[other] & (self._organisation[one] != self._organisation[other])
        bound = self._names(one, other)
        bound += np.where(apart, WEIGHTS["code_differs"], WEIGHTS["code_slip"])
        for agrees, part in (
            (phone, "phone_same"), (address, "address_same"), (near, "address_near"), (person, "person_same"),
            (figures, "figures_same"),
        ):  # fmt: skip
            bound += np.where(agrees, WEIGHTS[part], 0)
        passed: NDArray[np.bool_] = (bound >= LEAST) | (phone & address & person) | ~apart
        return passed

    def _names(self, one: Places, other: Places) -> NDArray[np.float64]:
        same = (self._stem[one] == self._stem[other]) | (self._whole[one] == self._whole[other])
        core = self._core[one] == self._core[other]
        found = np.where(same, WEIGHTS["name_same"], np.where(core, WEIGHTS["core_short"], WEIGHTS["name_differs"]))
        rest = np.flatnonzero(~same & ~core)
        distance = cpdist(self._stems[one[rest]], self._stems[other[rest]], scorer=OSA.distance, score_cutoff=1)
        found[rest[np.asarray(distance) <= 1]] = WEIGHTS["stem_near"]
        return found.astype(np.float64)


def _numbers(values: Iterable[Hashable]) -> Places:
    known: dict[Hashable, int] = {"": _BLANK, (): _BLANK}
    return np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64)
