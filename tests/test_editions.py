"""Editions: what went out can be computed again, and what was revised since is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import code_of

from desktop.cli import main
from indicators import definition, edition, protection
from indicators.catalogue import Catalogue
from indicators.computation import Computation
from survey import cells
from survey import store as stores
from survey.errors import SurveyError
from survey.scheme import Scheme
from survey.store import Store

PROGRAM = "0.1.0"


@pytest.fixture
def catalogue(cluster: Scheme) -> Catalogue:
    return definition.load(cluster)


@pytest.fixture
def city(tmp_path: Path, cluster: Scheme) -> Iterator[Store]:
    store = stores.create(tmp_path / "c.census", cluster, "2025", None)
    for number, revenue in enumerate((10_000_001, 5_000_000)):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        answers = {"district": "440305", "segment": "design", "revenue": revenue}
        for name, value in answers.items():
            cells.write(store, unit, "2025", name, value)
    yield store
    store.close()


def test_an_edition_is_reproduced_and_tells_what_was_revised_since(city: Store, catalogue: Catalogue) -> None:
    kept = edition.freeze(Computation(city, catalogue), "working", PROGRAM, who="市", note="初步数")
    assert (kept.kind, kept.note, kept.figures["G1-05", "", ""]) == ("working", "初步数", 1)
    assert edition.verify(Computation(city, catalogue), kept, PROGRAM).reproduced
    (unit,) = city.find_units([code_of(1)])
    cells.write(city, unit, "2025", "revenue", 10_000_001)
    found = edition.verify(Computation(city, catalogue), kept, "0.2.0")
    assert (found.data, found.scheme, found.program, found.reproduced) == (False, True, False, False)
    revised = {(one.id, one.by): (one.before, one.now) for one in found.revised}
    assert revised["G1-05", ""] == (1, 2)
    assert ("G1-09", "") not in revised
    cells.write(city, unit, "2025", "revenue", 5_000_000)
    assert edition.verify(Computation(city, catalogue), kept, PROGRAM).reproduced


def test_the_digest_does_not_know_in_which_order_answers_came(
    tmp_path: Path, cluster: Scheme, city: Store, catalogue: Catalogue
) -> None:
    other = stores.create(tmp_path / "other.census", cluster, "2025", None)
    for number, revenue in ((1, 5_000_000), (0, 10_000_001)):
        unit = cells.add_unit(other, code_of(number), f"演示数据{number}", "2025")
        for name, value in {"revenue": revenue, "segment": "design", "district": "440305"}.items():
            cells.write(other, unit, "2025", name, value)
    assert edition.digest_of(other, catalogue) == edition.digest_of(city, catalogue)
    (unit,) = other.find_units([code_of(1)])
    cells.write(other, unit, "2025", "revenue", 5_000_001)
    assert edition.digest_of(other, catalogue) != edition.digest_of(city, catalogue)
    other.close()


def test_an_empty_period_has_no_edition(tmp_path: Path, cluster: Scheme, catalogue: Catalogue) -> None:
    store = stores.create(tmp_path / "e.census", cluster, "2025", None)
    with pytest.raises(SurveyError, match="nothing_computed"):
        edition.freeze(Computation(store, catalogue), "working", PROGRAM)
    with pytest.raises(SurveyError, match="no_edition"):
        edition.edition(store, 1)
    store.close()


def test_the_command_line_freezes_lists_and_verifies(city: Store) -> None:
    path = str(city.path)
    kept = CliRunner().invoke(main, ["editions", path, "--freeze", "working", "--note", "初步数", "--who", "市"])
    assert (kept.exit_code, "工作版" in kept.output, "初步数" in kept.output) == (0, True, True)
    assert CliRunner().invoke(main, ["editions", path, "--verify", "1"]).exit_code == 0
    (unit,) = city.find_units([code_of(1)])
    cells.write(city, unit, "2025", "revenue", 20_000_000)
    changed = CliRunner().invoke(main, ["editions", path, "--verify", "1"])
    assert changed.exit_code == 1
    assert "G1-05    营收超 100 亿元的设计企业数  1 → 2" in changed.output
    assert CliRunner().invoke(main, ["editions", path, "--verify", "9"]).exit_code == 2


@pytest.fixture
def wide(tmp_path: Path, cluster: Scheme) -> Iterator[Store]:
    """Three districts by segment, where one segment has a single unit."""
    store = stores.create(tmp_path / "w.census", cluster, "2025", None)
    units = [("design", 400_000 + at) for at in range(6)] + [("packaging", 300_000 + at) for at in range(5)]
    units += [("materials", 90_000 + at) for at in range(4)] + [("eda", 7_000_000)]
    for number, (segment, revenue) in enumerate(units):
        unit = cells.add_unit(store, code_of(number), f"演示数据{number}", "2025")
        for name, value in {"district": "440305", "segment": segment, "revenue": revenue}.items():
            cells.write(store, unit, "2025", name, value)
    yield store
    store.close()


def test_a_public_edition_withholds_a_single_unit_and_what_gives_it_away(wide: Store, catalogue: Catalogue) -> None:
    wanted = [("G1-01", ""), ("G1-01", "segment"), ("G1-08", "segment"), ("C-01.1", "")]
    found = protection.protect(Computation(wide, catalogue), "2025", wanted)
    assert found.publishable
    status = found.statuses
    assert status["G1-01", "segment", "eda"] == status["G1-08", "segment", "eda"] == "primary"
    assert found.withheld["G1-01", "segment", "eda"].reason.rule == "threshold"
    others = {status["G1-01", "segment", code] for code in ("design", "packaging", "materials")}
    # Were the total and all other segments published, the single unit would be their difference.
    whole = status["G1-01", "", ""]
    assert whole != "published" or "complementary" in others
    assert status["C-01.1", "", ""] == "primary"


def test_what_is_withheld_of_one_figure_is_withheld_wherever_it_stands(wide: Store, catalogue: Catalogue) -> None:
    (unit,) = wide.find_units([code_of(0)])
    cells.write(wide, unit, "2025", "backbone", 1)
    # The backbone's revenue and the revenue of all designers but it differ by a single unit.
    found = protection.protect(Computation(wide, catalogue), "2025", [("G1-01", "segment"), ("G2-01", "")])
    assert found.publishable
    assert all(found.statuses[key] != "published" for key in found.statuses if key[2] == "eda")


def test_a_public_edition_is_kept_only_as_far_as_it_may_be_published(wide: Store, catalogue: Catalogue) -> None:
    computation = Computation(wide, catalogue)
    every = edition.freeze(computation, "working", PROGRAM)
    public = edition.freeze(computation, "public", PROGRAM)
    assert ("G1-08", "segment", "eda") in every.figures
    assert ("G1-08", "segment", "eda") not in public.figures
    assert edition.verify(Computation(wide, catalogue), public, PROGRAM).reproduced


def test_the_command_line_tells_what_is_withheld_and_why(wide: Store) -> None:
    told = CliRunner().invoke(main, ["editions", str(wide.path), "--withheld"])
    assert told.exit_code == 0
    assert "[EDA]" in told.output
    assert "核验通过" in told.output
