"""Spark as the engine of what a city file published: the same queries, on as many machines as there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from survey.sql import INFINITY


class SparkEngine:
    """A session over a published folder; without a cluster it runs on this machine."""

    name = "spark"
    # What Spark works out once it decides itself.
    materialized = "AS"
    unindexed = ""
    answered = False
    grouping_sets = True
    groups = 1000

    def __init__(self, folder: Path) -> None:
        # ANSI: names are quoted as everywhere else, and nothing overflows in silence.
        self._session = (
            SparkSession.builder.appName("census-desk")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.sql.ansi.doubleQuotedIdentifiers", "true")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .getOrCreate()
        )
        self._session.sparkContext.setLogLevel("ERROR")
        for table in sorted(one for one in folder.iterdir() if one.is_dir()):
            self._session.read.parquet(str(table)).createOrReplaceTempView(table.name)

    def prepare(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Spark reads of a published table only the columns that are asked for."""

    def rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""
        # Spark refuses to read a number that it cannot hold.
        text = sql.replace(INFINITY, "double('infinity')")
        return [tuple(row) for row in self._session.sql(text).collect()]

    def close(self) -> None:
        """Ends the session."""
        self._session.stop()
