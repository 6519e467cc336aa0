"""The rows of a damaged database, table by table, from whichever pages still hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from survey.blueprint import Blueprint, Line, schema_tree
from survey.forest import Forest, Hole, Tree
from survey.nodes import Cell, Nodes, Value
from survey.pages import Image
from survey.scheme import Scheme

Gap = tuple[int, int]
LAST = (1 << 63) - 1
"""Where a gap goes on to the end of its table."""


@dataclass
class Table:
    """What became of a table: rows read, rows taken from a copy, and the numbers between which rows are missing.

    `doubtful`: all rows that can be found were read, but its pages do not hold together, so that some may have gone, or
    deleted ones may be among them. `due` is how many rows it had, None where no index of it tells.
    """

    name: str
    read: int = 0
    filled: int = 0
    gaps: list[Gap] = field(default_factory=list)
    doubtful: bool = False
    due: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is missing."""
        return not self.gaps and not self.doubtful

    def settle(self) -> None:
        """What an index tells of how many rows there were is surer than what the pages look like."""
        if self.due is not None and self.read == self.due:
            self.gaps, self.doubtful = [], False
        elif self.due is not None and not self.gaps:
            self.doubtful = True


class Salvage:
    """The pages of one file, and the tables that they make up."""

    def __init__(self, image: Image) -> None:
        self._nodes = Nodes(image.pages, image.usable)
        self._free = image.free
        tree = schema_tree()
        Forest(self._nodes, self._free, [tree])
        self._listed = not tree.holes
        self.lines = [Line._make(record) for record in self._records(tree) if len(record) == len(Line._fields)]
        """What can be read of the schema."""

    def grow(self, scheme: Scheme | None, known: Mapping[str, int]) -> None:
        """Tells which pages are whose; raises nothing, whatever is there. `known` as `Blueprint.trees` takes it."""
        self.blueprint = Blueprint(self.lines, scheme)
        trees = self.blueprint.trees(known)
        self._forest = Forest(self._nodes, self._free, trees)
        self._trees = {tree.name: tree for tree in trees}

    @property
    def strange(self) -> tuple[str, ...]:
        """The tables that were known by their rows alone, since the list of tables is damaged."""
        return tuple(name for name, tree in self._trees.items() if tree.strange and tree.is_table)

    def begun(self, name: str) -> Table:
        """A table of which nothing has been read yet, with what is known to be missing."""
        tree = self._trees[name]
        table = Table(name, due=self._due(name))
        table.gaps += [_gap(hole, tree) for hole in tree.holes if not hole.filled]
        if not tree.root and not tree.strange and not self._listed:
            table.gaps.append((0, 0))
        return table

    def rows(self, table: Table) -> Iterator[tuple[int, tuple[str, ...], tuple[Value, ...]]]:
        """Number, columns and values of the rows; those that cannot be read go into the table's gaps."""
        tree, shape = self._trees[table.name], self.blueprint.shape(table.name)
        names = tuple(column.name for column in tree.columns)
        at = names.index(shape.number) if shape.number else -1
        for cell in self._cells(tree, table):
            if cell is None or cell.record is None:
                number = cell.number if cell else 0
                table.gaps.append((number, number))
            elif tree.fits(cell.record):
                values = cell.record if at < 0 else (*cell.record[:at], cell.number, *cell.record[at + 1 :])
                yield cell.number, names[: len(values)], values
            else:
                table.gaps.append((cell.number, cell.number))

    def finish(self, table: Table) -> None:
        """What the pages tell once all tables have been read."""
        tree = self._trees[table.name]
        # An inner page by keys held rows itself; of one by numbers, pages below it may be lost as well.
        if any(hole.filled for hole in tree.holes) and (tree.by_key or self._unknown):
            table.doubtful = True
        table.settle()
        # What is on pages that nothing leads to may have been deleted, unless the free pages are known: all are, where
        # no page is left that could list some.
        if tree.adopted and not self._forest.lists_free and self._unknown:
            table.doubtful = True

    @cached_property
    def _unknown(self) -> list[int]:
        return self._forest.unknown()

    def _cells(self, tree: Tree, table: Table) -> Iterator[Cell | None]:
        numbers = self._numbers(tree) if tree.adopted else None
        # What nothing leads to may be older than what is led to.
        for number in sorted(tree.nodes, key=tree.adopted.__contains__):
            node = self._nodes.node(number)
            if not node:
                continue
            among = numbers if number in tree.adopted else None
            for cell in self._nodes.cells(node):
                if among is None or cell is None or cell.number in among:
                    yield cell
            table.doubtful |= not self._nodes.whole(node)

    def _records(self, tree: Tree) -> Iterator[Sequence[Value]]:
        for number in tree.nodes:
            node = self._nodes.node(number)
            for cell in self._nodes.cells(node) if node else ():
                if cell and cell.record and tree.fits(cell.record):
                    yield cell.record

    def _due(self, name: str) -> int | None:
        """How many rows an index counts that holds one for each."""
        index = self._index(name)
        return sum(len(node.pointers) for node in map(self._nodes.node, index.nodes) if node) if index else None

    def _numbers(self, tree: Tree) -> set[Value] | None:
        """The numbers of a table's rows as an index has them; None where none tells."""
        index = None if tree.by_key else self._index(tree.name)
        if index is None:
            return None
        nodes = filter(None, map(self._nodes.node, index.nodes))
        records = [cell and cell.record for node in nodes for cell in self._nodes.cells(node)]
        return {record[-1] for record in records if record} if all(records) else None

    def _index(self, name: str) -> Tree | None:
        """An index that holds an entry for each row of a table, and whose pages are all there."""
        trees = (self._trees[index] for index in self.blueprint.indexes(name))
        return next((tree for tree in trees if tree.root and not tree.strange and not tree.holes), None)


def _gap(hole: Hole, tree: Tree) -> Gap:
    """The numbers of the rows that a page may have held; (0, 0) where they have none."""
    low, high = (int(key[0][1]) if key and key[0][0] == 1 else 0 for key in (hole.low, hole.high))
    if tree.by_key or not (low or high):
        return 0, 0
    return low + 1, high or LAST
