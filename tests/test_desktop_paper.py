"""Forms on paper: what stands on the pages, how they break, and the dialog that prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import takewhile
from pathlib import Path

import pytest
from conftest import ROOT, code_of
from desktop_desk import WAIT, file_of, look, offscreen, settings_in, texts_of
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPdfWriter, QRawFont, QTextLayout
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from desktop import form_printing, paper_batch
from desktop.fonts import FAMILY, load_fonts
from desktop.form_paper import FormPaper
from desktop.pages import Desk
from desktop.paper_batch import Batch
from desktop.paper_block import Box, Words
from desktop.paper_copy import Filled, filled
from desktop.paper_options import SMALLEST, Options
from desktop.paper_sheet import Sheet, write_pdf
from desktop.paper_type import Typeface
from desktop.preview_dialog import PreviewDialog
from desktop.print_choices import Job
from desktop.print_dialog import PrintDialog
from desktop.table_paper import TablePaper
from desktop.worker import Worker
from survey import scheme as schemes
from survey import store as stores
from survey.errors import Cancelled, SurveyError
from survey.files import UNTOLD, safe
from survey.form import Form, Item
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import UnitRow
from survey.texts import LANGUAGES, Texts, load

LONG_NAME = (
    "深圳市粤港澳大湾区第三代半导体与集成电路产业技术创新中心股份有限公司"
    "龙岗宝龙科技城第一分公司研发与中试基地（筹备组）零"
)
WHOLE = 999_999_999_999
PROJECTS = """
id = "T-09"
title = "研究开发项目情况"
title_en = "R&D projects"
layout = "list"
table_no = "T-09表"
items = [
  { code = "01", name = "p_name", label = "项目名称", label_en = "Project", type = "text", length = 60 },
  { code = "02", name = "p_segment", label = "所属环节", label_en = "Segment", type = "code", list = "segment" },
  { code = "03", name = "p_from", label = "项目起始日期", label_en = "Begun", type = "date" },
  { code = "04", name = "p_to", label = "项目完成日期", label_en = "Ended", type = "date" },
  { code = "05", name = "p_partner", label = "合作单位代码", label_en = "Partner", type = "uscc" },
  { code = "06", name = "p_people", label = "研究开发人员", label_en = "People", type = "integer", unit = "人", total = true },
  { code = "07", name = "p_cost", label = "项目经费支出", label_en = "Cost", type = "integer", unit = "千元", total = true },
  { code = "08", name = "p_public", label = "政府资金", label_en = "Public", type = "integer", unit = "千元", total = true },
  { code = "09", name = "p_staff", label = "人员人工费用", label_en = "Staff", type = "integer", unit = "千元", total = true },
  { code = "10", name = "p_goal", label = "技术经济目标", label_en = "Goal", type = "text", length = 40 },
  { code = "11", name = "p_share", label = "占全部研发费用的比重", label_en = "Share", type = "decimal", unit = "%" },
]
"""  # noqa: E501 - an item a line reads best


@pytest.fixture(scope="module")
def face(qapp: object) -> Typeface:
    load_fonts()
    return Typeface(FAMILY)


@pytest.fixture(scope="module")
def listed(data: Path) -> Scheme:
    """The scheme of the tests with a list form of many columns."""
    files = schemes.read_files(data / "scheme")
    files["scheme.toml"] = files["scheme.toml"].replace('"T-02"]', '"T-02", "T-09"]')
    files["forms/T-09.toml"] = PROJECTS
    return schemes.read(files)


def words(sheet: Sheet) -> list[Words]:
    return [piece for piece in sheet.pieces if isinstance(piece, Words)]


def read(paper: FormPaper | TablePaper, page: int | None = None) -> list[str]:
    """Every text on a page, or on all, as one reads it."""
    sheets = paper.sheets if isinstance(paper, FormPaper) else [paper.sheet(at) for at in range(paper.count)]
    chosen = sheets if page is None else [sheets[page]]
    return ["".join(one.lines) for sheet in chosen for one in words(sheet)]


def valued(paper: FormPaper, key: str) -> str:
    """What is printed as an item's value."""
    return "".join("".join(one.lines) for sheet in paper.sheets for one in words(sheet) if one.key == key)


def fullest(form: Form, scheme: Scheme) -> dict[str, Value]:
    """The widest answers a form can get."""
    widest: dict[str, Value] = {}
    for item in form.items:
        codes = list(scheme.lists[item.list].codes) if item.type == "code" else []
        widest[item.name] = {
            "integer": WHOLE,
            "decimal": 99_999_999.25,
            "flag": 1,
            "date": "2025-12-31",
            "uscc": "91440300MAWWWWWWWM",
            "text": (LONG_NAME * 3)[: item.length or 60],
            "code": max(codes, key=lambda code: len(scheme.lists[item.list].label(code)), default=None),
        }[item.type]
    return widest


def project(number: int, **changes: Value) -> dict[str, Value]:
    line: dict[str, Value] = {
        "p_name": LONG_NAME if number % 2 else "碳化硅功率器件", "p_segment": "design", "p_from": "2023-01",
        "p_to": "2025-12-31", "p_partner": "91440300MA9000003J", "p_people": number, "p_cost": 1000,
        "p_public": 0, "p_staff": 10, "p_goal": "形成自主知识产权", "p_share": 12.5,
    }  # fmt: skip
    return {**line, **changes}


def projects(scheme: Scheme, texts: Texts, face: Typeface, count: int, options: Options | None = None) -> FormPaper:
    lines = {"T-09": [project(number) for number in range(1, count + 1)]}
    whose = Filled("91440300MA9000003J", LONG_NAME, "2025", lines=lines)
    return FormPaper(scheme.form("T-09"), scheme, texts, face, whose, options)


# Every form of the scheme that is shipped

SHIPPED = Path(__file__).parent.parent / "assets" / "schemes" / "ic-cluster" / "forms"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form_id", [path.stem for path in sorted(SHIPPED.glob("*.toml"))])
@pytest.mark.parametrize(
    "options",
    [Options(margins="wide"), Options("landscape", fit=True, before=False, margins="narrow")],
    ids=["wide", "landscape_fit"],
)
def test_every_shipped_form_finds_its_place_blank_and_with_the_widest_answers(
    cluster: Scheme, face: Typeface, lang: str, form_id: str, options: Options
) -> None:
    texts, form = texts_of(lang), cluster.form(form_id)
    answers = fullest(form, cluster)
    full = Filled("91440300MAWWWWWWWM", LONG_NAME, "2025Q3", answers, answers)
    for whose in (None, full.emptied(), full):
        paper = FormPaper(form, cluster, texts, face, whose, options)
        assert paper.overflow() == []
        assert collisions(paper, face) == []
        shown = read(paper)
        for item in form.items:
            assert item.code in shown


def collisions(paper: FormPaper, face: Typeface) -> list[tuple[str, str]]:
    """Texts that are written over each other."""
    found = []
    for sheet in paper.sheets:
        places = [(ink(one, face), "".join(one.lines)) for one in words(sheet)]
        places.sort(key=_top)
        for at, (place, text) in enumerate(places):
            below = takewhile(lambda one, place=place: one[0].top() < place.bottom(), places[at + 1 :])
            found += [(text, other) for around, other in below if place.intersects(around)]
    return found


def _top(one: tuple[QRectF, str]) -> float:
    return one[0].top()


def ink(one: Words, face: Typeface) -> QRectF:
    width = max(face.width(line, one.points, one.bold) for line in one.lines)
    free = one.width - width
    x = one.x + {"left": 0.0, "center": free / 2, "right": free}[one.align]
    return QRectF(x + 2, one.y + 8, max(1, width - 4), len(one.lines) * face.pitch(one.points) - 16)


def test_a_form_has_its_head_its_letters_and_its_foot(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    shown = read(FormPaper(cluster.form("IC-02"), cluster, texts, face, Filled("", "甲公司", "2025")))
    for text in (
        "财务状况", "2025 年", "IC-02表", "深圳市发展和改革委员会", "（待批准）", "甲公司", "计量单位：千元",
        "指标名称", "计量单位", "代码", "本年", "上年", "甲", "乙", "丙", "1", "2", "单位负责人：", "说明：",
    ):  # fmt: skip
        assert text in shown, text
    assert any("依法保密" in text for text in shown)


def test_amounts_have_their_separators_zero_is_zero_and_nothing_is_nothing(
    cluster: Scheme, texts: Texts, face: Typeface
) -> None:
    whose = Filled("", "", "2025", {"revenue": WHOLE, "main_revenue": 0, "total_profit": -5}, {"revenue": 1234})
    paper = FormPaper(cluster.form("IC-02"), cluster, texts, face, whose)
    assert valued(paper, "revenue") == "999,999,999,999"
    assert valued(paper, "revenue@prev") == "1,234"
    assert valued(paper, "main_revenue") == "0"
    assert valued(paper, "total_profit") == "-5"
    assert valued(paper, "operating_cost") == ""


def test_a_section_has_a_dash_in_every_other_column(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    form = cluster.form("IC-03")
    sections = len(form.rows) - len(form.items)
    assert read(FormPaper(form, cluster, texts, face)).count("—") == 4 * sections
    assert read(FormPaper(form, cluster, texts, face, None, Options(before=False))).count("—") == 3 * sections


def test_what_follows_the_first_of_its_parts_stands_below_its_words(
    cluster: Scheme, texts: Texts, face: Typeface
) -> None:
    sheet = FormPaper(cluster.form("IC-02"), cluster, texts, face).sheets[0]
    places = {"".join(one.lines): one.x for one in words(sheet)}
    assert places["应收账款"] == pytest.approx(places["存货"], abs=1)
    assert places["存货"] > places["流动资产合计"]


def test_a_long_form_goes_on_with_its_head_and_says_so(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    whose = Filled("91440300MA9000003J", "甲公司", "2025")
    paper = FormPaper(cluster.form("IC-04"), cluster, texts, face, whose)
    assert paper.count > 1
    second = read(paper, paper.count - 1)
    assert "研发与知识产权（续）" in second
    assert "指标名称" in second
    assert "91440300MA9000003J  甲公司" in second
    assert f"第 {paper.count} 页 / 共 {paper.count} 页" in second
    assert "单位负责人：" not in read(paper, 0)
    assert "单位负责人：" in second


def test_no_section_stands_last_on_a_page(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    for form in cluster.forms:
        titles = {row.section for row in form.rows if not isinstance(row, Item)}
        for options in (Options(), Options(margins="wide"), Options("landscape")):
            paper = FormPaper(form, cluster, texts, face, None, options)
            for number in range(paper.count - 1):
                columns: dict[int, tuple[float, str]] = {}
                for one in words(paper.sheets[number]):
                    side = int(one.x > paper.sheets[number].paper.width / 2)
                    text = "".join(one.lines)
                    if text and text not in ("—",) and "/" not in text:
                        columns[side] = max(columns.get(side, (0.0, "")), (one.y, text))
                assert columns[0][1] not in titles


def test_without_last_year_a_long_form_stands_in_two_panels(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    paper = FormPaper(cluster.form("IC-02"), cluster, texts, face, None, Options(before=False))
    assert read(paper).count("指标名称") == 2
    assert "上年" not in read(paper)


def test_a_form_that_is_to_fit_one_page_is_set_smaller_but_never_too_small(
    cluster: Scheme, texts: Texts, face: Typeface
) -> None:
    paper = FormPaper(cluster.form("IC-02"), cluster, texts, face, None, Options(fit=True))
    assert (paper.count, paper.too_long) == (1, False)
    assert SMALLEST <= paper.points < 9


def test_a_form_too_long_for_one_page_goes_on_and_says_so(listed: Scheme, texts: Texts, face: Typeface) -> None:
    paper = projects(listed, texts, face, 80, Options(fit=True))
    assert paper.too_long
    assert paper.count > 1
    assert paper.points == 9


# Forms of fields


def test_a_blank_form_prints_its_choices_and_a_filled_one_ticks_them(
    cluster: Scheme, texts: Texts, face: Typeface
) -> None:
    form = cluster.form("IC-01")
    blank = FormPaper(form, cluster, texts, face)
    assert "1 国有控股" in read(blank)
    assert ticked(blank) == 0
    answers: dict[str, Value] = {"holding_type": "3", "backbone": 1, "in_chain": 0, "business_model": "fabless"}
    full = FormPaper(form, cluster, texts, face, Filled("", "", "2025", answers))
    assert ticked(full) == 4
    assert valued(full, "holding_type=3") == "3 私人控股"


def ticked(paper: FormPaper) -> int:
    return sum(isinstance(piece, Box) and piece.ticked for sheet in paper.sheets for piece in sheet.pieces)


def test_codes_of_long_lists_stand_in_boxes_with_their_words(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    form = cluster.form("IC-01")
    whose = Filled("", "", "2025", {"industry_code": "6520", "settled_year": 2013})
    paper = FormPaper(form, cluster, texts, face, whose)
    assert valued(paper, "industry_code") == "6520集成电路设计"
    assert valued(paper, "settled_year") == "2013"


def test_a_blank_form_may_say_whose_it_is(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    whose = Filled("91440300MA9000003J", "甲公司", "2025", {"revenue": 1, "phone": "0755-1"}).emptied()
    paper = FormPaper(cluster.form("IC-01"), cluster, texts, face, whose)
    assert valued(paper, "uscc") == "91440300MA9000003J" * 2
    assert "甲公司" in read(paper)
    assert "0755-1" not in read(paper)


def test_a_form_of_nobody_has_eighteen_empty_boxes(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    paper = FormPaper(cluster.form("IC-03"), cluster, texts, face)
    assert sum(isinstance(piece, Box) for piece in paper.sheets[0].pieces) == 18
    assert "20　　年" in read(paper)


# List forms


def test_a_list_lies_on_its_side_in_bands_with_the_number_of_the_line(
    listed: Scheme, texts: Texts, face: Typeface
) -> None:
    paper = projects(listed, texts, face, 3)
    assert paper.landscape()
    assert paper.count == 1
    assert paper.overflow() == []
    shown = read(paper)
    assert shown.count("序号") > 1
    assert shown.count("合计") == shown.count("序号")
    assert valued(paper, "p_cost#") == "3,000"
    assert valued(paper, "p_people#") == "6"


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
@pytest.mark.parametrize("count", [0, 1, 7, 60])
def test_a_list_of_any_length_finds_its_place(
    listed: Scheme, texts: Texts, face: Typeface, count: int, orientation: str
) -> None:
    paper = projects(listed, texts, face, count, Options(orientation))
    assert paper.overflow() == []
    assert collisions(paper, face) == []
    numbers = [number for number in range(1, count + 1) if valued(paper, f"p_people#{number}")]
    assert numbers == list(range(1, count + 1))
    assert sum("合计" in read(paper, page) for page in range(paper.count)) == 1
    assert all("序号" in read(paper, page) for page in range(paper.count))


def test_a_blank_list_has_rows_to_write_in_and_fills_one_page(listed: Scheme, texts: Texts, face: Typeface) -> None:
    paper = FormPaper(listed.form("T-09"), listed, texts, face)
    assert paper.count == 1
    assert "3" in read(paper)
    assert "合计" in read(paper)


# Onto devices


def test_a_pdf_has_every_page_the_way_it_lies(
    cluster: Scheme, listed: Scheme, texts: Texts, face: Typeface, tmp_path: Path
) -> None:
    from desktop.paper_sheet import write_pdf

    upright = FormPaper(cluster.form("IC-04"), cluster, texts, face)
    write_pdf(tmp_path / "all.pdf", [upright, projects(listed, texts, face, 2), upright], "x", UNTOLD)
    content = (tmp_path / "all.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", content)
    tall = [False] * upright.count
    assert [int(width) > int(height) for width, height in boxes] == [*tall, True, *tall]


def test_a_page_is_painted_inside_its_margins_on_white(cluster: Scheme, texts: Texts, face: Typeface) -> None:
    paper = FormPaper(cluster.form("IC-02"), cluster, texts, face)
    image = paper.image(0, 620)
    assert (image.width(), image.height()) == (620, 877)
    edge = [image.pixelColor(x, y).lightness() for x in (*range(40), *range(580, 620)) for y in range(0, 877, 7)]
    assert min(edge) == 255
    assert dark(image) > 2000


def dark(image: QImage) -> int:
    points = ((x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return sum(image.pixelColor(x, y).lightness() < 160 for x, y in points)


def test_what_cannot_be_written_is_said(cluster: Scheme, texts: Texts, face: Typeface, tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="cannot_write"):
        write_pdf(tmp_path / "nowhere" / "x.pdf", [FormPaper(cluster.form("IC-03"), cluster, texts, face)], "x", UNTOLD)


def test_digits_beside_letters_are_the_plain_ones(face: Typeface) -> None:
    """A glyph that belongs to no character of its own cannot be searched for in a PDF."""
    font = face.font(9)
    raw = QRawFont.fromFont(font)
    layout = QTextLayout("IC-02表", font)
    layout.beginLayout()
    layout.createLine().setLineWidth(1e6)
    layout.endLayout()
    drawn = [glyph for run in layout.glyphRuns() for glyph in run.glyphIndexes()]
    assert set(raw.glyphIndexesForString("02")) <= set(drawn)


def test_painting_leaves_the_painter_as_it_was(cluster: Scheme, texts: Texts, face: Typeface, tmp_path: Path) -> None:
    writer = QPdfWriter(str(tmp_path / "x.pdf"))
    painter = QPainter(writer)
    before = painter.transform()
    FormPaper(cluster.form("IC-01"), cluster, texts, face).paint(painter, 0, QRectF(0, 0, 100, 141))
    assert painter.transform() == before
    painter.end()


# Many units


@pytest.fixture
def three(tmp_path: Path, small: Scheme) -> Path:
    """A survey file of three units."""
    answers = {code_of(at): {"name": f"甲/{at}公司", "revenue": at * 1000, "revenue@prev": at} for at in range(1, 4)}
    return file_of(tmp_path, small, answers)


def batch_of(file: Path, **changes: object) -> Batch:
    store = stores.open(file, readonly=True)
    units = tuple(store.unit_list("2025"))
    store.close()
    return Batch(("T-01", "T-02"), units, "2025", **changes)  # type: ignore[arg-type]


def test_all_units_go_into_one_pdf(three: Path, texts: Texts, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    paper_batch.write_one(three, tmp_path / "all.pdf", batch_of(three), texts, lambda at, of, _: told.append((at, of)))
    assert (tmp_path / "all.pdf").read_bytes().count(b"/Type /Page\n") == 6
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_each_unit_gets_a_pdf_with_a_safe_name(three: Path, texts: Texts, tmp_path: Path) -> None:
    folder = tmp_path / "each"
    folder.mkdir()
    written = paper_batch.write_each(three, folder, batch_of(three), texts, lambda *_: None)
    assert [path.name for path in written] == [f"{code_of(at)}-2025-甲_{at}公司.pdf" for at in range(1, 4)]
    assert all(path.read_bytes().startswith(b"%PDF") for path in written)


def test_a_name_never_grows_beyond_what_a_disk_takes() -> None:
    unit = UnitRow(1, code_of(1), LONG_NAME * 3, "440305", "due")
    assert len(paper_batch.file_name(unit, "2025").encode()) < 240
    assert safe('a:b*"c"?\n.') == "a_b_c_"


def test_a_batch_that_is_stopped_leaves_no_pdf(three: Path, texts: Texts, tmp_path: Path) -> None:
    def stop(done: int, _total: int, _label: str) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        paper_batch.write_one(three, tmp_path / "all.pdf", batch_of(three), texts, stop)
    assert list(tmp_path.glob("*.pdf")) == []
    assert list(tmp_path.glob(".*.pdf")) == []


def test_only_one_unit_is_laid_out_at_a_time(three: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    plain = Batch.papers

    def papers(self: Batch, store: object, unit: UnitRow, *rest: object) -> list[FormPaper]:
        asked.append(unit.id)
        return plain(self, store, unit, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Batch, "papers", papers)
    store = stores.open(three)
    stream = paper_batch._streamed(store, batch_of(three), texts, lambda *_: None)
    next(stream)
    assert len(asked) == 1
    stream.close()
    store.close()


def test_a_unit_is_printed_with_what_the_file_holds(three: Path, texts: Texts, face: Typeface) -> None:
    store = stores.open(three)
    unit = store.unit_list("2025")[1]
    whose = filled(store, unit.uscc, unit.name, unit.id, "2025")
    paper = FormPaper(store.scheme.form("T-02"), store.scheme, texts, face, whose)
    assert (valued(paper, "revenue"), valued(paper, "revenue@prev")) == ("2,000", "2")
    store.close()


# Plain tables


def test_a_plain_table_repeats_its_heads_and_numbers_its_pages(qapp: object, texts: Texts) -> None:
    load_fonts()
    rows = [[str(at), code_of(at), LONG_NAME if at % 7 == 0 else "甲公司"] for at in range(1, 201)]
    paper = TablePaper("名录", ["序号", "代码", "名称"], rows, [5, 20, 40], texts, right=(0,), day=date(2026, 1, 2))
    assert paper.count > 3
    assert paper.overflow() == []
    for page in range(paper.count):
        shown = read(paper, page)
        assert "序号" in shown
        assert f"第 {page + 1} 页 / 共 {paper.count} 页" in shown
        assert "打印日期：2026-01-02" in shown
    assert [row[1] for row in rows] == [text for text in read(paper) if text.startswith("914403")]


def test_a_table_of_nothing_is_a_page_with_heads(qapp: object, texts: Texts) -> None:
    load_fonts()
    paper = TablePaper("名录", ["序号", "代码"], [], [1, 2], texts)
    assert paper.count == 1
    assert "代码" in read(paper)


def test_the_register_lists_units_with_their_place_and_segment(tmp_path: Path, small: Scheme, texts: Texts) -> None:
    load_fonts()
    units: dict[str, dict[str, Value]] = {code_of(1): {"name": "甲公司", "segment": "design"}, code_of(2): {}}
    store = stores.open(file_of(tmp_path, small, units))
    paper = form_printing.register_paper(store, store.unit_list("2025"), "2025", texts)
    shown = read(paper)
    for text in ("单位名录", code_of(1), "甲公司", "南山区", "设计", "录入中"):
        assert text in shown, text
    assert "街道" not in shown
    store.close()


# The dialog


@pytest.fixture
def desk(tmp_path: Path, three: Path, texts: Texts, qapp: QApplication) -> Iterator[Desk]:
    """What a page knows, around the file of three units."""
    icons, colours = look(qapp)
    worker, failed = Worker(), []
    store = stores.open(three)
    yield Desk(store, texts, icons, colours, worker, worker, settings_in(tmp_path), failed.append, lambda: None)
    worker.close()
    store.close()
    assert failed == []


def dialog_of(qtbot: QtBot, desk: Desk, job: Job) -> PrintDialog:
    dialog = PrintDialog(desk, job)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    return dialog


def child(dialog: QWidget, kind: type, name: str) -> QWidget:
    found = dialog.findChild(kind, name)
    assert found is not None, name
    return found


def job_of(desk: Desk, form: str = "T-02", count: int = 1) -> Job:
    return Job("2025", tuple(desk.store.unit_list("2025")[:count]), form)


@offscreen
def test_the_dialog_shows_this_form_and_then_all(qtbot: QtBot, desk: Desk) -> None:
    dialog = dialog_of(qtbot, desk, job_of(desk))
    assert dialog.batch.forms == ("T-02",)
    assert dialog.view.count == 1
    child(dialog, QRadioButton, "allForms").click()  # type: ignore[attr-defined]
    assert dialog.batch.forms == ("T-01", "T-02")
    assert dialog.view.count == 2
    assert not child(dialog, QPushButton, "each").isVisible()


@offscreen
def test_the_dialog_is_used_by_keyboard(qtbot: QtBot, desk: Desk) -> None:
    dialog = dialog_of(qtbot, desk, job_of(desk))
    dialog.activateWindow()
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(dialog, Qt.Key.Key_C, alt)
    qtbot.waitUntil(dialog.choices.chosen.isChecked)
    first = child(dialog, QCheckBox, "tick_T-01")
    assert isinstance(first, QCheckBox)
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert dialog.batch.forms == ("T-01", "T-02")
    qtbot.keyClick(dialog, Qt.Key.Key_B, alt)
    qtbot.waitUntil(lambda: dialog.batch.blank)
    view = dialog.view
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert child(dialog, QLabel, "pageLine").text() == "第 2 页 / 共 2 页"  # type: ignore[attr-defined]
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom > 1
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == 1
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@offscreen
def test_everything_that_can_be_reached_has_a_name(qtbot: QtBot, desk: Desk) -> None:
    dialog = dialog_of(qtbot, desk, job_of(desk, count=3))
    nameless = [
        widget.objectName()
        for kind in (QPushButton, QRadioButton, QCheckBox, QComboBox)
        for widget in dialog.findChildren(kind)
        if not (widget.accessibleName() or (widget.text() if not isinstance(widget, QComboBox) else ""))
    ]
    assert nameless == []
    assert dialog.view.accessibleName() == "预览"
    assert dialog.minimumSizeHint().height() <= 700
    assert dialog.minimumSizeHint().width() <= 1300


@offscreen
def test_choices_are_remembered_for_each_form(qtbot: QtBot, desk: Desk) -> None:
    dialog = dialog_of(qtbot, desk, job_of(desk))
    orientation = child(dialog, QComboBox, "orientation")
    assert isinstance(orientation, QComboBox)
    orientation.setFocus()
    qtbot.keyClick(orientation, Qt.Key.Key_End)
    qtbot.keyClick(child(dialog, QCheckBox, "fit"), Qt.Key.Key_Space)
    qtbot.keyClick(child(dialog, QCheckBox, "before"), Qt.Key.Key_Space)
    dialog.reject()
    again = dialog_of(qtbot, desk, job_of(desk))
    assert again.batch.options["T-02"] == Options("landscape", fit=True, before=False)
    assert again.batch.options["T-01"] == Options()


def test_odd_remembered_choices_do_no_harm() -> None:
    assert Options.from_texts({"orientation": "upside down", "fit": "1", "other": "x"}) == Options()
    plain = Options("portrait", fit=True, before=False, margins="wide")
    assert Options.from_texts(plain.to_texts()) == plain


@offscreen
def test_the_dialog_saves_prints_and_says_where(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    dialog = dialog_of(qtbot, desk, job_of(desk, "", 3))
    line = child(dialog, QLabel, "printLine")
    assert isinstance(line, QLabel)
    assert line.text().startswith("预览的是第一家，共 3 家")
    dialog.write_pdf(tmp_path / "all.pdf")
    qtbot.waitUntil(lambda: not desk.worker.busy, timeout=WAIT)
    assert line.text() == f"已保存“{tmp_path / 'all.pdf'}”。"
    folder = tmp_path / "each"
    folder.mkdir()
    dialog.write_each(folder)
    qtbot.waitUntil(lambda: not desk.worker.busy, timeout=WAIT)
    assert len(list(folder.glob("*.pdf"))) == 3
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    dialog.print_to(printer)
    qtbot.waitUntil(lambda: not desk.worker.busy, timeout=WAIT)
    assert line.text() == "已送打印机。"
    assert (tmp_path / "printed.pdf").read_bytes().startswith(b"%PDF")


@offscreen
def test_closing_while_it_works_stops_the_work_first(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    dialog = dialog_of(qtbot, desk, Job("2025", tuple(desk.store.unit_list("2025")) * 300))
    dialog.write_pdf(tmp_path / "all.pdf")
    dialog.reject()
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: not desk.worker.busy, timeout=WAIT)
    assert child(dialog, QLabel, "printLine").text().startswith("已取消")  # type: ignore[attr-defined]
    assert not (tmp_path / "all.pdf").exists()
    dialog.reject()
    assert not dialog.isVisible()


@offscreen
def test_blank_forms_need_no_unit(qtbot: QtBot, desk: Desk) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = form_printing.print_blank(desk, "2025", parent)
    assert dialog.batch.units == (None,)
    assert not child(dialog, QRadioButton, "filledForms").isEnabled()
    assert dialog.view.count == 2
    dialog.reject()


@offscreen
def test_the_register_is_shown_before_it_is_printed(qtbot: QtBot, desk: Desk) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = form_printing.print_register(desk, desk.store.unit_list("2025"), "2025", parent)
    assert isinstance(dialog, PreviewDialog)
    assert dialog.windowTitle() == "单位名录"
    assert dialog.view.count == 1
    icon = child(dialog, QPushButton, "print").icon().pixmap(20, 20).toImage()
    assert icon == desk.icons.coloured("print", desk.colours.on_accent).pixmap(20, 20).toImage()
    dialog.grab()
    dialog.close()


def test_no_sentence_of_the_paper_is_left_over(assets: Path) -> None:
    code = "\n".join(source.read_text(encoding="utf-8") for source in (ROOT / "desktop").glob("*.py"))
    keys = [key for key in load(assets / "i18n", "zh").sentences if key.startswith("paper.")]
    begun = tuple(set(re.findall(r'"(paper\.[a-z_.]*)\{', code)))
    left = [key for key in keys if f'"{key}"' not in code and not key.startswith(begun)]
    assert left == []
