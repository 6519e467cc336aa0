"""Code lists and check digits."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from survey import codes
from survey.codes import Code


def test_real_codes_get_the_verdict_that_was_published(data: Path) -> None:
    with (data / "uscc.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["uscc"], row["verdict"]) for row in csv.DictReader(file)]
    for code, verdict in rows:
        valid, organisation = codes.valid_uscc(code), codes.valid_orgcode(code)
        assert valid == (verdict in ("valid", "organisation digit")), code
        if verdict in ("valid", "organisation digit"):
            assert organisation == (verdict == "valid"), code
        if verdict == "lower case":
            assert codes.valid_uscc(code.upper()), code


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9))
def test_the_check_character_agrees_with_an_independent_library(body: str) -> None:
    code = codes.uscc_with_check("91440300" + body)
    assert codes.valid_uscc(code) == uscc.is_valid(code)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert not codes.valid_uscc(wrong)
    assert not uscc.is_valid(wrong)


@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.integers(0, 17), st.sampled_from("07AXOIZ")
)
def test_the_code_behind_one_slip_is_among_the_few_it_may_have_been(body: str, at: int, letter: str) -> None:
    code = codes.uscc_with_check("91440300" + body)
    swapped = code[: at - 1] + code[at] + code[at - 1] + code[at + 1 :] if at else code
    for spoilt in (code[:at] + letter + code[at + 1 :], swapped):
        if not codes.valid_uscc(spoilt):
            found = list(codes.sound_neighbours(spoilt))
            assert code in found
            assert len(found) <= 35
            assert all(codes.valid_uscc(one) for one in found)
    assert list(codes.sound_neighbours(code[:5])) == []


def test_the_standards_own_example_is_valid() -> None:
    assert codes.valid_uscc("91350100M000100Y43")
    assert not codes.valid_uscc("91350100M000100Y4Z")


def test_a_code_is_found_by_code_label_and_other_spelling() -> None:
    entries = codes.code_list("d", [Code("440305", "南山区", "Nanshan", ("南山",))])
    for text in ("440305", "南山区", " 南山 ", "NANSHAN", "４４０３０５"):
        assert entries.find(text) == "440305", text
    assert entries.find("南") is None
    assert entries.label("440305", "en") == "Nanshan"
    assert entries.label("999") == "999"


def test_a_code_before_its_own_label_is_that_code() -> None:
    entries = codes.code_list("i", [Code("3973", "集成电路制造", "Making chips"), Code("6520", "集成电路设计")])
    for text in ("3973 集成电路制造", "3973  集成电路制造 ", "3973 Making chips"):
        assert entries.find(text) == "3973", text
    for text in ("3973 集成电路设计", "3974 集成电路制造", "3973 "):
        assert entries.find(text) == (None if text.strip() != "3973" else "3973"), text


def test_a_label_that_two_codes_share_is_chosen_by_code() -> None:
    entries = codes.code_list("i", [Code("1", "其他"), Code("2", "其他"), Code("3", "无")])
    assert entries.choices() == {"1": "其他", "2": "2", "3": "无"}
