"""A schematic map: a tile a place, shaded by a figure, as the scheme's code list says where each lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desktop.drawing import Area, Label, Look, Shape, lines, on
from desktop.paper_type import Typeface
from survey.codes import Code, CodeList
from survey.scalar import round_half_away
from survey.texts import Texts

# The columns of a code list that say what part the plan gives a place.
_ROLE, _ROLE_EN = "role", "role_en"
_GAP = 40.0
_STRIP = 44.0


@dataclass(frozen=True)
class Tile:
    """A place on the map, in columns and rows counted from 0."""

    code: str
    label: str
    column: int
    row: int
    role: str = ""


def tiles(codes: CodeList, texts: Texts) -> tuple[Tile, ...]:
    """The tiles of a code list; none where it has no map."""
    return tuple(
        Tile(code.code, codes.label(code.code, texts.lang), *code.tile, _role(code, texts))
        for code in codes.codes.values()
        if code.tile
    )


def _role(code: Code, texts: Texts) -> str:
    return texts.pick(code.extra.get(_ROLE, ""), code.extra.get(_ROLE_EN, ""))


@dataclass(frozen=True)
class TileMap:
    """The tiles with their values; a value that is missing leaves its tile unshaded. `note` says what this is."""

    title: str
    unit: str
    tiles: tuple[Tile, ...]
    values: Mapping[str, float | None]
    digits: int
    heads: tuple[str, str, str]
    note: str

    def text(self, code: str) -> str:
        """A tile's value as it is written in it."""
        return self._number(self.values.get(code))

    def _number(self, value: float | None) -> str:
        return "—" if value is None else f"{round_half_away(value, self.digits):,.{self.digits}f}"

    def table(self) -> list[tuple[str, ...]]:
        """Heads, then a row a place."""
        place, role, value = self.heads
        heads = (place, role, f"{value} ({self.unit})" if self.unit else value)
        return [heads, *((one.label, one.role, self.text(one.code)) for one in self.tiles)]

    def shapes(self, width: float, height: float, face: Typeface, look: Look, points: float = 8) -> list[Shape]:
        """The map in a size, in tenths of a point."""
        title = f"{self.title} ({self.unit})" if self.unit else self.title
        head: list[Shape] = list(lines(face, title, (0, 0, width), points + 1, look.ink, bold=True))
        top = len(head) * face.pitch(points + 1) + _GAP
        foot = self._foot(width, face, look, points)
        below = max((shape.y for shape in foot if isinstance(shape, Label)), default=0) + face.pitch(points)
        bounds = classes([self.values.get(tile.code) for tile in self.tiles], len(look.shades))
        field = (width, height - top - below - _GAP)
        drawn = [shape for tile in self.tiles for shape in self._tile(tile, field, face, look, points, bounds)]
        return [*head, *(one.moved(0, top) for one in drawn), *(one.moved(0, height - below) for one in foot)]

    def _tile(
        self, tile: Tile, field: tuple[float, float], face: Typeface, look: Look, points: float, bounds: Sequence[float]
    ) -> list[Shape]:
        """A tile with its name, its value and its part, each as large as the tile lets it be."""
        columns = max(one.column for one in self.tiles) + 1
        rows = max(one.row for one in self.tiles) + 1
        wide, high = field[0] / columns, min(field[1] / rows, field[0] / columns * 1.1)
        x, y = tile.column * wide, tile.row * high + (field[1] - rows * high) / 2
        value = self.values.get(tile.code)
        colour = look.ground if value is None else look.shades[_class(value, bounds)]
        ink = look.ink if value is None else on(colour)
        shapes: list[Shape] = [Area(x + 12, y + 12, wide - 24, high - 24, colour, tile.code, 24, look.grid)]
        if tile.role:
            shapes.append(Area(x + 36, y + 28, wide - 72, _STRIP, self._mark(tile, look), "", _STRIP / 2, look.ground))
        place = (x + 12 + _GAP / 2, y, wide - 24 - _GAP, high)
        return [*shapes, *self._words(tile, place, face, points, ink)]

    def _words(
        self, tile: Tile, place: tuple[float, float, float, float], face: Typeface, points: float, ink: str
    ) -> list[Label]:
        """What stands in the middle of a tile; its part is left out where the tile is too low."""
        x, y, wide, high = place
        texts = [
            (tile.label, points, True), (self.text(tile.code), points + 1.5, False), (tile.role, points - 1.5, False),
        ]  # fmt: skip
        fitted = [(text, _fit(face, text, size, bold, wide), bold) for text, size, bold in texts if text]
        block = [(face.lines(text, wide, size, bold), size, bold) for text, size, bold in fitted]
        while _tall(face, block) > high - 30 and len(block) > 2:
            block = block[:-1]
        down = y + (high - _tall(face, block)) / 2
        found = []
        for broken, size, bold in block:
            for line in broken:
                found.append(Label(x, down, wide, line, size, ink, "center", bold))
                down += face.pitch(size)
        return found

    def _mark(self, tile: Tile, look: Look) -> str:
        """The colour of a part of the plan; its words stand in the tile."""
        roles = list(dict.fromkeys(one.role for one in self.tiles if one.role))
        return look.series[(roles.index(tile.role) + 1) % len(look.series)]

    def _foot(self, width: float, face: Typeface, look: Look, points: float) -> list[Shape]:
        """The legend of the shades, and the note below it."""
        known = [value for tile in self.tiles if (value := self.values.get(tile.code)) is not None]
        bounds, pitch = classes(known, len(look.shades)), face.pitch(points)
        shapes: list[Shape] = []
        x = y = 0.0
        for at, shade in enumerate(look.shades if known else ()):
            text = f"{self._number(bounds[at])} – {self._number(bounds[at + 1])}"
            wide = 110 + face.width(text, points) + 4
            if x and x + wide > width:
                x, y = 0.0, y + pitch
            shapes.append(Area(x, y + pitch * 0.2, 80, pitch * 0.6, shade, "", 8, look.grid))
            shapes += lines(face, text, (x + 110, y, wide - 110), points, look.muted)
            x += wide + 100
        y += pitch if known else 0
        return [*shapes, *lines(face, self.note, (0, y, width), points, look.muted)]


def _tall(face: Typeface, block: Sequence[tuple[Sequence[str], float, bool]]) -> float:
    return sum(len(broken) * face.pitch(size) for broken, size, _ in block)


def classes(values: Sequence[float | None], count: int) -> list[float]:
    """The bounds of equally wide classes between the least and the most, one more than there are classes."""
    known = [value for value in values if value is not None] or [0.0]
    least, most = min([0.0, *known]), max(known)
    return [least + (most - least) * at / count for at in range(count + 1)]


def _class(value: float, bounds: Sequence[float]) -> int:
    return max(0, min(sum(value >= bound for bound in bounds) - 1, len(bounds) - 2))


def _fit(face: Typeface, text: str, points: float, bold: bool, width: float) -> float:
    """The size at which a text stands on one line, not below six points: then it takes two."""
    while points > 6 and face.width(text, points, bold) > width:
        points -= 0.5
    return points
