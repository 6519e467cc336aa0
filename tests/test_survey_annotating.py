"""Files given back with what the import and the checks have to say of them, each remark in its cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of
from python_calamine import CalamineWorkbook
from returned_questionnaires import questionnaire, stamp_of

from survey import annotating, cells
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts


@pytest.fixture
def desk(tmp_path: Path, lists: Scheme) -> Iterator[Store]:
    """A district's file with two units; of one the revenue was keyed."""
    opened = stores.create(tmp_path / "desk.census", lists, "2025", "440305")
    units = [cells.add_unit(opened, code_of(number), f"演示{number}", "2025") for number in (1, 2)]
    cells.write(opened, units[0], "2025", "employees", 9)
    yield opened
    opened.close()


def remarks(path: Path) -> list[tuple[str, str]]:
    """The cell and the words of each remark on the sheet of remarks."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("审核意见").to_python()
    return [(str(row[3]), str(row[4])) for row in rows if str(row[0]).replace(".0", "").isdecimal()]


def test_what_checks_find_stands_in_the_cell_that_answers(desk: Store, tmp_path: Path, texts: Texts) -> None:
    answers: dict[str, object] = {
        "revenue": 100,
        "main_revenue": 130,
        "employees": 5,
        "rd_expenditure": "约五百",
        "backbone": "",
    }
    answers["segment"] = "design"
    path = questionnaire(tmp_path / "甲公司问卷.xlsx", stamp_of(1), answers)
    before = desk.execute("SELECT count(*) FROM change").fetchone()
    [done] = annotating.write_copies(desk, [path], tmp_path / "back", texts).done
    assert done.path.name == "甲公司问卷-审核意见.xlsx"
    told = dict(remarks(done.path))
    assert "主营业务收入" in told["C3"]
    assert "9" in told["C5"], "the keyed value is told"
    assert "研究开发费用" in told["C6"]
    assert "应填未填" in told["C7"], "a cell that was left open"
    assert desk.execute("SELECT count(*) FROM change").fetchone() == before


def test_a_file_without_anything_to_say_gets_no_copy(desk: Store, tmp_path: Path, texts: Texts) -> None:
    answers = {"segment": "design", "backbone": "否", "revenue": 100, "main_revenue": 90, "employees": 9}
    good = questionnaire(tmp_path / "a.xlsx", stamp_of(1), answers)
    bad = questionnaire(tmp_path / "b.xlsx", stamp_of(2), {"revenue": "不详"})
    broken = tmp_path / "c.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    done = annotating.write_copies(desk, [good, bad, broken], tmp_path / "back", texts).done
    names = [one.path.name for one in done]
    assert "b-审核意见.xlsx" in names
    assert not any(name.startswith("c") for name in names)
    told = [one for one in done if one.path.name.startswith("a")]
    assert not told, [remarks(one.path) for one in told]


def test_files_of_one_name_get_a_copy_each_with_their_own_remarks(desk: Store, tmp_path: Path, texts: Texts) -> None:
    paths = []
    for number, folder in ((1, "甲街道"), (2, "乙街道")):
        (tmp_path / folder).mkdir()
        answers = {"revenue": f"不详{number}"}
        paths.append(questionnaire(tmp_path / folder / "问卷.xlsx", stamp_of(number), answers))
    text = tmp_path / "清单.csv"
    text.write_text(f"统一社会信用代码,营业收入\n{code_of(1)},许多\n", encoding="utf-8")
    done = annotating.write_copies(desk, [*paths, text], tmp_path / "back", texts).done
    assert [one.path.name for one in done] == ["问卷-审核意见.xlsx", "问卷-审核意见-1.xlsx", "清单-审核意见.xlsx"]
    for number, one in enumerate(done[:2], 1):
        told = " ".join(words for _, words in remarks(one.path))
        assert (f"不详{number}" in told, f"不详{3 - number}" in told) == (True, False)
