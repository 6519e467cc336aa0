"""Computed items: what nobody types follows from what is there, for one unit or a whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from survey.expression import Call, Column, Node, columns
from survey.form import Derivation, Form, Item
from survey.relation import Relation
from survey.scalar import Closure, Value, Values, compile_lines, compile_scalar, round_half_away
from survey.scheme import Scheme
from survey.sql import literal, quote, to_sql

Lines = Mapping[int, Values]


@dataclass
class Answers:
    """A unit's filled answers of a period: by item name, and by list form, line and item name."""

    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, dict[int, dict[str, Value]]] = field(default_factory=dict)

    def get(self, name: str, line: int = 0, form: str = "") -> Value:
        """One answer; those of a list form with its form and line."""
        return self.lines.get(form, {}).get(line, {}).get(name) if line else self.values.get(name)

    def put(self, name: str, value: Value, line: int = 0, form: str = "") -> None:
        """Another answer; a blank one is not kept."""
        into = self.lines.setdefault(form, {}).setdefault(line, {}) if line else self.values
        if value is None:
            into.pop(name, None)
        else:
            into[name] = value


def readable(answers: Answers, before: Answers, needed: Iterable[Column]) -> dict[str, Value]:
    """The values that expressions read, by `Column.key`: this period's, the one before, what lines come to."""
    values: dict[str, Value] = dict(answers.values)
    values.update((f"{name}@prev", value) for name, value in before.values.items())
    for column in needed:
        if column.lines:
            every = (before if column.at == "prev" else answers).lines.get(column.lines.form, {})
            values[column.key] = compile_lines(column.lines)(list(every.values()))
    return values


class Formulas:
    """The computed items of a scheme, ready to run, and the values it derives beside what was reported."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._closures: dict[str, tuple[Item, Closure, tuple[Column, ...]]] = {
            name: (scheme.item(name), compile_scalar(tree), columns(tree)) for name, tree in scheme.computed.items()
        }

    @cached_property
    def _derivations(self) -> list[tuple[Derivation, Closure, tuple[Column, ...]]]:
        return [(one, compile_scalar(one.tree), columns(one.tree)) for one in self._scheme.derived]

    def compute(self, answers: Answers, before: Answers) -> list[tuple[Item, int, Value]]:
        """Brings the computed items of a unit up to date; gives those that changed, with their lines."""
        changed = []
        for name, (item, closure, needed) in self._closures.items():
            form = self._scheme.form(item.form)
            if form.is_list:
                places = [(line, {**values}) for line, values in answers.lines.get(form.id, {}).items()]
            else:
                places = [(0, readable(answers, before, needed))]
            for line, values in places:
                value = fitted(item, closure(values))
                if value != answers.get(name, line, form.id):
                    answers.put(name, value, line, form.id)
                    changed.append((item, line, value))
        return changed

    def derive(self, answers: Answers, before: Answers, period: str) -> dict[str, Value]:
        """What the decision tables give in a period, by item name; what cannot be told is not in it."""
        found: dict[str, Value] = {}
        undecided: set[str] = set()
        for one, closure, needed in self._derivations:
            if one.item in found or one.item in undecided or not one.holds_in(period):
                continue
            truth = closure(readable(answers, before, needed))
            if truth is None:
                undecided.add(one.item)
            elif truth:
                found[one.item] = one.value
        return found

    def statements(self, period: str) -> Iterator[str]:
        """SQL that brings the computed items of a whole period up to date, each after those it reads."""
        for name, tree in self._scheme.computed.items():
            item = self._scheme.item(name)
            form = self._scheme.form(item.form)
            whole = Call("round", (tree,)) if item.type in ("integer", "flag") else tree
            yield (
                _lines_statement(form, item, whole, period)
                if form.is_list
                else _unit_statement(self._scheme, form, item, whole, period)
            )


def fitted(item: Item, value: Value) -> Value:
    """A computed value as its item stores it."""
    if value is None or isinstance(value, str):
        return value
    return int(round_half_away(value)) if item.type in ("integer", "flag") else float(value)


def _unit_statement(scheme: Scheme, form: Form, item: Item, tree: Node, period: str) -> str:
    relation = Relation(scheme, period, columns(tree), form.respondent)
    column = quote(item.name)
    return (
        f"INSERT INTO {form.table} (response, {column})"
        f" SELECT id, v FROM (SELECT r.id AS id, {to_sql(tree, relation.place)} AS v {relation.source()})"
        f" WHERE v IS NOT NULL OR id IN (SELECT response FROM {form.table})"
        f" ON CONFLICT (response) DO UPDATE SET {column} = excluded.{column} WHERE {column} IS NOT excluded.{column}"
    )


def _lines_statement(form: Form, item: Item, tree: Node, period: str) -> str:
    value = to_sql(tree, lambda column: quote(column.name))
    return (
        f"UPDATE {form.table} SET {quote(item.name)} = {value}"
        f" WHERE response IN (SELECT id FROM response WHERE period = {literal(period)})"
        f" AND {quote(item.name)} IS NOT {value}"
    )
