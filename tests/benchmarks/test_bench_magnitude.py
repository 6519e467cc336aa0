"""Wrong units of measure among real enterprises: how many are found, and how many are suspected wrongly.

REAL_FIRMS names a folder with published figures by firm and year in yuan (`*_firm_years_*.csv`) and
with the firm-years known to be in another unit (`unit_of_measure_truth.csv`); without it nothing runs.
The figures are put into a file of the scheme that is shipped, in thousand yuan.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from firm_years import PERIODS, Figures, Year, filled, thousands, times

from survey import magnitude
from survey.proposal import Proposal
from survey.scheme import Scheme
from survey.store import Store

FOLDER = os.environ.get("REAL_FIRMS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="REAL_FIRMS names no folder of real firms")


def read(pattern: str) -> Iterator[dict[str, str]]:
    for path in sorted(Path(FOLDER).glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return {(row["stock_code"], row["year"]): thousands(row) for row in read("*_firm_years_*.csv")}


@pytest.fixture(scope="module")
def truth() -> dict[Year, int]:
    known = read("unit_of_measure_truth.csv")
    return {(row["stock_code"], row["year"]): int(row["unit_factor_truth"]) for row in known}


def proposed(store: Store) -> dict[Year, Proposal]:
    """Proposals about whole records, by firm and year."""
    found = {}
    for period in PERIODS:
        for one in magnitude.detect(store, period):
            if one.extent == "record":
                found[one.uscc, period] = one
    return found


def test_published_truth_is_found(
    tmp_path: Path, cluster: Scheme, figures: Figures, truth: dict[Year, int], capsys: pytest.CaptureFixture[str]
) -> None:
    store = filled(tmp_path / "real.census", cluster, figures)
    began = perf_counter()
    found = proposed(store)
    took = perf_counter() - began
    wrong = {year: factor for year, factor in truth.items() if factor != 1}
    right = [year for year, factor in wrong.items() if year in found and round(1 / found[year].factor) == factor]
    with capsys.disabled():
        print(f"\n{len(figures)} firm-years in {took:.1f} s")
        print(f"published truth: {len(right)} of {len(wrong)} found with their factor; missed:",
              {year: wrong[year] for year in wrong if year not in right})  # fmt: skip
        print("negative controls proposed:", [year for year in found if truth.get(year) == 1])
        print(f"proposed in all: {len(found)}, sure {sum(one.sure for one in found.values())}; not in the truth:")
        for year in sorted(set(found) - set(truth)):
            one = found[year]
            print(" ", year, magnitude.factor_text(one.factor), one.evidence, one.doubts)
    assert len(right) / len(wrong) > 0.9
    assert not [year for year in found if truth.get(year) == 1]
    store.close()


@pytest.mark.parametrize("factor", [10.0, 0.1, 1000.0, 0.001, 10_000.0, 0.0001])
def test_injected_factors_are_found(
    tmp_path: Path, cluster: Scheme, figures: Figures, truth: dict[Year, int], factor: float,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    random = np.random.default_rng(20)
    years = [year for year in figures if year not in truth and len(figures[year]) > 4]
    chosen = {years[at] for at in random.choice(len(years), len(years) // 20, replace=False)}
    changed = {year: times(values, factor) if year in chosen else values for year, values in figures.items()}
    store = filled(tmp_path / "injected.census", cluster, changed)
    found = proposed(store)
    kinds: Counter[str] = Counter()
    for firm, year in chosen:
        group = "with last year" if "revenue" in figures.get((firm, str(int(year) - 1)), {}) else "alone"
        one = found.get((firm, year))
        right = one is not None and round(np.log10(one.factor)) == round(np.log10(factor))
        kinds[group] += 1
        kinds[f"{group} right"] += right
        kinds[f"{group} right and sure"] += bool(right and one and one.sure)
        kinds["other factor"] += one is not None and not right
    others = [one for year, one in found.items() if year not in chosen and year not in truth]
    with capsys.disabled():
        print(f"\nx{factor:g}:", dict(sorted(kinds.items())),
              f"untouched: {len(others)} proposed, {sum(one.sure for one in others)} sure",
              f"of {len(figures) - len(chosen)}")  # fmt: skip
    least = 0.75 if factor in (10.0, 0.1) else 0.95
    assert kinds["with last year right"] / kinds["with last year"] > least
    assert sum(one.sure for one in others) <= len(figures) / 500
    store.close()


def test_injected_signs_are_found(
    tmp_path: Path, cluster: Scheme, figures: Figures, truth: dict[Year, int], capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(21)
    years = [year for year in figures if year not in truth and figures[year].get("rd_expenditure", 0) > 0]
    chosen = {years[at] for at in random.choice(len(years), len(years) // 20, replace=False)}
    changed = {
        year: {**values, "rd_expenditure": -values["rd_expenditure"]} if year in chosen else values
        for year, values in figures.items()
    }
    store = filled(tmp_path / "signs.census", cluster, changed)
    found = [(one, period) for period in PERIODS for one in magnitude.detect(store, period) if one.extent == "sign"]
    hits = {(one.uscc, period) for one, period in found if one.cells[0].item == "rd_expenditure"}
    with capsys.disabled():
        print(f"\nsigns: {len(hits & chosen)} of {len(chosen)} found; others {len(found) - len(hits & chosen)}",
              [(one.uscc, period, one.cells[0].item, one.sure) for one, period in found
               if (one.uscc, period) not in chosen][:20])  # fmt: skip
    assert len(hits & chosen) / len(chosen) > 0.9
    store.close()
