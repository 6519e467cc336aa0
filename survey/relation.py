"""Where the items of a scheme are found in the survey file: the FROM clause and the columns of a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey.expression import Column
from survey.form import RESPONDENTS
from survey.record import DISPOSALS, previous_period
from survey.scheme import Scheme
from survey.sql import lines_sql, literal, quote


def has_answers(scheme: Scheme, respondent: str) -> str:
    """Leaves out who was set aside before answering anything: there is no record of them to check or to add."""
    tables = [form.table for form in scheme.forms_of(respondent)]
    kept = f"r.status NOT IN ({', '.join(map(literal, DISPOSALS))})"
    answered = [f"EXISTS (SELECT 1 FROM {table} a WHERE a.response = r.id)" for table in tables]
    return f"({' OR '.join([kept, *answered])})"


@dataclass(frozen=True)
class Relation:
    """The records of one period with the forms that some items need.

    `r` is the response, `u` its unit; forms of the previous period stand beside it. `base` is what
    gives one row: a kind of respondent, or the id of a list form, whose lines are the rows. `early` is whether
    what lines come to is worked out on the responses alone, before whole forms stand beside them.
    """

    scheme: Scheme
    period: str
    columns: tuple[Column, ...]
    base: str = "unit"
    early: bool = False

    @property
    def _lines(self) -> str:
        """The table whose lines are the rows, or ''."""
        return "" if self.base in RESPONDENTS else self.scheme.form(self.base).table

    def line(self) -> str:
        """The SQL of a row's line, 0 where a row is a whole response."""
        return f"{self._lines}.line" if self._lines else "0"

    def place(self, column: Column) -> str:
        """The SQL name of an item's column."""
        if self._is_early(column):
            return f"r.{quote(column.key)}"
        if column.lines:
            return self._lines_sql(column)
        if column.at == "reg":
            return f"u.{quote(column.name)}"
        return f"{self._alias(column)}.{quote(column.name)}"

    def source(self, unindexed: str = "+", *, answered: bool = False) -> str:
        """The FROM and WHERE clauses.

        `unindexed` is the sign by which an engine is kept from an index, `answered` whether there are only responses
        that have answers.
        """
        joins = [f"FROM {self._responses()} r JOIN unit u ON u.id = r.unit"]
        if self._lines:
            joins.append(f"JOIN {self._lines} ON {self._lines}.response = r.id")
        if any(column.at == "prev" for column in self.columns):
            before = literal(previous_period(self.period))
            joins.append(f"LEFT JOIN response p ON p.unit = r.unit AND p.period = {before}")
        for alias, table, response in self._forms():
            if alias != self._lines:
                joins.append(f"LEFT JOIN {table} {alias} ON {alias}.response = {response}.id")
        respondent = self.scheme.form(self.base).respondent if self._lines else self.base
        # Without the sign an index on the period is taken, and the rows have to be sorted by id.
        where = f"WHERE {unindexed}r.period = {literal(self.period)} AND u.kind = {literal(respondent)}"
        counted = "" if answered else f" AND {has_answers(self.scheme, respondent)}"
        return "\n".join([*joins, where + counted])

    def _responses(self) -> str:
        early = [f"{self._lines_sql(one)} AS {quote(one.key)}" for one in self.columns if self._is_early(one)]
        return f"(SELECT r.*, {', '.join(early)} FROM response r)" if early else "response"

    def _is_early(self, column: Column) -> bool:
        return self.early and column.lines is not None and column.at != "prev"

    def _lines_sql(self, column: Column) -> str:
        assert column.lines
        response = "p.id" if column.at == "prev" else "r.id"
        return lines_sql(column, self.scheme.form(column.lines.form).table, response)

    def _alias(self, column: Column) -> str:
        table = self.scheme.form_of(column.name).table
        return f"{table}_prev" if column.at == "prev" else table

    def _forms(self) -> Iterable[tuple[str, str, str]]:
        needed = [column for column in self.columns if column.at != "reg" and column.is_cell]
        return dict.fromkeys(
            (
                self._alias(column),
                self.scheme.form_of(column.name).table,
                "p" if column.at == "prev" else "r",
            )
            for column in needed
        )
