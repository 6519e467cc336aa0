"""Queries on the command line, on paper and in the window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT, code_of
from desktop_desk import WAIT, Desk, offscreen
from PySide6.QtWidgets import QApplication, QFrame, QPushButton
from pytestqt.qtbot import QtBot
from query_writer import filled, keys, save, sheets_of

from desktop import pages
from desktop.answers_dialog import AnswersDialog
from desktop.cell_panel import CellPanel
from desktop.cli import main
from desktop.fonts import load_fonts
from desktop.query_dialog import QueryDialog
from desktop.query_paper import Bound, QueryPaper
from desktop.session import Session
from survey import cells, queries, querybook
from survey import store as stores
from survey.progress import Progress
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import LANGUAGES, load

pytestmark = offscreen
GOOD = "上年底新建的生产线今年满产"


def put(store: Store, number: int, **answers: object) -> int:
    found = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
    cells.write(store, found, "2024", "revenue", 2000)
    for name, value in {"revenue": 2000, "main_revenue": 1000, "district": "440305", **answers}.items():
        cells.write(store, found, "2025", name, value)  # type: ignore[arg-type]
    return found


@pytest.fixture
def file(tmp_path: Path, small: Scheme) -> Path:
    """A unit that fails F01 (A) and F02 (C), one that fails F02, one that fails nothing."""
    path = tmp_path / "desk.census"
    store = stores.create(path, small, "2025", "440305")
    put(store, 1, revenue=9000, main_revenue=9500)
    put(store, 2, revenue=8000)
    put(store, 3)
    store.close()
    return path


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    opened = stores.open(file)
    yield opened
    opened.close()


def call(*arguments: object, code: int) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


# The command line


def test_one_workbook_a_unit_or_one_for_all_is_written(file: Path, tmp_path: Path) -> None:
    told = call("query", file, tmp_path / "out", "--all", code=1)
    assert "2 家单位，3 个问题（新提出 3 个）" in told
    assert len(list((tmp_path / "out").iterdir())) == 2
    told = call("query", file, tmp_path / "all.xlsx", "--district", "440305", code=1)
    assert "2 家单位，3 个问题（新提出 0 个）" in told
    told = call("query", file, tmp_path / "one.xlsx", "--unit", code_of(2), code=1)
    assert "1 家单位，1 个问题" in told


def test_where_nothing_is_to_be_asked_no_file_is_written(file: Path, tmp_path: Path) -> None:
    assert "没有需要查询的问题" in call("query", file, tmp_path / "one.xlsx", "--unit", code_of(3), code=0)
    assert not (tmp_path / "one.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--district"),
        (("--all", "--unit", "x"), "--district"),
        (("--unit", "91440300MA9000099X"), "91440300MA9000099X"),
        (("--district", "999999"), "999999"),
    ],
)
def test_who_is_asked_must_be_said_and_known(
    file: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in call("query", file, tmp_path / "o.xlsx", *arguments, code=2)


@pytest.fixture
def done(file: Path, tmp_path: Path) -> Path:
    """The list of the first unit, with a corrected value, a reason that says nothing, and a good one."""
    call("query", file, tmp_path / "sent.xlsx", "--all", code=1)
    answers: dict[str, tuple[object, str]] = {"1-2": (8000, ""), "2-1": ("", "属实"), "3-1": ("", GOOD)}
    return filled(tmp_path / "sent.xlsx", tmp_path / "done.xlsx", answers)


def test_a_dry_run_tells_what_would_come_of_the_answers(file: Path, done: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    told = call("answers", file, done, "--dry-run", "--json", out, code=1)
    assert (
        "更正　演示数据1　T-02.302  主营业务收入　9,500 → 8,000　写入修改记录，可一次撤销　done.xlsx　查询单!I" in told
    )
    assert "更正 1 项，说明 1 条，记录 0 条，冲突 0 项，未读取 1 条" in told
    assert "没有写入" in told
    report = json.loads(out.read_text(encoding="utf-8"))
    assert (report["dry_run"], report["files"], len(report["corrected"])) == (True, 1, 1)
    assert report["rejected"][0]["reason"].startswith("说明至少要 6 个字")


def test_answers_are_taken_once(file: Path, done: Path) -> None:
    assert "已读取 1 个文件：更正 1 项，说明 1 条" in call("answers", file, done, code=1)
    again = call("answers", file, done, code=1)
    assert "更正 0 项，说明 0 条" in again
    assert "2 项与现有数据相同，0 个问题没有答复" in again


def test_english_tells_the_same(file: Path, done: Path) -> None:
    told = call("--lang", "en", "answers", file, done, code=1)
    assert "corrected  演示数据1  T-02.302  Main revenue  9,500 → 8,000" in told


def test_a_foreign_workbook_is_refused_by_name(file: Path, done: Path, tmp_path: Path) -> None:
    wrong = save(tmp_path / "名录.xlsx", {"Sheet1": [["a"]]})
    assert "名录.xlsx" in call("answers", file, done, wrong, code=2)
    assert "更正 1 项" in call("answers", file, done, code=1)


# At the unit


def test_a_correction_is_undone_at_the_unit_in_one_step(file: Path, done: Path, store: Store) -> None:
    call("answers", file, done, code=1)
    session = Session(store, lambda: "李")
    session.open(1, "2025")
    assert session.value("main_revenue") == 8000
    session.undo.undo()
    assert session.value("main_revenue") == 9500
    session.undo.redo()
    assert session.value("main_revenue") == 8000


# On paper


def papers(store: Store, lang: str = "zh") -> list[QueryPaper]:
    load_fonts()
    texts = load(ROOT / "assets" / "i18n", lang)
    units = queries.units_of(store)
    queries.ask_all(store, units, "2025")
    return [
        QueryPaper(one, querybook.cover_of(store, [one], "2025", texts), store.scheme, texts)
        for one in queries.open_queries(store, units, "2025")
    ]


def lines(paper: QueryPaper, number: int = 0) -> list[str]:
    return [line for piece in paper.sheet(number).pieces for line in getattr(piece, "lines", ())]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_on_paper_has_its_place(store: Store, lang: str) -> None:
    found = papers(store, lang)
    assert len(found) == 2
    assert [paper.overflow() for paper in found] == [[], []]


def test_the_paper_names_the_unit_asks_and_is_signed(store: Store) -> None:
    said = lines(papers(store)[0])
    assert any(code_of(1) in line for line in said)
    assert (
        "须改正：营业收入不小于主营业务收入：营业收入(301) 9,000 千元，主营业务收入(302) 9,500 千元，差 500 千元"
        in said
    )
    assert said.count("说明：") == 2
    assert {"9,000", "填表人："} <= set(said)


def test_a_question_goes_to_the_next_page_as_a_whole(store: Store) -> None:
    for number in range(12):
        queries.ask_freely(store, 1, "2025", f"第 {number} 个问题")
    [first, _] = papers(store)
    assert first.count > 1
    pages_of = [lines(first, number) for number in range(first.count)]
    asked = [sum(line.startswith("第 ") and line.endswith("个问题") for line in one) for one in pages_of]
    assert sum(asked) == 12
    for count, one in zip(asked, pages_of, strict=True):
        assert one.count("说明：") >= count
        assert any(code_of(1) in line for line in one)
    assert ["填表人：" in one for one in pages_of] == [False] * (first.count - 1) + [True]


def test_a_question_longer_than_a_page_breaks_between_its_cells(store: Store) -> None:
    [first, _] = papers(store)
    head, cell, remark = ("1", "问"), first._rows[1], ("", "说明：")
    first._rows = [head, *[cell] * 60, remark]
    assert first.count <= 5
    assert first._ends[0] > 10


def test_papers_of_several_units_are_counted_through(store: Store) -> None:
    bound = Bound(papers(store))
    assert (bound.count, bound.landscape(1)) == (2, True)


# In the window


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication, tmp_path: Path, file: Path) -> Desk:
    opened = Desk(qtbot, qapp, tmp_path)
    opened.window._settings.who = "区审核员"
    opened.open(file)
    return opened


def desk_panel(desk: Desk) -> CellPanel:
    panel = desk.window.findChild(CellPanel)
    assert isinstance(panel, CellPanel)
    return panel


def facts(desk: Desk) -> pages.Desk:
    return desk.window.page("units").list._desk  # type: ignore[no-any-return]


def shown(dialog: QueryDialog | AnswersDialog, desk: Desk) -> QueryDialog | AnswersDialog:
    dialog.open()
    desk.settle()
    return dialog


def enabled(dialog: QueryDialog, name: str) -> bool:
    button = dialog.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    return button.isEnabled()


def test_the_lists_are_shown_and_exported_as_one_workbook_or_many(desk: Desk, tmp_path: Path) -> None:
    dialog = QueryDialog(facts(desk), [1, 2, 3], "2025", desk.window)
    assert not enabled(dialog, "export")
    shown(dialog, desk)
    assert dialog._line.text() == "2 家单位，3 个问题，共 2 页"
    assert dialog.view.count == 2
    dialog.export(tmp_path / "all.xlsx")
    desk.settle()
    assert str(tmp_path / "all.xlsx") in dialog._line.text()
    assert len(list(keys(tmp_path / "all.xlsx"))) == 4
    dialog.export_each(tmp_path)
    desk.settle()
    assert len(list(tmp_path.glob("查询单-*.xlsx"))) == 2
    dialog.write_pdf(tmp_path / "all.pdf")
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
    assert {one.who for one in queries.of_unit(facts(desk).store, 1, "2025")} == {"区审核员"}
    dialog.close()


def test_where_nothing_is_to_be_asked_the_dialog_says_so(desk: Desk) -> None:
    dialog = QueryDialog(facts(desk), [3], "2025", desk.window)
    shown(dialog, desk)
    empty = dialog.findChild(QFrame, "noQueries")
    assert isinstance(empty, QFrame)
    assert empty.isVisible()
    assert not any(enabled(dialog, name) for name in ("print", "pdf", "export"))
    dialog.close()


def test_escape_stops_what_is_running_before_it_closes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(store: Store, units: object, period: str, who: str, progress: Progress) -> None:
        while True:
            progress(0, 1, "progress.query_ask")

    monkeypatch.setattr(queries, "ask_all", endless)
    dialog = QueryDialog(facts(desk), [1], "2025", desk.window)
    dialog.open()
    dialog.reject()
    assert dialog.isVisible()
    desk.settle()
    assert dialog._line.text() == desk.texts("error.cancelled")
    dialog.close()


def test_answers_are_shown_before_and_after_and_taken_on_a_word(desk: Desk, done: Path, qtbot: QtBot) -> None:
    dialog = AnswersDialog(facts(desk), [done], desk.window)
    shown(dialog, desk)
    rows = [[dialog.model.index(row, at).data() for at in range(6)] for row in range(dialog.model.rowCount())]
    assert [row[5].partition("：")[0] for row in rows] == ["未读取", "更正", "已说明"]
    assert rows[1][1:5] == ["T-02.302  主营业务收入", "9,500", "8,000", "查询单!I10"]
    assert rows[2][1] == "F02  营业收入与上年相差过大"
    store = facts(desk).store
    assert cells.read(store, 1, "2025").values["main_revenue"] == 9500
    dialog.accept_button.click()
    qtbot.waitUntil(lambda: dialog.report is not None, timeout=WAIT)
    assert cells.read(store, 1, "2025").values["main_revenue"] == 8000
    again = AnswersDialog(facts(desk), [done], desk.window)
    shown(again, desk)
    assert not again.accept_button.isEnabled()
    again.close()


def test_a_foreign_file_is_said_and_the_dialog_closes(desk: Desk, tmp_path: Path) -> None:
    said: list[BaseException] = []
    wrong = save(tmp_path / "名录.xlsx", {"Sheet1": [["a"]]})
    dialog = AnswersDialog(replace(facts(desk), fail=said.append), [wrong], desk.window)
    shown(dialog, desk)
    assert [getattr(error, "code", "") for error in said] == ["not_a_query"]
    assert not dialog.isVisible()


def test_several_files_name_the_file_of_each_answer(desk: Desk, done: Path, tmp_path: Path) -> None:
    other = save(tmp_path / "other.xlsx", sheets_of(done))
    dialog = AnswersDialog(facts(desk), [done, other], desk.window)
    shown(dialog, desk)
    assert "done.xlsx" in dialog.model.index(0, 4).data()
    dialog.close()


def test_the_history_of_a_cell_names_the_file_of_the_answer(desk: Desk, file: Path, done: Path) -> None:
    call("answers", file, done, code=1)
    desk.window.page("units").open_unit(1)  # type: ignore[attr-defined]
    entry = desk.entry
    event = entry.session.history("main_revenue")[0]
    assert "按查询单答复改正　done.xlsx" in desk_panel(desk)._event(
        entry.session.store.scheme.item("main_revenue"), event
    )
