"""What a page of figures shows: goals with path, gap and course, what they hang on, and what was revised."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import code_of
from python_calamine import CalamineWorkbook

from desktop import brief_words, goal_words
from indicators import definition, edition, goalwords, outlook, tables, workbook
from indicators.catalogue import Target
from indicators.computation import Computation
from indicators.goal import Goal
from survey import cells
from survey import scheme as schemes
from survey import store as stores
from survey.files import UNTOLD
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

_PATH_2024 = 1100 * (2500 / 1100) ** (3 / 4)


def answer(store: Store, number: int, values: Mapping[str, object], period: str = "2025") -> None:
    """A unit with answers, revenue in thousand yuan."""
    code = code_of(number)
    unit = store.find_unit(code) or store.insert_unit(code, f"单位{number}")
    for name, value in {"uscc": code, **values}.items():
        cells.write(store, unit, period, name, value)  # type: ignore[arg-type]


@pytest.fixture
def three(city: Store) -> Store:
    """Three units in two districts; 2,100 hundred million in 2024, 2,400 in 2025."""
    for number, district, segment, last, now in (
        (1, "440305", "design", 100_000_000, 120_000_000),
        (2, "440305", "manufacturing", 60_000_000, 70_000_000),
        (3, "440304", "design", 50_000_000, 50_000_000),
    ):
        for period, revenue in (("2024", last), ("2025", now)):
            answer(city, number, {"district": district, "segment": segment, "revenue": revenue}, period)
    return city


def look(store: Store, only: Mapping[str, str] | None = None, period: str = "2025") -> outlook.Outlook:
    return outlook.look(Computation(store, definition.load(store.scheme)), period, None, only)


def test_a_goal_has_its_course_its_path_and_its_gap(three: Store) -> None:
    [goal] = look(three).goals
    assert goal.course == (("2024", 2100.0), ("2025", 2400.0))
    assert [year for year, _ in goal.path] == ["2021", "2022", "2023", "2024", "2025"]
    assert goal.planned == pytest.approx(2500)
    assert (goal.gap, goal.status) == (pytest.approx(-100), "behind")
    assert goal.share == pytest.approx(96)


def test_before_the_targets_year_the_gap_is_to_the_path(three: Store) -> None:
    [goal] = look(three, period="2024").goals
    assert goal.planned == pytest.approx(_PATH_2024)
    assert goal.gap == pytest.approx(2100 - _PATH_2024)
    assert goal.status == "on_track"


def test_a_district_is_not_held_against_the_citys_target(district: Store, texts: Texts, tmp_path: Path) -> None:
    """2,500 is asked of the whole city; in a district's file neither board, table nor listing says it is behind."""
    answer(district, 1, {"district": "440305", "segment": "design", "revenue": 60_000_000})
    [goal] = look(district).goals
    assert (goal.value, goal.status, goal.gap, goal.planned, goal.share) == (600.0, "part", None, None, None)
    computation = Computation(district, definition.load(district.scheme))
    listed = next(one for one in computation.figures("2025") if one.id == "G1-01")
    assert (listed.value, listed.target, listed.status) == (600.0, None, None)
    workbook.write(tables.summary(computation, "2025", texts), tmp_path / "d.xlsx", texts, UNTOLD)
    rows = CalamineWorkbook.from_path(str(tmp_path / "d.xlsx")).get_sheet_by_index(1).to_python()
    assert next(row[-1] for row in rows if row[0] == "营业收入") == "局部数值"


def test_what_means_nothing_for_a_part_is_not_computed_in_a_districts_file(tmp_path: Path, small: Scheme) -> None:
    extra = """
[[indicator]]
id = "W-01"
whole_only = true
label = "完成率"
label_en = "Share"
unit = "%"
unit_en = "%"
digits = 1
formula = "[G1-01] / 2500 * #100"
"""
    scheme = schemes.read({**small.files, "indicators.toml": small.files["indicators.toml"] + extra})
    for name, place in (("city", None), ("district", "440305")):
        store = stores.create(tmp_path / f"{name}.census", scheme, "2025", place)
        answer(store, 1, {"district": "440305", "revenue": 60_000_000})
        found = Computation(store, definition.load(scheme))
        assert found.one("W-01", "2025") == ({"": 24.0} if place is None else {})
        assert bool(found.of(["W-01"], "2025", ())[()].get("W-01")) == (place is None)
        store.close()


def test_a_gap_between_percentages_is_in_points(texts: Texts) -> None:
    assert goalwords.difference(4.678, 2, "%", texts) == "+4.68 个百分点"
    assert goalwords.difference(-20.67, 2, "亿元", texts) == "−20.67 亿元"
    assert goalwords.difference(None, 2, "%", texts) == "—"


def test_a_goal_of_a_group_is_not_held_against_the_citys_target(three: Store) -> None:
    found = look(three, {"district": "440305", "segment": "design"})
    [goal] = found.goals
    assert (goal.value, goal.status, goal.gap, goal.path) == (1200.0, "part", None, ())
    assert goal.course[0] == ("2024", 1000.0)


def test_the_figures_of_groups_stand_in_the_order_of_the_list(three: Store) -> None:
    assert look(three).spread["district"]["G1-01"] == {"440304": 500.0, "440305": 1900.0}


def test_another_breakdown_changes_nothing_but_the_figures_by_group(three: Store) -> None:
    known = look(three)
    found = outlook.broken_down(Computation(three, known.catalogue), known, "segment")
    anew = outlook.look(Computation(three, known.catalogue), "2025", "segment")
    assert found == anew
    assert [(one.by, one.value) for one in found.values if one.id == "G1-01"] != []
    assert outlook.broken_down(Computation(three, known.catalogue), found, None).values == known.values


def test_parts_add_up_only_where_they_make_the_whole() -> None:
    assert outlook.adds_up(10.0, [4.0, 6.0])
    assert not outlook.adds_up(10.0, [4.0, 5.0])
    assert not outlook.adds_up(10.0, [-2.0, 12.0])
    assert not outlook.adds_up(None, [4.0])


def test_what_moved_most_comes_first(three: Store) -> None:
    [move] = outlook.moves(look(three))
    assert (move.before, move.now) == (2100.0, 2400.0)
    assert move.change == pytest.approx(100 / 7)


@pytest.mark.parametrize(
    ("value", "near", "largest", "hangs"),
    [(3.0, 1, None, "near"), (5.0, 1, None, ""), (3.0, 0, 40.0, "largest"), (3.0, 0, 10.0, "")],
)
def test_a_goal_that_is_met_by_few_units_says_so(
    value: float, near: int, largest: float | None, hangs: str
) -> None:  # fmt: skip
    target = Target("N", "三家以上", "2025", ">=", 3.0)
    assert Goal(target, value, "met", near=near, largest=largest).hangs_on == hangs


def test_a_goal_that_is_not_met_hangs_on_nothing() -> None:
    assert Goal(Target("N", "三家以上", "2025", ">=", 3.0), 2.0, "behind", near=1, largest=90.0).hangs_on == ""


def test_a_note_on_a_target_is_marked_and_told_once_in_board_brief_and_table(cluster: Scheme, texts: Texts) -> None:
    catalogue = definition.load(cluster)
    noted = [target for target in catalogue.targets if target.note]
    assert [target.indicator for target in noted] == ["G1-01"]
    goals = (
        Goal(noted[0], 2400.0, "behind", planned=2500.0, gap=-100.0, mark="①"),
        Goal(Target("G1-05", "三家以上", "2025", ">=", 3.0), 2.0, "behind"),
    )
    found = outlook.Outlook("2025", catalogue, (), goals, {}, {})
    assert [goalwords.cells(goal, catalogue, texts)["indicator"] for goal in goals] == [
        "产业营业收入①", "营收超 100 亿元的设计企业数",
    ]  # fmt: skip
    assert brief_words.notes(found, texts)[0] == f"{catalogue.scope} {texts('brief.path')}"
    assert "在链" in catalogue.scope
    told = [f"① {noted[0].note}"]
    for words in (goal_words.facts(goals[0], found, texts), brief_words.notes(found, texts)):
        assert [line for line in words if "①" in line] == told
    assert not any("①" in line for line in goal_words.facts(goals[1], found, texts))


def test_what_was_revised_since_the_last_edition_is_told(three: Store, texts: Texts) -> None:
    edition.freeze(Computation(three, definition.load(three.scheme)), "working", "1.0", note="例会")
    assert "一致" in goal_words.revision_line(look(three), texts)
    answer(three, 3, {"revenue": 60_000_000})
    found = look(three)
    [goal] = found.goals
    assert goal.revised is not None
    assert goal.revised.before == 2400.0
    assert "修订 1 个数，其中目标 1 个" in goal_words.revision_line(found, texts)
    assert any("上一版为 2,400.00 亿元" in one for one in goal_words.facts(goal, found, texts))


def test_a_qualitative_goal_tells_its_base_and_direction_and_no_target(three: Store, texts: Texts) -> None:
    target = Target("G1-01", "一批企业", "2025")
    goal = Goal(target, 2400.0, "qualitative", course=(("2024", 2100.0), ("2025", 2400.0)))
    found = look(three)
    row = dict(zip(goal_words.HEADS, goal_words.cells(goal, found.catalogue, texts), strict=True))
    assert (row["target"], row["share"], row["path"], row["gap"]) == ("—", "—", "—", "—")
    assert any("2024 年为 2,100.00" in one and "上升" in one for one in goal_words.facts(goal, found, texts))


def test_the_shipped_scheme_has_a_tile_for_every_district_and_none_twice(cluster: Scheme) -> None:
    places = [code.tile for code in cluster.districts.codes.values()]
    assert len(places) == len(set(places)) == 11
    assert None not in places
    roles = {code.extra["role"] for code in cluster.districts.codes.values()}
    assert roles == {"", "东部硅基", "西部化合物", "中部设计"}
    assert outlook.places(cluster, definition.load(cluster)) == ("district",)
    assert outlook.filters(definition.load(cluster)) == ("district", "segment")
