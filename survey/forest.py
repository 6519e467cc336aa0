"""Which pages of a damaged database belong to which table, told by what leads to them, or by what stands on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from survey.nodes import Cell, Node, Nodes, Record, Value

Key = tuple[tuple[int, int | float | str | bytes], ...]
_LOWEST: Key = ()
_HIGHEST: Key = ((9, 0),)
_DEEPEST = 40
_SAMPLE = 5
# A page with rows counts for more than any number of empty ones.
_FULL = 1 << 16
_TYPES: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "REAL": (int, float), "TEXT": (str,), "BLOB": (bytes,)}


@dataclass(frozen=True)
class Stored:
    """A column as records hold it: its type ('ANY' takes all) and whether it may be empty."""

    name: str
    type: str
    empty: bool = True


@dataclass
class Hole:
    """A page that a tree leads to and that cannot be read, with the keys its rows lie between, both not among them.

    `filled`: what it led to has turned up.
    """

    page: int
    low: Key
    high: Key
    filled: bool = False


@dataclass
class Tree:
    """A table or an index: what its records hold, the page it begins with (0: not known), the pages with its rows.

    `expected` orders trees as their first pages were made; `among` is what its first column holds, where that is known
    beforehand. `strange`: it was known by its rows alone; `adopted` are those of the pages that nothing led to.
    """

    name: str
    by_key: bool
    columns: Sequence[Stored]
    root: int = 0
    expected: int = 0
    is_table: bool = True
    among: Collection[Value] = ()
    nodes: list[int] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    strange: bool = False
    adopted: set[int] = field(default_factory=set)

    def fits(self, record: Record) -> bool:
        """Whether a record can be one of this tree's; columns that were added later may be missing at its end."""
        if not 0 < len(record) <= len(self.columns) or (self.among and record[0] not in self.among):
            return False
        return all(_holds(column, value) for column, value in zip(self.columns, record, strict=False))


def _holds(column: Stored, value: Value) -> bool:
    if value is None:
        return column.empty
    wanted = _TYPES.get(column.type)
    return wanted is None or isinstance(value, wanted)


class Forest:
    """The trees of a database, grown from the pages that there are."""

    def __init__(self, nodes: Nodes, free: tuple[int, int] | None, trees: Sequence[Tree]) -> None:
        self._nodes = nodes
        self._owned: dict[int, Tree] = {}
        self._free = self._listed(*free) if free is not None else self._guessed()
        self.lists_free = free is not None and len(self._free) == free[1]
        """Whether all free pages are known for what they are: what stands on others is in use."""
        self.trees = trees
        for tree in trees:
            if tree.root:
                self._walk(tree, tree.root, _LOWEST, _HIGHEST, 0)
        led_to = {number for tree in trees for number in tree.nodes}
        self._adopt()
        for tree in trees:
            tree.adopted = set(tree.nodes) - led_to
            tree.nodes.sort(key=lambda number, by_key=tree.by_key: self._first(number, by_key))  # type: ignore[misc]

    def unknown(self) -> list[int]:
        """Pages that could not be read and that no tree is known to miss."""
        missed = {hole.page for tree in self.trees for hole in tree.holes}
        told = self._owned.keys() | self._free | self._nodes.overflown | missed
        return [number for number in range(1, max(self._nodes.pages, default=0) + 1) if number not in told]

    # Pages that lead to one another

    def _walk(self, tree: Tree, number: int, low: Key, high: Key, depth: int) -> None:
        node = self._nodes.node(number)
        if node is None or not self._belongs(tree, node, low, high) or depth > _DEEPEST:
            tree.holes.append(Hole(number, low, high))
            return
        self._owned[number] = tree
        if node.is_leaf or node.by_key:
            tree.nodes.append(number)
        if node.is_leaf:
            return
        for cell in self._nodes.cells(node):
            if cell is None or (node.by_key and cell.record is None):
                # What is below is between its neighbours, if it turns up.
                tree.holes.append(Hole(cell.below if cell else 0, low, high))
                continue
            key = _key(cell, node.by_key)
            self._walk(tree, cell.below, low, key, depth + 1)
            low = key
        self._walk(tree, node.last, low, high, depth + 1)

    def _belongs(self, tree: Tree, node: Node, low: Key, high: Key) -> bool:
        if node.number in self._owned or node.number in self._free or node.by_key != tree.by_key:
            return False
        if not node.pointers:
            return True
        cells = [cell for at in (0, -1) if (cell := self._nodes.cell(node, at))]
        if any(cell.record and not tree.fits(cell.record) for cell in cells):
            return False
        keys = [_key(cell, node.by_key) for cell in cells if not node.by_key or cell.record]
        # A number stands above the rows that reach it, a key stands beside them.
        return all(low < key and (key < high or (key == high and not node.by_key)) for key in keys)

    def _first(self, number: int, by_key: bool) -> Key:
        node = self._nodes.node(number)
        cells = self._nodes.cells(node) if node else iter(())
        return next((_key(cell, by_key) for cell in cells if cell and (cell.record or not by_key)), _LOWEST)

    # Pages that nothing leads to

    def _adopt(self) -> None:
        """Gives them to the trees that miss some, or whose beginning is not known."""
        lost = [tree for tree in self.trees if not tree.root]
        tops = self._tops()
        left = []
        for top in tops:
            span, sample = self._span(top), self._sample(top)
            found = [
                (tree, hole)
                for tree in self.trees
                if tree.by_key == top.by_key and sample and all(map(tree.fits, sample))
                for hole in tree.holes
                if hole.low < span[0] and span[1] <= hole.high
            ]
            if found:
                tree, hole = min(found, key=lambda one: (one[1].low == _LOWEST) + (one[1].high == _HIGHEST))
                hole.filled = True
                tree.strange |= len({id(one) for one, _ in found}) > 1
                self._walk(tree, top.number, hole.low, hole.high, 0)
            else:
                left.append((top, sample))
        pairs = list(_matched(left, sorted(lost, key=lambda tree: tree.expected)))
        for top, tree in pairs:
            # A page without rows shows that a table has none only where every table has its page.
            if top.pointers or len(pairs) == len(lost):
                tree.strange = True
                self._walk(tree, top.number, _LOWEST, _HIGHEST, 0)

    def _tops(self) -> list[Node]:
        """Where what nothing leads to begins."""
        alone = {
            number: node
            for number in self._nodes.pages
            if number not in self._owned and number not in self._free and (node := self._nodes.node(number))
        }
        led_to = {
            below
            for node in alone.values()
            if not node.is_leaf
            for below in (node.last, *(cell.below for cell in self._nodes.cells(node) if cell))
            if below in alone and alone[below].by_key == node.by_key
        }
        return [node for number, node in sorted(alone.items()) if number not in led_to]

    def _down(self, node: Node, end: int) -> Iterator[Cell]:
        """The first (0) or last (-1) cells from a page down to the rows."""
        for _ in range(_DEEPEST):
            cell = self._nodes.cell(node, end) if node.pointers else None
            if cell and (node.is_leaf or node.by_key):
                yield cell
            below = None
            if not node.is_leaf:
                below = self._nodes.node(node.last if end or not cell else cell.below)
            if below is None or below.by_key != node.by_key:
                return
            node = below

    def _span(self, top: Node) -> tuple[Key, Key]:
        ends = [[_key(cell, top.by_key) for cell in self._down(top, end)] for end in (0, -1)]
        return min(ends[0], default=_HIGHEST), max(ends[1], default=_LOWEST)

    def _sample(self, top: Node) -> list[Record]:
        """Some of the rows below a page."""
        found = [cell.record for end in (0, -1) for cell in self._down(top, end) if cell.record]
        if top.is_leaf:
            found += [cell.record for cell in self._nodes.cells(top) if cell and cell.record][:_SAMPLE]
        return found

    # Pages that hold nothing any more

    def _listed(self, first: int, count: int) -> set[int]:
        found: set[int] = set()
        while first and first not in found and len(found) < count:
            found.add(first)
            page = self._nodes.pages.get(first)
            if page is None:
                break
            found |= set(_trunk(page))
            first = int.from_bytes(page[:4], "big")
        return found

    def _guessed(self) -> set[int]:
        """Where the list of free pages cannot be found, whatever looks like a part of it."""
        found: set[int] = set()
        for number, page in self._nodes.pages.items():
            listed = _trunk(page)
            if listed and len(set(listed)) == len(listed) and min(listed) > 1 and max(listed) <= max(self._nodes.pages):
                found |= {number, *listed}
        return found


def _trunk(page: bytes) -> Sequence[int]:
    """The free pages that a part of their list names."""
    count = int.from_bytes(page[4:8], "big")
    if not count <= len(page) // 4 - 2:
        return ()
    return [int.from_bytes(page[at : at + 4], "big") for at in range(8, 8 + 4 * count, 4)]


def _matched(tops: Collection[tuple[Node, Sequence[Record]]], lost: Sequence[Tree]) -> Iterator[tuple[Node, Tree]]:
    """Which page begins which tree, as many as can be, both in the order in which they were made."""
    fitting = [[_likeness(top, sample, tree) for tree in lost] for top, sample in tops]
    best = [[0] * (len(lost) + 1) for _ in range(len(tops) + 1)]
    for one in reversed(range(len(tops))):
        for other in reversed(range(len(lost))):
            both = fitting[one][other] + best[one + 1][other + 1]
            best[one][other] = max(both, best[one + 1][other], best[one][other + 1])
    one = other = 0
    pairs = list(tops)
    while one < len(pairs) and other < len(lost):
        if fitting[one][other] and best[one][other] == fitting[one][other] + best[one + 1][other + 1]:
            yield pairs[one][0], lost[other]
            one, other = one + 1, other + 1
        elif best[one][other] == best[one + 1][other]:
            one += 1
        else:
            other += 1


def _likeness(top: Node, sample: Sequence[Record], tree: Tree) -> int:
    """How much speaks for a page beginning a tree; 0 where it cannot."""
    if top.by_key != tree.by_key or not all(map(tree.fits, sample)):
        return 0
    if not sample:
        return 1
    # Only records from before a column was added are shorter than their table.
    return _FULL if any(len(record) < len(tree.columns) for record in sample) else 2 * _FULL


def _key(cell: Cell, by_key: bool) -> Key:
    """What rows are ordered by."""
    return tuple(map(_rank, cell.record or ())) if by_key else ((1, cell.number),)


def _rank(value: Value) -> tuple[int, int | float | str | bytes]:
    if value is None:
        return 0, 0
    return (3, value) if isinstance(value, bytes) else (2, value) if isinstance(value, str) else (1, value)
