"""Where the queries run: every engine reads the same text and gives the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from survey.store import Store


class Engine(Protocol):
    """Runs a query over the tables of a survey file.

    `materialized` is what the engine writes so that a part of a query is worked out once; `unindexed` stands before
    a column that no index should be used for; `answered` is whether its responses are only those that have answers;
    `grouping_sets` whether one query can group in several ways; `groups` how many groups at most it makes with ease.
    """

    name: str
    materialized: str
    unindexed: str
    answered: bool
    grouping_sets: bool
    groups: int

    def prepare(self, columns: Mapping[str, Sequence[str]]) -> None:
        """Queries will read these columns, by table."""

    def rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""


class SqliteEngine:
    """The survey file itself."""

    name = "sqlite"
    materialized = "AS MATERIALIZED"
    unindexed = "+"
    answered = False
    grouping_sets = False
    # What it costs is the passes: with a group for every record there is but one.
    groups = 20_000

    def __init__(self, store: Store) -> None:
        self._store = store

    def prepare(self, columns: Mapping[str, Sequence[str]]) -> None:
        """They lie where they are read."""

    def rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """The rows of a query."""
        return self._store.execute(sql)
