"""The layout of a return: how its sheets look to the person who opens them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter

from survey import manifest as manifests
from survey.checks import Finding, sentence
from survey.control import CONTROL_WIDTHS, control_rows
from survey.controlfile import Exemption
from survey.enclosure import Enclosed, cells_of, columns_of
from survey.explanations import Explanation
from survey.form import Form, Item, Ruling
from survey.manifest import KEY_COLUMNS, key_columns
from survey.plainbook import TEXTS_ONLY
from survey.returncover import Cover, CoverSheet
from survey.roster import CaseRow
from survey.scalar import Value
from survey.scheme import Scheme
from survey.sealing import DIGEST_COLUMN, DIGITS, Seal, row_digest, seal_of
from survey.texts import Texts

FONT = "Noto Sans SC"
# Title, legal line, desk line, labels, units, codes, names.
_LABELS, _UNITS, _CODES, _NAMES, _FIRST = 3, 4, 5, 6, 7
_SENTENCE = 40
INK, LINE, HEAD = "#1F2933", "#B8C2CC", "#EEF2F6"
# A cell that is to be filled in, and one that may not be.
OPEN, SHUT = "#FFFBE6", "#F3F4F6"
_ALARM = "#B42318"


class ReturnBook:
    """A return being written; rows go to the folder `rows` as they come."""

    def __init__(self, path: Path, rows: Path, scheme: Scheme, texts: Texts, *, draft: bool = False) -> None:
        self._draft = draft
        options = {"constant_memory": True, "tmpdir": str(rows), **TEXTS_ONLY}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._scheme = scheme
        self._texts = texts
        base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
        grid = base | {"border": 1, "border_color": LINE}
        head = grid | {"bg_color": HEAD, "text_wrap": True, "align": "center"}
        looks = {
            "title": base | {"font_size": 16, "bold": True},
            "line": base,
            "head": head | {"bold": True},
            "sub": head | {"font_size": 9},
            "name": base | {"font_size": 8, "font_color": "#7B8794"},
            "text": grid,
            "wrapped": grid | {"text_wrap": True},
            "integer": grid | {"num_format": "#,##0"},
            "decimal": grid | {"num_format": "#,##0.00"},
            "flag": grid
            | {"num_format": f'[=1]"{texts("return.yes")}";[=0]"{texts("return.no")}";0', "align": "center"},
            "note": base | {"text_wrap": True, "valign": "top", "font_size": 9},
            "fact": grid | {"indent": 1, "align": "left"},
            "count": grid | {"indent": 1, "align": "right", "num_format": "#,##0"},
            "amount": grid | {"indent": 1, "align": "right", "num_format": "#,##0.00"},
            "block": base | {"font_size": 11, "bold": True},
            "draft": base | {"font_size": 28, "bold": True, "font_color": _ALARM, "align": "center"},
            "draft_why": base | {"font_color": _ALARM, "align": "center"},
            "signer": base | {"align": "right"},
            "sign": base | {"bottom": 1},
        }
        self._looks = {name: self._book.add_format(look) for name, look in looks.items()}
        # The cover stands first and is written last, when everything has been counted.
        self._cover = self._book.add_worksheet(texts("return.cover"))
        # What shows whether the sheets that people read were changed.
        self.tables: dict[str, Seal] = {}

    @property
    def lang(self) -> str:
        """The language of its headings."""
        return self._texts.lang

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._book.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Closes the files that hold the rows; the library leaves them open when something fails."""
        for sheet in self._book.worksheets():
            rows = getattr(sheet, "row_data_fh", None)
            if rows is not None and not rows.closed:
                rows.close()
                Path(rows.name).unlink(missing_ok=True)

    def form_sheet(self, form: Form, place: str, period: str) -> FormSheet:
        """The sheet of one form with its head; rows are added one by one."""
        sheet = self._book.add_worksheet(form.id)
        texts, legal = self._texts, self._scheme.legal
        sheet.write_string(0, 0, f"{form.id}  {texts.pick(form.title, form.title_en)}", self._looks["title"])
        sheet.write_string(1, 0, self._legal_line(form.table_no or form.id), self._looks["line"])
        sheet.write_string(
            2, 0, texts("return.desk_line", district=place, period=period, maker=legal.maker), self._looks["line"]
        )
        self._mark(sheet)
        return FormSheet(sheet, form, self._scheme, texts, self._looks)

    def _legal_line(self, table_no: str) -> str:
        return self._texts("return.legal_line", table_no=table_no, **self._scheme.legal.facts(self._texts))

    def findings_sheet(self, findings: Sequence[Finding], answers: Sequence[Explanation | None]) -> None:
        """Every finding with its sentence, what is said to it, by whom and when."""
        texts = self._texts
        names = ("uscc", "name", "class", "check", "message", "explanation", "who", "at")
        heads = [texts(f"return.head.{one}") for one in names]
        rows = (
            (
                one.unit, one.name, texts(f"check.class.{one.category}"), one.check,
                sentence(one, self._scheme, texts), *_said(answer),
            )
            for one, answer in zip(findings, answers, strict=True)
        )  # fmt: skip
        self._table_sheet(texts("return.findings"), heads, (22, 34, 10, 18, 80, 40, 12, 12), rows)

    def disposed_sheet(self, disposed: Sequence[CaseRow]) -> None:
        """The units that cannot or will not answer, each with its reason; none where there are none."""
        if disposed:
            texts = self._texts
            rows = ((one.name, one.uscc, texts(f"status.{one.status}"), one.reason) for one in disposed)
            self._table_sheet(
                texts("return.disposed"), texts("return.disposed_heads").split("|"), (34, 22, 12, 60), rows
            )

    def control_sheet(self, rulings: Sequence[Ruling], exemptions: Sequence[Exemption]) -> None:
        """What the city has switched off, held to another class, or exempted; none where it has decided nothing."""
        texts = self._texts
        if rows := control_rows(rulings, exemptions, texts):
            self._table_sheet(texts("control.sheet"), texts("control.heads").split("|"), CONTROL_WIDTHS, rows)

    def _table_sheet(
        self, title: str, heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
    ) -> None:
        """A plain table; whole sentences, which stand in wide columns, are broken into lines.

        The digest of each row stands in a hidden last column, and moves with it when somebody sorts.
        """
        sheet = self._book.add_worksheet(title)
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, head, self._looks["head"])
        sheet.set_column(len(heads), len(heads), 14, None, {"hidden": True})
        sheet.write_string(0, len(heads), DIGEST_COLUMN)
        digests = []
        for number, cells in enumerate(rows, 1):
            for at, cell in enumerate(cells):
                sheet.write_string(number, at, cell, self._looks["wrapped" if widths[at] >= _SENTENCE else "text"])
            digests.append(row_digest(title, cells))
            sheet.write_string(number, len(heads), digests[-1][:DIGITS])
        self.tables[title] = seal_of(digests)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(digests), 1), len(heads))
        self._print_setup(sheet, (0, 0))

    def enclosure_sheet(self, name: str, rows: Sequence[Enclosed]) -> None:
        """A hidden sheet of what travels beside the answers; none where there is nothing."""
        if rows:
            head = (*columns_of(name), DIGEST_COLUMN)
            lines = ((*cells, row_digest(name, cells)[:DIGITS]) for cells in map(cells_of, rows))
            hidden_sheet(self._book, name, chain([head], lines))

    def manifest_sheet(self, lines: Sequence[tuple[str, str, str]]) -> None:
        """The hidden sheet by which the city knows the return."""
        hidden_sheet(self._book, manifests.SHEET, lines)

    def cover(self, cover: Cover) -> dict[int, str]:
        """The first sheet, now that everything has been counted; gives the digests of its rows by number."""
        sheet = CoverSheet(self._cover, self._looks, self._scheme, self._texts)
        sheet.write(cover)
        self._print_setup(self._cover, None)
        return sheet.digests()

    def _print_setup(self, sheet: Any, repeat: tuple[int, int] | None) -> None:
        print_setup(sheet, repeat)
        self._mark(sheet)

    def _mark(self, sheet: Any) -> None:
        """Every printed page of a draft says what it is."""
        if self._draft:
            sheet.set_header(f"&R&20&K{_ALARM[1:]}{self._texts('return.draft')}")


class FormSheet:
    """One form's sheet: heads are written, rows follow."""

    def __init__(self, sheet: Any, form: Form, scheme: Scheme, texts: Texts, looks: Mapping[str, Any]) -> None:
        self._sheet = sheet
        self._row = _FIRST
        columns = key_columns(form)
        self._width = len(columns) + len(form.items)
        self._text = looks["text"]
        self._cells: list[_CellWriter | _LineWriter] = [_LineWriter(sheet, looks)] if form.is_list else []
        self._cells += [_CellWriter(sheet, item, scheme, texts, looks) for item in form.items]
        keys = [texts(f"return.key.{name.strip('_')}") for name in columns]
        heads = [(key, "", "", name, width) for key, name, width in zip(keys, columns, (21, 32, 8, 6), strict=False)]
        for item in form.items:
            unit = scheme.unit(item.unit, texts)
            heads.append(
                (texts.pick(item.label, item.label_en), unit, item.code, item.name, 22 if not item.numeric else 14)
            )
        heads.append((texts("return.key.digest"), "", "", DIGEST_COLUMN, 14))
        for at, (_, _, _, _, width) in enumerate(heads):
            sheet.set_column(at, at, width, None, {"hidden": at == self._width})
        for row, part, look in ((_LABELS, 0, "head"), (_UNITS, 1, "sub"), (_CODES, 2, "sub"), (_NAMES, 3, "name")):
            sheet.set_row(row, 44 if row == _LABELS else None, None, {"hidden": row == _NAMES})
            for at, head in enumerate(heads):
                sheet.write_string(row, at, str(head[part]), looks[look])

    def add(self, uscc: str, name: str, period: str, values: Sequence[Value], digest: str) -> None:
        """One record; on a list form the first value is its line."""
        row, sheet = self._row, self._sheet
        for at, text in enumerate((uscc, name, period)):
            sheet.write_string(row, at, text, self._text)
        for at, (cell, value) in enumerate(zip(self._cells, values, strict=True), len(KEY_COLUMNS)):
            if value is not None:
                cell.write(row, at, value)
        sheet.write_string(row, self._width, digest)
        self._row = row + 1

    def finish(self) -> None:
        self._sheet.freeze_panes(_FIRST, 2)
        self._sheet.autofilter(_NAMES, 0, max(self._row - 1, _FIRST), self._width - 1)
        print_setup(self._sheet, (_LABELS, _CODES))


def _said(answer: Explanation | None) -> tuple[str, str, str]:
    return (answer.text, answer.who, answer.at[:10]) if answer else ("", "", "")


class _LineWriter:
    """Writes the line of a list form's record."""

    def __init__(self, sheet: Any, looks: Mapping[str, Any]) -> None:
        self._sheet = sheet
        self._look = looks["integer"]

    def write(self, row: int, column: int, value: Any) -> None:
        self._sheet.write_number(row, column, value, self._look)


class _CellWriter:
    """Writes the values of one item: numbers as numbers, codes under their labels where these are unique."""

    def __init__(self, sheet: Any, item: Item, scheme: Scheme, texts: Texts, looks: Mapping[str, Any]) -> None:
        look = item.type if item.type in ("integer", "decimal", "flag") else "text"
        self._look = looks[look]
        self._put = sheet.write_number if item.numeric else sheet.write_string
        self._labels: Mapping[str, str] = scheme.lists[item.list].choices(texts.lang) if item.type == "code" else {}

    def write(self, row: int, column: int, value: Any) -> None:
        self._put(row, column, self._labels.get(value, value) if self._labels else value, self._look)


def print_setup(sheet: Any, repeat: tuple[int, int] | None, *, portrait: bool = False) -> None:
    """A4, on its side unless `portrait`, as wide as the page, the rows `repeat` at the head of each."""
    sheet.set_paper(9)
    if not portrait:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.5, 0.5, 0.6, 0.6)
    sheet.set_footer("&C&P / &N")
    if repeat:
        sheet.repeat_rows(*repeat)


def put_text(sheet: Any, place: tuple[int, int, int, int], text: str, look: Any) -> None:
    """A text in one cell or across several, never taken for a formula or an address; '' leaves room to write."""
    if place[:2] != place[2:]:
        sheet.merge_range(*place, "", look)
    if text:
        sheet.write_string(*place[:2], text, look)
    elif place[:2] == place[2:]:
        sheet.write_blank(*place[:2], None, look)


def hidden_sheet(book: Any, name: str, rows: Iterable[Sequence[str]]) -> None:
    """A sheet of texts that only programs read."""
    sheet = book.add_worksheet(name)
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write_string(at, column, text)
    sheet.very_hidden()
