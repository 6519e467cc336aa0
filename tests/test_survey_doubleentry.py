"""Double entry: which units are drawn, what is compared, who was right, how often the first entry was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of

from survey import cells, doubleentry, doublerates, doublesample, history
from survey import scheme as schemes
from survey import store as stores
from survey.doubleentry import Difference
from survey.errors import SurveyError
from survey.store import Store

YEAR = "2025"


@pytest.fixture
def store(tmp_path: Path, data: Path) -> Iterator[Store]:
    """Ten units with revenues of 1 to 10, keyed by 甲; list forms and formulas are in the scheme."""
    opened = stores.create(tmp_path / "d.census", schemes.load(data / "scheme2"), YEAR, "440305")
    for at in range(1, 11):
        unit = cells.add_unit(opened, code_of(at), f"公司{at}", YEAR)
        cells.write(opened, unit, YEAR, "revenue", at, who="甲")
    yield opened
    opened.close()


def drawn_all(store: Store) -> None:
    doublesample.draw(store, YEAR, share=1, seed=1)


def key(store: Store, unit: int, who: str = "乙", **values: int | str) -> list[Difference]:
    doubleentry.write_second(store, unit, YEAR, [(name, 0, value) for name, value in values.items()], who)
    return doubleentry.finish(store, unit, YEAR, who)


def test_the_same_seed_draws_the_same_units(store: Store) -> None:
    sizes = doublesample.frame(store, YEAR, "revenue")
    assert sizes == {at: float(at) for at in range(1, 11)}
    for by in ("random", "weighted"):
        one, two = (doublesample.choose(sizes, 4, by, 7) for _ in range(2))  # type: ignore[arg-type]
        assert one == two
        assert len(set(one)) == 4
    assert len({tuple(doublesample.choose(sizes, 4, "random", seed)) for seed in range(20)}) > 10


def test_units_that_outweigh_a_step_are_taken_for_certain() -> None:
    sizes = {1: 100.0, 2: 60.0, 3: 10.0, 4: 10.0, 5: 10.0, 6: 10.0}
    # 3·100 ≥ 200, then 2·60 ≥ 100; the four small ones share the last place.
    assert doublesample.certain(sizes, 3) == {1, 2}
    assert doublesample.inclusion(sizes, 3) == {1: 1, 2: 1, 3: 0.25, 4: 0.25, 5: 0.25, 6: 0.25}
    assert doublesample.systematic(sizes, 3, 0.0) == [1, 2, 3]
    assert doublesample.systematic(sizes, 3, 0.99) == [1, 2, 6]


def test_units_are_drawn_as_often_as_their_size_says() -> None:
    sizes = {unit: float(unit) for unit in range(1, 21)}
    expected = doublesample.inclusion(sizes, 6)
    assert sum(expected.values()) == pytest.approx(6)
    assert expected[20] == pytest.approx(6 * 20 / 210)
    times = dict.fromkeys(sizes, 0)
    for start in range(2000):
        chosen = doublesample.systematic(sizes, 6, start / 2000)
        assert len(chosen) == 6
        for unit in chosen:
            times[unit] += 1
    assert {unit: count / 2000 for unit, count in times.items()} == pytest.approx(expected, abs=0.002)


def test_units_without_a_value_can_be_drawn_too() -> None:
    sizes = {1: 0.0, 2: -5.0, 3: 8.0, 4: 2.0}
    assert doublesample.inclusion(sizes, 1) == {1: 2 / 14, 2: 2 / 14, 3: 8 / 14, 4: 2 / 14}
    assert doublesample.systematic({1: 0.0, 2: 0.0}, 5, 0.5) == [1, 2]


def test_a_sample_is_remembered_and_every_draw_recorded(store: Store) -> None:
    first = doublesample.draw(store, YEAR, share=0.25, by="weighted", seed=5, who="丙")
    assert (first.item, first.count, first.frame, first.times) == ("revenue", 3, 10, 1)
    assert doublesample.drawn(store, YEAR) == first
    assert tuple(one.unit for one in doubleentry.drawn_units(store, YEAR)) == first.units
    with pytest.raises(SurveyError, match="second_drawn"):
        doublesample.draw(store, YEAR, count=2, seed=6)
    kept = first.units[0]
    doubleentry.write_second(store, kept, YEAR, [("revenue", 0, 1)], "乙")
    again = doublesample.draw(store, YEAR, count=2, seed=6, who="丙", reason="样本误设为加权")
    units = {one.unit for one in doubleentry.drawn_units(store, YEAR)}
    assert units == {kept, *again.units}
    rows = store.execute("SELECT name, who FROM source WHERE kind = 'sample' ORDER BY id").fetchall()
    assert rows == [
        ("2025 weighted(revenue) 3/10 seed=5 draw=1", "丙"),
        ("2025 random 2/10 seed=6 draw=2 样本误设为加权", "丙"),
    ]


def test_nothing_can_be_drawn_from_nothing(store: Store) -> None:
    with pytest.raises(SurveyError, match="second_none"):
        doublesample.draw(store, "2023", share=0.5, seed=1)
    with pytest.raises(SurveyError, match="second_size"):
        doublesample.draw(store, YEAR, share=1.5, seed=1)


def test_the_second_entry_leaves_the_answers_alone_and_follows_the_formulas(store: Store) -> None:
    drawn_all(store)
    before = cells.read(store, 1, YEAR)
    doubleentry.write_second(store, 1, YEAR, [("revenue", 0, 200), ("total_profit", 0, 50)], "乙")
    second = doubleentry.read_second(store, 1, YEAR)
    assert (second.values["profit_rate"], second.values["name"]) == (25.0, "公司1")
    assert cells.read(store, 1, YEAR) == before
    doubleentry.write_second(store, 1, YEAR, [("total_profit", 0, None)], "乙")
    assert "total_profit" not in doubleentry.read_second(store, 1, YEAR).values


@pytest.mark.parametrize(("item", "code"), [("name", "second_identity"), ("profit_rate", "computed")])
def test_identity_and_computed_items_are_not_keyed(store: Store, item: str, code: str) -> None:
    drawn_all(store)
    with pytest.raises(SurveyError, match=code):
        doubleentry.write_second(store, 1, YEAR, [(item, 0, 1)], "乙")


def test_only_drawn_units_are_keyed_and_only_until_they_are_finished(store: Store) -> None:
    with pytest.raises(SurveyError, match="second_unit"):
        doubleentry.write_second(store, 1, YEAR, [("revenue", 0, 1)], "乙")
    drawn_all(store)
    key(store, 1, revenue=1)
    with pytest.raises(SurveyError, match="second_finished"):
        doubleentry.write_second(store, 1, YEAR, [("revenue", 0, 2)], "乙")


def test_a_difference_names_both_keyers(store: Store) -> None:
    drawn_all(store)
    cells.write(store, 2, YEAR, "employees", 30, who="丁")
    cells.write(store, 2, YEAR, "total_profit", 1, who="甲")
    found = key(store, 2, revenue=20, total_profit=1, rd_expenditure=7)
    assert found == [
        Difference("revenue", 0, 2, 20, "甲", "乙"),
        Difference("employees", 0, 30, None, "丁", "乙"),
        # Nobody wrote it the first time: it falls to whoever wrote most of the unit.
        Difference("rd_expenditure", 0, None, 7, "甲", "乙"),
    ]
    assert doubleentry.compare(store, 2, YEAR) == found


def test_lines_are_compared_in_their_order_whatever_their_numbers(store: Store) -> None:
    drawn_all(store)
    first = [("product_name", 2, "芯片"), ("product_revenue", 2, 10), ("product_name", 5, "封装")]
    cells.write_all(store, 3, YEAR, first, who="甲")
    second = [("product_name", 1, "芯片"), ("product_revenue", 1, 11), ("product_name", 2, "封装"),
              ("product_name", 3, "测试")]  # fmt: skip
    doubleentry.write_second(store, 3, YEAR, second, "乙")
    found = [(one.item, one.line, one.first, one.second) for one in doubleentry.finish(store, 3, YEAR, "乙")]
    assert found == [
        ("revenue", 0, 3, None), ("product_revenue", 2, 10, 11), ("product_name", 6, None, "测试"),
    ]  # fmt: skip
    doubleentry.settle(store, 3, YEAR, "product_name", 6, "测试", "核对原表", "丙")
    assert cells.read(store, 3, YEAR).lines["T-03"][6] == {"product_name": "测试"}


def test_settling_writes_the_right_value_with_its_reason(store: Store) -> None:
    drawn_all(store)
    cells.write(store, 4, YEAR, "employees", 30, who="甲")
    key(store, 4, revenue=44, employees=31)
    assert [one.state for one in doubleentry.drawn_units(store, YEAR)][3] == "differs"
    assert doubleentry.settle(store, 4, YEAR, "revenue", 0, 44, "采用复录值", "丙") == "second"
    assert [one.item for one in doubleentry.compare(store, 4, YEAR)] == ["employees"]
    with pytest.raises(SurveyError, match="explanation_short"):
        doubleentry.settle(store, 4, YEAR, "employees", 0, 32, "错", "丙")
    assert doubleentry.settle(store, 4, YEAR, "employees", 0, 32, "电话核实应为三十二人", "丙") == "other"
    with pytest.raises(SurveyError, match="second_settled"):
        doubleentry.settle(store, 4, YEAR, "revenue", 0, 4, "", "丙")
    answers = cells.read(store, 4, YEAR).values
    assert (answers["revenue"], answers["employees"]) == (44, 32)
    event = history.of_cell(store, 4, YEAR, "revenue")[0]
    assert (event.old, event.new, event.who, event.reason) == (4, 44, "丙", "采用复录值")
    assert doubleentry.drawn_units(store, YEAR)[3].state == "settled"


def test_the_first_value_stays_without_a_new_change(store: Store) -> None:
    drawn_all(store)
    key(store, 5, revenue=50)
    changes = store.execute("SELECT count(*) FROM change").fetchone()
    assert doubleentry.settle(store, 5, YEAR, "revenue", 0, 5, "采用首录值", "丙") == "first"
    assert store.execute("SELECT count(*) FROM change").fetchone() == changes


def test_whoever_keyed_first_is_recorded_where_they_key_again(store: Store) -> None:
    drawn_all(store)
    assert doubleentry.keyed_first(store, 1, YEAR, "甲")
    assert not doubleentry.keyed_first(store, 1, YEAR, "乙")
    key(store, 1, "甲", revenue=1)
    key(store, 2, "乙", revenue=2)
    assert [one.same_keyer for one in doubleentry.drawn_units(store, YEAR)][:3] == [True, False, False]


def test_progress_counts_units(store: Store) -> None:
    drawn_all(store)
    key(store, 1, revenue=1)
    key(store, 2, revenue=5)
    doubleentry.write_second(store, 3, YEAR, [("revenue", 0, 3)], "乙")
    found = doubleentry.progress(store, YEAR)
    assert (found.drawn, found.keyed, found.left, found.settled, found.open) == (10, 2, 8, 1, 1)
    states = [one.state for one in doubleentry.drawn_units(store, YEAR)]
    assert states[:4] == ["settled", "differs", "begun", "due"]


def test_the_rates_of_a_counted_example(store: Store) -> None:
    """甲 wrote ten revenues and 丁 two numbers of employees; of twelve cells four differ.

    甲: unit 1 wrong (second), unit 2 right (first), unit 3 wrong (third value), unit 4 open, so 9 cells count;
    丁: none wrong.
    """
    drawn_all(store)
    for unit in (5, 6):
        cells.write(store, unit, YEAR, "employees", unit, who="丁")
    for unit in range(1, 11):
        values = {"revenue": unit * 10 if unit < 5 else unit}
        key(store, unit, **(values | ({"employees": unit} if unit in (5, 6) else {})))
    doubleentry.settle(store, 1, YEAR, "revenue", 0, 10, "", "丙")
    doubleentry.settle(store, 2, YEAR, "revenue", 0, 2, "", "丙")
    doubleentry.settle(store, 3, YEAR, "revenue", 0, 33, "两次都录错，原表为三十三", "丙")
    found = doublerates.statistics(store, YEAR)
    assert (found.cells, found.differing, found.open) == (12, 4, 1)
    assert (found.total.cells, found.total.errors) == (11, 2)
    assert found.total.per_thousand == pytest.approx(181.818, abs=0.001)
    assert {one.name: (one.cells, one.errors) for one in found.operators} == {"甲": (9, 2), "丁": (2, 0)}
    assert {one.name: (one.cells, one.errors) for one in found.forms} == {"T-02": (11, 2)}
    assert {one.name: (one.cells, one.errors) for one in found.second} == {"乙": (11, 2)}


def test_the_wilson_interval() -> None:
    # Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3.
    assert doublerates.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=0.00005)
    assert doublerates.wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=0.00005)
    assert doublerates.wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=0.00005)
    assert doublerates.wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=0.00005)


def test_nothing_compared_has_no_rate(store: Store) -> None:
    found = doublerates.statistics(store, YEAR)
    assert (found.total.per_thousand, found.total.bounds, found.operators) == (None, None, ())
