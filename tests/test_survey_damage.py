"""Spoilt codes: the evidence, the proposals, and that none is taken by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import code_of
from hypothesis import given
from hypothesis import strategies as st

from survey import cells, codes, damage, imports
from survey.imports import Choices
from survey.repairs import EVIDENCE, Repairs
from survey.store import Store
from survey.texts import LANGUAGES, load

CODE = "91440300MA5DQXB29L"
DIGITS = "914403001922038216"


def proposed(found: str, name: str = "") -> list[tuple[str, str]]:
    repairs = Repairs([(DIGITS, "演示数据甲", ""), (CODE, "演示数据乙", ""), ("91440300192203821X", "演示数据丙", "")])
    return [(one.code, one.evidence) for one in repairs.propose(found, name)]


@pytest.mark.parametrize(
    ("found", "name", "expected"),
    [
        ("914403001922038000", "", [DIGITS, "91440300192203821X"]),
        ("914403001922038000.0", "", [DIGITS, "91440300192203821X"]),
        ("9.14403001922038E+17", "", [DIGITS, "91440300192203821X"]),
        ("9.14E+17", "", []),
        ("911E99990000460", "演示数据甲", []),
        ("9.14E+17", "演示数据甲", [DIGITS]),
        (DIGITS[:-1], "演示数据甲", [DIGITS]),
        (" 91440300 1922 0382-16 ", "", []),
        ("完全不是代码", "演示数据甲", []),
        ("", "演示数据甲", []),
    ],
)
def test_a_spoilt_code_is_traced_to_what_it_may_have_been(found: str, name: str, expected: list[str]) -> None:
    assert [code for code, _ in proposed(found, name)] == expected


def test_mistaken_letters_are_put_right_where_both_check_digits_then_fit() -> None:
    code = code_of(10)
    assert "0" in code
    assert Repairs([]).propose(code.replace("0", "O"))[0].code == code
    assert Repairs([]).propose(code.replace("0", "O")[:-1] + ("A" if code[-1] != "A" else "B")) == []


@given(st.text(max_size=24), st.text(max_size=8))
def test_whatever_is_found_gives_proposals_or_none(found: str, name: str) -> None:
    assert all(len(code) == 18 for code, _ in proposed(found, name))


def table(folder: Path, *rows: tuple[str, str, int]) -> Path:
    path = folder / "list.csv"
    lines = ["统一社会信用代码,单位详细名称,营业收入", *(f"{code},{name},{value}" for code, name, value in rows)]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def test_nothing_is_repaired_before_somebody_accepts_it(district: Store, tmp_path: Path) -> None:
    unit = cells.add_unit(district, code_of(1), "演示数据甲", "2025")
    spoilt = code_of(1)[:-1]
    path = table(tmp_path, (spoilt, "演示数据甲", 7), (code_of(2), "演示数据乙", 8))
    report = imports.import_files(district, [path])
    assert (report.new, report.changed, report.rejected) == (1, 0, 1)
    assert report.repairs == {("list.csv", "list", "A2", spoilt): code_of(1)}
    assert "revenue" not in cells.read(district, unit, "2025").values
    accepted = imports.import_files(district, [path], Choices(repairs=report.repairs))
    assert (accepted.changed, accepted.rejected) == (1, 0)
    assert cells.read(district, unit, "2025").values["revenue"] == 7


def test_a_code_that_may_have_been_several_is_left_to_a_person(district: Store, tmp_path: Path) -> None:
    for code in ("914403001922038216", "91440300192203821X"):
        cells.add_unit(district, code, f"演示数据{code[-1]}", "2025")
    report = imports.import_files(district, [table(tmp_path, ("9.14403001922038E+17", "某公司", 7))], dry_run=True)
    [rejection] = report.rejections
    assert len(rejection.proposals) == 2
    assert report.repairs == {}


# What the import says and does


SOUND = "91440300192317458F"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (9.14403001922038e17, "number"), ("9.14403E+17", "scientific"), ("914403001922038000", "zeros"),
        (SOUND, ""), (SOUND.lower(), ""), (SOUND[:-1] + "G", "check"), (SOUND[:-1], "short"), ("12345", "length"),
        ("9144O3001923I7458F", "letters"), ("无代码", "characters"),
    ],
)  # fmt: skip
def test_the_kind_of_damage_is_told_from_what_is_left(raw: object, kind: str) -> None:
    assert damage.kind_of(raw) == kind


def test_a_lost_leading_zero_is_told_and_proposed() -> None:
    code = next(
        whole
        for n in range(2000)
        if (whole := codes.uscc_with_check("01440300" + codes.organisation_code(f"MA9{n:05}")))
    )
    assert damage.kind_of(code[1:]) == "lost_zero"
    assert "zero" in {one.evidence for one in Repairs([]).propose(code[1:]) if one.code == code}


def test_every_kind_and_evidence_is_told_in_both_languages(assets: Path) -> None:
    for lang in LANGUAGES:
        texts = load(assets / "i18n", lang)
        assert all(texts.has(f"import.damage.{kind}") for kind in damage.KINDS)
        assert all(texts.has(f"import.evidence.{evidence}") for evidence in EVIDENCE)


def test_only_what_is_certain_is_put_right_by_itself_and_counted(district: Store, tmp_path: Path) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code_of(3))
    spaced = f"{code_of(2)[:8]} {code_of(2)[8:17]}-{code_of(2)[17:]}"
    path = table(tmp_path, (code_of(1).lower(), "甲", 1), (spaced, "乙", 2), (wide, "丙", 3), (code_of(4), "丁", 4))
    report = imports.import_files(district, [path])
    assert (report.new, report.rejected, report.damage) == (4, 0, [])
    assert report.mended == {"case": 1, "spaces": 1, "width": 1}


def test_a_repair_is_taken_in_its_own_cell_and_not_wherever_the_same_text_stands(
    district: Store, tmp_path: Path
) -> None:
    units = [cells.add_unit(district, code_of(n), f"演示数据{n}", "2025") for n in (1, 2)]
    path = table(tmp_path, ("9.144E+17", "演示数据1", 7), ("9.144E+17", "演示数据2", 8), ("9.144E+17", "演示数据9", 9))
    report = imports.import_files(district, [path], dry_run=True)
    assert sorted(report.repairs.values()) == [code_of(1), code_of(2)]
    accepted = imports.import_files(district, [path], Choices(repairs=report.repairs))
    assert (accepted.changed, accepted.rejected) == (2, 1)
    assert [cells.read(district, unit, "2025").values["revenue"] for unit in units] == [7, 8]


def test_a_code_in_two_cells_is_put_together_only_when_accepted(district: Store, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    code = code_of(1)
    path.write_text(f"统一社会信用代码,,营业收入\n{code[:10]},{code[10:]},7\n", encoding="utf-8-sig")
    report = imports.import_files(district, [path], dry_run=True)
    [one] = report.damage
    assert (one.kind, one.taken, one.cell) == ("two_cells", False, "A2")
    assert report.new == 0
    assert imports.import_files(district, [path], Choices(repairs=report.repairs)).new == 1


def test_a_code_that_ends_in_zeros_and_does_not_check_makes_no_unit(district: Store, tmp_path: Path) -> None:
    report = imports.import_files(district, [table(tmp_path, ("914403001922038000", "某公司", 7))])
    assert (report.new, report.rejected) == (0, 1)
    assert [one.kind for one in report.damage] == ["zeros"]


def test_a_wrong_check_character_is_told_and_the_row_is_taken_as_it_stands(district: Store, tmp_path: Path) -> None:
    wrong = code_of(1)[:-1] + ("A" if code_of(1)[-1] != "A" else "B")
    report = imports.import_files(district, [table(tmp_path, (wrong, "某公司", 7))])
    assert (report.new, report.rejected, report.rejections) == (1, 0, [])
    assert [(one.kind, one.taken) for one in report.damage] == [("check", True)]


def test_the_same_name_in_another_district_is_no_evidence() -> None:
    repairs = Repairs([(DIGITS, "演示数据甲", "440305")])
    assert repairs.propose("9.14E+17", "演示数据甲", "440306") == []
    assert [one.code for one in repairs.propose("9.14E+17", "演示数据甲", "440305")] == [DIGITS]


def test_digits_that_many_codes_share_are_no_evidence() -> None:
    assert Repairs([(code_of(n), "", "") for n in range(20)]).propose("9.1440300E+17") == []


def test_a_list_tells_what_changed_in_the_register_and_changes_no_other_unit(district: Store, tmp_path: Path) -> None:
    for n in (1, 2):
        cells.add_unit(district, code_of(n), f"演示{n}", "2025")
    before = district.unit_list("2025")
    turnover = imports.import_files(
        district, [table(tmp_path, (code_of(1), "新名", 7), (code_of(3), "演示3", 8))]
    ).turnover
    assert [one.uscc for one in turnover.missing] == [code_of(2)]
    assert [one.uscc for one in turnover.new] == [code_of(3)]
    assert [now.name for _, now in turnover.renamed] == ["新名"]
    assert district.unit_list("2025")[1] == before[1]
