"""A form of the scheme on paper, as a statistical form is laid out: blank, or with a unit's answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop.paper_block import Block, Piece, overflow, words
from desktop.paper_copy import NOBODY, Copy, Filled
from desktop.paper_fields import FieldsBody
from desktop.paper_head import again, foot, head
from desktop.paper_list import ListBody
from desktop.paper_options import LARGEST, SMALLEST, Options
from desktop.paper_sheet import Sheet, image_of, paint_sheet
from desktop.paper_table import TableBody
from desktop.paper_type import Typeface
from survey.form import Form
from survey.scheme import Scheme
from survey.texts import Texts

_NUMBER = 7.5


class _Body(Protocol):
    @property
    def possible(self) -> bool: ...

    def pages(self, first: float, rest: float, foot: float) -> list[Block]: ...


class FormPaper:
    """The pages of one form; `paint` draws any of them, counted from 0, into a rectangle of a device."""

    def __init__(
        self,
        form: Form,
        scheme: Scheme,
        texts: Texts,
        face: Typeface,
        filled: Filled | None = None,
        options: Options | None = None,
    ) -> None:
        chosen = options or Options()
        paper = chosen.paper(landscape=form.is_list)
        self._plain = Copy(form, scheme, texts, face, filled or NOBODY, chosen, paper)

    @property
    def form(self) -> Form:
        return self._plain.form

    @property
    def count(self) -> int:
        return len(self.sheets)

    @property
    def title(self) -> str:
        return self._plain.texts.pick(self.form.title, self.form.title_en)

    @property
    def points(self) -> float:
        """The size of the text that was chosen."""
        return self._set[0].points

    @property
    def too_long(self) -> bool:
        """Whether the form was to fit one page, and could not in legible letters."""
        return self._plain.options.fit and self.count > 1

    def landscape(self, _number: int = 0) -> bool:
        """Whether a page lies on its side."""
        return self._plain.paper.landscape

    def paint(self, painter: QPainter, number: int, target: QRectF) -> None:
        """Draws a page so that A4 fills the target."""
        paint_sheet(painter, self.sheets[number], self._plain.face, target)

    def image(self, number: int, width: int = 1240) -> QImage:
        """A page as a picture on white paper."""
        return image_of(self, number, width)

    def overflow(self) -> list[str]:
        """The lines that do not fit where they stand; none, unless the layout is wrong."""
        paper, face = self._plain.paper, self._plain.face
        return [line for sheet in self.sheets for line in overflow(sheet.pieces, face, paper.width, paper.height)]

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The pages with every piece in its place."""
        copy, bodies = self._set
        sheets = []
        for at, body in enumerate(bodies):
            top = head(copy) if at == 0 else again(copy)
            margin = copy.paper.margin
            pieces: list[Piece] = [*top.moved(margin, margin), *body.moved(margin, margin + top.height)]
            if at == len(bodies) - 1:
                pieces += foot(copy).moved(margin, margin + top.height + body.height)
            pieces += _number(copy, at + 1, len(bodies))
            sheets.append(Sheet(copy.paper, tuple(pieces)))
        return sheets

    @cached_property
    def _set(self) -> tuple[Copy, list[Block]]:
        """The first way to set the form that fits one page; else the one with the fewest."""
        best: tuple[Copy, list[Block]] | None = None
        for copy in self._ways():
            bodies = self._laid(copy)
            if bodies and (best is None or len(bodies) < len(best[1])):
                best = copy, bodies
            if best and len(best[1]) == 1:
                break
        assert best is not None
        if self._plain.options.fit and len(best[1]) > 1:
            # No page is gained by letters that strain the eye.
            plain = [(copy, bodies) for copy in self._ways(shrink=False) if (bodies := self._laid(copy))]
            best = min(plain, key=_count)
        return best

    def _ways(self, *, shrink: bool = True) -> Iterator[Copy]:
        """Sizes from the largest down, each in one panel and, of a table, in two."""
        points = LARGEST
        while points >= SMALLEST:
            yield replace(self._plain, points=points)
            if self._plain.filled.blank:
                yield replace(self._plain, points=points, tight=True)
            if self.form.layout == "table":
                yield replace(self._plain, points=points, panels=2)
            points = points - 0.5 if self._plain.options.fit and shrink else 0

    def _laid(self, copy: Copy) -> list[Block]:
        """The pages of one way; none where its columns are too narrow."""
        body = _body(copy)
        # One panel is always possible: its labels break as often as they must.
        if copy.panels > 1 and not body.possible:
            return []
        room = copy.paper.room
        return body.pages(room - head(copy).height, room - again(copy).height, foot(copy).height)


def _body(copy: Copy) -> _Body:
    match copy.form.layout:
        case "table":
            return TableBody(copy)
        case "fields":
            return FieldsBody(copy)
        case "list":
            return ListBody(copy)


def _count(way: tuple[Copy, list[Block]]) -> int:
    return len(way[1])


def _number(copy: Copy, page: int, count: int) -> Iterator[Piece]:
    """The page's number at its foot."""
    text = copy.texts("page.number", page=page, count=count)
    line = words(copy.face, text, copy.paper.inner, _NUMBER, align="center")
    yield from line.moved(copy.paper.margin, copy.paper.height - copy.paper.margin - line.height)
