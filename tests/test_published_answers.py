"""What others have published of rules and records: the same verdicts come out here."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from small_schemes import scheme_of

from survey.checks import compile_checks
from survey.formulas import Answers
from survey.scheme import Scheme

NUMBER = 'type = "decimal"'
WORD = 'type = "text", length = 20'


@pytest.fixture(scope="module")
def published(data: Path) -> Path:
    return data / "published"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def value(text: str, keys: str) -> float | str | None:
    return None if text in ("", "NA") else float(text) if keys == NUMBER else text


def verdicts(scheme: Scheme, values: dict[str, float | str | None]) -> list[bool | None]:
    return [one.closure(values) for one in compile_checks(scheme, "2025").compiled]


def verdict(scheme: Scheme, values: dict[str, float | str | None], lines: list[dict[str, float | str | None]]) -> str:
    """What comes out of one unit and its lines, in the words of the examples."""
    answers = Answers(values, {"L": dict(enumerate(lines, 1))})  # type: ignore[arg-type]
    found = {one.verdict for one in compile_checks(scheme, "2025").record(answers, Answers(), {})}
    return "invalid" if "fail" in found else "undecided" if found else "valid"


def test_the_retailers_satisfy_violate_and_leave_open_what_was_published(published: Path) -> None:
    items = dict.fromkeys(("staff", "turnover", "other_rev", "total_rev"), NUMBER)
    rules = ["staff >= 0", "other_rev >= 0", "turnover >= 0", "other_rev + turnover = total_rev"]
    scheme = scheme_of(items, rules)
    records = [{name: value(row[name], NUMBER) for name in items} for row in rows(published / "retailers.csv")]
    counts = Counter(one for record in records for one in verdicts(scheme, record))
    assert counts == {True: 152, False: 5, None: 83}


def test_hours_worked_are_between_1_and_80(published: Path) -> None:
    scheme = scheme_of({"hours_worked": NUMBER}, ["1 <= hours_worked <= #80"])
    for row in rows(published / "rule_01.csv"):
        assert verdict(scheme, {"hours_worked": value(row["hours_worked"], NUMBER)}, []) == row["expected"]


@pytest.mark.parametrize("answer", ["valid", "invalid", "invalid_with_missings"])
def test_one_category_in_ten_at_most_is_high_blanks_passed_over(published: Path, answer: str) -> None:
    scheme = scheme_of({"n": NUMBER}, ["lines(level = 'high') <= 0.1 * lines(filled(level))"], {"level": WORD})
    lines = [{"level": value(row["level"], WORD)} for row in rows(published / f"rule_03_{answer}.csv")]
    assert verdict(scheme, {}, lines) == answer.partition("_")[0]


@pytest.mark.parametrize("answer", ["valid", "invalid", "undecided"])
def test_everybody_is_between_0_and_113_years_old(published: Path, answer: str) -> None:
    scheme = scheme_of({"age": NUMBER}, ["0 <= age <= #113"])
    people = [row["age"] for row in rows(published / f"rule_09_{answer}.csv")]
    found = {verdict(scheme, {"age": value(age, NUMBER)}, []) for age in people}
    assert answer in found
    assert found <= {"valid", answer}


@pytest.mark.parametrize("answer", ["valid1", "valid2", "invalid1", "invalid2"])
def test_exactly_one_line_is_that_of_a_large_business(published: Path, answer: str) -> None:
    items = {"business_id": NUMBER, "turnover": NUMBER}
    scheme = scheme_of({"n": NUMBER}, ["lines(business_id = #100 and turnover > 1000000) = 1"], items)
    lines = [{name: value(row[name], keys) for name, keys in items.items()}
             for row in rows(published / f"rule_11_{answer}.csv")]  # fmt: skip
    assert verdict(scheme, {}, lines) == answer[:-1]


def test_a_household_has_as_many_members_as_there_are_persons(published: Path) -> None:
    scheme = scheme_of({"members": NUMBER}, ["members = lines(filled(person_id))"], {"person_id": WORD})
    persons = rows(published / "rule_17persons.csv")
    for row in rows(published / "rule_17households.csv"):
        own = [{"person_id": one["person_id"]} for one in persons if one["household_id"] == row["household_id"]]
        assert verdict(scheme, {"members": value(row["members"], NUMBER)}, own) == row["expected"]  # type: ignore[arg-type]
