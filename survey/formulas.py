"""Computed items: what nobody types follows from what is there, for one unit or a whole file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from survey.expression import Call, Column, Node, columns, names_read
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
    values.update(gathered(answers, before, needed))
    return values


def gathered(answers: Answers, before: Answers, needed: Iterable[Column]) -> Iterator[tuple[str, Value]]:
    """What the lines of list forms come to, by `Column.key`."""
    for column in needed:
        if column.lines:
            every = (before if column.at == "prev" else answers).lines.get(column.lines.form, {})
            yield column.key, compile_lines(column.lines)(list(every.values()))


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

    def compute(self, answers: Answers, before: Answers, respondent: str = "unit") -> list[tuple[Item, int, Value]]:
        """Brings the computed items of a respondent up to date; gives those that changed, with their lines."""
        changed: list[tuple[Item, int, Value]] = []
        values = readable(answers, before, ())
        for name, (item, closure, needed) in self._closures.items():
            if (form := self._scheme.form(item.form)).respondent != respondent:
                continue
            if form.is_list:
                for line, own in answers.lines.get(form.id, {}).items():
                    self._settle(changed, answers, item, closure(own), line)
            else:
                # Lines may have been computed just before.
                values.update(gathered(answers, before, needed))
                self._settle(changed, answers, item, closure(values), 0)
                values[name] = answers.values.get(name)
        return changed

    def _settle(
        self, changed: list[tuple[Item, int, Value]], answers: Answers, item: Item, found: Value, line: int
    ) -> None:
        value = fitted(item, found)
        if value != answers.get(item.name, line, item.form):
            answers.put(item.name, value, line, item.form)
            changed.append((item, line, value))

    def derive(self, answers: Answers, before: Answers, period: str) -> dict[str, Value]:
        """What the decision tables give in a period, by item name; what cannot be told is not in it."""
        found: dict[str, Value] = {}
        undecided: set[str] = set()
        values = readable(answers, before, [column for _, _, needed in self._derivations for column in needed])
        for one, closure, _ in self._derivations:
            if one.item in found or one.item in undecided or not one.holds_in(period):
                continue
            truth = closure(values)
            if truth is None:
                undecided.add(one.item)
            elif truth:
                found[one.item] = one.value
        return found

    def statements(self, period: str, written: Collection[str] | None = None) -> Iterator[str]:
        """SQL that brings computed items of a whole period up to date, each after those it reads.

        With `written` only those that follow from these items, directly or through others.
        """
        level: dict[str, int] = {}
        groups: dict[tuple[int, str], list[Item]] = {}
        for name in self._following(written):
            reads = names_read(self._scheme.computed[name])
            level[name] = 1 + max((level[one] for one in reads if one in level), default=0)
            item = self._scheme.item(name)
            groups.setdefault((level[name], item.form), []).append(item)
        for _, form_id in sorted(groups, key=lambda place: place[0]):
            items = groups[_, form_id]
            form = self._scheme.form(form_id)
            trees = [_stored(item, self._scheme.computed[item.name]) for item in items]
            if form.is_list:
                yield _lines_statement(form, items, trees, period)
            else:
                yield _unit_statement(self._scheme, form, items, trees, period)

    @cached_property
    def reads_before(self) -> bool:
        """Whether some computed item reads the year before: then an earlier year changes a later one."""
        return any(names_read(tree, "prev") for tree in self._scheme.computed.values())

    def _following(self, written: Collection[str] | None) -> list[str]:
        """The computed items that follow from some items, in order."""
        found: dict[str, None] = {}
        for name, tree in self._scheme.computed.items():
            reads = names_read(tree) | names_read(tree, "prev")
            if written is None or not reads.isdisjoint(written) or not reads.isdisjoint(found):
                found[name] = None
        return list(found)


def fitted(item: Item, value: Value) -> Value:
    """A computed value as its item stores it."""
    if value is None or isinstance(value, str):
        return value
    if item.type in ("integer", "flag"):
        return int(round_half_away(value))
    # Fifteen digits are what a spreadsheet keeps; more would not survive a return.
    return float(f"{value:.15g}")


def _stored(item: Item, tree: Node) -> Node:
    return Call("round", (tree,)) if item.type in ("integer", "flag") else tree


def _value_sql(item: Item, sql: str) -> str:
    """A computed value as its item stores it; `fifteen` is a function of the survey file's connection."""
    return f"fifteen({sql})" if item.type == "decimal" else sql


def _differs(names: Sequence[str], other: Callable[[str], str]) -> str:
    return " OR ".join(f"{name} IS NOT {other(name)}" for name in names)


def _unit_statement(scheme: Scheme, form: Form, items: Sequence[Item], trees: Sequence[Node], period: str) -> str:
    read = tuple(dict.fromkeys(column for tree in trees for column in columns(tree)))
    relation = Relation(scheme, period, read, form.respondent)
    names = [quote(item.name) for item in items]
    values = [
        f"{_value_sql(item, to_sql(tree, relation.place))} AS {name}"
        for item, tree, name in zip(items, trees, names, strict=True)
    ]
    own = ", ".join(names)
    assigned = ", ".join(f"{name} = excluded.{name}" for name in names)
    # Only what differs is written; a form nobody has begun is begun by a value alone.
    return (
        f"INSERT INTO {form.table} (response, {own})"
        f" SELECT id, {own} FROM (SELECT r.id AS id, {', '.join(values)} {relation.source()})"
        f" WHERE coalesce({own}, NULL) IS NOT NULL OR id IN (SELECT response FROM {form.table})"
        f" ON CONFLICT (response) DO UPDATE SET {assigned}"
        f" WHERE {_differs(names, lambda name: f'excluded.{name}')}"
    )


def _lines_statement(form: Form, items: Sequence[Item], trees: Sequence[Node], period: str) -> str:
    values = [
        _value_sql(item, to_sql(tree, lambda column: quote(column.name)))
        for item, tree in zip(items, trees, strict=True)
    ]
    names = [quote(item.name) for item in items]
    assigned = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
    differ = " OR ".join(f"{name} IS NOT {value}" for name, value in zip(names, values, strict=True))
    return (
        f"UPDATE {form.table} SET {assigned}"
        f" WHERE response IN (SELECT id FROM response WHERE period = {literal(period)}) AND ({differ})"
    )
