"""How well look-alikes are found: against invented enterprises with known duplicates, and against real names.

The bounds are what is reached with some room; they are measured on seeds the weights were not set with.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from alike_units import PLACES, Firm, Maker, known

from survey import lookalikes
from survey.agreement import BRANCH, Commonness, Known, Pair, compare
from survey.blocking import Blocks
from survey.codes import valid_uscc
from survey.firmname import parse
from survey.screening import Screen

SEEDS = (101, 202, 303)
FIRMS = 3000


class Measured:
    """What is found among firms of which it is known which are one."""

    def __init__(self, seed: int) -> None:
        self.firms = Maker(seed).labelled(FIRMS)
        self.units = known(self.firms)
        self.common = Commonness.of(self.units)
        self.places = [(one, other) for one, other in lookalikes.candidates(self.units).tolist()]
        found = {place: compare(*(self.units[at] for at in place), self.common) for place in self.places}
        self.found: dict[tuple[int, int], Pair] = {place: pair for place, pair in found.items() if pair}
        self.truth = set(_doubles(self.firms))

    def rates(self, *bands: str) -> tuple[float, float]:
        """Precision and recall of some bands; proposed ties are no claim that two units are one."""
        told = {place for place, pair in self.found.items() if pair.band in bands and not pair.relation}
        right = len(told & self.truth)
        return right / len(told), right / len(self.truth)


def _doubles(firms: list[Firm]) -> Iterator[tuple[int, int]]:
    first: dict[int, int] = {}
    for at, firm in enumerate(firms):
        if firm.entity in first:
            yield first[firm.entity], at
        first[firm.entity] = at


@pytest.fixture(scope="module", params=SEEDS)
def measured(request: pytest.FixtureRequest) -> Measured:
    return Measured(request.param)


@pytest.mark.parametrize(
    ("bands", "precision", "recall"),
    [(("sure",), 0.998, 0.80), (("sure", "likely"), 0.99, 0.91), (("sure", "likely", "possible"), 0.95, 0.94)],
)
def test_what_is_called_sure_is_one_unit_and_little_is_missed(
    measured: Measured, bands: tuple[str, ...], precision: float, recall: float
) -> None:
    reached = measured.rates(*bands)
    print(f"\n{'+'.join(bands)}: precision {reached[0]:.4f}, recall {reached[1]:.4f}")
    assert reached[0] >= precision
    assert reached[1] >= recall


def test_nearly_all_duplicates_come_to_be_compared(measured: Measured) -> None:
    assert len(measured.truth & set(measured.places)) >= 0.985 * len(measured.truth)


def test_no_sister_branch_or_numbered_works_is_surely_a_duplicate(measured: Measured) -> None:
    wrong = [pair for place, pair in measured.found.items() if place not in measured.truth and not pair.relation]
    assert {pair.band for pair in wrong} <= {"likely", "possible"}
    assert wrong


def test_what_is_set_aside_early_would_not_have_been_shown(measured: Measured) -> None:
    """The bound that spares comparing most pairs one by one is a bound."""
    units = measured.units[:2000]
    blocks = Blocks()
    for at, unit in enumerate(units):
        blocks.add(at, lookalikes._keys(unit))
    pairs = blocks.pairs()
    passed = {(one, other) for one, other in Screen(units).passed(pairs).tolist()}
    assert 0 < len(passed) < len(pairs)
    for one, other in pairs.tolist():
        pair = compare(units[one], units[other], measured.common)
        # Branches and children of known parents come by another way.
        if pair and pair.relation not in (BRANCH, "child_of"):
            assert (one, other) in passed, pair


# Real names


def entry(number: int, uscc: str, name: str) -> Known:
    return Known(number, uscc, parse(name, PLACES), "", sound=valid_uscc(uscc))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_real_enterprises_with_names_alike_are_told_apart(data: Path) -> None:
    pairs = rows(data / "names_apart.csv")
    assert len(pairs) == 613
    for row in pairs:
        units = [entry(0, row["uscc_a"], row["name_a"]), entry(1, row["uscc_b"], row["name_b"])]
        found = compare(*units, Commonness.of(units))
        if row["relation"] == "branch":
            assert found is not None, row
            assert found.relation == BRANCH, row
        else:
            assert found is None, row


def test_real_enterprises_that_were_renamed_are_seen_behind_a_slip_in_their_code(data: Path) -> None:
    pairs = rows(data / "names_renamed.csv")
    bands = []
    for row in pairs:
        digit = "1" if row["uscc"][10] != "1" else "2"
        slipped = f"{row['uscc'][:10]}{digit}{row['uscc'][11:]}"
        units = [entry(0, row["uscc"], row["before"]), entry(1, slipped, row["after"])]
        places = lookalikes.candidates(units)
        assert np.array_equal(places, [[0, 1]]), row
        found = compare(*units, Commonness.of(units))
        assert found is not None, row
        assert not found.relation
        bands.append(found.band)
    assert (bands.count("sure"), bands.count("likely"), bands.count("possible")) == (13, 2, 2)
