"""The layout of a return: how its sheets look to the person who opens them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter

from survey import manifest as manifests
from survey.checks import Finding, sentence
from survey.control import CONTROL_WIDTHS, Exemption, control_rows
from survey.form import CHECK_CLASSES, Form, Item, Ruling
from survey.manifest import DIGEST_COLUMN, KEY_COLUMNS, Manifest, key_columns
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts

FONT = "Noto Sans SC"
# Title, legal line, desk line, labels, units, codes, names.
_LABELS, _UNITS, _CODES, _NAMES, _FIRST = 3, 4, 5, 6, 7
_SENTENCE = 40
INK, LINE, HEAD = "#1F2933", "#B8C2CC", "#EEF2F6"
# A cell that is to be filled in, and one that may not be.
OPEN, SHUT = "#FFFBE6", "#F3F4F6"


@dataclass(frozen=True)
class Cover:
    """What the first sheet says."""

    manifest: Manifest
    counts: Mapping[str, int]
    findings: Mapping[str, int]


class ReturnBook:
    """A return being written; rows go to disk as they come."""

    def __init__(self, path: Path, scheme: Scheme, texts: Texts, *, draft: bool = False) -> None:
        self._draft = draft
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False})
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
            "note": base | {"text_wrap": True, "valign": "top"},
        }
        self._looks = {name: self._book.add_format(look) for name, look in looks.items()}
        # The cover stands first and is written last, when everything has been counted.
        self._cover = self._book.add_worksheet(texts("return.cover"))

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

    def form_sheet(self, form: Form, district: str, period: str) -> FormSheet:
        """The sheet of one form with its head; rows are added one by one."""
        sheet = self._book.add_worksheet(form.id)
        texts, legal = self._texts, self._scheme.legal
        sheet.write_string(0, 0, f"{form.id}  {texts.pick(form.title, form.title_en)}", self._looks["title"])
        sheet.write_string(1, 0, self._legal_line(form.table_no or form.id), self._looks["line"])
        place = self._scheme.districts.label(district, texts.lang)
        sheet.write_string(
            2, 0, texts("return.desk_line", district=place, period=period, maker=legal.maker), self._looks["line"]
        )
        if self._draft:
            sheet.set_header(f"&R{texts('return.draft')}")
        return FormSheet(sheet, form, self._scheme, texts, self._looks)

    def _legal_line(self, table_no: str) -> str:
        return self._texts("return.legal_line", table_no=table_no, **self._scheme.legal.facts(self._texts))

    def findings_sheet(self, findings: Sequence[Finding], answers: Sequence[str]) -> None:
        """Every finding with its sentence and what is said to it, '' where nothing is."""
        texts = self._texts
        heads = [texts(f"return.head.{one}") for one in ("uscc", "name", "class", "check", "message", "explanation")]
        rows = (
            (
                one.unit, one.name, texts(f"check.class.{one.category}"), one.check,
                sentence(one, self._scheme, texts), answer,
            )
            for one, answer in zip(findings, answers, strict=True)
        )  # fmt: skip
        self._table_sheet(texts("return.findings"), heads, (22, 34, 10, 18, 80, 40), rows)

    def control_sheet(self, rulings: Sequence[Ruling], exemptions: Sequence[Exemption]) -> None:
        """What the city has switched off, held to another class, or exempted; none where it has decided nothing."""
        texts = self._texts
        if rows := control_rows(rulings, exemptions, texts):
            self._table_sheet(texts("control.sheet"), texts("control.heads").split("|"), CONTROL_WIDTHS, rows)

    def _table_sheet(
        self, title: str, heads: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
    ) -> None:
        """A plain table; whole sentences, which stand in wide columns, are broken into lines."""
        sheet = self._book.add_worksheet(title)
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, head, self._looks["head"])
        last = 0
        for last, cells in enumerate(rows, 1):
            for at, cell in enumerate(cells):
                sheet.write_string(last, at, cell, self._looks["wrapped" if widths[at] >= _SENTENCE else "text"])
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
        self._print_setup(sheet, (0, 0))

    def manifest_sheet(self, lines: Sequence[tuple[str, str]]) -> None:
        """The hidden sheet by which the city knows the return."""
        hidden_sheet(self._book, manifests.SHEET, lines)

    def cover(self, cover: Cover) -> None:
        """District, period, counts, control totals and the officers who sign."""
        sheet, looks, texts = self._cover, self._looks, self._texts
        manifest = cover.manifest
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 4, 20)
        sheet.set_row(0, 34)
        sheet.write_string(
            0, 0, self._marked(texts("return.title", title=texts.pick(self._scheme.title, self._scheme.title_en))),
            looks["title"],
        )  # fmt: skip
        units = cover.counts["units"]
        facts = [
            ("district", self._scheme.districts.label(manifest.district, texts.lang)),
            ("period", manifest.period),
            ("scheme", f"{manifest.scheme} {manifest.version}"),
            ("sequence", str(manifest.sequence)),
            ("created", manifest.created[:19].replace("T", " ")),
            ("due", f"{units:,}"),
            ("received", f"{manifest.units:,}"),
            ("rate", f"{manifest.units / units:.1%}" if units else "—"),
            ("digest", manifest.digest[:16]),
            ("control_list", manifest.control[:22] or "—"),
        ]
        row = 2
        for key, value in facts:
            sheet.write_string(row, 0, texts(f"return.fact.{key}"), looks["sub"])
            sheet.write_string(row, 1, value, looks["text"])
            row += 1
        row = self._cover_table(row + 1, self._form_counts(manifest))
        findings = [(texts(f"check.class.{category}"), cover.findings.get(category, 0)) for category in CHECK_CLASSES]
        row = self._cover_table(row + 1, [((texts("return.head.class"), texts("return.fact.findings"))), *findings])
        row = self._cover_table(row + 1, self._control_totals(manifest))
        signers = self._scheme.legal.signers(texts)
        sheet.write_string(
            row + 1, 0, "　　　　　".join(texts("page.signer", value=signer) for signer in signers), looks["line"]
        )
        sheet.write_string(
            row + 3, 0, texts.pick(self._scheme.legal.confidential, self._scheme.legal.confidential_en), looks["line"]
        )
        self._print_setup(sheet, None)

    def _marked(self, title: str) -> str:
        """The title, of a draft with its mark."""
        return f"{self._texts('return.draft')} {title}" if self._draft else title

    def _print_setup(self, sheet: Any, repeat: tuple[int, int] | None) -> None:
        print_setup(sheet, repeat)
        if self._draft:
            sheet.set_header(f"&R{self._texts('return.draft')}")

    def _form_counts(self, manifest: Manifest) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = [(self._texts("return.fact.form"), self._texts("return.fact.records"))]
        for form_id, count in manifest.rows.items():
            form = self._scheme.form(form_id)
            rows.append((f"{form_id} {self._texts.pick(form.title, form.title_en)}", count))
        return rows

    def _control_totals(self, manifest: Manifest) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = [
            (self._texts("return.fact.control"), self._texts("return.fact.total"), self._texts("return.fact.unit"))
        ]
        for form_id, totals in manifest.totals.items():
            for code, total in totals.items():
                item = self._scheme.form(form_id).by_code[code]
                # The key items: those the scheme explains, and of which a sum means something.
                if item.note and item.unit and total:
                    label = f"{item.key} {self._texts.pick(item.label, item.label_en)}"
                    rows.append((label, total, self._scheme.unit(item.unit, self._texts)))
        return rows

    def _cover_table(self, row: int, rows: Sequence[Sequence[Any]]) -> int:
        for number, cells in enumerate(rows):
            for at, cell in enumerate(cells):
                look = self._looks["head" if not number else "text" if isinstance(cell, str) else "integer"]
                self._cover.write(row, at, cell, look)
            row += 1
        return row


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
