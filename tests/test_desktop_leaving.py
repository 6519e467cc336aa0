"""What leaves a file by the window is told in its journal: on paper, in a file, on the clipboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import code_of
from desktop_desk import Desk, file_of, offscreen
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import form_printing, pages, paper_batch
from desktop.case_list import CallList
from desktop.cell_grid import CellGrid
from desktop.paper_batch import Batch
from desktop.preview_dialog import PreviewDialog
from desktop.print_dialog import a4_printer
from desktop.query_dialog import QueryDialog
from desktop.receipt_writing import SlipDialog
from desktop.session import HANDFUL
from survey import journal, returns, slips
from survey.errors import SurveyError
from survey.scheme import Scheme

pytestmark = offscreen
Left = tuple[str, str, str]


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, small: Scheme) -> Desk:
    answers = {code_of(number): {"name": "演示数据", "revenue": 5, "main_revenue": 9} for number in (1, 2)}
    desk = Desk(qtbot, qapp, tmp_path)
    desk.open(file_of(tmp_path, small, answers))
    return desk


def facts(desk: Desk) -> pages.Desk:
    assert desk.window.desk
    return desk.window.desk


def left(desk: Desk) -> list[Left]:
    """What the journal says has left the file, the latest first: how, to where or whose, what."""
    ways = ("exported", "printed", "copied")
    found = [one for one in journal.entries(facts(desk).store) if one.kind in ways]
    return [(one.kind, one.subject, json.loads(one.facts)["what"]) for one in found]


def onto_paper(path: Path) -> QPrinter:
    printer = a4_printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def _calls(desk: Desk) -> CallList:
    return CallList(facts(desk), [1, 2], "2025", desk.window)


def _register(desk: Desk) -> PreviewDialog:
    units = facts(desk).store.unit_list("2025")
    return form_printing.print_register(facts(desk), units, "2025", desk.window)


def _queries(desk: Desk) -> QueryDialog:
    dialog = QueryDialog(facts(desk), [1, 2], "2025", desk.window)
    desk.settle()
    return dialog


def _slip(desk: Desk) -> SlipDialog:
    store = facts(desk).store
    returns.write(store, desk.folder / "r.xlsx", desk.texts)
    return SlipDialog(slips.of_last_return(store, desk.texts), facts(desk), desk.window)


SHOWN: dict[str, Callable[[Desk], PreviewDialog]] = {
    "calls": _calls, "register": _register, "queries": _queries, "slip": _slip,
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWN)
def test_what_is_printed_from_a_preview_is_told_and_what_cannot_be_told_is_not_printed(
    desk: Desk, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = SHOWN[what](desk)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "_append", _full)
        said: list[BaseException] = []
        patched.setattr(dialog, "_desk", _failing(dialog._desk, said))
        dialog.print_to(onto_paper(desk.folder / "none.pdf"))
        assert [getattr(one, "code", "") for one in said] == ["disk_full"]
    assert left(desk) == []
    assert not (desk.folder / "none.pdf").exists()
    dialog.print_to(onto_paper(desk.folder / "some.pdf"))
    assert left(desk) == [("printed", "", what)]
    assert (desk.folder / "some.pdf").read_bytes().startswith(b"%PDF")
    dialog.close()


def _full(*_args: object) -> None:
    raise SurveyError("disk_full", path=Path("x"))


def _failing(desk: pages.Desk, said: list[BaseException]) -> pages.Desk:
    from dataclasses import replace

    return replace(desk, fail=said.append)


@pytest.mark.qt_log_ignore("QPainter::begin|does not support")
def test_a_printer_that_cannot_be_opened_leaves_no_entry(desk: Desk) -> None:
    dialog = _calls(desk)
    dialog.print_to(onto_paper(desk.folder / "nowhere" / "x.pdf"))
    assert left(desk) == []
    dialog.close()


def test_lists_and_slips_that_are_saved_are_told(desk: Desk) -> None:
    calls, asked, slip = _calls(desk), _queries(desk), _slip(desk)
    calls.export(desk.folder / "calls.xlsx")
    asked.write_pdf(desk.folder / "asked.pdf")
    slip.write_pdf(desk.folder / "slip.pdf")
    assert left(desk) == [
        ("printed", "slip.pdf", "slip"), ("printed", "asked.pdf", "queries"), ("exported", "calls.xlsx", "calls"),
    ]  # fmt: skip
    for dialog in (calls, asked, slip):
        dialog.close()


def test_forms_are_told_of_for_whom_they_are_printed_and_blank_ones_are_not(desk: Desk) -> None:
    store = facts(desk).store
    batch = Batch(("T-02",), tuple(store.unit_list("2025")), "2025")

    def told(_done: int, _total: int, _label: str) -> None:
        """Nobody watches."""

    (desk.folder / "each").mkdir()
    paper_batch.write_each(store.path, desk.folder / "each", batch, desk.texts, told)
    assert left(desk) == [("printed", code_of(2), "forms"), ("printed", code_of(1), "forms")]
    paper_batch.write_one(store.path, desk.folder / "all.pdf", batch, desk.texts, told)
    assert left(desk)[0] == ("printed", "", "forms")
    nobody = Batch(("T-02",), (None,), "2025")
    paper_batch.write_one(store.path, desk.folder / "blank.pdf", nobody, desk.texts, told)
    assert len(left(desk)) == 3
    with pytest.raises(SurveyError, match="cannot_write"):
        paper_batch.write_one(store.path, desk.folder / "nowhere" / "x.pdf", batch, desk.texts, told)
    assert len(left(desk)) == 3


def test_a_block_of_answers_on_the_clipboard_is_told_once_a_handful_is_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.go("units").open_unit(1, form=1)  # type: ignore[attr-defined]
    grid: CellGrid = desk.grid()
    grid.setCurrentIndex(grid.model().index(0, 2))
    grid.copy()
    assert left(desk) == []
    grid.selectAll()
    assert len(grid.selectedIndexes()) > HANDFUL
    QGuiApplication.clipboard().setText("before")
    refused: list[str] = []
    grid.refused.connect(refused.append)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "_append", _full)
        grid.copy()
    assert QGuiApplication.clipboard().text() == "before"
    assert len(refused) == 1
    grid.copy()
    assert left(desk) == [("copied", code_of(1), "answers")]
    assert "5" in QGuiApplication.clipboard().text()
