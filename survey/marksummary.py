"""The sheet of remarks that a marked workbook ends with: of what, then a line a remark, each a link to its cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from survey.header import column_letters
from survey.markstyles import DOUBT, GRAVE, Styles
from survey.plainbook import lines_in

_LANDSCAPE = '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
_WIDTHS = (6, 10, 18, 10, 62, 50)
TEXT, MEMORY = 4, len(_WIDTHS)
_LONGEST = 32_000
_LINE = 15.0
_GRID = "".join(f'<{side} style="thin"><color rgb="FFB8C2CC"/></{side}>' for side in ("left", "right", "top", "bottom"))
_BORDER = f"<border>{_GRID}<diagonal/></border>"


@dataclass(frozen=True)
class Remark:
    """A line of the sheet; `link` is where its cell stands, '' for what has no place in the workbook.

    `memory` stands out of sight, for the next copy that is made of this one.
    """

    grave: bool
    sheet: str
    cell: str
    text: str
    link: str = ""
    memory: str = ""


@dataclass(frozen=True)
class Words:
    """What the sheet says, in the reader's language; `todo` and `degree` are for a grave remark, then another."""

    title: str
    heads: tuple[str, ...]
    degree: tuple[str, str]
    todo: tuple[str, str]
    nowhere: str
    page: str


def sheet_xml(
    space: str,
    facts: Sequence[tuple[str, str]],
    remarks: Sequence[Remark],
    words: Words,
    styles: Styles,
    *,
    shown: bool,
) -> bytes:
    """The part of the sheet; `shown` where it is the one that a person had open."""
    return _Summary(space, words, styles).xml(facts, remarks, shown=shown)


class _Summary:
    """The sheet being written, row by row."""

    def __init__(self, space: str, words: Words, styles: Styles) -> None:
        self._space = space
        self._words = words
        ink = '<color rgb="FF1F2933"/><name val="Noto Sans SC"/>'
        plain = f'<font><sz val="10"/>{ink}</font>'
        bold = f'<font><b/><sz val="10"/>{ink}</font>'
        top = '<alignment vertical="top"/>'
        wrap = '<alignment horizontal="left" vertical="top" wrapText="1" indent="1"/>'
        centre = '<alignment horizontal="center" vertical="{}" wrapText="1"/>'
        self._title = styles.look(font=f'<font><b/><sz val="16"/>{ink}</font>')
        self._label = styles.look(font=plain, alignment=top)
        self._fact = styles.look(font=bold, alignment=top)
        self._head = styles.look(font=bold, fill="FFEEF2F6", border=_BORDER, alignment=centre.format("center"))
        self._number = styles.look(font=plain, border=_BORDER, alignment=centre.format("top"))
        self._text = styles.look(font=plain, border=_BORDER, alignment=wrap)
        linked = '<font><u/><sz val="10"/><color rgb="FF0B5CAD"/><name val="Noto Sans SC"/></font>'
        self._link = styles.look(font=linked, border=_BORDER, alignment=centre.format("top"))
        self._degrees = [
            styles.look(font=plain, fill=colour, border=_BORDER, alignment=centre.format("top"))
            for colour in (DOUBT, GRAVE)
        ]

    def xml(self, facts: Sequence[tuple[str, str]], remarks: Sequence[Remark], *, shown: bool) -> bytes:
        root = self._frame(shown=shown)
        data = root[-1]
        self._row(data, 1, [(self._words.title, self._title)], height=28)
        for at, (label, value) in enumerate(facts, 2):
            self._row(data, at, [(label, self._label), ("", None), (value, self._fact)])
        head = len(facts) + 3
        self._row(data, head, [(one, self._head) for one in self._words.heads], height=22)
        for at, one in enumerate(remarks, 1):
            self._remark(data, head + at, at, one)
        self._after(root, head, remarks)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)  # type: ignore[no-any-return]

    def _frame(self, *, shown: bool) -> Any:
        columns = "".join(
            f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(_WIDTHS, 1)
        )
        selected = ' tabSelected="1"' if shown else ""
        columns += f'<col min="{MEMORY + 1}" max="{MEMORY + 1}" width="9" hidden="1" customWidth="1"/>'
        return etree.fromstring(
            f'<worksheet xmlns="{self._space}">'
            '<sheetPr><tabColor rgb="FFC0392B"/><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView showGridLines="0"{selected} workbookViewId="0"/></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="{_LINE:g}"/><cols>{columns}</cols><sheetData/></worksheet>'
        )

    def _remark(self, data: Any, row: int, number: int, one: Remark) -> None:
        words = self._words
        sheet = one.sheet if one.link else one.sheet or words.nowhere
        todo = words.todo[not one.grave]
        cells: list[tuple[str | int, int | None]] = [
            (number, self._number),
            (words.degree[not one.grave], self._degrees[one.grave]),
            (sheet, self._text),
            (one.cell, self._link if one.link else self._number),
            (one.text[:_LONGEST], self._text),
            (todo, self._text),
        ]
        lines = max(
            sum(lines_in(line, width - 4) for line in str(text).splitlines() or [""])
            for (text, _), width in zip(cells, _WIDTHS, strict=True)
        )
        cells.append((one.memory, self._label if one.memory else None))
        self._row(data, row, cells, height=min(_LINE * lines + 4, 409))

    def _row(
        self, data: Any, number: int, cells: Sequence[tuple[str | int, int | None]], height: float | None = None
    ) -> None:
        row = self._under(data, "row", r=str(number))
        if height:
            row.set("ht", f"{height:g}")
            row.set("customHeight", "1")
        for at, (value, look) in enumerate(cells):
            if look is None:
                continue
            cell = self._under(row, "c", r=f"{column_letters(at)}{number}", s=str(look))
            if isinstance(value, int):
                self._under(cell, "v").text = str(value)
            elif value:
                cell.set("t", "inlineStr")
                text = self._under(self._under(cell, "is"), "t")
                text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                text.text = value

    def _after(self, root: Any, head: int, remarks: Sequence[Remark]) -> None:
        """What the schema wants behind the cells: the links, the page."""
        linked = [(head + at, one) for at, one in enumerate(remarks, 1) if one.link]
        if linked:
            links = self._under(root, "hyperlinks")
            for row, one in linked:
                self._under(links, "hyperlink", ref=f"D{row}", location=one.link, display=one.cell)
        self._under(root, "pageMargins", left="0.5", right="0.5", top="0.6", bottom="0.6", header="0.3", footer="0.3")
        setup = etree.fromstring(f'<a xmlns="{self._space}">{_LANDSCAPE}</a>')[0]
        root.append(setup)
        self._under(self._under(root, "headerFooter"), "oddFooter").text = self._words.page

    def _under(self, parent: Any, tag: str, **attributes: str) -> Any:
        return etree.SubElement(parent, f"{{{self._space}}}{tag}", attributes)
