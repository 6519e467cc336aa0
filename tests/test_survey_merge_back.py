"""What stands after returns were undone, left out, sent back or taken again: nothing of anybody else's is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import code_of
from senders import A, B, C, P, Sender, written

from survey import batches, cells, claims, conflicts, merge, provenance, receipts, statuses, undoing
from survey import store as stores
from survey.errors import SurveyError
from survey.intake import Intake
from survey.keyed import Keyed
from survey.received import current, listed
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store
from survey.taking import Rows
from survey.texts import Texts

Desks = Callable[..., Sender]


@pytest.fixture
def desks(tmp_path: Path, small: Scheme, texts: Texts) -> Iterator[Desks]:
    made: list[Sender] = []

    def make(code: str, part: str = "") -> Sender:
        made.append(Sender(tmp_path / "desks", small, code, texts, part))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def take(store: Store, *paths: Path, left_out: int = 0) -> None:
    for path in paths:
        [report] = merge.merge(store, [path], left_out={path: [code_of(left_out)]} if left_out else None)
        assert report.accepted, report.error


def undo(store: Store, sender: str) -> None:
    stands = current(store, sender, P)
    assert stands
    merge.undo(store, stands.id)


def held(store: Store, number: int) -> dict[str, Value]:
    (unit,) = store.find_units([code_of(number)])
    found = cells.read(store, unit, P).values
    return {name: found[name] for name in ("revenue", "employees") if name in found}


def place(store: Store, number: int) -> tuple[str, str]:
    found: tuple[str, str] = store.execute(
        "SELECT kind, sender FROM unit WHERE uscc = ?", (code_of(number),)
    ).fetchone()
    return found


def brought(store: Store, number: int, values: dict[str, Value]) -> int:
    """A file that the city takes in itself."""
    with store.atomic():
        batch = batches.begin(store, "市", P)
        intake = Intake(store, who="市", keyed=Keyed(store), batch=batch)
        intake.begin(store.add_source("x.xlsx", "table", "aa", "市", batch=batch))
        name = f"演示{number}"
        columns: dict[str, list[Value]] = {"uscc": [code_of(number)], "name": [name]}
        columns |= {item: [value] for item, value in values.items()}
        intake.take(Rows([(code_of(number), P)], [2], columns, [str(values.get("district", ""))], [name]))
        intake.finish()
        batches.close(store, batch, intake, (1, 1, 0, 0, 0, 0))
    return batch


def test_undoing_a_return_leaves_what_another_sender_says_alike(city: Store, desks: Desks) -> None:
    take(city, desks(A).says({3: 30}, employees=5), desks(B).says({3: 300}, employees=5))
    claims.settle(city, [code_of(3)], B, P)
    undo(city, A)
    assert (held(city, 3), place(city, 3)) == ({"revenue": 300, "employees": 5}, ("unit", B))


def test_a_unit_does_not_go_back_to_a_sender_who_returns_it_no_more(city: Store, desks: Desks) -> None:
    third = desks(C)
    take(city, third.says({3: 3000, 7: 7000}), desks(A).says({3: 30}), third.says({7: 7001}))
    undo(city, A)
    assert place(city, 3) == ("withdrawn", C)
    assert [row.uscc for row in city.unit_list(P)] == [code_of(7)]


def test_nothing_counts_once_all_returns_are_undone(tmp_path: Path, small: Scheme, desks: Desks) -> None:
    district = stores.create(tmp_path / "district.census", small, P, B)
    take(district, desks(B, "西片").says({2: 20}), desks(B, "东片").says({2: 20}))
    undo(district, "西片")
    undo(district, "东片")
    assert district.counts(P)["units"] == 0
    district.close()


def test_a_unit_that_was_left_out_stays_where_a_later_return_is_undone(city: Store, desks: Desks) -> None:
    sender = desks(B)
    take(city, sender.says({1: 10, 2: 20}))
    take(city, sender.says({1: 11}), left_out=2)
    take(city, sender.says({1: 12}), left_out=2)
    undo(city, B)
    assert (place(city, 2), held(city, 2), held(city, 1)) == (("unit", B), {"revenue": 20}, {"revenue": 11})


def test_what_was_left_out_is_taken_when_the_return_comes_again(city: Store, desks: Desks) -> None:
    sender = desks(B)
    take(city, sender.says({1: 10, 2: 20}))

    def gone(store: Store) -> None:
        statuses.decide(store, store.find_units([code_of(2)]), P, "deregistered", "已注销")

    sent = sender.says({1: 11, 2: 20}, gone)
    (unit,) = city.find_units([code_of(2)])
    status = "SELECT status FROM response WHERE unit = ? AND period = ?"
    take(city, sent, left_out=2)
    assert city.execute(status, (unit, P)).fetchone() == ("submitted",)
    take(city, sent)
    assert city.execute(status, (unit, P)).fetchone() == ("deregistered",)


def test_what_the_city_took_in_itself_outlives_the_same_return_twice(city: Store, desks: Desks) -> None:
    brought(city, 3, {"employees": 7})
    sent = desks(B).says({3: 300})
    for _ in range(2):
        take(city, sent)
        assert held(city, 3) == {"revenue": 300, "employees": 7}
    assert conflicts.listed(city) == []


def test_an_import_is_not_undone_below_a_return_and_a_return_not_as_an_import(city: Store, desks: Desks) -> None:
    batch = brought(city, 3, {"district": B, "revenue": 10})
    take(city, desks(B).says({3: 10}))
    with pytest.raises(SurveyError, match="return_later"):
        undoing.undo(city, batch)
    with pytest.raises(SurveyError, match="no_batch"):
        undoing.undo(city, batch + 1)
    assert held(city, 3) == {"revenue": 10}


def test_a_return_that_stands_is_undone_before_it_is_sent_back(city: Store, desks: Desks) -> None:
    sent = desks(B).says({1: 10})
    take(city, sent)
    with pytest.raises(SurveyError, match="return_standing"):
        merge.reject(city, sent, "封面未签字")
    undo(city, B)
    merge.reject(city, sent, "封面未签字")
    assert listed(city, P)[0].state == "rejected"


def test_where_an_answer_comes_from_is_not_told_by_returns_that_were_undone(city: Store, desks: Desks) -> None:
    sender = desks(B)
    take(city, sender.says({1: 10}), sender.says({1: 11}))
    undo(city, B)
    undo(city, B)
    take(city, desks(A).says({5: 500}))
    (unit,) = city.find_units([code_of(5)])
    origin = provenance.of_cell(city, unit, P, "revenue")
    assert origin
    assert (origin.sender, origin.source) == (A, current(city, A, P).name)  # type: ignore[union-attr]


def test_a_receipt_tells_of_cells_that_the_city_took_in_before(city: Store, desks: Desks, texts: Texts) -> None:
    brought(city, 3, {"revenue": 10})
    take(city, desks(B).says({3: 20}))
    written(city, 3, 5, "employees")
    found = {one.after: one.who for one in receipts.of_sender(city, B, texts).corrected}
    assert "10" in found


def test_a_return_that_says_again_what_an_earlier_one_said_is_recorded_and_stands(city: Store, desks: Desks) -> None:
    sender = desks(A)
    first, second, third = sender.says({1: 10}), sender.says({1: 20}), sender.says({1: 10})
    take(city, first, third)
    [report] = merge.merge(city, [second])
    assert (report.superseded, held(city, 1)) == (True, {"revenue": 10})
    assert [one.sequence for one in listed(city, P)] == [2, 3, 1]
    [again] = merge.merge(city, [third])
    assert again.repeated


def test_a_unit_that_was_decided_for_another_goes_back_to_whoever_still_returns_it(city: Store, desks: Desks) -> None:
    first, second = desks(A), desks(B)
    take(city, first.says({3: 30}), first.says({3: 31}), second.says({3: 300}))
    claims.settle(city, [code_of(3)], B, P)
    undo(city, A)
    assert [len(one.claims) for one in claims.listed(city, P)] == [2]
    claims.reopen(city, [code_of(3)], P)
    assert (held(city, 3), place(city, 3)) == ({"revenue": 30}, ("unit", A))
    claims.settle(city, [code_of(3)], B, P)
    take(city, second.says({5: 5}))
    assert (held(city, 3), place(city, 3)) == ({"revenue": 30}, ("unit", A))
    assert city.counts(P)["units"] == 2


def test_what_a_draft_brings_is_pending_whichever_return_comes_first(
    tmp_path: Path, small: Scheme, desks: Desks
) -> None:
    sender = desks(A)
    final, draft = sender.says({1: 10}), sender.says({1: None}, employees=5)  # type: ignore[dict-item]
    for order in ((final, draft), (draft, final)):
        store = stores.create(tmp_path / f"{order[0].stem}.census", small, P, None)
        merge.merge(store, list(order))
        assert store.counts(P).get("in_progress") == 1
        undo(store, A)
        store.close()


def test_a_decision_about_an_undone_return_is_not_open_again(city: Store, desks: Desks) -> None:
    sender = desks(A)
    take(city, sender.says({1: 10}))
    written(city, 1, 11)
    take(city, sender.says({1: 12}))
    [waiting] = conflicts.listed(city)
    conflicts.settle(city, [waiting.id], "district")
    undo(city, A)
    [settled] = conflicts.listed(city, settled=True)
    conflicts.reopen(city, [settled.id])
    assert (conflicts.listed(city), held(city, 1)) == ([], {"revenue": 11})


def test_undoing_tells_of_a_return_that_came_too_late_to_stand(city: Store, desks: Desks) -> None:
    sender = desks(A)
    first, second = sender.says({1: 10}), sender.says({1: 11})
    merge.merge(city, [second, first])
    stands = current(city, A, P)
    assert stands
    assert merge.undo(city, stands.id).passed == (first.name,)
    take(city, first)
    assert held(city, 1) == {"revenue": 10}
