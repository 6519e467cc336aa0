"""A form of fields: code, name and answer, two abreast; the choices are printed to be ticked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from desktop.paper_block import THICK, Block, Box, Piece, framed_code, inset, stack
from desktop.paper_copy import Copy
from desktop.paper_grid import Grid, closed, paginate
from survey.codes import USCC_LENGTH
from survey.form import Item, Section
from survey.scalar import Value
from survey.texts import measured

_CHOICES = 9
_DIGITS = 6
_LONG = 40
_LABEL = 8.6


class FieldsBody:
    """The fields of a form, page by page."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy

    @property
    def possible(self) -> bool:
        return True

    def pages(self, first: float, rest: float, foot: float) -> list[Block]:
        """The fields as they fit: the first page, every other, and the foot below the last."""
        rows = self._rows()
        heights = [self._block(row).height for row in rows]
        ends = paginate(heights, [isinstance(row, Section) for row in rows], first, rest, foot)
        return [
            closed(stack([self._block(row, above=0 if at else THICK) for at, row in enumerate(rows[start:end])]))
            for start, end in zip([0, *ends], ends, strict=False)
        ]

    @cached_property
    def _grid(self) -> Grid:
        copy = self._copy
        pads = 2 * copy.pad + 2
        code = max(copy.width(item.code) for item in copy.form.items) + pads
        half = copy.paper.inner / 2
        label = _LABEL * copy.em + pads
        return Grid((code, label, half - code - label) * 2, copy.pad, copy.em * 0.22)

    def _rows(self) -> list[Section | tuple[Item, ...]]:
        """Sections, pairs of short fields, and long fields alone."""
        rows: list[Section | tuple[Item, ...]] = []
        waiting: Item | None = None
        for row in self._copy.form.rows:
            short = isinstance(row, Item) and not self._is_long(row)
            if waiting and short:
                assert isinstance(row, Item)
                rows.append((waiting, row))
                waiting = None
                continue
            if waiting:
                rows.append((waiting,))
                waiting = None
            if isinstance(row, Section):
                rows.append(row)
            elif short:
                waiting = row
            else:
                rows.append((row,))
        return [*rows, (waiting,)] if waiting else rows

    def _is_long(self, item: Item) -> bool:
        if item.type == "uscc" or (item.type == "text" and item.length > _LONG):
            return True
        choices = self._choices(item)
        return bool(choices) and self._ticks(item, choices, self._grid.inner(2)).height > 2.6 * self._copy.em

    def _block(self, row: Section | tuple[Item, ...], *, above: float = 0) -> Block:
        copy, grid = self._copy, self._grid
        if isinstance(row, Section):
            text = copy.texts.pick(row.section, row.section_en)
            heading = copy.words(text, grid.inner(0, 6), bold=True)
            return grid.row([heading], low=copy.tall, above=above, spans=(6,))
        cells: list[Block | None] = []
        spans = (1, 1, 4) if len(row) == 1 else (1, 1, 1, 1, 1, 1)
        for at, item in enumerate(row):
            column = 3 * at
            width = grid.inner(column + 2, spans[2])
            cells += [
                copy.words(item.code, grid.inner(column), align="center"),
                copy.words(copy.label(item), grid.inner(column + 1)),
                self._answer(item, width),
            ]
        return grid.row(cells, low=copy.tall * 1.1, above=above, spans=spans)

    # Answers

    def _answer(self, item: Item, width: float) -> Block:
        copy, value = self._copy, self._copy.filled.now.get(item.name)
        if choices := self._choices(item):
            return self._ticks(item, choices, width)
        if item.type == "uscc":
            side = min(1.5 * copy.em, width / USCC_LENGTH)
            boxes = framed_code(copy.face, str(value or ""), USCC_LENGTH, side, copy.points, item.name)
            return inset(boxes, 0, width)
        if item.type == "code":
            return self._code(item, value, width)
        if value is not None:
            unit = copy.unit(item)
            # A number without a unit is a year or an ordinal: its digits stay together.
            text = measured(copy.show(item, value), unit) if unit else copy.show(item, value).replace(",", "")
            return copy.words(text if item.numeric else copy.show(item, value), width, key=item.name)
        if item.type == "date":
            return copy.words(copy.texts("paper.date"), width)
        return copy.words(copy.unit(item), width, align="right")

    def _choices(self, item: Item) -> Mapping[str, str]:
        """What can be ticked: code and words; empty where the list is too long to print."""
        copy = self._copy
        if item.type == "flag":
            return {"1": copy.show(item, 1), "0": copy.show(item, 0)}
        codes = copy.scheme.lists[item.list].codes if item.type == "code" else {}
        if len(codes) > _CHOICES:
            return {}
        # A number is what officers know a class by; an English word would only be in the way.
        plain = any(code.isalpha() for code in codes)
        labels = {code: copy.show(item, code) for code in codes}
        return labels if plain else {code: f"{code} {label}" for code, label in labels.items()}

    def _ticks(self, item: Item, choices: Mapping[str, str], width: float) -> Block:
        """The choices one after the other, each with its box, none broken where it fits a line."""
        copy = self._copy
        value = copy.filled.now.get(item.name)
        chosen = "" if value is None else str(int(value) if item.type == "flag" else value)
        side, pitch = 0.82 * copy.em, copy.face.pitch(copy.points) * 1.08
        mark = side + 0.25 * copy.em
        pieces: list[Piece] = []
        x = y = 0.0
        for code, text in choices.items():
            need = min(mark + copy.width(text), width)
            if x and x + need > width:
                x, y = 0.0, y + pitch
            label = copy.words(text, need - mark + 1, key=f"{item.name}={code}")
            pieces.append(Box(x, y + (copy.face.pitch(copy.points) - side) / 2, side, ticked=code == chosen))
            pieces += label.moved(x + mark, y)
            y += label.height - copy.face.pitch(copy.points)
            x += need + 0.9 * copy.em
        return Block(width, y + copy.face.pitch(copy.points), tuple(pieces))

    def _code(self, item: Item, value: Value, width: float) -> Block:
        """A code of a long list: in boxes where it is short, with its words where it is known."""
        copy = self._copy
        codes = copy.scheme.lists[item.list].codes
        digits = max(map(len, codes), default=0)
        text = "" if value is None else copy.show(item, value)
        if digits > _DIGITS or any(code.isalpha() for code in codes):
            return copy.words(text, width, key=item.name)
        side = 1.35 * copy.em
        boxes = framed_code(copy.face, str(value or ""), digits, side, copy.points, item.name)
        label = copy.words(text, width - boxes.width - 0.6 * copy.em, key=item.name)
        height = max(boxes.height, label.height)
        pieces = (
            *boxes.moved(0, (height - boxes.height) / 2),
            *label.moved(boxes.width + 0.6 * copy.em, (height - label.height) / 2),
        )
        return Block(width, height, pieces)
