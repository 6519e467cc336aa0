"""Rows read a page at a time as one scrolls, the last pages kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
PAGE = 256
_KEPT = 40


class PageCache(Generic[T]):
    """`read` gives the rows from a place on, so many of them."""

    def __init__(self, read: Callable[[int, int], Sequence[T]]) -> None:
        self._read = read
        self._pages: OrderedDict[int, Sequence[T]] = OrderedDict()

    def row(self, number: int) -> T:
        """One row, with its page where it is not yet there."""
        page = number // PAGE
        if page not in self._pages:
            self._pages[page] = self._read(page * PAGE, PAGE)
            if len(self._pages) > _KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page][number % PAGE]

    def clear(self) -> None:
        """Everything is read anew."""
        self._pages.clear()
