"""The hand-over slip (交接单) on paper: one page that two people compare and sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from desktop.fonts import FAMILY
from desktop.moments import moment
from desktop.paper_block import MIDDLE, THICK, Align, Block, Rule, beside, overflow, stack, words
from desktop.paper_grid import Grid, closed
from desktop.paper_options import Paper
from desktop.paper_sheet import Sheet, image_of, paint_sheet, write_pdf
from desktop.paper_type import Typeface
from survey.files import Told
from survey.scheme import Scheme
from survey.sealing import grouped
from survey.signing import fingerprint
from survey.slips import Slip
from survey.texts import Texts
from survey.totals import key_totals

_TITLE, _POINTS, _SMALL, _CODE = 18.0, 9.5, 8.0, 15.0
_PAD_X, _PAD_Y = 60.0, 24.0
_GAP, _NOTE, _SIGN = 115.0, 380.0, 440.0
# More than these no one compares; they stand in the return.
_MOST_TOTALS, _MOST_FORMS = 10, 16


class SlipPaper:
    """A hand-over slip as a page to print."""

    count = 1

    def __init__(self, slip: Slip, scheme: Scheme, texts: Texts, *, note: str = "", day: date | None = None) -> None:
        self.title = texts("slip.title")
        self._slip = slip
        self._scheme = scheme
        self._texts = texts
        self._note = note
        self._day = day or datetime.now().date()
        self._paper = Paper()
        self._face = Typeface(FAMILY)

    def landscape(self, _number: int = 0) -> bool:
        """It stands upright."""
        return False

    def paint(self, painter: QPainter, number: int, target: QRectF) -> None:
        """Draws the page so that A4 fills the target."""
        paint_sheet(painter, self.sheet(number), self._face, target)

    def image(self, width: int = 1240) -> QImage:
        """The page as a picture on white paper."""
        return image_of(self, 0, width)

    def write_pdf(self, path: Path, told: Told) -> None:
        """The page as a PDF; raises SurveyError `cannot_write`, with what was there left as it is."""
        write_pdf(path, [self], self.title, told)

    def overflow(self) -> list[str]:
        """The lines that do not fit where they stand; none, unless the layout is wrong."""
        return overflow(self.sheet(0).pieces, self._face, self._paper.width, self._paper.height)

    def sheet(self, _number: int) -> Sheet:
        """The page with every piece in its place."""
        margin = self._paper.margin
        foot = self._foot
        return Sheet(
            self._paper,
            (
                *self._body.moved(margin, margin),
                *foot.moved(margin, self._paper.height - margin - foot.height),
            ),
        )

    @cached_property
    def _body(self) -> Block:
        blocks = [self._head, self._facts, self._counts, *self._totals(), self._remark, self._promise, self._signers]
        return stack(blocks, gap=_GAP)

    @property
    def _head(self) -> Block:
        width, texts, slip = self._paper.inner, self._texts, self._slip
        title = texts.pick(self._scheme.title, self._scheme.title_en)
        line = texts("slip.line", title=title, period=slip.period)
        return stack(
            [self._words(self.title, width, _TITLE, "center", bold=True), self._words(line, width, _POINTS, "center")],
            gap=40,
        )

    @property
    def _facts(self) -> Block:
        slip, texts = self._slip, self._texts
        state = "rejected" if slip.rejected else "draft" if slip.draft else "final"
        pairs = [
            ("giver", slip.giver), ("taker", slip.taker), ("sequence", str(slip.sequence)),
            ("state", texts(f"slip.state.{state}")), ("written", moment(slip.written)),
            ("received", moment(slip.received)), ("digest", grouped(slip.digest[:16])),
        ]  # fmt: skip
        grid = self._grid(15, 35, 15, 35)
        named = [(texts(f"slip.fact.{name}"), value) for name, value in pairs]
        code = grid.row(
            [
                self._label(grid, 0, named[-1][0]), self._value(grid, 1, named[-1][1]),
                self._label(grid, 2, texts("slip.fact.code")),
                self._words(slip.check_code, grid.inner(3), _CODE, bold=True),
            ]
        )  # fmt: skip
        rows = [self._wide(grid, texts("slip.fact.name"), slip.name, above=THICK)]
        rows += [self._pair(grid, *named[at], *named[at + 1]) for at in range(0, 6, 2)]
        rows += [code, self._wide(grid, texts("slip.fact.sha256"), _two_lines(slip.sha256))]
        if slip.signer:
            rows.append(self._wide(grid, texts("slip.fact.signer"), fingerprint(slip.signer).replace("-", " ")))
        return closed(stack(rows))

    @property
    def _counts(self) -> Block:
        """How many units are due and reported, and the records of each form, two forms a line."""
        slip, texts = self._slip, self._texts
        grid = self._grid(36, 14, 36, 14)
        units = [(texts("slip.count.units"), slip.units)]
        units += [(texts(f"slip.count.{key}"), slip.counts[key]) for key in ("due", "reported") if key in slip.counts]
        forms = [
            (f"{form_id} {self._form_title(form_id)}", count)
            for form_id, count in list(slip.rows.items())[:_MOST_FORMS]
        ]
        cells = [*units, *([("", -1)] * (len(units) % 2)), *forms]
        cells += [("", -1)] * (len(cells) % 2)
        rows = [self._heads(grid, texts("slip.heads.counts"))]
        rows += [self._counted(grid, cells[at : at + 2]) for at in range(0, len(cells), 2)]
        return closed(stack(rows))

    def _counted(self, grid: Grid, cells: Sequence[tuple[str, int]]) -> Block:
        blocks = []
        for at, (label, count) in enumerate(cells):
            shown = f"{count:,}" if count >= 0 else ""
            blocks += [self._value(grid, 2 * at, label), self._value(grid, 2 * at + 1, shown, "right")]
        return grid.row(blocks)

    def _totals(self) -> Iterator[Block]:
        shown = list(self._key_totals())[:_MOST_TOTALS]
        if shown:
            grid = self._grid(50, 30, 20)
            rows = [self._heads(grid, self._texts("slip.heads.totals"))]
            for label, total, unit in shown:
                rows.append(
                    grid.row(
                        [
                            self._value(grid, 0, label), self._value(grid, 1, f"{total:,.15g}", "right"),
                            self._value(grid, 2, unit, "center"),
                        ]
                    )
                )  # fmt: skip
            yield closed(stack(rows))

    def _key_totals(self) -> Iterator[tuple[str, float, str]]:
        for item, total in key_totals(self._scheme, self._slip.totals):
            label = self._texts.pick(item.label, item.label_en)
            yield f"{item.key} {label}", total, self._scheme.unit(item.unit, self._texts)

    @property
    def _remark(self) -> Block:
        grid = self._grid(15, 85)
        row = grid.row(
            [self._label(grid, 0, self._texts("slip.note")), self._value(grid, 1, self._note)], low=_NOTE, above=THICK
        )
        return closed(row)

    @property
    def _promise(self) -> Block:
        return self._words(self._texts("slip.promise"), self._paper.inner, _SMALL)

    @property
    def _signers(self) -> Block:
        """Who gives and who takes, each with a line to sign on and one for the day."""
        half = (self._paper.inner - 400) / 2
        sides = []
        for name in ("gives", "takes"):
            label = self._words(self._texts(f"slip.{name}"), half, _POINTS, bold=True)
            day = self._words(self._texts("slip.day"), half, _POINTS)
            rule = Rule(0, _SIGN, half, _SIGN)
            pieces = (*label.moved(0, 0), rule, *day.moved(0, _SIGN + 40))
            sides.append(Block(half, _SIGN + 40 + day.height, pieces))
        return beside(sides, gap=400)

    @property
    def _foot(self) -> Block:
        text = self._texts("paper.printed", day=self._day.isoformat())
        return self._words(text, self._paper.inner, _SMALL, "right")

    # Cells

    def _grid(self, *shares: float) -> Grid:
        by = self._paper.inner / sum(shares)
        return Grid(tuple(share * by for share in shares), _PAD_X, _PAD_Y)

    def _words(self, text: str, width: float, points: float, align: Align = "left", *, bold: bool = False) -> Block:
        return words(self._face, text, width, points, align=align, bold=bold)

    def _label(self, grid: Grid, at: int, text: str) -> Block:
        return self._words(text, grid.inner(at), _POINTS, "center", bold=True)

    def _value(self, grid: Grid, at: int, text: str, align: Align = "left") -> Block:
        return self._words(text, grid.inner(at), _POINTS, align)

    def _pair(self, grid: Grid, first: str, one: str, second: str, other: str) -> Block:
        cells = [
            self._label(grid, 0, first), self._value(grid, 1, one), self._label(grid, 2, second),
            self._value(grid, 3, other),
        ]  # fmt: skip
        return grid.row(cells)

    def _wide(self, grid: Grid, label: str, value: str, above: float = 0) -> Block:
        lines = stack([self._words(line, grid.inner(1, 3), _POINTS) for line in value.split("\n")])
        return grid.row([self._label(grid, 0, label), lines], spans=(1, 3), above=above)

    def _heads(self, grid: Grid, heads: str) -> Block:
        cells = [self._label(grid, at, text) for at, text in enumerate(heads.split("|"))]
        return grid.row(cells, above=THICK, below=MIDDLE)

    def _form_title(self, form_id: str) -> str:
        form = self._scheme.form(form_id)
        return self._texts.pick(form.title, form.title_en)


def _two_lines(sha256: str) -> str:
    return f"{grouped(sha256[:32])}\n{grouped(sha256[32:])}"
