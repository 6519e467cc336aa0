"""The synthetic data: always the same, agreeing with itself, and plain about being invented."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from desktop import paths, sample, sample_errors
from desktop.sample_details import Details
from desktop.sample_rules import Case, Rule, Source, divided
from desktop.sample_units import SampleUnit
from survey import codes
from survey import store as stores
from survey.checks import compile_checks
from survey.form import Item
from survey.formulas import Answers
from survey.intake import Intake
from survey.review import Review
from survey.scalar import round_half_away
from survey.scheme import Scheme
from survey.store import Store

COUNT, SEED, PERIOD = 240, 1, "2025"


@pytest.fixture(scope="module")
def wanted() -> dict[str, Any]:
    return sample.parameters(paths.sample_parameters("ic-cluster"))


@pytest.fixture(scope="module")
def units(wanted: dict[str, Any], cluster: Scheme) -> list[SampleUnit]:
    return sample.generate(wanted, list(cluster.districts.codes), COUNT, SEED)


@pytest.fixture(scope="module")
def answers(wanted: dict[str, Any], cluster: Scheme, units: list[SampleUnit]) -> list[tuple[SampleUnit, Answers]]:
    """The units of both years with all they answer."""
    details = Details(wanted, cluster, SEED)
    return [(unit, year) for unit in units for year in details.unit(unit, PERIOD)]


@pytest.fixture(scope="module")
def desks(
    wanted: dict[str, Any], cluster: Scheme, units: list[SampleUnit], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Store]]:
    """All districts' files, and the city's own."""
    folder = tmp_path_factory.mktemp("desks")
    opened = []
    for code in cluster.districts.codes:
        opened.append(stores.create(folder / f"{code}.census", cluster, PERIOD, code))
        sample.fill(opened[-1], [unit for unit in units if unit.district == code], wanted, SEED)
    opened.append(stores.create(folder / "city.census", cluster, PERIOD, None))
    sample.fill_city(opened[-1], wanted, SEED)
    yield opened
    for store in opened:
        store.close()


def test_the_same_seed_gives_the_same_data(wanted: dict[str, Any], cluster: Scheme) -> None:
    drawn = []
    for seed in (7, 7, 8):
        units = sample.generate(wanted, list(cluster.districts.codes), 30, seed)
        details = Details(wanted, cluster, seed)
        drawn.append([details.unit(unit, PERIOD) for unit in units])
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_a_unit_answers_the_same_whoever_is_drawn_before_it(
    wanted: dict[str, Any], cluster: Scheme, units: list[SampleUnit]
) -> None:
    every = Details(wanted, cluster, SEED)
    for unit in units[:20]:
        found = every.unit(unit, PERIOD)
    assert found == Details(wanted, cluster, SEED).unit(units[19], PERIOD)


def test_the_main_figures_stay_as_they_were_drawn(answers: list[tuple[SampleUnit, Answers]]) -> None:
    for at, (unit, found) in enumerate(answers):
        drawn = unit.years[at % 2]
        if not unit.error:
            # What had been put under "other" alone is spread over the items of the form.
            assert {name: found.values[name] for name in drawn if name != "rd_other_costs"} == {
                name: value for name, value in drawn.items() if name != "rd_other_costs"
            }


def test_every_form_has_records_and_every_drawn_item_has_its_place(
    desks: list[Store], wanted: dict[str, Any], cluster: Scheme
) -> None:
    for form in cluster.forms:
        counts = [store.execute(f"SELECT count(*) FROM {form.table}").fetchone()[0] for store in desks]
        assert sum(counts) > 0, form.id
    known = set(cluster.items)
    for facts in (*wanted["forms"].values(), *wanted["lists"].values()):
        names = [*facts.get("heads", {}), *facts.get("items", {}), *facts.get("divides", {})]
        names += [name for row in facts.get("rows", []) for name in row if name != "district"]
        assert {name for name in names if not name.startswith("_")} <= known


def test_yearly_forms_are_answered_for_two_years(desks: list[Store], cluster: Scheme) -> None:
    for form in cluster.forms:
        if form.respondent != "city":
            found = {
                row[0]
                for store in desks
                for row in store.execute(
                    f"SELECT DISTINCT r.period FROM {form.table} f JOIN response r ON r.id = f.response"
                )
            }
            assert found == {"2024", "2025"}, form.id


def test_units_without_a_planted_error_have_no_grave_finding(desks: list[Store], units: list[SampleUnit]) -> None:
    planted = {str(unit.years[1]["uscc"]) for unit in units if unit.error}
    found = set()
    for store in desks:
        for period in store.periods():
            for one in Review(store, period).findings(not_evaluated=False):
                if one.category in "AB":
                    found.add(one.unit)
                    assert period == PERIOD, one
                    assert one.unit in planted, one
    assert 0 < len(found) < 0.25 * len(units)


def test_few_units_without_a_planted_error_have_to_explain(desks: list[Store], units: list[SampleUnit]) -> None:
    planted = {str(unit.years[1]["uscc"]) for unit in units if unit.error}
    asked = {
        one.unit
        for store in desks
        for one in Review(store, PERIOD).findings(not_evaluated=False)
        if one.category == "C" and one.unit not in planted
    }
    assert 0 < len(asked) < 0.15 * len(units)


@pytest.mark.parametrize("name", sorted(sample_errors.ALL))
def test_every_kind_of_error_changes_an_answer(
    name: str, wanted: dict[str, Any], cluster: Scheme, units: list[SampleUnit]
) -> None:
    unit = next(one for one in units if one.years[1]["high_tech"] and not one.error)
    clean = Details(wanted, cluster, SEED).unit(unit, PERIOD)
    spoilt = Details(wanted, cluster, SEED).unit(SampleUnit(unit.number, unit.district, unit.years, name), PERIOD)
    assert spoilt[0] == clean[0]
    assert spoilt[1] != clean[1]


def test_products_add_up_to_the_share_of_revenue(answers: list[tuple[SampleUnit, Answers]]) -> None:
    for unit, found in answers:
        if unit.error:
            continue
        revenue, share = found.values["revenue"], found.values["ic_revenue_share"]
        lines = found.lines["IC-05"].values()
        assert sum(line["product_revenue"] for line in lines) == round_half_away(revenue * share / 100)  # type: ignore[misc, operator]
        assert sum(line["product_exports"] for line in lines) <= found.values["export_revenue"]  # type: ignore[misc, operator]


def test_the_profit_is_what_its_parts_come_to(answers: list[tuple[SampleUnit, Answers]]) -> None:
    costs = ("operating_cost", "taxes_and_surcharges", "selling_expenses", "administrative_expenses", "rd_expenses",
             "financial_expenses")  # fmt: skip
    gains = ("other_income", "asset_impairment", "credit_impairment", "fair_value_gains", "investment_income",
             "net_hedging_gains", "disposal_gains")  # fmt: skip
    for unit, found in answers:
        value: Any = found.values
        if not unit.error:
            profit = value["revenue"] - sum(value[name] for name in costs) + sum(value[name] for name in gains)
            assert value["operating_profit"] == profit


def test_a_part_is_at_most_its_whole(answers: list[tuple[SampleUnit, Answers]], cluster: Scheme) -> None:
    # A part stands right under its whole; where a heading comes between, the whole stands before the form's own.
    wholes = [
        (form, item, above)
        for form in cluster.forms_of("unit")
        for above, item in pairwise(form.rows)
        if isinstance(above, Item) and isinstance(item, Item) and item.of_which and item.numeric
    ]
    assert len(wholes) > 30
    for unit, found in answers:
        if unit.error:
            continue
        for form, item, whole in wholes:
            for one in found.lines[form.id].values() if form.is_list else [found.values]:
                part, total = one.get(item.name), one.get(whole.name)
                assert part is None or total is None or part <= total, (item.name, part, total)  # type: ignore[operator]


def test_streets_lie_in_their_district_and_industries_fit_the_segment(
    answers: list[tuple[SampleUnit, Answers]], cluster: Scheme
) -> None:
    streets, industries = cluster.lists["street"].codes, cluster.lists["industry"].codes
    for _, found in answers:
        assert streets[str(found.values["street"])].extra["district"] == found.values["district"]
        fitting = industries[str(found.values["industry_code"])].within("segment")
        assert found.values["segment"] in fitting


def test_most_units_know_their_size(answers: list[tuple[SampleUnit, Answers]], cluster: Scheme) -> None:
    differ = 0
    checks = compile_checks(cluster, PERIOD)
    register = {"uscc@reg": None, "name@reg": None, "district@reg": None}
    for _, found in answers[1::2]:
        findings = checks.record(Answers(dict(found.values)), Answers(), register)
        differ += any(one.check == "DER-IC-01.135" and one.verdict == "fail" for one in findings)
    assert 0 < differ < 0.06 * COUNT


def test_lines_keep_their_identity_and_their_investment_grows(
    wanted: dict[str, Any], cluster: Scheme, units: list[SampleUnit]
) -> None:
    details = Details(wanted, cluster, SEED)
    pairs = [details.unit(unit, PERIOD) for unit in units]
    kinds = set()
    for before, now in pairs:
        for number, line in now.lines["IC-06"].items():
            earlier: Any = before.lines["IC-06"][number]
            kinds.add(now.values["segment"])
            for name in ("line_id", "line_kind", "line_material", "line_wafer_size", "line_node"):
                assert line[name] == earlier[name]
            assert line["line_investment"] == earlier["line_investment"] + line["line_investment_year"]  # type: ignore[operator]
    assert kinds == {"manufacturing", "packaging", "materials"}


def test_only_designers_tape_out(answers: list[tuple[SampleUnit, Answers]]) -> None:
    assert {found.values["segment"] for _, found in answers if found.lines["IC-08"]} == {"design"}


def test_parks_count_the_units_that_name_them(desks: list[Store]) -> None:
    total = 0
    for store in desks:
        rows = store.execute(
            "SELECT p.park_chain_units, p.park_revenue, (SELECT count(*) FROM form_ic_01 u JOIN response s"
            " ON s.id = u.response AND s.period = r.period WHERE u.park_id = p.park_number)"
            " FROM form_qz_1 p JOIN response r ON r.id = p.response"
        )
        for counted, revenue, named in rows:
            assert counted == named
            assert (revenue > 0) == (named > 0)
            total += named
    assert total > 0


def test_nobody_is_named_and_nobody_can_be_reached(answers: list[tuple[SampleUnit, Answers]]) -> None:
    for _, found in answers:
        for name in ("name", "contact_name", "legal_representative"):
            assert str(found.values[name]).startswith("演示数据·")
        assert re.fullmatch(r"0755-0000 \d{4,}", str(found.values["phone"]))
        assert re.fullmatch(r"000 0000 \d{4,}", str(found.values["mobile"]))
        assert str(found.values["email"]).endswith(".invalid")
        if parent := found.values["parent_uscc"]:
            assert codes.valid_uscc(str(parent))
            assert codes.valid_orgcode(str(parent))


def test_what_the_desks_say_is_labelled(desks: list[Store], cluster: Scheme) -> None:
    for form, name in (("QZ-1", "park_name"), ("QZ-2", "platform_name"), ("QZ-3", "project_name"),
                       ("QZ-4", "institute_name"), ("X-01", "reference_source")):  # fmt: skip
        table = cluster.form(form).table
        found = [row[0] for store in desks for row in store.execute(f"SELECT {name} FROM {table}")]
        assert found
        assert all("演示" in text for text in found)


def test_the_city_merges_what_the_plan_counts(desks: list[Store]) -> None:
    parks = platforms = 0
    for store in desks:
        period = " JOIN response r ON r.id = f.response WHERE r.period = '2025'"
        parks += store.execute(f"SELECT count(*) FROM form_qz_1 f{period} AND f.park_specialised = 1").fetchone()[0]
        platforms += store.execute(
            f"SELECT count(*) FROM form_qz_2 f{period} AND f.platform_status = 'operating'"
        ).fetchone()[0]
    assert (parks, platforms) == (5, 6)


def test_parts_add_up_to_the_whole() -> None:
    dice = random.Random(3)
    for whole in (0, 1, 2, 7, 1000, 123_457):
        parts = divided(dice, whole, {"a": 0.5, "b": 0.0, "c": 0.3, "d": 0.2})
        assert sum(parts.values()) == whole
        assert min(parts.values()) >= 0


@pytest.mark.parametrize(
    ("facts", "before", "found"),
    [
        ({"of": ["a", "-b"]}, None, 6),
        ({"of": "a", "between": [0.25, 0.25]}, None, 2),
        ({"of": "a", "over": "b", "digits": 2}, None, 2.5),
        ({"of": "missing"}, None, None),
        ({"of": ["x@before", "a"], "first": {"of": "a"}}, None, 10),
        ({"of": ["x@before", "a"], "first": {"of": "a"}}, {"x": 5}, 15),
        ({"same": True, "of": "a"}, {"x": 3}, 3),
        ({"same": True, "of": "a", "most": "b"}, {"x": 30}, 4),
        ({"of": "a", "least": 12}, None, 12),
        ({"chance": 1}, None, 1),
        ({"chance": 0, "of": "a"}, None, 0),
        ({"given": "none", "of": "a"}, None, None),
        ({"text": "{a:03}"}, None, "010"),
        ({"by": "code", "of": "a", "cases": {"c": {"of": "b"}}}, None, 4),
    ],
)
def test_a_rule_gives(facts: dict[str, Any], before: dict[str, Any] | None, found: object) -> None:
    case = Case(random.Random(1), {"a": 10, "b": 4, "none": "none", "code": "c"}, before)
    assert Rule("x", facts).draw(case, Source({}, {})) == found


def test_the_sample_s_data_reads_as_it_is_written() -> None:
    known = {"of", "between", "over", "digits", "rounds", "least", "most", "codes", "numbers", "text", "copy", "look",
             "uscc", "listed", "within", "chance", "given", "otherwise", "same", "grows", "by", "cases", "first",
             "parts"}  # fmt: skip

    def keys(rule: dict[str, Any]) -> set[str]:
        inner = [*rule.get("cases", {}).values(), rule.get("first", {})]
        return set(rule).union(*map(keys, inner)) if any(inner) else set(rule)

    for path in (ROOT / "assets" / "sample" / "ic-cluster").glob("*.toml"):
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        for form in (*facts.get("forms", {}).values(), *facts.get("lists", {}).values()):
            for part in ("heads", "items"):
                for name, rule in form.get(part, {}).items():
                    assert keys(rule) <= known, (path.name, name)


def test_a_portion_of_the_units_is_held_at_a_time(
    wanted: dict[str, Any],
    cluster: Scheme,
    units: list[SampleUnit],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []
    monkeypatch.setattr(sample, "PORTION", 50)
    monkeypatch.setattr(Intake, "take", lambda _self, batch: taken.append(len(set(batch.keys))))
    monkeypatch.setattr(Intake, "finish", lambda _self: None)
    store = stores.create(tmp_path / "large.census", cluster, PERIOD, "440305")
    sample.fill(store, units, wanted, SEED)
    store.close()
    assert max(taken) == 50
