"""Which engine computes: the survey file itself, DuckDB where that is large, Spark for what was published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indicators.engine import Engine, SqliteEngine
from survey.errors import SurveyError
from survey.store import Store

ENGINES = ("auto", "sqlite", "duckdb", "spark")
# From so many units of a period on DuckDB is the faster, although it has to start.
_LARGE = 20_000


@contextmanager
def engine_of(store: Store, name: str = "auto", published: Path | None = None) -> Iterator[Engine]:
    """The engine of a name over an open survey file, closed at the end; Spark reads what was `published` of it.

    `auto` is DuckDB where the file is large and DuckDB is there. Raises SurveyError `no_engine` where the library is
    missing, and `not_published` for Spark without a folder.
    """
    large = store.response_count(store.period) >= _LARGE
    if name == "sqlite" or (name == "auto" and not large):
        yield SqliteEngine(store)
        return
    if name == "spark":
        yield from _spark(published)
        return
    try:
        from indicators.duck import DuckEngine
    except ImportError:
        if name != "auto":
            raise SurveyError("no_engine", engine=name, package="duckdb") from None
        yield SqliteEngine(store)
        return
    engine = DuckEngine(store.path, store.scheme)
    try:
        yield engine
    finally:
        engine.close()


def _spark(published: Path | None) -> Iterator[Engine]:
    if published is None:
        raise SurveyError("not_published")
    try:
        from indicators.spark import SparkEngine
    except ImportError:
        raise SurveyError("no_engine", engine="spark", package="pyspark") from None
    engine = SparkEngine(published)
    try:
        yield engine
    finally:
        engine.close()
