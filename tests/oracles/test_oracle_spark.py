"""Spark over what a city published: every figure as the survey file itself gives it."""

from __future__ import annotations

from pathlib import Path

from oracle import ask
from test_engines import alike, city, everything  # noqa: F401 - a fixture

from indicators import definition, parquet
from indicators.computation import Computation, IndicatorValue
from survey.scheme import Scheme
from survey.store import Store


def test_spark_and_sqlite_agree_on_every_figure(city: Store, cluster: Scheme, tmp_path: Path) -> None:
    published = tmp_path / "published"
    parquet.publish(city.path, cluster, published)
    told = [
        IndicatorValue(**one) for one in ask("spark", {"file": str(city.path), "published": str(published)}, tmp_path)
    ]
    own = everything(Computation(city, definition.load(cluster)), ())
    assert {(one.id, one.dimensions, one.by) for one in told} == own.keys()
    assert [one for one in told if not alike(one, own[one.id, one.dimensions, one.by])] == []
