"""Annotated copies: an enterprise's own workbook with its doubtful cells painted, and nothing else changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from lxml import etree
from own_workbook import CHART, HIDDEN, OWN_COMMENT, SHEET, packed, parts, write
from python_calamine import CalamineWorkbook

from survey.annotation import Annotated, Mark, annotate
from survey.errors import SurveyError, sentence
from survey.files import UNTOLD
from survey.reader import Reader
from survey.texts import Texts, load

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MARKS = (
    Mark(SHEET, "B3", True, "营业收入应大于等于主营业务收入"),
    Mark(SHEET, "B4", False, "与上年相差 3 倍 <请核实> & 说明"),
    Mark(SHEET, "F30", False, "本行没有填报"),
    Mark("", "", False, "缺少“从业人员”一栏"),
)
FACTS = (("文件", "演示.xlsx"), ("单位", "演示数据1"))


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as opened:
        yield opened


class Copy:
    """An annotated copy beside its original."""

    def __init__(self, source: Path, done: Annotated) -> None:
        self.done = done
        self.old, self.new = parts(source), parts(done.path)
        self.path = done.path

    def sheet(self, at: int = 1) -> etree._Element:
        return etree.fromstring(self.new[f"xl/worksheets/sheet{at}.xml"])

    def look(self, cell: str, at: int = 1) -> etree._Element:
        """The look of a cell: its entry in the styles."""
        return self.xfs()[int(self.cell(cell, at).get("s", "0"))]

    def cell(self, cell: str, at: int = 1) -> etree._Element:
        return next(one for one in self.sheet(at).iter(f"{MAIN}c") if one.get("r") == cell)

    def xfs(self) -> etree._Element:
        return self.styles().find(f"{MAIN}cellXfs")

    def styles(self) -> etree._Element:
        return etree.fromstring(next(data for name, data in self.new.items() if name.startswith("xl/styles")))

    def colour(self, cell: str) -> str | None:
        fill = self.styles().find(f"{MAIN}fills")[int(self.look(cell).get("fillId"))]
        found = fill.find(f".//{MAIN}fgColor")
        return None if found is None else found.get("rgb")

    def comments(self) -> dict[str, str]:
        found = {}
        for name, data in self.new.items():
            if "comments" in name:
                for one in etree.fromstring(data).iter(f"{MAIN}comment"):
                    found[one.get("ref")] = "".join(one.itertext())
        return found

    def boxes(self) -> list[tuple[int, int]]:
        drawing = "".join(data.decode() for name, data in self.new.items() if name.endswith(".vml"))
        places = zip(re.findall(r"<x:Row>(\d+)", drawing), re.findall(r"<x:Column>(\d+)", drawing), strict=True)
        return sorted((int(row), int(column)) for row, column in places)


@pytest.fixture
def made(tmp_path: Path, texts: Texts, reader: Reader) -> Copy:
    return copy_of(write(tmp_path / "own.xlsx"), texts, reader)


def copy_of(source: Path, texts: Texts, reader: Reader, marks: tuple[Mark, ...] = MARKS, name: str = "copy") -> Copy:
    target = source.with_name(f"{name}{source.suffix}")
    return Copy(source, annotate(source, target, marks, FACTS, texts, UNTOLD, reader))


def rows(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def test_marked_cells_are_painted_by_how_grave_they_are(made: Copy) -> None:
    assert made.colour("B3") == "FFF8B4B4"
    assert made.colour("B4") == made.colour("F30") == "FFFCE29A"
    assert made.colour("B5") is None


def test_a_painted_cell_keeps_its_format_font_border_and_protection(made: Copy) -> None:
    painted, plain = dict(made.look("B3").attrib), dict(made.look("B5").attrib)
    kept = ("numFmtId", "fontId", "borderId", "applyProtection")
    assert [painted.get(one) for one in kept] == [plain.get(one) for one in kept]
    assert made.look("B3").find(f"{MAIN}protection").get("locked") == "0"


def test_a_cell_that_is_not_there_takes_the_look_of_its_column(made: Copy) -> None:
    column = made.sheet().find(f"{MAIN}cols/{MAIN}col[@style]")
    assert made.look("F30").get("fontId") == made.xfs()[int(column.get("style"))].get("fontId") != "0"


def test_every_other_part_stays_byte_for_byte(made: Copy) -> None:
    touched = {name for name, data in made.old.items() if made.new[name] != data}
    assert touched == {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
        "xl/worksheets/sheet1.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml",
    }  # fmt: skip
    assert {"xl/media/image1.png", "xl/charts/chart1.xml", "xl/worksheets/sheet2.xml"} <= set(made.new)


def test_what_a_marked_sheet_holds_beside_its_cells_stays(made: Copy) -> None:
    old = etree.fromstring(made.old["xl/worksheets/sheet1.xml"])
    outside = [etree.tostring(one) for one in old if one.tag != f"{MAIN}sheetData"]
    assert [etree.tostring(one) for one in made.sheet() if one.tag != f"{MAIN}sheetData"] == outside


def test_a_macro_workbook_keeps_its_macros(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    made = copy_of(write(tmp_path / "own.xlsm"), texts, reader)
    assert made.new["xl/vbaProject.bin"] == made.old["xl/vbaProject.bin"]
    assert made.done.placed == 3


def test_the_cells_read_the_same_as_before(made: Copy, tmp_path: Path) -> None:
    for sheet in (SHEET, HIDDEN):
        after = [row[:4] for row in rows(made.path, sheet)]
        assert after[:20] == [row[:4] for row in rows(tmp_path / "own.xlsx", sheet)]


def test_a_comment_stands_on_each_mark_and_an_old_one_keeps_its_words(made: Copy) -> None:
    comments = made.comments()
    assert comments["B3"] == "【普查台 Census Desk】\n营业收入应大于等于主营业务收入"
    assert comments["B4"].startswith(OWN_COMMENT)
    assert comments["B4"].endswith("与上年相差 3 倍 <请核实> & 说明")
    assert made.boxes() == [(2, 1), (3, 1), (29, 5)]


def test_no_two_boxes_share_a_number(made: Copy) -> None:
    ids = re.findall(r'<v:shape id="([^"]+)"', made.new["xl/drawings/vmlDrawing1.vml"].decode())
    assert len(ids) == len(set(ids)) == 3


def test_a_sheet_without_comments_gets_them(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    made = copy_of(write(tmp_path / "own.xlsx"), texts, reader, (Mark(HIDDEN, "A1", True, "请改正"),))
    drawing = made.sheet(2).find(f"{MAIN}legacyDrawing")
    assert drawing is not None
    assert made.comments()["A1"].endswith("请改正")
    assert (0, 0) in made.boxes()


def test_several_marks_on_a_cell_are_one_comment_and_the_gravest_colour(
    tmp_path: Path, texts: Texts, reader: Reader
) -> None:
    both = (Mark(SHEET, "B5", False, "甲"), Mark(SHEET, "$B$5", True, "乙"))
    made = copy_of(write(tmp_path / "own.xlsx"), texts, reader, both)
    assert made.comments()["B5"].endswith("甲\n乙")
    assert made.colour("B5") == "FFF8B4B4"


def test_a_mark_inside_a_merged_range_stands_on_its_first_cell(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    made = copy_of(write(tmp_path / "own.xlsx"), texts, reader, (Mark(SHEET, "C1", True, "题目"),))
    assert list(made.comments()) == ["B4", "A1"]


def test_the_last_sheet_lists_every_mark_with_a_link_to_its_cell(made: Copy, texts: Texts) -> None:
    assert CalamineWorkbook.from_path(str(made.path)).sheet_names == [SHEET, HIDDEN, CHART, "审核意见"]
    listed = rows(made.path, "审核意见")
    assert listed[1][:3] == ["文件", "", "演示.xlsx"]
    assert listed[5][:5] == [1, "须改正", SHEET, "B3", MARKS[0].text]
    links = [one.get("location") for one in made.sheet(3).iter(f"{MAIN}hyperlink")]
    assert links == [f"'{SHEET}'!B3", f"'{SHEET}'!B4", f"'{SHEET}'!F30"]


def test_what_has_no_place_is_listed_too(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    lost = (Mark("没有", "A1", True, "表不在"), Mark(SHEET, "第3行", True, "不是单元格"), Mark(CHART, "A1", True, "图"))
    made = copy_of(write(tmp_path / "own.xlsx"), texts, reader, lost)
    assert (made.done.placed, made.done.unplaced) == (0, 3)
    assert [row[4] for row in rows(made.path, "审核意见")[5:]] == ["表不在", "不是单元格", "图"]


def test_a_sheet_of_that_name_is_the_enterprises_own(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "own.xlsx"))
    book.add_worksheet("审核意见").write_string("A1", "自己的")
    book.close()
    made = copy_of(tmp_path / "own.xlsx", texts, reader, (Mark("审核意见", "A1", True, "看"),))
    assert CalamineWorkbook.from_path(str(made.path)).sheet_names == ["审核意见", "审核意见 (2)"]


def test_annotating_a_copy_again_leaves_only_the_new_marks(made: Copy, texts: Texts, reader: Reader) -> None:
    again = copy_of(made.path, texts, reader, (Mark(SHEET, "B6", False, "再核实"),), "again")
    assert again.comments() == {"B4": OWN_COMMENT, "B6": "【普查台 Census Desk】\n再核实"}
    assert again.boxes() == [(3, 1), (5, 1)]
    assert [again.colour(cell) for cell in ("B3", "B4", "B6")] == [None, None, "FFFCE29A"]
    assert CalamineWorkbook.from_path(str(again.path)).sheet_names[3:] == ["审核意见"]
    assert [row[4] for row in rows(again.path, "审核意见")[5:]] == ["再核实"]


def test_what_an_enterprise_answers_inside_a_comment_stays(made: Copy, texts: Texts, reader: Reader) -> None:
    name = "xl/comments1.xml"
    answered = made.new[name].replace("请核实&gt; &amp; 说明".encode(), "请核实&gt; &amp; 说明\n财务部：属实".encode())
    assert answered != made.new[name]
    packed(made.path, made.new | {name: answered})
    again = copy_of(made.path, texts, reader, (), "again")
    assert again.comments() == {"B4": f"{OWN_COMMENT}\n财务部：属实"}


def test_a_cell_that_was_coloured_gets_its_own_colour_back(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    first = copy_of(write(tmp_path / "own.xlsx"), texts, reader, (Mark(SHEET, "C5", True, "改"),))
    again = copy_of(first.path, texts, reader, (), "again")
    assert (first.colour("C5"), again.colour("C5")) == ("FFF8B4B4", "FFCCFFCC")


def test_a_copy_in_the_other_language_replaces_the_marks_too(made: Copy, assets: Path, reader: Reader) -> None:
    again = copy_of(made.path, load(assets / "i18n", "en"), reader, (), "again")
    assert again.comments() == {"B4": OWN_COMMENT}


def test_cells_and_rows_that_do_not_say_where_they_are_are_counted(
    tmp_path: Path, texts: Texts, reader: Reader
) -> None:
    found = parts(write(tmp_path / "own.xlsx"))
    cells = '<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row r="4"><c><v>3</v></c></row></sheetData>'
    sheet = re.sub(rb"<sheetData>.*</sheetData>", cells.encode(), found["xl/worksheets/sheet2.xml"])
    packed(tmp_path / "bare.xlsx", found | {"xl/worksheets/sheet2.xml": sheet})
    marks = (Mark(HIDDEN, "B1", True, "二"), Mark(HIDDEN, "D1", True, "空"), Mark(HIDDEN, "A3", True, "行"))
    made = copy_of(tmp_path / "bare.xlsx", texts, reader, marks)
    assert [row.get("r") for row in made.sheet(2).iter(f"{MAIN}row")] == [None, "3", "4"]
    assert [cell.get("r") for cell in made.sheet(2).iter(f"{MAIN}c")] == [None, None, "D1", "A3", None]
    assert rows(made.path, HIDDEN) == [[1.0, 2.0], ["", ""], ["", ""], [3.0, ""]]


def test_a_workbook_without_styles_gets_some(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    found = parts(write(tmp_path / "own.xlsx"))
    del found["xl/styles.xml"]
    for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        found[name] = re.sub(rb"<(Override|Relationship)[^>]*styles[^>]*/>", b"", found[name])
    made = copy_of(packed(tmp_path / "bare.xlsx", found), texts, reader)
    assert made.colour("F30") == "FFFCE29A"


def test_a_workbook_in_a_folder_of_another_name_is_annotated_too(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    found = parts(write(tmp_path / "own.xlsx"))
    moved = {name.replace("xl/", "other/"): data for name, data in found.items()}
    for name in ("_rels/.rels", "[Content_Types].xml"):
        moved[name] = moved[name].replace(b"xl/", b"other/")
    source = packed(tmp_path / "moved.xlsx", moved)
    made = copy_of(source, texts, reader, (*MARKS, Mark(HIDDEN, "A1", True, "改")))
    assert (made.done.placed, len(made.boxes())) == (4, 4)
    assert not [name for name in made.new if name.startswith("xl/")]
    assert rows(made.path, "审核意见")[5][3] == "B3"


def test_control_characters_in_a_remark_are_left_out(tmp_path: Path, texts: Texts, reader: Reader) -> None:
    made = copy_of(write(tmp_path / "own.xlsx"), texts, reader, (Mark(SHEET, "B5", True, "甲\x00乙\x0b丙"),))
    assert made.comments()["B5"].endswith("甲乙\n丙")


@pytest.mark.parametrize("name", ["own.xls", "own.ods", "own.csv", "own.et"])
def test_of_another_kind_of_file_the_remarks_stand_alone(tmp_path: Path, texts: Texts, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(b"anything")
    done = annotate(source, tmp_path / "remarks.xlsx", MARKS, FACTS, texts, UNTOLD)
    assert (done.alone, done.placed, done.unplaced) == (True, 0, 4)
    assert rows(done.path, "审核意见")[5][2:5] == [SHEET, "B3", MARKS[0].text]


@pytest.mark.parametrize("name", ["own.xlsx", "copy.xlsm", "copy.xls"])
def test_the_original_is_never_written_over_nor_named_as_another_kind(tmp_path: Path, texts: Texts, name: str) -> None:
    source = write(tmp_path / "own.xlsx")
    before = source.read_bytes()
    with pytest.raises(SurveyError) as caught:
        annotate(source, tmp_path / name, MARKS, FACTS, texts, UNTOLD)
    assert caught.value.code == "annotation_target"
    assert ".xlsx" in sentence(caught.value, texts)
    assert source.read_bytes() == before


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/comments1.xml"])
def test_a_part_with_entities_is_refused_and_nothing_is_written(
    tmp_path: Path, texts: Texts, reader: Reader, part: str
) -> None:
    found = parts(write(tmp_path / "own.xlsx"))
    head, body = found[part].split(b"?>", 1)
    found[part] = head + b'?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]>' + body
    with pytest.raises(SurveyError) as caught:
        copy_of(packed(tmp_path / "bad.xlsx", found), texts, reader)
    assert caught.value.code in ("file.entities", "unreadable")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.xlsx", "own.xlsx"]


def test_the_stamp_of_our_comments_is_the_same_in_both_languages(texts: Texts) -> None:
    assert load(ROOT / "assets" / "i18n", "en")("annotation.stamp") == texts("annotation.stamp")
