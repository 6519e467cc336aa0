"""Where the items of a scheme are found in the survey file: the FROM clause and the columns of a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey.expression import Column
from survey.record import previous_period
from survey.scheme import Scheme
from survey.sql import lines_sql, literal, quote


@dataclass(frozen=True)
class Relation:
    """The responses of one period with the forms that some items need, one row a unit.

    `r` is the response, `u` its unit; forms of the previous period stand beside it.
    """

    scheme: Scheme
    period: str
    columns: tuple[Column, ...]

    def place(self, column: Column) -> str:
        """The SQL name of an item's column."""
        if column.lines:
            return lines_sql(
                column, self.scheme.form(column.lines.form).table, "p.id" if column.at == "prev" else "r.id"
            )
        if column.at == "reg":
            return f"u.{quote(column.name)}"
        return f"{self._alias(column)}.{quote(column.name)}"

    def source(self) -> str:
        """The FROM and WHERE clauses."""
        joins = ["FROM response r JOIN unit u ON u.id = r.unit"]
        if any(column.at == "prev" for column in self.columns):
            before = literal(previous_period(self.period))
            joins.append(f"LEFT JOIN response p ON p.unit = r.unit AND p.period = {before}")
        for alias, table, response in self._forms():
            joins.append(f"LEFT JOIN {table} {alias} ON {alias}.response = {response}.id")
        return "\n".join([*joins, f"WHERE r.period = {literal(self.period)}"])

    def _alias(self, column: Column) -> str:
        table = self.scheme.form_of(column.name).table
        return f"{table}_prev" if column.at == "prev" else table

    def _forms(self) -> Iterable[tuple[str, str, str]]:
        needed = [column for column in self.columns if column.at != "reg" and not column.lines]
        return dict.fromkeys(
            (
                self._alias(column),
                self.scheme.form_of(column.name).table,
                "p" if column.at == "prev" else "r",
            )
            for column in needed
        )
