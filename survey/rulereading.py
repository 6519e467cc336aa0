"""Checks read as conditions on any record: every number may vary, and what is answered or coded is a fact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from survey.expression import Call, Column, Comparison, Membership, Node, Number, Text, columns, walk, write
from survey.form import Item
from survey.linear import (
    ALWAYS,
    NEVER,
    Choice,
    Either,
    Filled,
    Formula,
    Linear,
    NotLinearError,
    Opaque,
    Row,
    both,
    either,
    leaves,
    names,
)
from survey.scheme import Scheme


@dataclass(frozen=True)
class RuleReading:
    """The conditions of a scheme; items that are `presumed` are taken as answered by every record."""

    scheme: Scheme
    presumed: frozenset[str] = frozenset()

    @property
    def formulas(self) -> Mapping[str, Node]:
        return self.scheme.computed

    def number(self, node: Node) -> Linear | None:
        if isinstance(node, Number):
            return Linear(constant=node.value)
        if isinstance(node, Column):
            return Linear({node.key: 1.0}, needs=frozenset({node.key}))
        raise NotLinearError

    def fact(self, node: Node, truth: bool, lax: bool) -> Formula:
        if isinstance(node, Call) and node.function == "filled" and isinstance(node.arguments[0], Column):
            return self._filled(node.arguments[0].key, truth)
        choice = _choice(node, truth)
        needs = frozenset(column.key for column in columns(node))
        found = choice or Opaque(write(node), truth)
        if lax:
            return either([self.answered(needs, False), found])
        return both([self.answered(needs, True), found])

    def answered(self, needs: frozenset[str], truth: bool) -> Formula:
        parts = [self._filled(key, truth) for key in sorted(needs)]
        return both(parts) if truth else either(parts)

    def _filled(self, key: str, truth: bool) -> Formula:
        if key.partition("@")[0] in self.presumed:
            return ALWAYS if truth else NEVER
        return Filled(key, truth)

    def empty_divisor(self, _divisor: Linear) -> bool:
        return True

    def integer(self, key: str) -> bool:
        item = self._items.get(key.partition("@")[0])
        return item is not None and item.type in ("integer", "flag")

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        return self.scheme.items

    def given(self, formulas: Iterable[Formula]) -> Iterator[Formula]:
        """What holds of every record that formulas speak of: flags are 0 or 1, and a blank number counts 0."""
        keys = {
            key for formula in formulas for leaf in leaves(formula) if isinstance(leaf, Row) for key, _ in leaf.terms
        }
        for key in sorted(keys):
            item = self._items.get(key.partition("@")[0])
            if item and item.type == "flag":
                yield Row(((key, 1.0),), 0.0, 1.0)
            if self._filled(key, False) != NEVER:
                yield Either((Filled(key, True), Row(((key, 1.0),), 0.0, 0.0)))

    def lists(self, formulas: Iterable[Formula]) -> Mapping[str, frozenset[str]]:
        """The codes that the coded items of formulas may have."""
        found = {}
        for name in {name for formula in formulas for name in names(formula)}:
            item = self._items.get(name.partition("@")[0])
            if item and item.type == "code":
                found[name] = frozenset(self.scheme.lists[item.list].codes)
        return found


def _choice(node: Node, truth: bool) -> Choice | None:
    """A text compared with written ones."""
    asked: Node
    options: tuple[Node, ...]
    if isinstance(node, Comparison) and node.operator in ("=", "<>"):
        asked, options = node.left, (node.right,)
        truth = truth == (node.operator == "=")
    elif isinstance(node, Membership):
        asked, options = node.operand, node.options
    else:
        return None
    codes = frozenset(option.value for option in options if isinstance(option, Text))
    if isinstance(asked, Column) and asked.is_cell and len(codes) == len(set(options)):
        return Choice(asked.key, codes, truth)
    return None


def asked_whether_filled(trees: Iterable[Node]) -> Collection[str]:
    """The items of which some condition asks whether they are answered."""
    return {
        column.name
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Call) and node.function == "filled"
        for column in columns(node)
    }
