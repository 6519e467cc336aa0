"""The engines: the same definitions give the same figures, whoever computes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import isclose
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop import paths, sample
from desktop.cli import main
from indicators import definition, parquet
from indicators.computation import Computation, IndicatorValue
from indicators.duck import DuckEngine
from indicators.engines import engine_of
from survey import store as stores
from survey.errors import SurveyError
from survey.scheme import Scheme
from survey.store import Store

SEED = 5
# What summing in another order may cost.
NEAR = 5e-14
NUMBER = re.compile(r"-?[\d,]*\d(?:\.\d+)?")


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


def everything(computation: Computation) -> Mapping[tuple[str, str, str | None], IndicatorValue]:
    values = [*computation.figures("2025"), *computation.breakdowns("2025", DIMENSIONS)]
    return {(one.id, one.dimensions, one.by): one for one in values}


def alike(one: IndicatorValue, other: IndicatorValue) -> bool:
    if (one.units_used, one.units_due, one.status) != (other.units_used, other.units_due, other.status):
        return False
    if one.value is None or other.value is None:
        return one.value is other.value
    return isclose(one.value, other.value, rel_tol=NEAR, abs_tol=NEAR)


def told_alike(one: str, other: str) -> bool:
    """Whether two lines say the same; a figure that lies on the half may have been rounded either way."""
    if NUMBER.sub("", one) != NUMBER.sub("", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(abs(Decimal(a.replace(",", "")) - Decimal(b.replace(",", ""))) <= last_digit(a) for a, b in pairs)


def last_digit(number: str) -> Decimal:
    """One unit of the last digit that is shown."""
    return Decimal(1).scaleb(-len(number.partition(".")[2]))


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


def test_a_small_file_is_computed_where_it_lies(city: Store) -> None:
    with engine_of(city) as engine:
        assert engine.name == "sqlite"
    with pytest.raises(SurveyError, match="not_published"), engine_of(city, "spark"):
        pass


def test_what_is_published_has_every_table_and_is_never_written_over(
    city: Store, cluster: Scheme, tmp_path: Path
) -> None:
    folder = tmp_path / "published"
    count = parquet.publish(city.path, cluster, folder)
    assert sorted(one.name for one in folder.iterdir()) == sorted(parquet.tables(cluster))
    duck = DuckEngine(city.path, cluster)
    for name in ("unit", "form_ic_05", "form_ic_09l"):
        [[there]] = duck.rows(f"SELECT count(*) FROM read_parquet('{folder}/{name}/**/*.parquet')")
        assert there == city.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    duck.close()
    assert count > 80
    with pytest.raises(SurveyError, match="exists"):
        parquet.publish(city.path, cluster, folder)


def test_publishing_that_is_cancelled_leaves_nothing(city: Store, cluster: Scheme, tmp_path: Path) -> None:
    def cancel(done: int, _total: int, _label: str) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parquet.publish(city.path, cluster, tmp_path / "published", cancel)
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_chooses_the_engine_and_lists_all_groups(city: Store) -> None:
    duck = CliRunner().invoke(main, ["indicators", str(city.path), "--engine", "duckdb", "--everything"])
    own = CliRunner().invoke(main, ["indicators", str(city.path), "--engine", "sqlite", "--everything"])
    assert (duck.exit_code, own.exit_code) == (0, 0)
    lines = list(zip(duck.output.splitlines(), own.output.splitlines(), strict=True))
    assert len(lines) > 1000
    assert [pair for pair in lines if not told_alike(*pair)] == []
    assert "[南山区]" in own.output
    missing = CliRunner().invoke(main, ["indicators", str(city.path), "--engine", "spark"])
    assert missing.exit_code == 2
