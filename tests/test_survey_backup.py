"""Daily copies of a survey file."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from conftest import code_of

from survey import cells
from survey import store as stores
from survey.backup import KEPT, back_up, folder_of
from survey.errors import SurveyError
from survey.store import Store

TODAY = date(2026, 3, 1)


def test_a_copy_opens_and_holds_what_was_there(district: Store) -> None:
    cells.add_unit(district, code_of(1), "演示数据", "2025")
    copy = back_up(district.path, TODAY)
    assert copy is not None
    opened = stores.open(copy)
    assert opened.find_unit(code_of(1)) is not None
    opened.close()


def test_one_copy_a_day_and_the_last_seven_are_kept(district: Store) -> None:
    days = [TODAY + timedelta(days=day) for day in range(10)]
    for day in days:
        assert back_up(district.path, day) is not None
        assert back_up(district.path, day) is None
    names = sorted(path.stem[-10:] for path in folder_of(district.path).iterdir())
    assert names == [day.isoformat() for day in days[-KEPT:]]


def test_a_damaged_file_makes_no_copy_and_drops_none(district: Store) -> None:
    back_up(district.path, TODAY)
    district.close()
    with district.path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 30000)
    with pytest.raises(SurveyError, match="damaged"):
        back_up(district.path, TODAY + timedelta(days=1))
    assert len(list(folder_of(district.path).iterdir())) == 1


def test_a_place_that_cannot_be_written_to_keeps_nobody_from_working(district: Store) -> None:
    folder_of(district.path).write_text("in the way")
    assert back_up(district.path, TODAY) is None
