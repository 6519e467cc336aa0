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
