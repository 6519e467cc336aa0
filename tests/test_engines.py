"""The engines: the same definitions give the same figures, whoever computes them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import code_of

from desktop import paths, sample
from desktop.cli import main
from indicators import definition, parquet
from indicators.computation import Computation, IndicatorValue
from indicators.duck import DuckEngine
from indicators.engine import Engine
from indicators.engines import engine_of
from survey import cells, encryption, keyring
from survey import store as stores
from survey.errors import SurveyError
from survey.files import UNTOLD
from survey.scheme import Scheme
from survey.store import Store

SEED = 5
# What summing in another order may cost.
NEAR = 5e-14


@pytest.fixture(scope="module")
def city(cluster: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A city's file with synthetic units of all districts, two years, all forms."""
    wanted = sample.parameters(paths.sample_parameters("ic-cluster"))
    store = stores.create(tmp_path_factory.mktemp("engines") / "city.census", cluster, "2025", None)
    sample.fill(store, sample.generate(wanted, list(cluster.districts.codes), 80, SEED), wanted, SEED)
    sample.fill_city(store, wanted, SEED)
    yield store
    store.close()


# One of each kind: by units and lines, by cases of units and of lines, by lines of units and of districts.
DIMENSIONS = ("district", "size", "material", "product_segment", "wafer_class", "purchase_category", "platform_status")


def everything(
    computation: Computation, dimensions: Sequence[str] = DIMENSIONS
) -> Mapping[tuple[str, str, str | None], IndicatorValue]:
    values = [*computation.figures("2025"), *computation.breakdowns("2025", dimensions)]
    return {(one.id, one.dimensions, one.by): one for one in values}


def alike(one: IndicatorValue, other: IndicatorValue) -> bool:
    if (one.units_used, one.units_due, one.status) != (other.units_used, other.units_due, other.status):
        return False
    if one.value is None or other.value is None:
        return one.value is other.value
    return isclose(one.value, other.value, rel_tol=NEAR, abs_tol=NEAR)


def test_duckdb_and_sqlite_agree_on_every_figure(city: Store, cluster: Scheme) -> None:
    catalogue = definition.load(cluster)
    own = everything(Computation(city, catalogue))
    with engine_of(city, "duckdb") as duck:
        other = everything(Computation(city, catalogue, engine=duck))
    assert own.keys() == other.keys()
    assert [key for key in own if not alike(own[key], other[key])] == []
    assert sum(one.value is not None for one in own.values()) > len(own) / 2


def test_groups_out_of_one_pass_are_those_of_a_pass_each(city: Store, cluster: Scheme) -> None:
    catalogue = definition.load(cluster)
    together = {(one.id, one.dimensions, one.by): one for one in Computation(city, catalogue).breakdowns("2025")}
    for name in catalogue.dimensions:
        alone = [one for one in Computation(city, catalogue).figures("2025", name) if one.by is not None]
        assert [one for one in alone if not alike(one, together[one.id, name, one.by])] == []


class _Counting:
    """An engine that keeps what it is asked."""

    def __init__(self, engine: Engine, groups: int) -> None:
        self._engine = engine
        self.name, self.materialized, self.unindexed = engine.name, engine.materialized, engine.unindexed
        self.answered, self.grouping_sets, self.groups = engine.answered, engine.grouping_sets, groups
        self.asked: list[str] = []

    def prepare(self, columns: Mapping[str, Sequence[str]]) -> None:
        self._engine.prepare(columns)

    def rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        self.asked.append(sql)
        return self._engine.rows(sql)


@pytest.mark.parametrize("name", ["sqlite", "duckdb"])
def test_dimensions_are_grouped_by_in_portions_of_the_same_pass(city: Store, cluster: Scheme, name: str) -> None:
    catalogue = definition.load(cluster)
    own = everything(Computation(city, catalogue))
    with engine_of(city, name) as engine:
        portioned = _Counting(engine, groups=50)
        other = everything(Computation(city, catalogue, engine=portioned))
    assert any("GROUPING SETS" in sql for sql in portioned.asked) == (name == "duckdb")
    assert own.keys() == other.keys()
    assert [key for key in own if not alike(own[key], other[key])] == []


def test_every_breakdown_takes_few_passes(city: Store, cluster: Scheme) -> None:
    catalogue = definition.load(cluster)
    with engine_of(city) as engine:
        counting = _Counting(engine, engine.groups)
        Computation(city, catalogue, engine=counting).breakdowns("2025")
    bases = {base for one in catalogue.indicators.values() for base in one.bases}
    # What is added up, and what is ranked, and of the period before.
    assert len(counting.asked) <= 2 * len(bases)
    assert len(catalogue.dimensions) > 3 * len(bases)


def test_a_small_file_is_computed_where_it_lies(city: Store) -> None:
    with engine_of(city) as engine:
        assert engine.name == "sqlite"
    with pytest.raises(SurveyError, match="not_published"), engine_of(city, "spark"):
        pass


def test_what_is_published_has_every_table_and_is_never_written_over(
    city: Store, cluster: Scheme, tmp_path: Path
) -> None:
    folder = tmp_path / "published"
    count = parquet.publish(city.path, cluster, folder, UNTOLD)
    assert sorted(one.name for one in folder.iterdir()) == sorted(parquet.tables(cluster))
    duck = DuckEngine(city.path, cluster)
    for name in ("unit", "form_ic_05", "form_ic_09l"):
        [[there]] = duck.rows(f"SELECT count(*) FROM read_parquet('{folder}/{name}/**/*.parquet')")
        assert there == city.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    duck.close()
    assert count > 80
    with pytest.raises(SurveyError, match="exists"):
        parquet.publish(city.path, cluster, folder, UNTOLD)


@pytest.fixture(scope="module")
def encrypted(city: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same file under a passphrase."""
    city.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(shutil.copy(city.path, tmp_path_factory.mktemp("encrypted") / "city.census"))
    encryption.protect(path, "a passphrase of some length")
    store = stores.open(path)
    yield store
    store.close()
    keyring.hold(path, None)


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_an_encrypted_file_gives_the_same_figures(city: Store, encrypted: Store, cluster: Scheme, engine: str) -> None:
    catalogue = definition.load(cluster)
    own = everything(Computation(city, catalogue))
    with engine_of(encrypted, engine) as other:
        found = everything(Computation(encrypted, catalogue, engine=other))
    assert own.keys() == found.keys()
    assert [key for key in own if not alike(own[key], found[key])] == []


def test_of_an_encrypted_file_nothing_is_laid_aside_on_a_disk(encrypted: Store, city: Store, cluster: Scheme) -> None:
    for store, aside in ((encrypted, False), (city, True)):
        duck = DuckEngine(store.path, cluster)
        [[folder]] = duck.rows("SELECT current_setting('temp_directory')")
        duck.close()
        assert bool(folder) is aside


def test_an_encrypted_file_is_published_like_any(
    encrypted: Store, city: Store, cluster: Scheme, tmp_path: Path
) -> None:
    sides = {"a": encrypted, "b": city}
    counts = [parquet.publish(one.path, cluster, tmp_path / side, UNTOLD) for side, one in sides.items()]
    assert counts[0] == counts[1]
    duck = DuckEngine(city.path, cluster)
    for name in parquet.tables(cluster):
        [one], [other] = (
            duck.rows(f"SELECT list(t ORDER BY t) FROM read_parquet('{tmp_path}/{side}/{name}/**/*.parquet') t")
            for side in "ab"
        )
        assert one == other, name
    duck.close()


def test_publishing_that_is_cancelled_leaves_nothing(city: Store, cluster: Scheme, tmp_path: Path) -> None:
    def cancel(done: int, _total: int, _label: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parquet.publish(city.path, cluster, tmp_path / "published", UNTOLD, cancel)
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_chooses_the_engine_and_lists_groups(city: Store, tmp_path: Path) -> None:
    told = {}
    for engine in ("duckdb", "sqlite"):
        facts = tmp_path / f"{engine}.json"
        run = CliRunner().invoke(
            main, ["indicators", str(city.path), "--engine", engine, "--by", "district", "--json", str(facts)]
        )
        assert (run.exit_code, "[南山区]" in run.output) == (0, True)
        told[engine] = [IndicatorValue(**one) for one in json.loads(facts.read_text(encoding="utf-8"))]
    assert all(alike(one, other) for one, other in zip(told["duckdb"], told["sqlite"], strict=True))
    missing = CliRunner().invoke(main, ["indicators", str(city.path), "--engine", "spark"])
    assert missing.exit_code == 2


def test_every_group_of_every_dimension_is_listed_on_request(tmp_path: Path, small: Scheme) -> None:
    store = stores.create(tmp_path / "small.census", small, "2025", None)
    unit = cells.add_unit(store, code_of(1), "演示1", "2025")
    for name, value in {"district": "440305", "segment": "design", "revenue": 500_000}.items():
        cells.write(store, unit, "2025", name, value)
    store.close()
    told = CliRunner().invoke(main, ["indicators", str(tmp_path / "small.census"), "--everything"])
    assert (told.exit_code, "[南山区]" in told.output) == (0, True)


def test_engines_agree_on_what_last_year_was_against_the_year_before(tmp_path: Path, cluster: Scheme) -> None:
    store = stores.create(tmp_path / "years.census", cluster, "2025", None)
    unit = cells.add_unit(store, code_of(1), "演示1", "2025")
    for period, revenue in (("2025", 180), ("2024", 150), ("2023", 100)):
        cells.write(store, unit, period, "revenue", revenue)
    catalogue = definition.load(cluster)
    with engine_of(store, "duckdb") as duck:
        other = Computation(store, catalogue, engine=duck)
        assert [other.one("G1-03", period)[""] for period in ("2025", "2024")] == pytest.approx([20, 50])
    store.close()
