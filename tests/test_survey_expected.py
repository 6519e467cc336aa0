"""Who is expected to send: the scheme's districts, those that were added here, and whoever has sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from test_survey_merge import A, B, C, P, Sender, only

from survey import board as boards
from survey import expected, merge, received
from survey import store as stores
from survey.errors import SurveyError
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts


@pytest.fixture
def desk(tmp_path: Path, small: Scheme) -> Iterator[Store]:
    """A district whose officers have parts of it."""
    opened = stores.create(tmp_path / "district.census", small, P, B)
    yield opened
    opened.close()


@pytest.fixture
def officer(tmp_path: Path, small: Scheme, texts: Texts) -> Iterator[Sender]:
    one = Sender(tmp_path / "sent", small, B, texts, part="东片")
    yield one
    one.store.close()


def states(store: Store) -> dict[str, str]:
    found = boards.board(store, date(2026, 4, 1))
    return {store.scheme.districts.label(one.sender): one.state for one in found.lines}


def test_an_officer_on_the_list_that_has_not_sent_is_due_and_then_overdue(desk: Store, officer: Sender) -> None:
    expected.add(desk, "  西片 ")
    only(desk, officer.says({1: 10}))
    on_list = {one.sender: (one.stands, one.sent, one.given) for one in expected.on_list(desk)}
    assert on_list == {"东片": (True, True, False), "西片": (False, False, False)}
    assert list(states(desk).values()) == ["received", "due"]
    boards.set_due_date(desk, "2026-03-31")
    assert states(desk)["西片"] == "overdue"


def test_a_name_is_changed_and_taken_off_while_nothing_has_come(desk: Store) -> None:
    expected.add(desk, "西片")
    assert expected.rename(desk, "西片", "西片区") == "西片区"
    assert list(states(desk)) == ["西片区"]
    expected.remove(desk, "西片区")
    assert states(desk) == {}
    assert not expected.any_expected(desk)
    expected.add(desk, "西片区")
    assert list(states(desk)) == ["西片区"]


def test_a_rename_that_is_refused_changes_nothing(desk: Store) -> None:
    expected.add(desk, "西片")
    expected.add(desk, "北片")
    with pytest.raises(SurveyError, match="expected_known"):
        expected.rename(desk, "西片", "北片")
    assert sorted(states(desk)) == ["北片", "西片"]


def test_whoever_has_sent_stays_until_its_return_is_undone(desk: Store, officer: Sender) -> None:
    only(desk, officer.says({1: 10}))
    [one] = expected.on_list(desk)
    with pytest.raises(SurveyError, match="expected_stands"):
        expected.remove(desk, one.sender)
    merge.undo(desk, received.listed(desk, P)[0].id)
    expected.remove(desk, one.sender)
    assert states(desk) == {}
    only(desk, officer.says({1: 11}))
    assert list(states(desk).values()) == ["received"]


def test_a_province_expects_the_cities_that_were_named(tmp_path: Path, small: Scheme) -> None:
    province = stores.create(tmp_path / "province.census", small, P, None, level="province")
    expected.add(province, "某市")
    assert states(province) == {"某市": "due"}
    province.close()


def test_a_city_expects_its_districts_and_can_do_without_one(city: Store) -> None:
    expected.remove(city, city.scheme.districts.label(C))
    assert [one.sender for one in expected.on_list(city)] == [A, B]
    expected.add(city, C)
    assert [one.sender for one in expected.on_list(city)] == [A, B, C]
    with pytest.raises(SurveyError, match="expected_district"):
        expected.add(city, "某某街道")


@pytest.mark.parametrize(("name", "key"), [("  ", "expected_name"), ("东片", "expected_known")])
def test_a_name_that_cannot_be_added_is_refused(desk: Store, name: str, key: str) -> None:
    expected.add(desk, "东片")
    with pytest.raises(SurveyError, match=key):
        expected.add(desk, name)


def test_an_officer_expects_nobody(officer: Sender) -> None:
    with pytest.raises(SurveyError, match="not_city"):
        expected.add(officer.store, "西片")
    with pytest.raises(SurveyError, match="not_city"):
        expected.remove(officer.store, "西片")


def test_somebody_who_is_not_on_the_list_cannot_be_taken_off(desk: Store) -> None:
    with pytest.raises(SurveyError, match="expected_unknown"):
        expected.remove(desk, "西片")
