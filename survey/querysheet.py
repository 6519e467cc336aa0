"""The layout of a query list: questions with the cells they are about, room to answer, and the hidden stamp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter

from survey.form import Item
from survey.plainbook import TEXTS_ONLY, lines_in
from survey.queries import AskedCell, Block, UnitQueries
from survey.queryfile import BY, CODES, CORRECTION, FOOT, KEY, REMARK, SHEET, Stamp, StampRow
from survey.record import LARGEST, show_value
from survey.returnbook import FONT, HEAD, INK, LINE, OPEN, SHUT, hidden_sheet, print_setup, put_text
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts

_WIDTHS = (6, 8, 10, 26, 15, 15, 12, 48, 16, 34)
_NUMBER, _FORM, _CODE, _LABEL, _NOW, _BEFORE, _UNIT, _QUESTION, _CORRECTION, _REMARK, _KEY = range(11)
# Title, whom, from whom, the two lines of law and advice, heads, their hidden names.
_WHOM, _FROM, _LAW, _ADVICE, _HEADS, _NAMES, _FIRST = 1, 2, 3, 4, 5, 6, 7
_PITCH, _LEAST = 16.5, 39.0
# A sheet of Excel holds no more rules of what may be typed than about this.
_MOST_RULES = 60_000


@dataclass(frozen=True)
class Cover:
    """What stands above the questions: whom they are for, who asks, when."""

    whom: str
    desk: str
    period: str
    day: str


class QueryBook:
    """A query list being written."""

    def __init__(self, path: Path, scheme: Scheme, texts: Texts) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"in_memory": True, **TEXTS_ONLY})
        self._scheme = scheme
        self._texts = texts
        self._sheet = self._book.add_worksheet(texts("query.title"))
        self._looks = _looks(self._book)
        self._lists: dict[str, tuple[str, ...]] = {}
        self._row = _FIRST

    def questions(self, asked: Sequence[UnitQueries], cover: Cover) -> list[StampRow]:
        """The sheet that is filled in; gives what its rows ask about."""
        count = sum(len(one.blocks) for one in asked)
        self._head(cover, count)
        rows: list[StampRow] = []
        number = 0
        for one in asked:
            if len(asked) > 1:
                self._band(self._texts("query.band", uscc=one.uscc, name=one.name))
            for block in one.blocks:
                number += 1
                rows += self._block(number, block)
        self._foot()
        self._set_up()
        return rows

    def finish(self, stamp: Stamp) -> None:
        """The hidden sheets, and the end of the file."""
        hidden_sheet(self._book, SHEET, stamp.lines())
        if self._lists:
            hidden_sheet(self._book, CODES, zip_longest(*self._lists.values(), fillvalue=""))
        self._book.close()

    def _head(self, cover: Cover, count: int) -> None:
        sheet, texts, legal = self._sheet, self._texts, self._scheme.legal
        for at, width in enumerate(_WIDTHS):
            sheet.set_column(at, at, width)
        sheet.set_column(_KEY, _KEY, 4, None, {"hidden": True})
        self._text((0, 0, 0, _REMARK), texts("query.title"), "title")
        sheet.set_row(0, 32)
        self._line(_WHOM, cover.whom, texts("query.period", period=cover.period))
        self._line(_FROM, texts("query.desk", desk=cover.desk), texts("query.sent", day=cover.day, count=count))
        for row, text in (
            (_LAW, texts.pick(legal.confidential, legal.confidential_en)), (_ADVICE, texts("query.advice"))
        ):  # fmt: skip
            self._text((row, 0, row, _REMARK), text, "small")
            sheet.set_row(row, _PITCH * lines_in(text, sum(_WIDTHS) * 1.1))
        sheet.set_row(_HEADS, 34)
        sheet.set_row(_NAMES, None, None, {"hidden": True})
        for at, head in enumerate(texts("query.heads").split("|")):
            sheet.write_string(_HEADS, at, head, self._looks["head"])
        for at, name in ((_CORRECTION, CORRECTION), (_REMARK, REMARK), (_KEY, KEY), (_BEFORE, BY)):
            sheet.write_string(_NAMES, at, name)

    def _line(self, row: int, left: str, right: str) -> None:
        self._text((row, 0, row, _QUESTION), left, "line")
        self._text((row, _CORRECTION, row, _REMARK), right, "line_right")
        self._sheet.set_row(row, 18)

    def _band(self, text: str) -> None:
        self._text((self._row, 0, self._row, _REMARK), text, "band")
        self._sheet.set_row(self._row, 20)
        self._row += 1

    def _block(self, number: int, block: Block) -> list[StampRow]:
        """A question with a row for each of its cells; number, question and remark stand once."""
        query, first = block.query, self._row
        question = query.text(self._scheme, self._texts)
        count = max(1, len(block.cells))
        last = first + count - 1
        height = max(_LEAST, _PITCH * lines_in(question, _WIDTHS[_QUESTION] - 4) + 6)
        for at in range(count):
            cell = block.cells[at] if block.cells else None
            labelled = _PITCH * lines_in(cell.label(self._texts), _WIDTHS[_LABEL] - 2) + 4 if cell else 0
            self._sheet.set_row(first + at, max(ceil(height / count), labelled, 20))
            self._cell(first + at, cell)
            self._sheet.write_string(first + at, _KEY, f"{number}-{at + 1}")
        for column, text, look in (
            (_NUMBER, str(number), "centre"), (_QUESTION, question, "text"), (_REMARK, "", "open_text")
        ):  # fmt: skip
            self._text((first, column, last, column), text, look)
        self._row = last + 1
        if not block.cells:
            return [StampRow(f"{number}-1", query.id, query.mark, "", 0, None)]
        return [
            StampRow(f"{number}-{at}", query.id, query.mark, one.item.name, one.line, one.now)
            for at, one in enumerate(block.cells, 1)
        ]

    def _text(self, place: tuple[int, int, int, int], text: str, look: str) -> None:
        put_text(self._sheet, place, text, self._looks[look])

    def _cell(self, row: int, cell: AskedCell | None) -> None:
        """What is known of a cell, and where it is corrected."""
        if cell is None:
            for column in (_FORM, _CODE, _LABEL, _NOW, _BEFORE, _UNIT, _CORRECTION):
                self._sheet.write_blank(row, column, None, self._looks["shut"])
            return
        item = cell.item
        for column, text, look in (
            (_FORM, item.form, "centre"), (_CODE, item.code, "centre"), (_LABEL, cell.label(self._texts), "text"),
            (_UNIT, self._scheme.unit(item.unit, self._texts), "centre"),
        ):  # fmt: skip
            self._sheet.write_string(row, column, text, self._looks[look])
        for column, value in ((_NOW, cell.now), (_BEFORE, cell.before)):
            self._value(row, column, item, value)
        self._correctable(row, cell)

    def _value(self, row: int, column: int, item: Item, value: Value) -> None:
        if isinstance(value, int | float) and item.type in ("integer", "decimal"):
            self._sheet.write_number(row, column, value, self._looks[item.type])
        else:
            shown = show_value(item, value, self._scheme.lists, self._texts.lang)
            self._sheet.write_string(row, column, shown, self._looks["text"])

    def _correctable(self, row: int, cell: AskedCell) -> None:
        item, texts = cell.item, self._texts
        if cell.fixed:
            self._sheet.write_blank(row, _CORRECTION, None, self._looks["shut"])
            return
        number = item.type in ("integer", "decimal")
        look = f"open_{item.type}" if number else "open_text"
        self._sheet.write_blank(row, _CORRECTION, None, self._looks[look])
        # What does not fit is only warned of: whoever reads the list back looks at it again.
        rule: dict[str, Any] = {"error_type": "warning", "error_title": texts("query.title")}
        if number:
            rule |= {"validate": "decimal", "criteria": "between", "minimum": -LARGEST, "maximum": LARGEST}
            rule["error_message"] = texts("query.wants_number")
        elif item.type in ("code", "flag"):
            rule |= {"validate": "list", "source": self._source(item), "error_message": texts("query.wants_choice")}
        if "validate" in rule and len(self._sheet.validations) < _MOST_RULES:
            self._sheet.data_validation(row, _CORRECTION, row, _CORRECTION, rule)

    def _source(self, item: Item) -> str | list[str]:
        """What can be chosen: labels, or codes where a label means more than one."""
        if item.type == "flag":
            return [self._texts("return.yes"), self._texts("return.no")]
        codes = self._scheme.lists[item.list]
        if item.list not in self._lists:
            self._lists[item.list] = tuple(codes.choices(self._texts.lang).values())
        column = list(self._lists).index(item.list)
        cell = xlsxwriter.utility.xl_range_abs(0, column, len(self._lists[item.list]) - 1, column)
        return f"='{CODES}'!{cell}"

    def _foot(self) -> None:
        """Who answers for it: the head, who filled it in, telephone, day; each with room to write."""
        row, sheet, looks = self._row + 1, self._sheet, self._looks
        head, filler, phone, day = (
            self._texts("paper.signer", who=who) for who in self._texts("query.signers").split("|")
        )
        sheet.set_row(row, 24)
        self._text((row, _NUMBER, row, _CODE), head, "signer")
        sheet.write_blank(row, _LABEL, None, looks["sign"])
        sheet.write_string(row, _NOW, filler, looks["signer"])
        self._text((row, _BEFORE, row, _UNIT), "", "sign")
        sheet.write_string(row, _QUESTION, phone, looks["signer"])
        sheet.write_blank(row, _CORRECTION, None, looks["sign"])
        sheet.write_string(row, _REMARK, day, looks["day"])
        sheet.write_string(row, _KEY, FOOT)
        self._row = row

    def _set_up(self) -> None:
        sheet = self._sheet
        sheet.hide_gridlines(2)
        sheet.freeze_panes(_FIRST, 0)
        print_setup(sheet, (_HEADS, _HEADS))
        # Codes are text on purpose.
        sheet.ignore_errors({"number_stored_as_text": f"A1:K{self._row + 1}"})
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_selection(_FIRST, _CORRECTION, _FIRST, _CORRECTION)


def _looks(book: Any) -> Mapping[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
    grid = base | {"border": 1, "border_color": LINE}
    centred = grid | {"text_wrap": True, "align": "center"}
    wrapped = grid | {"text_wrap": True, "align": "left", "indent": 1}
    free = {"bg_color": OPEN, "locked": False}
    day = base | {"locked": False, "bottom": 1, "num_format": "@"}
    figures = {"integer": "#,##0", "decimal": "#,##0.####"}
    looks: dict[str, dict[str, Any]] = {
        "title": base | {"font_size": 16, "bold": True, "align": "center"},
        "line": base,
        "line_right": base | {"align": "right"},
        "small": base | {"font_size": 9, "text_wrap": True},
        "head": centred | {"bg_color": HEAD, "bold": True},
        "band": wrapped | {"bg_color": HEAD, "bold": True},
        "text": wrapped,
        "centre": centred,
        "shut": grid | {"bg_color": SHUT},
        "open_text": wrapped | free | {"num_format": "@"},
        "signer": base | {"align": "right"},
        "sign": day,
        "day": day,
    }
    looks |= {name: grid | {"num_format": form, "align": "right", "indent": 1} for name, form in figures.items()}
    looks |= {
        f"open_{name}": grid | free | {"num_format": form, "align": "right", "indent": 1}
        for name, form in figures.items()
    }
    return {name: book.add_format(look) for name, look in looks.items()}
