"""The slow part of look-alikes: the search and settling what is sure, each in a store of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from survey import duplicates, lookalikes
from survey import store as stores
from survey.lookalikes import Found, Group
from survey.progress import Progress


def search(file: Path, progress: Progress) -> Found:
    """What looks alike in a file."""
    with closing(stores.open(file, readonly=True)) as store:
        return lookalikes.search(store, store.period, progress)


def settle_sure(file: Path, groups: Sequence[Group], who: str, progress: Progress) -> int:
    """Makes one of what is sure; gives how many groups."""
    with closing(stores.open(file)) as store:
        return duplicates.settle_sure(store, groups, who=who, progress=progress)
