"""The questionnaire as an XLSForm: what field programs read, and that its XPath means what the scheme says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from python_calamine import CalamineWorkbook
from test_survey_expression import NUMBER_COLUMNS, TEXT_COLUMNS, conditions

from survey import xlsform
from survey.errors import SurveyError
from survey.expression import Column, Node
from survey.files import UNTOLD
from survey.scalar import Value, compile_scalar, round_half_away
from survey.scheme import Scheme
from survey.texts import LANGUAGES, load
from survey.xpath import false_when, true_when

SPOKEN = {lang: load(ROOT / "assets" / "i18n", lang) for lang in LANGUAGES}
ZH, EN = "label::中文 (zh)", "label::English (en)"


def written(scheme: Scheme, folder: Path, **options: str) -> xlsform.Questionnaire:
    return xlsform.write(scheme, folder / "form.xlsx", SPOKEN, "2025", UNTOLD, **options)


def sheet(path: Path, name: str) -> list[dict[str, str]]:
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(name).to_python()
    return [{str(key): str(cell) for key, cell in zip(head, row, strict=True) if cell != ""} for row in rows]


def questions(path: Path) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in sheet(path, "survey") if not row["type"].startswith("end_")}


def converted(path: Path) -> etree._Element:
    """The XForm that pyxform makes of it."""
    pyxform = pytest.importorskip("pyxform.xls2xform", reason="pyxform comes with the extra `dev`")
    found = pyxform.convert(xlsform=path)
    return etree.fromstring(found.xform.encode())


@pytest.mark.parametrize("name", ["small", "lists", "cluster"])
def test_pyxform_takes_it_and_every_xpath_can_be_read(
    request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    scheme = request.getfixturevalue(name)
    made = written(scheme, tmp_path, district="440305")
    form = converted(made.path)
    read = 0
    for one in form.iter():
        for key in ("relevant", "constraint", "calculate", "required", "nodeset", "readonly"):
            if text := one.get(key):
                etree.XPath(text, namespaces={"jr": "http://openrosa.org/javarosa"})
                read += 1
    asked = [item.name for unit_form in scheme.forms_of("unit") for item in unit_form.items]
    bound = {str(one.get("nodeset")).rpartition("/")[2] for one in form.iter("{*}bind")}
    assert set(asked) <= bound
    assert made.questions == len(asked)
    assert read > len(asked)


def test_forms_are_groups_sections_are_screens_and_lines_repeat(lists: Scheme, tmp_path: Path) -> None:
    rows = [(row["type"], row["name"]) for row in sheet(written(lists, tmp_path).path, "survey")]
    groups = [row for row in rows if row[0].startswith(("begin", "end"))]
    assert groups[:6] == [
        ("begin_group", "t_01"), ("begin_group", "t_01_s1"), ("end_group", "t_01_s1"), ("end_group", "t_01"),
        ("begin_group", "t_02"), ("end_group", "t_02"),
    ]  # fmt: skip
    assert groups[6:] == [
        ("begin_group", "t_03"), ("begin_repeat", "t_03_lines"), ("begin_group", "t_03_line"),
        ("end_group", "t_03_line"), ("end_repeat", "t_03_lines"), ("end_group", "t_03"),
    ]  # fmt: skip
    assert "park_name" not in dict(map(reversed, rows))


def test_questions_carry_labels_hints_units_and_types_in_both_languages(cluster: Scheme, tmp_path: Path) -> None:
    asked = questions(written(cluster, tmp_path).path)
    assert (asked["revenue"][ZH], asked["revenue"][EN]) == (
        "营业收入 (千元)", "Operating revenue (thousand yuan)",
    )  # fmt: skip
    assert asked["revenue"]["type"] == "integer"
    assert asked["revenue"]["hint::中文 (zh)"].startswith("企业从事主营业务")
    assert asked["revenue"]["required"] == "yes"
    assert asked["founded"]["type"] == "date"
    assert asked["segment"]["type"] == "select_one segment"
    assert asked["high_tech"]["type"] == "select_one flag_yes_no"
    assert asked["industry_code"]["appearance"] == "minimal autocomplete"
    assert all(row.get(ZH) and row.get(EN) for row in asked.values() if row["type"] not in ("calculate",))


def test_conditions_of_the_scheme_become_relevance_and_demands(cluster: Scheme, tmp_path: Path) -> None:
    asked = questions(written(cluster, tmp_path).path)
    assert asked["high_tech_year"]["relevant"] == "not((number(${high_tech}) = number(0)))"
    assert asked["high_tech_year"]["required"] == "(number(${high_tech}) = number(1))"
    assert asked["high_tech_year"]["constraint"] == ". >= 1949"


def test_what_is_computed_is_shown_and_not_typed(cluster: Scheme, tmp_path: Path) -> None:
    computed = questions(written(cluster, tmp_path).path)["ic_revenue"]
    assert computed["readonly"] == "yes"
    assert "${revenue} * ${ic_revenue_share}" in computed["calculation"]


def test_a_list_inside_another_is_narrowed_by_its_code(cluster: Scheme, tmp_path: Path) -> None:
    path = written(cluster, tmp_path).path
    assert questions(path)["street"]["choice_filter"] == (
        "within_district = '' or contains(within_district, concat('|', ${district}, '|'))"
    )
    streets = [row for row in sheet(path, "choices") if row["list_name"] == "street"]
    assert {row["within_district"] for row in streets} == {f"|{code}|" for code in cluster.districts.codes}


def test_a_blocking_check_stands_on_the_last_answer_it_reads(small: Scheme, tmp_path: Path) -> None:
    made = written(small, tmp_path)
    constraint = questions(made.path)["main_revenue"]["constraint"]
    assert "${revenue} < ." in constraint
    assert "F01" not in made.left


def test_checks_that_read_last_year_are_left_out_and_told(small: Scheme, tmp_path: Path) -> None:
    read_back = [check.code for check in small.checks if check.category in ("A", "B") and "@prev" in check.text]
    assert set(read_back) <= set(written(small, tmp_path).left)


def test_forms_of_districts_are_no_questionnaire(lists: Scheme, tmp_path: Path) -> None:
    with pytest.raises(SurveyError) as caught:
        written(lists, tmp_path, form="Q-01")
    assert caught.value.code == "no_unit_form"
    assert list(tmp_path.iterdir()) == []


def test_one_form_alone_asks_for_the_units_code_too(lists: Scheme, tmp_path: Path) -> None:
    asked = questions(written(lists, tmp_path, form="T-02").path)
    assert "uscc" in asked
    assert "name" not in asked


VALUES = st.one_of(st.none(), st.integers(-10, 10), st.sampled_from([0.5, 2.5, -2.5, 0.1]))
WORDS = st.one_of(st.none(), st.sampled_from(["design", "eda", "设计", "b"]))
RECORD = st.fixed_dictionaries({one.key: VALUES for one in NUMBER_COLUMNS} | {one.key: WORDS for one in TEXT_COLUMNS})


def tag(column: Column) -> str:
    return column.key.replace("@", "_")


def asked_of(xpath: str, record: Mapping[str, Value]) -> bool:
    """What a field program makes of an XPath; `if` and the rounding are its own."""
    root = etree.Element("d")
    for key, value in record.items():
        etree.SubElement(root, key.replace("@", "_")).text = "" if value is None else str(value)

    def number(value: Any) -> float:
        text = (value[0].text if value else "") if isinstance(value, list) else value
        try:
            return float(text)
        except (TypeError, ValueError):
            return math.nan

    def rounded(_: object, value: Any, digits: float) -> float:
        found = number(value)
        return found if math.isnan(found) else round_half_away(found, digits)

    functions = {
        (None, "if"): lambda _, condition, yes, no: number(yes) if condition else number(no),
        (None, "abs"): lambda _, value: abs(number(value)),
        (None, "rounded"): rounded,
        (None, "min"): lambda _, *values: min(map(number, values)),
        (None, "max"): lambda _, *values: max(map(number, values)),
    }
    # The library's own `round` takes no digits and cannot be replaced.
    asked = f"boolean({xpath.replace('round(', 'rounded(')})"
    return bool(root.getroottree().xpath(asked, extensions=functions))


@settings(max_examples=400, deadline=None)
@given(tree=conditions(), record=RECORD, tolerance=st.sampled_from([0.0, 0.0, 1.0, 0.5]))
def test_xpath_holds_where_the_language_is_certain(tree: Node, record: dict[str, Value], tolerance: float) -> None:
    holds, fails = (write(tree, lambda one: f"/d/{tag(one)}", tolerance) for write in (true_when, false_when))
    assume(holds is not None)
    assert holds is not None
    assert fails is not None
    truth = compile_scalar(tree, tolerance)(record)
    assert (asked_of(holds, record), asked_of(fails, record)) == (truth is True, truth is False)
