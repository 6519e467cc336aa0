"""The ruled table of a statistical form: open at both sides, heavy above and below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.paper_block import THICK, THIN, Block, Piece, Rule


@dataclass(frozen=True)
class Grid:
    """Columns of given widths; `double` names the columns that a double rule follows."""

    widths: tuple[float, ...]
    pad_x: float
    pad_y: float
    double: tuple[int, ...] = ()

    @property
    def width(self) -> float:
        return sum(self.widths)

    def inner(self, column: int, span: int = 1) -> float:
        """The room for text in a column."""
        return sum(self.widths[column : column + span]) - 2 * self.pad_x

    def height(self, cells: Sequence[Block | None], low: float = 0) -> float:
        """How high a row of such cells is."""
        return max([low, *(cell.height + 2 * self.pad_y for cell in cells if cell)])

    def row(
        self,
        cells: Sequence[Block | None],
        *,
        low: float = 0,
        above: float = 0,
        below: float = THIN,
        spans: Sequence[int] = (),
    ) -> Block:
        """Cells in a row with the rules around them; `low` is the least height, `spans` are columns a cell."""
        spans = spans or [1] * len(cells)
        height = self.height(cells, low)
        pieces: list[Piece] = []
        x, column = 0.0, 0
        for cell, span in zip(cells, spans, strict=True):
            if cell:
                pieces += cell.moved(x + self.pad_x, (height - cell.height) / 2)
            x += sum(self.widths[column : column + span])
            column += span
            if column < len(self.widths):
                pieces += self._upright(x, height, double=column - 1 in self.double)
        if above:
            pieces.append(Rule(0, 0, self.width, 0, above))
        if below:
            pieces.append(Rule(0, height, self.width, height, below))
        return Block(self.width, height, tuple(pieces))

    @staticmethod
    def _upright(x: float, height: float, *, double: bool) -> list[Piece]:
        places = (x - 9, x + 9) if double else (x,)
        return [Rule(place, 0, place, height) for place in places]


def closed(block: Block) -> Block:
    """A table with the heavy rule below its last row."""
    rule = Rule(0, block.height, block.width, block.height, THICK)
    return Block(block.width, block.height, (*block.pieces, rule))


def paginate(heights: Sequence[float], glued: Sequence[bool], first: float, rest: float, foot: float) -> list[int]:
    """Where the pages end: row counts up to each page's end.

    A glued row goes with the one that follows it. The foot stands on the last page with three rows or more.
    """
    ends: list[int] = []
    room, start, at = first, 0, 0
    used = 0.0
    while at < len(heights):
        if used + heights[at] > room and at > start:
            at = _unglued(glued, start, at)
            ends.append(at)
            start, used, room = at, 0.0, rest
            continue
        used += heights[at]
        at += 1
    if used + foot > room and len(heights) - start > 1:
        ends.append(_unglued(glued, start, max(start + 1, len(heights) - 3)))
    return [*ends, len(heights)]


def _unglued(glued: Sequence[bool], start: int, end: int) -> int:
    at = end
    while at - 1 > start and glued[at - 1]:
        at -= 1
    return at
