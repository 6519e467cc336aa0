"""The pages of SQLite's trees one by one, whatever became of the others: https://sqlite.org/fileformat2.html.

What does not fit together is told apart: a page that is none of a tree, a cell that cannot be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

Value = None | int | float | str | bytes
Record = tuple[Value, ...]

_INNER_KEYS, _INNER, _LEAF_KEYS, _LEAF = 2, 5, 10, 13
_HEADS = {_INNER_KEYS: 12, _INNER: 12, _LEAF_KEYS: 8, _LEAF: 8}
_FILE_HEAD = 100
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FIXED = {0: None, 8: 0, 9: 1}
# A free block, and so what a cell takes: where the next block is, and its own size.
_LEAST = 4
_BROKEN = (ValueError, IndexError, struct.error)


@dataclass(frozen=True)
class Cell:
    """One cell: the row's `number` (0 in a tree by keys), the page below it (0 at leaves), and its record.

    `record` is None where it cannot be read, () where there is none.
    """

    number: int
    below: int
    record: Record | None


@dataclass(frozen=True)
class Node:
    """A page of a tree; `by_key`: its rows go by their key instead of a number, and inner pages hold rows too.

    `last` is the page below that comes after all cells (0 at leaves).
    """

    number: int
    by_key: bool
    last: int
    pointers: tuple[int, ...]

    @property
    def is_leaf(self) -> bool:
        return not self.last


class Nodes:
    """Pages by their number, `usable` bytes of each; those that are not there could not be read."""

    def __init__(self, pages: Mapping[int, bytes], usable: int) -> None:
        self.pages = pages
        self._usable = usable
        self.overflown: set[int] = set()
        """Pages that hold the rest of a record that has been read."""
        self.node = lru_cache(1 << 16)(self._node)

    def _node(self, number: int) -> Node | None:
        """The page, where it can be one of a tree."""
        page = self.pages.get(number)
        if page is None:
            return None
        start = _FILE_HEAD if number == 1 else 0
        kind = page[start]
        if kind not in _HEADS:
            return None
        count, content = struct.unpack_from(">2H", page, start + 3)
        first = start + _HEADS[kind]
        if not first + 2 * count <= (content or 65536) <= self._usable:
            return None
        inner = kind in (_INNER, _INNER_KEYS)
        last = struct.unpack_from(">I", page, start + 8)[0] if inner else 0
        if inner and not last > 1:
            return None
        return Node(number, kind in (_INNER_KEYS, _LEAF_KEYS), last, struct.unpack_from(f">{count}H", page, first))

    def cells(self, node: Node) -> Iterator[Cell | None]:
        """The cells of a page in order; None for one of which nothing can be read."""
        for pointer in node.pointers:
            yield self._cell(node, pointer)

    def cell(self, node: Node, at: int) -> Cell | None:
        return self._cell(node, node.pointers[at])

    def _cell(self, node: Node, at: int) -> Cell | None:
        page = self.pages[node.number]
        try:
            below = 0
            if not node.is_leaf:
                below, at = struct.unpack_from(">I", page, at)[0], at + 4
                if not node.by_key:
                    return Cell(_signed(_varint(page, at)[0]), below, ())
            size, at = _varint(page, at)
            number = 0
            if not node.by_key:
                number, at = _varint(page, at)
        except _BROKEN:
            return None
        try:
            return Cell(_signed(number), below, _record(self._payload(node, page, at, size)))
        except _BROKEN:
            return Cell(_signed(number), below, None)

    def _payload(self, node: Node, page: bytes, at: int, size: int) -> bytes:
        """The bytes of a record, with those that stand on pages of their own."""
        local = self._local(size, by_key=node.by_key)
        if at + local + (4 if local < size else 0) > self._usable:
            raise ValueError
        if local == size:
            return page[at : at + size]
        parts, missing = [page[at : at + local]], size - local
        follows = struct.unpack_from(">I", page, at + local)[0]
        chain: set[int] = set()
        while missing > 0:
            more = self.pages.get(follows)
            if more is None or follows < 2 or follows in chain:
                raise ValueError
            chain.add(follows)
            parts.append(more[4 : min(self._usable, 4 + missing)])
            missing -= self._usable - 4
            follows = struct.unpack_from(">I", more)[0]
        if follows:
            raise ValueError
        self.overflown |= chain
        return b"".join(parts)

    def _local(self, size: int, *, by_key: bool) -> int:
        """How many bytes of a record stand in its cell."""
        most = (self._usable - 12) * 64 // 255 - 23 if by_key else self._usable - 35
        if size <= most:
            return size
        least = (self._usable - 12) * 32 // 255 - 23
        kept = least + (size - least) % (self._usable - 4)
        return kept if kept <= most else least

    def whole(self, node: Node) -> bool:
        """Whether cells, gaps and what is free between them fill a page to the byte, as they do where it is sound."""
        page = self.pages[node.number]
        start = _FILE_HEAD if node.number == 1 else 0
        free, _, content, fragments = struct.unpack_from(">3HB", page, start + 1)
        taken = fragments
        try:
            while free:
                following, size = struct.unpack_from(">2H", page, free)
                # They stand in order, and each holds at least these two numbers; else they could lead in a circle.
                if size < _LEAST or 0 < following < free + size:
                    return False
                taken, free = taken + size, following
            taken += sum(self._extent(node, page, at) for at in node.pointers)
        except _BROKEN:
            return False
        return bool(taken == self._usable - (content or 65536))

    def _extent(self, node: Node, page: bytes, start: int) -> int:
        at = start if node.is_leaf else start + 4
        if not node.is_leaf and not node.by_key:
            return _varint(page, at)[1] - start
        size, at = _varint(page, at)
        if not node.by_key:
            at = _varint(page, at)[1]
        local = self._local(size, by_key=node.by_key)
        return max(_LEAST, at - start + local + (4 if local < size else 0))


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = raw[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    for more in range(at + 1, at + 8):
        byte = raw[more]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, more + 1
    return value << 8 | raw[at + 8], at + 9


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _record(raw: bytes) -> Record:
    """The values of a record; raises ValueError where its head does not tell of exactly these bytes."""
    end, at = _varint(raw, 0)
    kinds = []
    while at < end:
        kind, at = _varint(raw, at)
        kinds.append(kind)
    if at != end:
        raise ValueError
    values: list[Value] = []
    for kind in kinds:
        if kind in _FIXED:
            values.append(_FIXED[kind])
            continue
        size = _INTEGERS.get(kind) or (8 if kind == 7 else (kind - 12) // 2)
        if kind in (10, 11) or at + size > len(raw):
            raise ValueError
        values.append(_value(kind, raw[at : at + size]))
        at += size
    if at != len(raw):
        raise ValueError
    return tuple(values)


def _value(kind: int, raw: bytes) -> Value:
    if kind == 7:
        return float(struct.unpack(">d", raw)[0])
    if kind < 7:
        return int.from_bytes(raw, "big", signed=True)
    if kind % 2 == 0:
        return raw
    return raw.decode()
