"""What stands on paper: words, rules and tick boxes, put together in blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from desktop.paper_type import Typeface

Align = Literal["left", "right", "center"]
THIN, MIDDLE, THICK = 5.0, 8.0, 14.0


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of text in a place of their own; `key` says whose value they are."""

    x: float
    y: float
    width: float
    lines: tuple[str, ...]
    points: float
    bold: bool = False
    align: Align = "left"
    key: str = ""

    def moved(self, x: float, y: float) -> Words:
        return Words(
            self.x + x, self.y + y, self.width, self.lines, self.points, self.bold, self.align, self.key
        )  # `replace` takes five times as long


@dataclass(frozen=True, slots=True)
class Rule:
    """A line from one point to another."""

    x: float
    y: float
    to_x: float
    to_y: float
    weight: float = THIN

    def moved(self, x: float, y: float) -> Rule:
        return Rule(self.x + x, self.y + y, self.to_x + x, self.to_y + y, self.weight)


@dataclass(frozen=True, slots=True)
class Box:
    """A little square: for one character of a code, or for a tick."""

    x: float
    y: float
    side: float
    ticked: bool = False

    def moved(self, x: float, y: float) -> Box:
        return Box(self.x + x, self.y + y, self.side, self.ticked)


Piece = Words | Rule | Box


@dataclass(frozen=True)
class Block:
    """Pieces that stay together, counted from their upper left corner."""

    width: float
    height: float
    pieces: tuple[Piece, ...] = ()

    def moved(self, x: float, y: float) -> Iterable[Piece]:
        return (piece.moved(x, y) for piece in self.pieces)


def words(
    face: Typeface,
    text: str,
    width: float,
    points: float,
    *,
    bold: bool = False,
    align: Align = "left",
    key: str = "",
) -> Block:
    """A text broken to a width."""
    lines = face.lines(text, width, points, bold)
    height = max(1, len(lines)) * face.pitch(points)
    return Block(width, height, (Words(0, 0, width, lines, points, bold, align, key),) if lines else ())


def stack(blocks: Sequence[Block], gap: float = 0) -> Block:
    """Blocks below each other."""
    pieces: list[Piece] = []
    y = 0.0
    for block in blocks:
        pieces += block.moved(0, y)
        y += block.height + gap
    width = max((block.width for block in blocks), default=0)
    return Block(width, max(0, y - gap), tuple(pieces))


def beside(blocks: Sequence[Block], gap: float = 0) -> Block:
    """Blocks next to each other, their tops level."""
    pieces: list[Piece] = []
    x = 0.0
    for block in blocks:
        pieces += block.moved(x, 0)
        x += block.width + gap
    height = max((block.height for block in blocks), default=0)
    return Block(max(0, x - gap), height, tuple(pieces))


def inset(block: Block, left: float, width: float) -> Block:
    """A block moved to the right within a wider one."""
    return Block(width, block.height, tuple(block.moved(left, 0)))


def framed_code(face: Typeface, code: str, count: int, side: float, points: float, key: str = "") -> Block:
    """One box a character, as codes are written on forms."""
    pieces: list[Piece] = [Box(at * side, 0, side) for at in range(count)]
    down = (side - face.pitch(points)) / 2
    for at, character in enumerate(code[:count]):
        pieces.append(Words(at * side, down, side, (character,), points, align="center", key=key))
    return Block(side * count, side, tuple(pieces))


def overflow(pieces: Iterable[Piece], face: Typeface, width: float, height: float) -> list[str]:
    """The lines that are wider than their place, or stand outside the paper."""
    found: list[str] = []
    for piece in pieces:
        if not isinstance(piece, Words):
            continue
        low = piece.y + len(piece.lines) * face.pitch(piece.points)
        outside = piece.x < 0 or piece.y < 0 or piece.x + piece.width > width + 1 or low > height + 1
        wide = (line for line in piece.lines if face.width(line, piece.points, piece.bold) > piece.width + 1)
        found += piece.lines if outside else wide
    return found
