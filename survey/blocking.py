"""Which pairs of units are worth comparing: those that share a key, as long as few others share it too."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
# A key that more units share tells nothing of any two of them.
MOST = 40


class Blocks:
    """Keys of units by their places; the pairs come out once each."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._keys = array("q")
        self._places = array("l")

    def add(self, place: int, keys: Iterable[Hashable]) -> None:
        """The keys of a unit."""
        for key in set(keys):
            self._keys.append(hash(key))
            self._places.append(place)

    def pairs(self) -> Places:
        """The places of the pairs that share a key, shape (n, 2), the lesser first, in order."""
        keys = np.frombuffer(self._keys, np.int64) if self._keys else np.zeros(0, np.int64)
        places = np.array(self._places, np.int64)
        order = np.argsort(keys, kind="stable")
        keys, places = keys[order], places[order]
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else keys
        sizes = np.diff(np.append(starts, len(keys)))
        found = [np.zeros((0, 2), np.int64)]
        found += [_within(places, starts[sizes == size], int(size)) for size in np.unique(sizes)
                  if 1 < size <= self._most]  # fmt: skip
        return once(np.concatenate(found))


def _within(places: Places, starts: Places, size: int) -> Places:
    """All pairs inside groups of one size."""
    groups = places[starts[:, None] + np.arange(size)]
    left, right = np.triu_indices(size, 1)
    return np.stack((groups[:, left].ravel(), groups[:, right].ravel()), axis=1)


def once(pairs: Places) -> Places:
    """Each pair once; pairs of a unit with itself fall away."""
    low, high = pairs.min(axis=1, initial=1 << 31), pairs.max(axis=1, initial=0)
    packed = np.unique(low[low < high] << 32 | high[low < high])
    return np.stack((packed >> 32, packed & 0xFFFFFFFF), axis=1)


def deletions(text: str) -> Iterator[str]:
    """A text without one of its characters, for each of them: texts that are one slip apart share one of these."""
    yield text
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]
