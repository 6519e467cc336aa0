"""The board: who has sent what and when, what is open in it, counted by sender and form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import code_of
from senders import A, B, C, P, Sender, only, written

from survey import board as boards
from survey import cells, claims, conflicts, explanations, merge, provenance, unsettled
from survey import store as stores
from survey.board import Board, Line
from survey.errors import SurveyError
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

TODAY = date(2026, 4, 1)


@pytest.fixture
def other(tmp_path: Path, small: Scheme, texts: Texts) -> Iterator[Sender]:
    one = Sender(tmp_path / "sender", small, A, texts)
    yield one
    one.store.close()


def line(board: Board, sender: str) -> Line:
    return next(one for one in board.lines if one.sender == sender)


def state(city: Store, sender: str = B, today: date = TODAY) -> str:
    return line(boards.board(city, today), sender).state


def fell(city: Store, number: int) -> None:
    """A unit had far more last year, which asks for an explanation."""
    unit = city.find_unit(code_of(number))
    assert unit is not None
    cells.write(city, unit, "2024", "revenue", 3000)


def test_every_district_that_has_to_send_is_there_before_anything_has_come(city: Store) -> None:
    board = boards.board(city, TODAY)
    assert [one.sender for one in board.lines] == [A, B, C]
    assert {one.state for one in board.lines} == {"due"}
    assert [form.id for form in board.forms] == ["T-01", "T-02"]
    assert board.total == boards.Cell()


def test_nothing_is_overdue_before_the_day_has_passed(city: Store, sender: Sender) -> None:
    boards.set_due_date(city, "2026-04-01")
    assert state(city) == "due"
    assert state(city, today=date(2026, 4, 2)) == "overdue"
    only(city, sender.says({1: 10}, main_revenue=15))
    draft = line(boards.board(city, date(2026, 4, 2)), B)
    assert (draft.state, draft.overdue) == ("draft", True)


@pytest.mark.parametrize(("due", "expected"), [("2999-01-01", "received"), ("2000-01-01", "late")])
def test_a_final_return_is_in_time_or_late(city: Store, sender: Sender, due: str, expected: str) -> None:
    boards.set_due_date(city, due)
    assert not only(city, sender.says({1: 10})).draft
    found = line(boards.board(city, TODAY), B)
    assert (found.state, found.overdue) == (expected, False)


def test_the_day_is_a_day_or_nothing(city: Store) -> None:
    boards.set_due_date(city, " 2026-03-31 ")
    assert boards.due_date(city) == date(2026, 3, 31)
    with pytest.raises(SurveyError, match="due_date"):
        boards.set_due_date(city, "三月底")
    assert boards.due_date(city) == date(2026, 3, 31)
    boards.set_due_date(city, "")
    assert boards.due_date(city) is None


def test_what_was_rejected_is_told_and_what_stood_before_still_stands(city: Store, sender: Sender) -> None:
    merge.reject(city, sender.says({1: 10}), "封面未签字")
    found = line(boards.board(city, TODAY), B)
    assert (found.state, found.standing) == ("rejected", None)
    assert found.rejected is not None
    assert found.rejected.reason == "封面未签字"
    path = sender.says({1: 11})
    only(city, path)
    found = line(boards.board(city, TODAY), B)
    assert (found.state, found.rejected) == ("received", None)
    merge.reject(city, sender.says({1: 12}), "页数不全")
    found = line(boards.board(city, TODAY), B)
    assert found.state == "received"
    assert (found.standing and found.standing.path, found.rejected and found.rejected.reason) == (
        str(path.resolve()), "页数不全",
    )  # fmt: skip


def test_rows_units_and_conflicts_are_counted_by_sender_and_form(city: Store, sender: Sender, other: Sender) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    only(city, other.says({2: 21, 3: 30, 4: 40}))
    written(city, 1, 11)
    only(city, sender.says({1: 12, 2: 20}))
    board = boards.board(city, TODAY)
    mine, theirs = line(board, B), line(board, A)
    assert {form: cell.rows for form, cell in mine.cells.items()} == {"T-01": 2, "T-02": 2}
    assert {form: cell.conflicts for form, cell in mine.cells.items()} == {"T-01": 0, "T-02": 1}
    assert (theirs.counted, mine.counted, board.counted) == (3, 1, 4)
    assert (mine.contested, theirs.contested, board.contested) == (1, 1, 1)
    assert board.of_form("T-01").rows == 5
    claims.settle(city, [code_of(2)], B, P)
    board = boards.board(city, TODAY)
    assert (line(board, B).counted, board.contested) == (2, 0)


def test_what_checks_left_open_is_counted_by_sender_and_form_and_by_unit(
    city: Store, sender: Sender, other: Sender
) -> None:
    only(city, sender.says({1: 10, 2: 20}, main_revenue=15))
    only(city, other.says({3: 30}))
    fell(city, 3)
    assert unsettled.count(city, P) == unsettled.Found()
    review = Review(city, P)
    expected: dict[tuple[str, str, bool], int] = {}
    for finding in review.findings(not_evaluated=False):
        if finding.category in ("A", *explanations.EXPLAINABLE):
            form = review.checks.by_code[finding.check].check.scope
            key = (A if finding.unit == code_of(3) else B, form, finding.category == "A")
            expected[key] = expected.get(key, 0) + 1
    review.save()
    found = unsettled.count(city, P)
    told = {(*key, blocking): number for key, one in found.open.items()
            for blocking, number in ((True, one.errors), (False, one.doubts)) if number}  # fmt: skip
    assert told == expected
    # One unit has more main business income than income, another one fell to a hundredth.
    assert expected == {(B, "T-02", True): 1, (A, "T-02", False): 1}
    rows, total = unsettled.units(city, P, B, "T-02", 10)
    assert total == len(rows)
    assert sum(one.errors for one in rows) == found.open[B, "T-02"].errors
    assert rows[0].uscc == code_of(1)
    assert unsettled.units(city, P, B, "T-02", 1)[0] == rows[:1]


def test_a_unit_with_a_conflict_alone_is_listed_too(city: Store, sender: Sender) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    written(city, 2, 21)
    only(city, sender.says({1: 10, 2: 22}))
    rows, total = unsettled.units(city, P, B, "T-02", 10)
    assert [(one.uscc, one.conflicts) for one in rows] == [(code_of(2), 1)]
    assert total == 1


def test_what_was_explained_is_no_longer_open(city: Store, sender: Sender) -> None:
    only(city, sender.says({1: 10}))
    fell(city, 1)
    review = Review(city, P)
    findings = list(review.findings(not_evaluated=False))
    review.save()
    before = sum(one.doubts for one in unsettled.count(city, P).open.values())
    unit = city.find_unit(code_of(1))
    assert unit is not None
    asking = [one for one in findings if one.category in explanations.EXPLAINABLE]
    explanations.explain(city, unit, asking[0], "上年有一次性设备销售收入，本年没有")
    Review(city, P).run()
    assert sum(one.doubts for one in unsettled.count(city, P).open.values()) == before - 1


def test_an_officer_s_part_has_no_board(tmp_path: Path, small: Scheme) -> None:
    part = stores.create(tmp_path / "part.census", small, P, B, part="东片")
    with pytest.raises(SurveyError, match="not_city"):
        boards.board(part, TODAY)
    part.close()


def test_the_parts_of_a_district_are_known_once_they_have_sent(
    tmp_path: Path, small: Scheme, texts: Texts, district: Store
) -> None:
    assert boards.board(district, TODAY).lines == ()
    officer = Sender(tmp_path / "o", small, B, texts, "东片")
    only(district, officer.says({1: 10}))
    assert [(one.sender, one.counted) for one in boards.board(district, TODAY).lines] == [("东片", 1)]
    officer.store.close()


# Where an answer came from


def test_an_answer_leads_back_to_the_cell_of_the_return(city: Store, sender: Sender) -> None:
    path = sender.says({1: 10, 2: 20})
    only(city, path)
    unit = city.find_unit(code_of(2))
    assert unit is not None
    found = provenance.of_cell(city, unit, P, "revenue")
    assert found is not None
    assert (found.source, found.sender, found.sequence) == (path.name, B, 1)
    sheet, _, cell = found.cell.partition("!")
    assert sheet == "T-02"
    assert read_cell(path, sheet, cell) == 20
    # What somebody here has written is no file's; where it stood in the return is still known.
    written(city, 2, 21)
    assert provenance.of_cell(city, unit, P, "revenue") is None
    kept = provenance.returned_in(city, unit, P, "revenue")
    assert kept is not None
    assert kept.cell == found.cell


def test_what_nobody_returned_stands_in_no_return(city: Store) -> None:
    unit = cells.add_unit(city, code_of(1), "演示", P)
    cells.write(city, unit, P, "revenue", 5)
    assert provenance.returned_in(city, unit, P, "revenue") is None


def test_what_the_sender_had_said_before_a_conflict_is_known_as_it_was_when_it_arose(
    city: Store, sender: Sender
) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    first = only(city, sender.says({1: 12}))
    second = only(city, sender.says({1: 13}))
    written(city, 1, 99)
    [waiting] = conflicts.listed(city)
    unit = city.find_unit(code_of(1))
    assert unit is not None
    assert [one.base for report in (first, second) for one in report.conflicts] == [10, 12]
    assert conflicts.base(city, waiting) == 12
    assert [one.id for one in conflicts.of_cell(city, unit, P, "revenue")] == [waiting.id]
    conflicts.settle(city, [waiting.id], "district")
    third = only(city, sender.says({1: 14}))
    assert third.conflicts == []
    [settled] = conflicts.of_cell(city, unit, P, "revenue")
    assert (settled.state, conflicts.base(city, settled)) == ("district", 12)


def test_another_value_is_given_for_conflicts_of_one_item(city: Store, sender: Sender) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    written(city, 1, 7, "employees")
    only(city, sender.says({1: 12}, employees=8))
    found = conflicts.listed(city)
    assert len(found) == 2
    revenue = [one for one in found if one.item == "revenue"]
    assert conflicts.typed(city, revenue, "1,200") == 1200
    assert conflicts.typed(city, revenue, " ") is None
    for wrong, code in (([], "nothing_chosen"), (found, "conflict_items")):
        with pytest.raises(SurveyError, match=code):
            conflicts.typed(city, wrong, "1")
    with pytest.raises(SurveyError, match="value"):
        conflicts.typed(city, revenue, "很多")


def read_cell(path: Path, sheet: str, cell: str) -> object:
    """A cell of a workbook by its address."""
    from python_calamine import CalamineWorkbook

    from survey.celladdress import column_number

    letters = cell.rstrip("0123456789")
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return rows[int(cell[len(letters) :]) - 1][column_number(letters)]
