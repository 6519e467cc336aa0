"""What a scheme declares of disclosure control, and how its mistakes are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from survey import scheme as schemes
from survey.errors import SchemeError
from survey.form import Disclosure
from survey.scheme import Scheme
from survey.texts import Texts, load


def declared(data: Path, table: str) -> Scheme:
    files = schemes.read_files(data / "scheme")
    files["scheme.toml"] += f"\n[disclosure]\n{table}\n"
    return schemes.read(files)


def problems(data: Path, table: str) -> list[str]:
    with pytest.raises(SchemeError) as caught:
        declared(data, table)
    return [problem.code for problem in caught.value.problems]


def test_a_scheme_that_says_nothing_has_the_usual_rules(small: Scheme, cluster: Scheme) -> None:
    assert small.disclosure == Disclosure(threshold=3, counts=3, percent=15, known=100)
    assert cluster.disclosure == small.disclosure


def test_rules_are_read_as_they_are_declared(data: Path) -> None:
    table = "threshold = 4\ncounts = 0\npercent = 0\nprior = [10, 50]\ndominance = [[1, 70], [2, 85]]\nnegative = 3.5"
    wanted = Disclosure(4, 0, 0, (10, 50), ((1, 70.0), (2, 85.0)), 3.5)
    assert declared(data, table).disclosure == wanted
    assert wanted.asked == pytest.approx(100 * (100 / 70 - 1))


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("treshold = 3", "unknown_key"),
        ("threshold = 2.5", "wrong_type"),
        ("percent = true", "wrong_type"),
        ("percent = 120", "disclosure_range"),
        ("negative = 0.5", "disclosure_range"),
        ("prior = [50, 10]", "disclosure_prior"),
        ("prior = 5", "disclosure_prior"),
        ("dominance = [[1, 100]]", "disclosure_dominance"),
        ("dominance = [[1.5, 70]]", "disclosure_dominance"),
        ("threshold = 1\npercent = 0", "disclosure_none"),
        ("percent = 0\ndominance = [[1, 70]]", "disclosure_alone"),
        ("known = 15", "disclosure_known"),
        ("known = 60\ndominance = [[2, 60]]", "disclosure_known"),
    ],
)
def test_a_mistake_is_told_with_its_line(data: Path, assets: Path, table: str, code: str) -> None:
    assert problems(data, table) == [code]
    with pytest.raises(SchemeError) as caught:
        declared(data, table)
    [problem] = caught.value.problems
    for lang in ("zh", "en"):
        text: Texts = load(assets / "i18n", lang)
        assert re.fullmatch(r"scheme\.toml:\d+  .+", problem.text(text))
