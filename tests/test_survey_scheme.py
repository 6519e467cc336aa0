"""A scheme's text files: what is read, and how its problems are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indicators import definition
from survey import scheme as schemes
from survey.errors import SchemeError, SurveyError
from survey.lint import lint
from survey.scheme import Scheme
from survey.texts import Texts


@pytest.fixture
def files(data: Path) -> dict[str, str]:
    return schemes.read_files(data / "scheme")


def problems(files: dict[str, str]) -> list[tuple[str, int, str]]:
    with pytest.raises(SchemeError) as caught:
        schemes.read(files)
    return [(problem.file, problem.line, problem.code) for problem in caught.value.problems]


def test_forms_items_lists_and_checks_are_read(small: Scheme) -> None:
    revenue = small.item("revenue")
    assert (revenue.key, revenue.type, revenue.unit, revenue.required) == ("T-02.301", "integer", "千元", True)
    assert [form.id for form in small.forms] == ["T-01", "T-02"]
    assert small.lists["district"].codes["440305"].extra["focus"] == "1"
    assert [check.code for check in small.checks] == ["F01", "F02", "F03", "F04", "F05"]


def test_the_names_that_outside_files_use_are_kept(cluster: Scheme) -> None:
    kept = {
        "uscc": "IC-01", "name": "IC-01", "district": "IC-01", "segment": "IC-01", "business_model": "IC-01",
        "backbone": "IC-01", "revenue": "IC-02.301", "main_revenue": "IC-02.302", "total_profit": "IC-02.327",
        "employees": "IC-03.01", "employees_average": "IC-03.08", "rd_personnel": "IC-04.1",
        "rd_expenditure": "IC-04.7", "invention_patents": "IC-04.32", "invention_patents_used": "IC-04.33",
    }  # fmt: skip
    for name, key in kept.items():
        assert cluster.item(name).key.startswith(key), name
    assert len(cluster.districts.codes) == 11
    assert set(cluster.lists["segment"].codes) == {
        "design", "manufacturing", "packaging", "equipment", "components", "materials", "eda", "ip",
        "distribution", "services",
    }  # fmt: skip


def test_the_shipped_scheme_has_nothing_to_complain_about(cluster: Scheme) -> None:
    lists = [dimension.list for dimension in definition.load(cluster).dimensions.values()]
    assert lint(cluster, lists) == []
    assert {problem.file for problem in lint(cluster)} == {
        f"codes/{name}.csv" for name in {*lists} - {item.list for item in cluster.items.values()}
    }


def test_an_unknown_key_is_refused_with_what_was_meant(files: dict[str, str], texts: Texts) -> None:
    files["forms/T-02.toml"] = files["forms/T-02.toml"].replace('unit = "千元", required', 'unti = "千元", required')
    with pytest.raises(SchemeError) as caught:
        schemes.read(files)
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("forms/T-02.toml", 7)
    assert "unti" in problem.text(texts)
    assert "unit" in problem.text(texts)


def test_all_problems_are_told_at_once_each_with_its_line(files: dict[str, str]) -> None:
    files["forms/T-01.toml"] = files["forms/T-01.toml"].replace('list = "segment"', 'list = "segments"')
    files["checks.csv"] = files["checks.csv"].replace("301 >= 302", "301 >= 999").replace("F04,D", "F04,E")
    assert problems(files) == [
        ("checks.csv", 2, "expression.unknown_item"),
        ("checks.csv", 5, "not_one_of"),
        ("forms/T-01.toml", 10, "unknown_list"),
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("scheme.toml", 'id = "test"', "id = ", "toml"),
        ("scheme.toml", 'title_en = "A scheme for tests"', "", "missing_key"),
        ("scheme.toml", '"T-02"]', '"T-02 (a); --"]', "no_form_id"),
        ("scheme.toml", '"T-02"]', '"../T-02"]', "no_form_id"),
        ("forms/T-01.toml", 'name = "founded"', 'name = "name"', "twice"),
        ("forms/T-01.toml", 'type = "flag"', 'type = "boolean"', "not_one_of"),
        ("forms/T-02.toml", "indent = 1", 'indent = "1"', "wrong_type"),
        ("codes/segment.csv", "design,设计", "manufacturing,设计", "twice"),
        ("checks.csv", "F02,C,T-02", "F02,C,T-03", "unknown_form"),
        ("checks.csv", "F03,A,T-01,valid_uscc(uscc),,,", "F03,A,T-01,valid_uscc(uscc),,", "row_length"),
    ],
)
def test_each_kind_of_problem_is_named(files: dict[str, str], file: str, old: str, new: str, code: str) -> None:
    assert old in files[file]
    files[file] = files[file].replace(old, new)
    assert code in [found for _, _, found in problems(files)]


def test_sums_of_different_units_are_complained_about(files: dict[str, str]) -> None:
    files["checks.csv"] += "F06,A,T-02,301 >= 302 + 01,,,,,x,x,\n"
    assert complaints(files, "units_differ") == [("checks.csv", 7)]
    files["checks.csv"] = files["checks.csv"].replace("302 + 01", "302 / 01")
    assert complaints(files, "units_differ") == []


def complaints(files: dict[str, str], code: str) -> list[tuple[str, int]]:
    return [(one.file, one.line) for one in lint(schemes.read(files)) if one.code == code]


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "line"),
    [
        ("forms/T-01.toml", "", "", "no_instruction", 7),
        ("forms/T-01.toml", 'type = "text", length = 60', 'type = "text"', "no_length", 8),
        ("scheme.toml", '"人" = "persons"', "", "no_unit_english", 10),
        ("forms/T-03.toml", 'list = "segment"', 'list = "segment", total = true', "total_of_text", 7),
        ("forms/T-03.toml", 'computed = "03 - 04"', 'computed = "03 - 04", required = true', "computed_asked", 10),
        ("forms/T-01.toml", "skip = \"segment = 'eda'\"", 'skip = "backbone = 0"', "skips_itself", 13),
        ("forms/T-01.toml", "segment = 'design'", "segment = 'desing'", "unknown_code", 13),
        ("forms/Q-01.toml", "park_status = 'open'", "park_status = 'opened'", "unknown_code", 7),
        ("checks.csv", "F04,D,T-02,rd_expenditure > 0", "F04,D,T-02,rd_expenditure > land", "other_respondent", 5),
    ],
)
def test_each_complaint_about_a_scheme_that_loads_has_its_place(
    data: Path, file: str, old: str, new: str, code: str, line: int
) -> None:
    files = schemes.read_files(data / "scheme2")
    assert old in files[file]
    files[file] = files[file].replace(old, new)
    assert line in [number for _, number in complaints(files, code)]


def test_formulas_that_read_each_other_in_a_circle_are_refused(data: Path) -> None:
    files = schemes.read_files(data / "scheme2")
    files["forms/T-02.toml"] = files["forms/T-02.toml"].replace('"total(product_revenue)"', '"301 - 93"')
    assert [code for _, _, code in problems(files)] == ["circle", "circle"]


def test_a_folder_that_is_no_scheme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="no_scheme"):
        schemes.load(tmp_path)


def test_the_digest_does_not_depend_on_line_ends(data: Path, tmp_path: Path) -> None:
    for name, text in schemes.read_files(data / "scheme").items():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert schemes.load(tmp_path).digest == schemes.load(data / "scheme").digest


def test_every_indicator_and_check_says_its_name_in_both_languages(cluster: Scheme) -> None:
    from indicators import definition

    catalogue = definition.load(cluster)
    for indicator in catalogue.indicators.values():
        assert indicator.label, indicator.id
        assert re.search("[A-Za-z]", indicator.label_en), indicator.id
    for check in cluster.checks:
        assert all((check.message, check.message_en, check.reason)), check.code


def test_files_that_were_read_are_not_asked_for_again(files: dict[str, str]) -> None:
    read = schemes.read(files)

    def unread() -> dict[str, str]:
        raise AssertionError

    assert schemes.read_once(read.digest, unread) is read


def test_a_scheme_is_known_by_what_its_files_are_whatever_was_said(files: dict[str, str]) -> None:
    read = schemes.read_once("0" * 64, lambda: files)
    assert schemes.read_once(read.digest, dict) is read
    with pytest.raises(SchemeError):
        schemes.read_once("0" * 64, dict)
