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
        self._short = np.array([not unit.name.trade for unit in units], np.bool_)
        self._address = _numbers(unit.address for unit in units)
        self._person = _numbers(unit.person for unit in units)
        self._figures = _numbers(unit.figures for unit in units)
        self._code = np.array([unit.uscc for unit in units], object)
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
        whole = self._whole[one] == self._whole[other]
        address, person = self._agree(self._address, one, other), self._agree(self._person, one, other)
        bound = self._names(one, other, whole)
        codes = self._codes(one, other)
        bound += codes
        bound += np.where(phone, WEIGHTS["phone_same"], 0)
        bound += _weight(address, "address_same", "address_near") + _weight(person, "person_same", "person_differs")
        bound += _weight(self._agree(self._figures, one, other), "figures_same", "figures_differ")
        renamed = phone & (address > 0) & (person > 0)
        passed: NDArray[np.bool_] = (bound >= LEAST) | renamed | whole | (codes == WEIGHTS["code_slip"])
        return passed

    def _codes(self, one: Places, other: Places) -> NDArray[np.float64]:
        """What the codes say; what one organisation has is counted as a slip."""
        sound = self._sound[one] & self._sound[other]
        found = np.where(sound, WEIGHTS["code_differs"], WEIGHTS["code_differs"] / 4)
        rest = np.flatnonzero(~sound)
        distance = cpdist(self._code[one[rest]], self._code[other[rest]], scorer=OSA.distance, score_cutoff=2)
        found[rest[np.asarray(distance) <= 2]] = WEIGHTS["code_near"]
        found[rest[np.asarray(distance) <= 1]] = WEIGHTS["code_slip"]
        found[self._organisation[one] == self._organisation[other]] = WEIGHTS["code_slip"]
        return found

    def _agree(self, part: Places, one: Places, other: Places) -> Places:
        """1 where two units agree in a part, -1 where they do not, 0 where one says nothing of it."""
        known = (part[one] != _BLANK) & (part[other] != _BLANK)
        return np.where(known, np.where(part[one] == part[other], 1, -1), 0)

    def _names(self, one: Places, other: Places, whole: NDArray[np.bool_]) -> NDArray[np.float64]:
        same = (self._stem[one] == self._stem[other]) | whole
        core = self._core[one] == self._core[other]
        short = core & (self._short[one] | self._short[other])
        sisters = WEIGHTS["core_same"] + WEIGHTS["trade_differs"]
        found = np.where(core, sisters, WEIGHTS["name_differs"]).astype(np.float64)
        rest = np.flatnonzero(~same & ~short)
        distance = cpdist(self._stems[one[rest]], self._stems[other[rest]], scorer=OSA.distance, score_cutoff=1)
        found[rest[np.asarray(distance) <= 1]] = WEIGHTS["stem_near"]
        found[short] = WEIGHTS["core_short"]
        found[same] = WEIGHTS["name_same"]
        return found


def _weight(agree: Places, same: str, differs: str) -> NDArray[np.float64]:
    return np.choose(agree + 1, (WEIGHTS[differs], 0.0, WEIGHTS[same]))


def _numbers(values: Iterable[Hashable]) -> Places:
    known: dict[Hashable, int] = {"": _BLANK, (): _BLANK}
    return np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64)
