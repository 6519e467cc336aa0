"""Units whose sender has nothing, or not everything, to say of them any more: what was said before counts no longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import code_of
from test_survey_merge import A, B, P, Sender, merged, only, visible, written
from test_survey_merge_back import Desks, desks, held, place, take, undo  # noqa: F401 - a fixture

from survey import batches, cells, claims, conflicts, imports, responses, returns, statuses, undoing
from survey import store as stores
from survey.errors import SurveyError
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts
from survey.upgrade import upgrade

BEFORE = "2024"


def named(*numbers: int) -> Callable[[Store], None]:
    """Units that a sender knows and has no answers of."""

    def beside(store: Store) -> None:
        for number in numbers:
            unit = store.find_unit(code_of(number))
            if unit is None:
                store.insert_unit(code_of(number), f"演示{number}")
                continue
            for response in responses.of_unit(store, unit).values():
                responses.drop(store, response)

    return beside


def last_year(number: int, revenue: int | None) -> Callable[[Store], None]:
    """What a sender says of a unit's year before; None takes the year out."""

    def beside(store: Store) -> None:
        (unit,) = store.find_units([code_of(number)])
        if revenue is not None:
            cells.write(store, unit, BEFORE, "revenue", revenue)
            return
        responses.drop(store, responses.of_unit(store, unit)[BEFORE])

    return beside


def before(store: Store, number: int) -> object:
    (unit,) = store.find_units([code_of(number)])
    return cells.read(store, unit, BEFORE).values.get("revenue")


def state(store: Store, number: int) -> object:
    return {row.uscc: (row.status, row.district) for row in store.unit_list(P)}.get(code_of(number))


def test_a_unit_that_another_district_only_names_has_not_answered(tmp_path: Path, small: Scheme, desks: Desks) -> None:
    first, second = desks(A), desks(B)
    files = [first.says({1: 10, 2: 20}), first.says({1: 11}), second.says({5: 500}, named(2))]
    in_order = merged(tmp_path / "a.census", small, files)
    assert (held(in_order, 2), place(in_order, 2), state(in_order, 2)) == ({}, ("unit", B), ("due", B))
    for order in ((0, 2, 1), (2, 0, 1), (2, 1, 0)):
        other = merged(tmp_path / "b.census", small, [files[at] for at in order])
        assert visible(other) == visible(in_order)
        other.close()
    in_order.close()


def test_undoing_gives_the_answers_back_from_either_side(city: Store, desks: Desks) -> None:
    first, second = desks(A), desks(B)
    take(city, first.says({1: 10, 2: 20}), first.says({1: 11}))
    changes = city.execute("SELECT count(*) FROM change").fetchone()
    take(city, second.says({5: 500}, named(2)))
    assert city.execute("SELECT count(*) FROM change").fetchone() > changes
    undo(city, A)
    assert (held(city, 2), place(city, 2)) == ({"revenue": 20}, ("unit", A))
    undo(city, B)
    assert (held(city, 2), place(city, 2)) == ({"revenue": 20}, ("unit", A))


def test_a_unit_named_no_more_is_withdrawn_and_comes_back_with_its_first_sender(city: Store, desks: Desks) -> None:
    first, second = desks(A), desks(B)
    take(city, first.says({1: 10, 2: 20}), first.says({1: 11}), second.says({5: 500}, named(2)))
    undo(city, B)
    assert place(city, 2)[0] == "withdrawn"
    undo(city, A)
    assert (held(city, 2), place(city, 2)) == ({"revenue": 20}, ("unit", A))


def test_a_unit_whose_sender_comes_to_know_nothing_of_it_has_not_answered(
    city: Store, desks: Desks, texts: Texts
) -> None:
    sender = desks(A)
    take(city, sender.says({1: 10, 2: 20}))
    numbers = {row[0] for row in city.execute("SELECT id FROM response")}
    sender.says({1: 10, 2: 20})
    named(2)(sender.store)
    folder = sender.store.path.parent
    only(city, returns.write(sender.store, folder / "empty.xlsx", texts).path)
    assert (held(city, 2), state(city, 2)) == ({}, ("due", A))
    # What is begun next is not taken for what an earlier return brought.
    written(city, 2, 99)
    begun = city.execute("SELECT max(id) FROM response").fetchone()[0]
    assert begun not in numbers


def test_what_the_city_has_written_stays_when_a_unit_is_only_named(city: Store, desks: Desks) -> None:
    first, second = desks(A), desks(B)
    take(city, first.says({1: 10, 2: 20}))
    written(city, 2, 7, "employees")
    take(city, first.says({1: 11}), second.says({5: 500}, named(2)))
    assert held(city, 2) == {"employees": 7}
    take(city, second.says({5: 500}))
    assert (held(city, 2), place(city, 2)) == ({"employees": 7}, ("unit", ""))


def test_a_year_that_the_sender_says_no_more_is_blank(tmp_path: Path, small: Scheme, desks: Desks) -> None:
    sender = desks(A)
    files = [sender.says({1: 10}, last_year(1, 9)), sender.says({1: 11}, last_year(1, None))]
    city = merged(tmp_path / "a.census", small, files)
    assert (held(city, 1), before(city, 1)) == ({"revenue": 11}, None)
    undo(city, A)
    assert (held(city, 1), before(city, 1)) == ({"revenue": 10}, 9)
    city.close()


def test_a_year_of_another_sender_does_not_stay_with_a_unit_that_changes_hands(
    tmp_path: Path, small: Scheme, desks: Desks
) -> None:
    files = [desks(A).says({3: 30}), desks(B).says({3: 300}, last_year(3, 299))]
    city = merged(tmp_path / "a.census", small, files)
    other = merged(tmp_path / "b.census", small, files[::-1])
    assert before(city, 3) is before(other, 3) is None
    for store in (city, other):
        claims.settle(store, [code_of(3)], B, P)
        assert (held(store, 3), before(store, 3)) == ({"revenue": 300}, 299)
        claims.reopen(store, [code_of(3)], P)
        assert (held(store, 3), before(store, 3)) == ({"revenue": 30}, None)
        store.close()


def test_a_year_that_a_former_round_brought_is_not_the_returns_to_take(city: Store, desks: Desks) -> None:
    with city.atomic():
        (unit,) = [cells.add_unit(city, code_of(1), "演示1", P)]
        cells.write(city, unit, BEFORE, "revenue", 8)
    take(city, desks(A).says({1: 10}))
    assert before(city, 1) == 8


def test_what_is_keyed_or_taken_in_of_a_withdrawn_unit_is_refused(tmp_path: Path, city: Store, desks: Desks) -> None:
    sender = desks(A)
    take(city, sender.says({1: 10, 2: 20}), sender.says({1: 11}))
    with pytest.raises(SurveyError, match="unit_withdrawn"):
        cells.add_unit(city, code_of(2), "演示2", P)
    table = tmp_path / "table.csv"
    table.write_text(
        f"统一社会信用代码,单位详细名称,营业收入\n{code_of(1)},演示1,12\n{code_of(2)},演示2,22\n", encoding="utf-8"
    )
    report = imports.import_files(city, [table])
    assert [(one.code, one.found) for one in report.rejections] == [("row.withdrawn", code_of(2))]
    assert (held(city, 2), place(city, 2)) == ({"revenue": 20}, ("withdrawn", A))


def test_the_code_of_a_unit_that_was_returned_is_its_senders_to_correct(city: Store, desks: Desks) -> None:
    sender = desks(A)
    take(city, sender.says({1: 10}))
    (unit,) = city.find_units([code_of(1)])
    with pytest.raises(SurveyError, match="uscc_of_sender"):
        cells.write(city, unit, P, "uscc", code_of(9))
    cells.write(city, unit, P, "uscc", code_of(1))
    (own,) = sender.store.find_units([code_of(1)])
    cells.write(sender.store, own, P, "uscc", code_of(9))
    assert sender.store.find_unit(code_of(9)) == own


def test_conflicts_of_a_unit_that_counts_no_more_wait_until_it_counts_again(city: Store, desks: Desks) -> None:
    sender = desks(A)
    take(city, sender.says({1: 10, 2: 20}))
    written(city, 2, 21)
    take(city, sender.says({1: 10, 2: 22}))
    assert len(conflicts.listed(city)) == 1
    take(city, sender.says({1: 10}))
    assert conflicts.listed(city) == []
    undo(city, A)
    assert len(conflicts.listed(city)) == 1


def test_a_unit_set_aside_by_one_side_has_answered_where_the_other_is_counted(city: Store, desks: Desks) -> None:
    def gone(store: Store) -> None:
        statuses.decide(store, store.find_units([code_of(3)]), P, "deregistered", "已注销")

    take(city, desks(A).says({3: 30}, gone), desks(B).says({3: 300}))
    assert state(city, 3) == ("deregistered", A)
    claims.settle(city, [code_of(3)], B, P)
    assert state(city, 3) == ("submitted", B)
    claims.settle(city, [code_of(3)], A, P)
    assert state(city, 3) == ("deregistered", A)


def test_a_provinces_unit_is_in_the_district_it_answers(
    tmp_path: Path, small: Scheme, texts: Texts, desks: Desks
) -> None:
    province = stores.create(tmp_path / "province.census", small, P, None, level="province")
    city = stores.create(tmp_path / "city.census", small, P, None, part="甲市")
    first, second = desks(A), desks(B)
    take(city, first.says({1: 10}))
    take(province, returns.write(city, tmp_path / "1.xlsx", texts).path)
    assert place(province, 1) == ("unit", "甲市")
    assert state(province, 1)[1] == A  # type: ignore[index]
    take(city, second.says({1: 10}), first.says({5: 50}))
    take(province, returns.write(city, tmp_path / "2.xlsx", texts).path)
    assert state(province, 1)[1] == B  # type: ignore[index]
    undo(province, "甲市")
    assert state(province, 1)[1] == A  # type: ignore[index]
    province.close()
    city.close()


def test_what_a_sender_claims_is_kept_under_a_later_version_of_the_scheme(
    tmp_path: Path, small: Scheme, lists: Scheme, desks: Desks
) -> None:
    def more(store: Store) -> None:
        (unit,) = store.find_units([code_of(3)])
        cells.write(store, unit, P, "founded", "2001-05")
        cells.write(store, unit, P, "segment", "manufacturing")

    city = merged(tmp_path / "city.census", small, [desks(A).says({3: 30}), desks(B).says({3: 300}, more)])
    report = upgrade(city, lists)
    city.close()
    city = stores.open(tmp_path / "city.census")
    assert report.recoded == {"segment": 0}
    claims.settle(city, [code_of(3)], B, P)
    (unit,) = city.find_units([code_of(3)])
    found = cells.read(city, unit, P).values
    assert (found["revenue"], found["began"], found["segment"], found["size_class"]) == (300, "2001-05", "fab", "small")
    assert city.execute("SELECT count(*) FROM unit WHERE kind = 'claim'").fetchone() == (0,)
    city.close()


def test_a_line_that_is_gone_and_comes_back_is_where_it_came_from(tmp_path: Path, lists: Scheme, texts: Texts) -> None:
    city = stores.create(tmp_path / "city.census", lists, P, None)
    sender = Sender(tmp_path / "desks", lists, B, texts)

    def lines(*revenues: int) -> Callable[[Store], None]:
        def beside(store: Store) -> None:
            (unit,) = store.find_units([code_of(1)])
            for line in cells.read(store, unit, P).lines.get("T-03", {}):
                cells.remove_line(store, unit, P, store.scheme.form("T-03"), line)
            for line, revenue in enumerate(revenues, 1):
                cells.write(store, unit, P, "product_name", f"产品{line}", line=line)
                cells.write(store, unit, P, "product_revenue", revenue, line=line)

        return beside

    def shown() -> list[tuple[object, ...]]:
        table = lists.form("T-03").table
        return city.execute(f"SELECT line, product_revenue, source, source_row FROM {table} ORDER BY 1").fetchall()

    take(city, sender.says({1: 100}, lines(60, 40)))
    first = shown()
    assert [row[:2] for row in first] == [(1, 60), (2, 40)]
    take(city, sender.says({1: 100}, lines(60)))
    assert [row[:2] for row in shown()] == [(1, 60)]
    undo(city, B)
    assert shown() == first
    sender.store.close()
    city.close()


def test_a_unit_set_aside_and_then_only_named_has_not_answered(tmp_path: Path, small: Scheme, desks: Desks) -> None:
    def gone(store: Store) -> None:
        statuses.decide(store, store.find_units([code_of(2)]), P, "suspended", "停业了")

    sender = desks(B)
    files = [sender.says({1: 10, 2: 20}, gone), sender.says({1: 11}, named(2))]
    for order in (files, files[::-1]):
        city = merged(tmp_path / f"{order[0].stem}.census", small, order)
        assert (held(city, 2), state(city, 2)) == ({}, ("due", B))
        city.close()


def test_a_year_that_nobody_says_any_more_has_not_begun(tmp_path: Path, small: Scheme, desks: Desks) -> None:
    files = [desks(A).says({1: 30}), desks(B).says({1: 300}, last_year(1, 9))]
    for order in (files, files[::-1]):
        city = merged(tmp_path / f"{order[0].stem}.census", small, order)
        assert city.periods() == [P]
        undo(city, A)
        assert (held(city, 1), before(city, 1)) == ({"revenue": 300}, 9)
        city.close()


def test_an_import_of_a_unit_that_was_only_named_leaves_nothing_when_both_are_undone(
    tmp_path: Path, city: Store, desks: Desks
) -> None:
    take(city, desks(A).says({3: 30}, named(1)))
    table = tmp_path / "t.csv"
    table.write_text(f"统一社会信用代码,单位详细名称,研究开发费用合计\n{code_of(1)},演示1,5\n", encoding="utf-8")
    imports.import_files(city, [table])
    undo(city, A)
    assert place(city, 1) == ("unit", "")
    undoing.undo(city, batches.listed(city)[0].id)
    assert city.counts(P)["units"] == 0
