"""The merge by field: any order gives the same file, nothing is lost silently, every return can be undone."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from conftest import code_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from senders import A, B, C, P, Sender, only, value, written

from survey import cells, claims, conflicts, explanations, returns, statuses
from survey import merge as merging
from survey import store as stores
from survey.errors import Cancelled, SurveyError
from survey.merge import merge
from survey.received import listed, standing
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

KILLED = 8
# What each sender says in its returns, one after the other: the revenue of its units by number.
HISTORY: Mapping[str, Sequence[Mapping[int, int]]] = {
    A: ({1: 10, 2: 20, 3: 30}, {1: 11, 2: 20, 3: 30, 4: 40}, {1: 11, 3: 33}),
    B: ({3: 300, 5: 500}, {3: 301, 5: 500, 6: 600, 2: 200}),
    C: ({3: 3000, 7: 7000}, {7: 7001}),
}

# What stands beside the answers of some of the returns: units set aside, and units of the register without answers.
BESIDE: Mapping[tuple[str, int], Mapping[int, str]] = {
    (A, 1): {1: "suspended"}, (B, 0): {3: "unreachable"}, (B, 1): {6: "refused"}, (C, 1): {7: "deregistered"},
}  # fmt: skip
NAMED: Mapping[tuple[str, int], Sequence[int]] = {(A, 0): [8], (A, 1): [9], (B, 1): [9], (C, 0): [5], (C, 1): [9]}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, small: Scheme, texts: Texts) -> dict[str, list[Path]]:
    """The returns of all senders, in the order in which they were written."""
    folder = tmp_path_factory.mktemp("sent")
    found = {}
    for code, history in HISTORY.items():
        sender = Sender(folder, small, code, texts)
        found[code] = [
            sender.says(revenues, Beside(f"{code} 第{at}次", BESIDE.get((code, at), {}), NAMED.get((code, at), ())))
            for at, revenues in enumerate(history)
        ]
        sender.store.close()
    return found


class Beside:
    """Explains what is doubted, sets units aside, names units that have not answered."""

    def __init__(self, words: str, aside: Mapping[int, str], named: Sequence[int]) -> None:
        self._words, self._aside, self._named = words, aside, named

    def __call__(self, store: Store) -> None:
        for number in range(1, 8):
            unit = store.find_unit(code_of(number))
            if unit is None:
                continue
            cells.write(store, unit, "2024", "revenue", 5_000)
            status = self._aside.get(number, "due")
            statuses.decide(store, [unit], P, status, self._words if status != "due" else "")
        for number in self._named:
            store.insert_unit(code_of(number), f"演示{number}")
        for finding in list(Review(store, P).findings(not_evaluated=False)):
            if finding.check == "F02":
                unit = store.find_unit(finding.unit)
                assert unit is not None
                explanations.explain(store, unit, finding, f"{self._words}说明：与上年口径不同")


def answers(store: Store) -> list[tuple[object, ...]]:
    """Everything that counts in a file: units, whose they are, their answers, explanations and statuses."""
    found: list[tuple[object, ...]] = store.execute(
        "SELECT u.uscc, u.name, u.sender, u.district, r.period, r.status, r.reason FROM unit u LEFT JOIN response r"
        " ON r.unit = u.id WHERE u.kind = 'unit' ORDER BY 1, 5"
    ).fetchall()
    found += store.execute(
        "SELECT u.uscc, e.check_code, e.text, e.facts FROM explanation e JOIN response r ON r.id = e.response"
        " JOIN unit u ON u.id = r.unit WHERE u.kind = 'unit' ORDER BY 1, 2"
    ).fetchall()
    for form in store.scheme.forms:
        items = ", ".join(f'f."{item.name}"' for item in form.items)
        found += store.execute(
            f"SELECT u.uscc, r.period, {items} FROM {form.table} f JOIN response r ON r.id = f.response"
            " JOIN unit u ON u.id = r.unit WHERE u.kind = 'unit' ORDER BY 1, 2"
        ).fetchall()
    return found


def visible(store: Store) -> tuple[object, ...]:
    """What a person sees of a merge: the answers, who claims what, which returns stand."""
    contested = [
        (one.uscc, one.counted, [(side.sender, side.answers) for side in one.claims]) for one in claims.listed(store, P)
    ]
    return answers(store), contested, {code: one.sequence for code, one in standing(store, P).items()}


def merged(path: Path, scheme: Scheme, files: Sequence[Path]) -> Store:
    path.unlink(missing_ok=True)
    city = stores.create(path, scheme, P, None)
    assert all(report.accepted for report in merge(city, files))
    return city


def undoes(city: Store, merge_id: int) -> bool:
    """Whether a return can be undone at once; it is, then."""
    try:
        merging.undo(city, merge_id)
    except SurveyError as error:
        if error.code != "return_later":
            raise
        return False
    return True


ALL = [(code, at) for code, history in HISTORY.items() for at in range(len(history))]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ALL))
def test_any_order_of_the_same_returns_gives_the_same_file(
    order: list[tuple[str, int]], sent: dict[str, list[Path]], tmp_path: Path, small: Scheme
) -> None:
    in_order = merged(tmp_path / "a.census", small, [sent[code][at] for code, at in ALL])
    other = merged(tmp_path / "b.census", small, [sent[code][at] for code, at in order])
    assert visible(other) == visible(in_order)
    in_order.close()
    other.close()


def test_what_came_beside_the_answers_is_in_the_file_as_the_returns_that_stand_have_it(
    sent: dict[str, list[Path]], city: Store
) -> None:
    merge(city, [sent[code][at] for code, at in ALL])
    said = dict(
        city.execute(
            "SELECT u.uscc, e.text FROM explanation e JOIN response r ON r.id = e.response JOIN unit u ON u.id = r.unit"
        ).fetchall()
    )
    assert said[code_of(1)] == f"{A} 第2次说明：与上年口径不同"
    assert said[code_of(2)] == f"{B} 第1次说明：与上年口径不同"
    states = {row.uscc: (row.status, row.district) for row in city.unit_list(P)}
    assert states[code_of(6)] == ("refused", B)
    assert states[code_of(7)] == ("deregistered", C)
    assert states[code_of(9)] == ("due", B)
    assert code_of(8) not in states


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ALL), undone=st.sampled_from([A, B, C]))
def test_undoing_a_return_gives_the_file_without_it(
    order: list[tuple[str, int]], undone: str, sent: dict[str, list[Path]], tmp_path: Path, small: Scheme
) -> None:
    # Each sender's returns come as they were written; between the senders any order will do.
    at = dict.fromkeys(HISTORY, -1)
    files = []
    for code, _ in order:
        at[code] += 1
        files.append(sent[code][at[code]])
    city = merged(tmp_path / "a.census", small, files)
    last = standing(city, P)[undone]
    rest = [path for path in files if path != sent[undone][-1]]
    if not undoes(city, last.id):
        # What came later and touches the same units is undone first, and comes again.
        for one in listed(city, P):
            if one.id > last.id and one.sender != undone:
                merging.undo(city, one.id)
        merging.undo(city, last.id)
        merge(city, [path for path in files[files.index(sent[undone][-1]) :] if path != sent[undone][-1]])
    other = merged(tmp_path / "b.census", small, rest)
    assert visible(city) == visible(other)
    city.close()
    other.close()


# By field


def test_what_only_one_side_changed_is_taken_and_what_both_changed_waits(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10, 2: 20, 3: 30}))
    written(city, 1, 11)
    written(city, 2, 21)
    written(city, 1, 7, "employees")
    report = only(city, sender.says({1: 10, 2: 22, 3: 33}))
    assert [value(city, number) for number in (1, 2, 3)] == [11, 21, 33]
    assert value(city, 1, "employees") == 7
    [conflict] = report.conflicts
    assert (conflict.uscc, conflict.base, conflict.kept, conflict.offered) == (code_of(2), 20, 21, 22)
    assert [(one.kind, one.changes, one.conflicts) for one in report.units] == [
        ("identical", 0, 0), ("conflict", 0, 1), ("changed", 1, 0),
    ]  # fmt: skip


def test_a_conflict_is_told_once_and_again_only_when_the_sender_says_something_else(
    sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    only(city, sender.says({1: 12}))
    assert only(city, sender.says({1: 12}, employees=3)).conflicts == []
    [waiting] = conflicts.listed(city)
    assert (waiting.kept, waiting.offered, waiting.sender) == (11, 12, B)
    only(city, sender.says({1: 13}))
    assert [(one.kept, one.offered) for one in conflicts.listed(city)] == [(11, 13)]


def test_when_both_come_to_say_the_same_the_sender_leads_again(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    assert only(city, sender.says({1: 11})).conflicts == []
    assert only(city, sender.says({1: 10})).conflicts == []
    assert value(city, 1) == 10


@pytest.mark.parametrize(("choice", "expected"), [("district", 12), ("city", 11), ("value", 99)])
def test_a_conflict_is_decided_and_the_decision_taken_back(
    sender: Sender, city: Store, choice: conflicts.Choice, expected: int
) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    only(city, sender.says({1: 12}))
    [waiting] = conflicts.listed(city)
    writer = conflicts.writer(city, waiting)
    assert writer is not None
    assert (writer.who, writer.reason) == ("市", "与企业核实")
    assert conflicts.settle(city, [waiting.id], choice, value=99, who="市", reason="已电话核对") == 1
    assert value(city, 1) == expected
    assert conflicts.listed(city) == []
    assert city.counts(P)["submitted"] == 1
    [settled] = conflicts.listed(city, settled=True)
    assert (settled.state, settled.value, settled.reason) == (choice, expected, "已电话核对")
    assert conflicts.reopen(city, [settled.id]) == 1
    assert value(city, 1) == 11
    assert len(conflicts.listed(city)) == 1


def test_after_a_decision_for_the_sender_its_next_word_is_taken(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    only(city, sender.says({1: 12}))
    conflicts.settle(city, [one.id for one in conflicts.listed(city)], "district")
    assert only(city, sender.says({1: 13})).conflicts == []
    assert value(city, 1) == 13


def test_what_was_written_after_a_decision_is_not_taken_back_with_it(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10}))
    written(city, 1, 11)
    only(city, sender.says({1: 12}))
    conflicts.settle(city, [one.id for one in conflicts.listed(city)], "district")
    written(city, 1, 50)
    conflicts.reopen(city, [one.id for one in conflicts.listed(city, settled=True)])
    assert value(city, 1) == 50


# Accepting a part, refusing, undoing


def test_units_that_are_left_out_stay_as_they_are_and_can_be_taken_later(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    later = sender.says({1: 11, 2: 21, 3: 31})
    report = only(city, later, left_out={later: [code_of(2), code_of(3)]})
    assert (report.changed, report.new, report.left_out) == (1, 0, 2)
    assert (value(city, 1), value(city, 2)) == (11, 20)
    assert city.find_unit(code_of(3)) is None
    report = only(city, later)
    assert (report.changed, report.new, report.identical) == (1, 1, 1)
    assert value(city, 2) == 21


def test_a_unit_that_is_no_longer_returned_counts_no_more_and_comes_back_with_what_was_written(
    sender: Sender, city: Store
) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    written(city, 2, 21)
    report = only(city, sender.says({1: 10}))
    assert report.withdrawn == 1
    assert [row.uscc for row in city.unit_list(P)] == [code_of(1)]
    merging.undo(city, standing(city, P)[B].id)
    assert [row.uscc for row in city.unit_list(P)] == [code_of(1), code_of(2)]
    assert value(city, 2) == 21


def test_undoing_a_return_keeps_what_was_written_since_and_says_so(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10, 2: 20}))
    only(city, sender.says({1: 11, 2: 21, 3: 31}))
    written(city, 1, 99)
    before = answers(city)
    tried = merging.undo(city, standing(city, P)[B].id, dry_run=True)
    assert answers(city) == before
    report = merging.undo(city, standing(city, P)[B].id)
    assert [(one.uscc, one.item, one.imported, one.now) for one in report.kept] == [(code_of(1), "revenue", 11, 99)]
    assert [one.uscc for one in tried.kept] == [code_of(1)]
    assert (value(city, 1), value(city, 2)) == (99, 20)
    assert [row.uscc for row in city.unit_list(P)] == [code_of(1), code_of(2)]
    assert [(one.sequence, one.state) for one in listed(city, P)] == [(2, "undone"), (1, "accepted")]


def test_a_return_is_undone_from_the_latest_and_once(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10}))
    only(city, sender.says({1: 11}))
    latest, first = listed(city, P)
    with pytest.raises(SurveyError, match="return_later"):
        merging.undo(city, first.id)
    merging.undo(city, latest.id)
    with pytest.raises(SurveyError, match="return_undone"):
        merging.undo(city, latest.id)
    merging.undo(city, first.id)
    assert city.unit_list(P) == []
    with pytest.raises(SurveyError, match="no_return"):
        merging.undo(city, 99)


def test_what_was_sent_back_is_sent_back_again_when_the_next_return_is_undone(sender: Sender, city: Store) -> None:
    only(city, sender.says({1: 10}))
    unit = city.find_unit(code_of(1))
    assert unit is not None
    statuses.decide(city, [unit], P, "returned", "主营收入请核实")
    only(city, sender.says({1: 11}))
    assert city.counts(P)["submitted"] == 1
    merging.undo(city, standing(city, P)[B].id)
    assert city.counts(P)["returned"] == 1


def test_a_return_is_rejected_with_a_reason_and_may_be_taken_after_all(sender: Sender, city: Store) -> None:
    path = sender.says({1: 10})
    with pytest.raises(SurveyError, match="reason_missing"):
        merging.reject(city, path, " ")
    merging.reject(city, path, "封面未签字", who="市")
    [one] = listed(city, P)
    assert (one.state, one.reason, one.path, one.sender) == ("rejected", "封面未签字", str(path.resolve()), B)
    assert city.unit_list(P) == []
    assert only(city, path).new == 1


def test_two_returns_of_one_number_that_differ_are_not_both_taken(
    sender: Sender, city: Store, tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    only(city, sender.says({1: 10}))
    twin = Sender(tmp_path / "twin", small, B, texts)
    [report] = merge(city, [twin.says({1: 77})])
    assert report.error is not None
    assert report.error.code == "same_sequence"
    assert value(city, 1) == 10
    twin.store.close()


def test_a_return_that_does_not_follow_on_the_one_that_stands_is_told(sender: Sender, city: Store) -> None:
    assert not only(city, sender.says({1: 10})).gap
    sender.says({1: 11})
    assert only(city, sender.says({1: 12})).gap


# Several senders


def test_who_is_counted_is_decided_and_the_decision_taken_back(sent: dict[str, list[Path]], city: Store) -> None:
    merge(city, [sent[A][0], sent[B][0], sent[C][0]])
    [contested] = claims.listed(city, P)
    assert (contested.uscc, contested.counted, contested.decided) == (code_of(3), A, False)
    assert [(one.sender, one.answers[P, "revenue"]) for one in contested.claims] == [(A, 30), (B, 300), (C, 3000)]
    claims.settle(city, [code_of(3)], C, P, who="市", reason="注册地在大鹏")
    assert value(city, 3) == 3000
    # The next return of the one who is not counted changes nothing but what it claims.
    report = only(city, sent[B][1])
    assert [(one.uscc, one.counted) for one in report.contests] == [(code_of(2), A), (code_of(3), C)]
    assert value(city, 3) == 3000
    claims.reopen(city, [code_of(3)], P)
    assert value(city, 3) == 30
    with pytest.raises(SurveyError, match="no_claim"):
        claims.settle(city, [code_of(1)], C, P)


def test_what_the_city_wrote_of_a_contested_unit_survives_the_decision(
    sent: dict[str, list[Path]], city: Store
) -> None:
    merge(city, [sent[A][0], sent[B][0]])
    written(city, 3, 31)
    written(city, 3, 5, "employees")
    claims.settle(city, [code_of(3)], B, P)
    assert (value(city, 3), value(city, 3, "employees")) == (31, 5)
    assert [(one.kept, one.offered, one.sender) for one in conflicts.listed(city)] == [(31, 300, B)]


def test_a_unit_that_moved_is_whose_return_has_it_now(sent: dict[str, list[Path]], city: Store) -> None:
    merge(city, [sent[C][0], sent[A][0]])
    merge(city, [sent[C][1]])
    assert claims.listed(city, P) == []
    assert value(city, 3) == 30


# Going wrong


def test_a_merge_that_is_cancelled_leaves_the_file_as_it_was(sent: dict[str, list[Path]], city: Store) -> None:
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int, _label: str) -> None:
        told.append((done, total))
        if done > total // 2:
            raise Cancelled

    before = answers(city)
    with pytest.raises(Cancelled):
        merge(city, [sent[A][0], sent[B][0], sent[C][0]], progress=stop)
    assert answers(city) == before == []
    assert listed(city, P) == []
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_progress_ends_at_its_end(sent: dict[str, list[Path]], city: Store) -> None:
    told: list[tuple[int, int]] = []
    merge(city, [sent[A][0], sent[B][0]], progress=lambda done, total, _: told.append((done, total)))
    assert told[-1][0] == told[-1][1]


def test_a_merge_that_is_killed_leaves_the_file_as_it_was_or_done(
    sent: dict[str, list[Path]], tmp_path: Path, small: Scheme
) -> None:
    path, files = tmp_path / "city.census", [sent[A][0], sent[B][0], sent[C][0]]
    stores.create(path, small, P, None).close()
    done = merged(tmp_path / "done.census", small, files)
    dice = random.Random(3)
    outcomes = set()
    for _ in range(KILLED):
        runner = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "merge_runner.py"), str(path), *map(str, files)],
            stdout=subprocess.PIPE,
        )
        assert runner.stdout
        runner.stdout.readline()
        time.sleep(dice.uniform(0.2, 1.2))
        runner.kill()
        runner.wait()
        runner.stdout.close()
        city = stores.open(path)
        assert city.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        outcomes.add(len(city.unit_list(P)))
        assert visible(city) in (([], [], {}), visible(done))
        city.close()
    assert outcomes <= {0, len(done.unit_list(P))}
    done.close()


# Levels


def test_officers_return_to_their_district_it_to_the_city_and_that_to_the_province(
    tmp_path: Path, small: Scheme, texts: Texts
) -> None:
    officers = [Sender(tmp_path, small, B, texts, part) for part in ("东片", "西片")]
    district = Sender(tmp_path, small, B, texts)
    city = stores.create(tmp_path / "city.census", small, P, None, part="某市")
    province = stores.create(tmp_path / "province.census", small, P, None, level="province")
    first = [officers[0].says({1: 10, 2: 20}), officers[1].says({3: 30, 2: 21})]
    reports = merge(district.store, first)
    assert [report.district for report in reports] == ["东片", "西片"]
    assert {row.district for row in district.store.unit_list(P)} == {B}
    assert district.store.counts(P) == {"units": 3, "due": 0, "in_progress": 3}
    assert [one.uscc for one in claims.listed(district.store, P)] == [code_of(2)]
    claims.settle(district.store, [code_of(2)], "西片", P)
    sent = returns.write(district.store, tmp_path / "b.xlsx", texts).path
    only(city, sent)
    assert [value(city, number) for number in (1, 2, 3)] == [10, 21, 30]
    up = returns.write(city, tmp_path / "city.xlsx", texts).path
    assert only(province, up).district == "某市"
    assert {(row.uscc, row.district) for row in province.unit_list(P)} == {(code_of(n), B) for n in (1, 2, 3)}
    # Each desk takes what comes from right below it.
    wrong = [(city, first[0], "not_from_district"), (province, sent, "not_from_city"),
             (district.store, sent, "not_from_officer"), (city, up, "not_from_district")]  # fmt: skip
    for desk, path, code in wrong:
        [report] = merge(desk, [path])
        assert report.error is not None
        assert report.error.code == code
    with pytest.raises(SurveyError, match="not_city"):
        merge(officers[0].store, [sent])
    # What a unit no longer has at the bottom is gone at the top.
    merge(district.store, [officers[1].says({3: 33})])
    only(city, returns.write(district.store, tmp_path / "b2.xlsx", texts).path)
    only(province, returns.write(city, tmp_path / "city2.xlsx", texts).path)
    assert (value(province, 2), value(province, 3)) == (20, 33)
    for one in (*officers, district):
        one.store.close()
    city.close()
    province.close()


def test_a_full_disk_ends_the_merge_in_plain_words(
    city: Store, sender: Sender, small: Scheme, texts: Texts, tmp_path: Path
) -> None:
    other = Sender(tmp_path / "other", small, A, texts)
    files = [sender.says(dict.fromkeys(range(1, 150), 5)), other.says(dict.fromkeys(range(200, 350), 5))]
    other.store.close()
    pages = city.execute("PRAGMA page_count").fetchone()[0]
    city.execute(f"PRAGMA max_page_count = {pages + 8}")
    with pytest.raises(SurveyError) as error:
        merge(city, files)
    assert (error.value.code, error.value.facts["path"]) == ("disk_full", city.path)
    city.execute("PRAGMA max_page_count = 1000000")
    assert city.counts("2025")["units"] == 0
    assert [one.error for one in merge(city, files)] == [None, None]
