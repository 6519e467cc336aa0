"""An annotated copy in LibreOffice, and annotated again after LibreOffice has saved it."""

from __future__ import annotations

from pathlib import Path

import pytest
from office_conversion import convert
from own_workbook import OWN_COMMENT, SHEET, parts, write
from python_calamine import CalamineWorkbook

from survey.annotation import Mark, annotate
from survey.files import UNTOLD
from survey.texts import Texts

MARKS = (Mark(SHEET, "B3", True, "须大于零"), Mark(SHEET, "B4", False, "请核实"), Mark(SHEET, "F30", False, "没有填"))


@pytest.fixture(scope="module")
def resaved(tmp_path_factory: pytest.TempPathFactory, texts: Texts) -> Path:
    folder = tmp_path_factory.mktemp("annotation")
    annotate(write(folder / "own.xlsx"), folder / "copy.xlsx", MARKS, [("单位", "演示数据")], texts, UNTOLD)
    return convert([folder / "copy.xlsx"], "xlsx", folder)[0]


def comments(path: Path) -> str:
    return "".join(data.decode() for name, data in parts(path).items() if "comments" in name)


def test_libreoffice_shows_the_marks_the_comments_and_the_old_words(resaved: Path) -> None:
    assert {"须大于零", "请核实", "没有填", OWN_COMMENT} <= {
        one for one in (*[mark.text for mark in MARKS], OWN_COMMENT) if one in comments(resaved)
    }
    assert "F8B4B4" in parts(resaved)["xl/styles.xml"].decode()


def test_a_copy_that_libreoffice_saved_is_annotated_anew_without_the_old_marks(resaved: Path, texts: Texts) -> None:
    again = resaved.with_name("again.xlsx")
    annotate(resaved, again, (Mark(SHEET, "B6", False, "再核实"),), [], texts, UNTOLD)
    assert "须大于零" not in comments(again)
    assert OWN_COMMENT in comments(again)
    assert CalamineWorkbook.from_path(str(again)).sheet_names.count("审核意见") == 1
    assert not [name for name in CalamineWorkbook.from_path(str(again)).sheet_names if "(2)" in name]
