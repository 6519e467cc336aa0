"""The city's control of checking, and the desk's own checks beside the scheme's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import code_of

from survey import cells, control, localchecks, upgrade
from survey import scheme as schemes
from survey import store as stores
from survey.checks import compile_checks, sentence
from survey.errors import SchemeError, SurveyError
from survey.results import Results
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

WHY = "该单位集团内结算，口径经核实不同"
TODAY = "2020-01-01"


def fill(store: Store) -> int:
    """A unit that fails F01, class A."""
    unit = cells.add_unit(store, code_of(1), "演示数据一", "2025")
    store.execute("UPDATE unit SET district = '440305' WHERE id = ?", (unit,))
    answers = {"district": "440305", "segment": "design", "backbone": 1, "revenue": 5, "main_revenue": 9}
    for name, value in answers.items():
        cells.write(store, unit, "2025", name, value)
    return unit


@pytest.fixture
def desks(tmp_path: Path, small: Scheme) -> Iterator[tuple[Store, Store]]:
    """The city's file and a district's, each with the same failing unit."""
    city = stores.create(tmp_path / "city.census", small, "2025", None)
    district = stores.create(tmp_path / "district.census", small, "2025", "440305")
    for store in (city, district):
        fill(store)
    yield city, district
    city.close()
    district.close()


def category(store: Store, check: str) -> str:
    found = compile_checks(store.scheme, "2025").by_code.get(check)
    return found.check.category if found else ""


def status(store: Store) -> str:
    Review(store, "2025").run()
    return str(store.execute("SELECT status FROM response WHERE period = '2025'").fetchone()[0])


def refusal(work: object) -> str:
    with pytest.raises(SurveyError) as caught:
        work()  # type: ignore[operator]
    return caught.value.code


def test_a_check_that_is_switched_off_is_not_asked(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    assert status(city) == "errors"
    control.rule(city, "F01", "off", TODAY, official="王", reason=WHY)
    assert category(city, "F01") == ""
    assert status(city) == "checked"
    control.lift(city, "F01", TODAY)
    assert category(city, "F01") == "A"
    assert status(city) == "errors"


def test_a_check_takes_another_class_from_its_day_on(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, _ = desks
    control.rule(city, "F01", "C", TODAY, official="王", reason=WHY)
    control.rule(city, "F01", "D", "2999-01-01", official="王", reason=WHY)
    assert category(city, "F01") == "C"
    control.rule(city, "F01", "B", "2021-01-01", official="王", reason=WHY)
    assert category(city, "F01") == "B"
    assert len(control.rulings(city)) == 3
    again = stores.open(tmp_path / "city.census")
    assert category(again, "F01") == "B"


def test_what_an_item_implies_can_be_ruled_on_too(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    control.rule(city, "REQ-T-02.301", "D", TODAY, official="王", reason=WHY)
    assert category(city, "REQ-T-02.301") == "D"


def test_an_exempted_unit_does_not_block(desks: tuple[Store, Store]) -> None:
    city, _ = desks
    assert status(city) == "errors"
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    assert status(city) == "checked"
    tally = Results(city, "2025").tallies(compile_checks(city.scheme, "2025"))["F01"]
    assert (tally.failed, tally.answered) == (1, 1)
    control.unexempt(city, code_of(1), "F01", "2025")
    assert status(city) == "errors"


def test_the_signed_list_travels_to_the_district(desks: tuple[Store, Store], tmp_path: Path, texts: Texts) -> None:
    city, district = desks
    control.rule(city, "F02", "off", TODAY, official="王", reason=WHY)
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    signed = control.sign_off(city, tmp_path / "c.json", official="王处长")
    assert status(district) == "errors"
    adopted = control.adopt(district, tmp_path / "c.json", who="张")
    assert adopted == signed
    assert status(district) == "checked"
    assert category(district, "F02") == ""
    assert district.desk["control_number"] == "1"
    assert district.execute("SELECT kind, who FROM source WHERE kind = 'control'").fetchall() == [("control", "张")]
    (said,) = control.exemption_texts(district, "2025", texts).values()
    assert said.startswith("市级豁免（王，")
    assert WHY in said


def test_a_later_list_takes_the_place_of_the_one_before(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    control.exempt(city, code_of(1), "F01", "2025", official="王", reason=WHY)
    control.sign_off(city, tmp_path / "1.json", official="王")
    control.unexempt(city, code_of(1), "F01", "2025")
    control.sign_off(city, tmp_path / "2.json", official="王")
    control.adopt(district, tmp_path / "1.json")
    assert status(district) == "checked"
    control.adopt(district, tmp_path / "2.json")
    assert status(district) == "errors"
    assert control.exemptions(district) == []
    assert refusal(lambda: control.adopt(district, tmp_path / "1.json")) == "control_older"


def test_a_list_that_was_changed_or_is_none_is_refused(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    control.rule(city, "F02", "off", TODAY, official="王", reason=WHY)
    path = tmp_path / "c.json"
    control.sign_off(city, path, official="王")
    facts = json.loads(path.read_text("utf-8"))
    for code, change in {
        "control_changed": {"rulings": [facts["rulings"][0] | {"check": "F01"}]},
        "control_newer": {"format_version": "2"},
        "not_a_control_list": {"rulings": [{"check": "F01"}]},
    }.items():
        path.write_text(json.dumps(facts | change), "utf-8")
        assert refusal(lambda: control.adopt(district, path)) == code
    for text in ("", "[]", "{}", '"x"', "\u4e2d"):
        path.write_text(text, "utf-8")
        assert refusal(lambda: control.adopt(district, path)) == "not_a_control_list"
    path.write_bytes(b"\xff\xfe\x00")
    assert refusal(lambda: control.adopt(district, path)) == "not_a_control_list"
    assert refusal(lambda: control.adopt(district, tmp_path / "none.json")) == "no_file"
    assert control.rulings(district) == []


def test_a_list_of_another_scheme_is_refused(desks: tuple[Store, Store], tmp_path: Path, small: Scheme) -> None:
    _, district = desks
    files = {**small.files, "scheme.toml": small.files["scheme.toml"].replace('id = "test"', 'id = "other"')}
    other = stores.create(tmp_path / "o.census", schemes.read(files), "2025", None)
    control.sign_off(other, tmp_path / "o.json", official="王")
    assert refusal(lambda: control.adopt(district, tmp_path / "o.json")) == "control_scheme"


def test_only_the_city_decides_and_says_why(desks: tuple[Store, Store], tmp_path: Path) -> None:
    city, district = desks
    assert refusal(lambda: control.rule(district, "F01", "off", TODAY, official="王", reason=WHY)) == "control_city"
    assert refusal(lambda: control.sign_off(district, tmp_path / "c", official="王")) == "control_city"
    assert refusal(lambda: control.rule(city, "F99", "off", TODAY, official="王", reason=WHY)) == "unknown_check"
    assert refusal(lambda: control.rule(city, "F01", "off", "5月1日", official="王", reason=WHY)) == "day"
    assert refusal(lambda: control.rule(city, "F01", "off", TODAY, official=" ", reason=WHY)) == "official_missing"
    assert refusal(lambda: control.rule(city, "F01", "off", TODAY, official="王", reason="无")) == "explanation_short"
    assert refusal(lambda: control.exempt(city, code_of(9), "F01", "2025", official="王", reason=WHY)) == "unknown_unit"
    assert control.rulings(city) == control.exemptions(city) == []


OWN = {
    "class": "B", "scope": "T-02", "expression": "301 >= 327", "message": "收入不小于利润", "family": "balance",
    "reason": "本区关注",
}  # fmt: skip


def test_an_own_check_is_asked_like_any_other(desks: tuple[Store, Store], texts: Texts) -> None:
    _, district = desks
    check = localchecks.save(district, OWN, who="张")
    assert check.code == "L-001"
    assert check.local
    cells.write(district, 1, "2025", "total_profit", 7)
    (found,) = [one for one in Review(district, "2025").findings() if one.check == "L-001"]
    assert sentence(found, district.scheme, texts).startswith("收入不小于利润：营业收入(301) 5 千元")
    again = stores.open(district.path)
    assert again.scheme.check("L-001") == check
    assert again.scheme.digest == district.scheme.digest


def test_an_own_check_is_changed_and_taken_out_and_official_ones_stay(desks: tuple[Store, Store]) -> None:
    _, district = desks
    localchecks.save(district, OWN)
    localchecks.save(district, OWN | {"class": "D"}, code="L-001")
    assert category(district, "L-001") == "D"
    assert localchecks.save(district, OWN).code == "L-002"
    localchecks.remove(district, "L-001")
    assert category(district, "L-001") == ""
    assert [one.code for one in localchecks.all_of(district)] == ["L-002"]
    assert refusal(lambda: localchecks.remove(district, "F01")) == "official_check"
    assert refusal(lambda: localchecks.save(district, OWN, code="F01")) == "official_check"
    assert category(district, "F01") == "A"


def test_an_own_check_that_cannot_be_read_is_not_saved(desks: tuple[Store, Store]) -> None:
    _, district = desks
    for wrong in ({"expression": "301 >= 999"}, {"message": ""}, {"scope": "T-09"}, {"class": "X"}, {"tolerance": "a"}):
        with pytest.raises(SchemeError):
            localchecks.save(district, OWN | wrong)
    assert localchecks.all_of(district) == []


def test_an_own_check_that_a_later_scheme_cannot_read_is_told_apart(
    tmp_path: Path, small: Scheme, lists: Scheme
) -> None:
    files = dict(lists.files)
    files["forms/T-02.toml"] = files["forms/T-02.toml"].replace('code = "327"', 'code = "328"')
    store = stores.create(tmp_path / "d.census", small, "2025", "440305")
    localchecks.save(store, OWN)
    localchecks.save(store, OWN | {"expression": "301 >= 302"})
    upgrade.upgrade(store, schemes.read({name: text.replace("327", "328") for name, text in files.items()}))
    store.close()
    again = stores.open(tmp_path / "d.census")
    assert again.lost_checks == {"L-001": "301 >= 327"}
    assert category(again, "L-001") == ""
    assert category(again, "L-002") == "B"
