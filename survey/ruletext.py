"""Checks read back in words: items under their titles, codes under their labels, signs as statisticians write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from survey.binding import blank_as_zero
from survey.checks import lines_label
from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    If,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Text,
    columns,
    rebuild,
    write,
)
from survey.scheme import Scheme
from survey.texts import Texts

_SIGNS = {"<=": "≤", ">=": "≥", "<>": "≠", "*": "×", "/": "÷", "-": "−"}
# How strongly a node holds together; what stands in a stronger one is bracketed.
_RULE, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGNED, _ATOM = range(9)


def readback(tree: Node, scheme: Scheme, texts: Texts, scope: str = "") -> str:
    """A bound check as a sentence: 若 [营业收入] > 0 则 [营业收入] ≥ [主营业务收入].

    Items of other forms than `scope` carry their form's id; without a scope, the form of the first item is home.
    """
    home = scope or next((scheme.item(one.name).form for one in columns(tree)), "")
    if not counts_zero(tree):
        return _Reader(scheme, texts, home).read(tree)
    return texts("rules.read.zero", text=_Reader(scheme, texts, home).read(_as_written(tree)))


def counts_zero(tree: Node) -> bool:
    """Whether a check counts every blank as zero."""
    plain = _as_written(tree)
    return plain != tree and blank_as_zero(plain) == tree


def _as_written(node: Node) -> Node:
    """The tree without the zeros that a check counts for whatever is blank."""
    if isinstance(node, Call) and node.function == "nz":
        return _as_written(node.arguments[0])
    return rebuild(node, _as_written)


def _is_chain(parts: Sequence[Node]) -> bool:
    """Whether each comparison goes on where the one before ends."""
    return all(
        isinstance(one, Comparison) and isinstance(after, Comparison) and one.right == after.left
        for one, after in pairwise(parts)
    )


@dataclass(frozen=True)
class _Reader:
    scheme: Scheme
    texts: Texts
    home: str

    def read(self, node: Node, least: int = _RULE) -> str:
        text, strength = self._read(node)
        return text if strength >= least else self.texts("rules.read.brackets", text=text)

    def _read(self, node: Node) -> tuple[str, int]:
        match node:
            case If(condition, consequence):
                parts = {"condition": self.read(condition, _OR), "consequence": self.read(consequence)}
                return self.texts("rules.read.if", **parts), _RULE
            case Logic("and", parts) if _is_chain(parts):
                return self._chain(parts), _COMPARISON
            case Logic(operator, parts):
                # Whoever reads 且 beside 或 must not have to know which of them binds first.
                join = self.texts(f"rules.read.{operator}")
                return join.join(self.read(part, _NOT) for part in parts), _OR if operator == "or" else _AND
            case Not(operand):
                return self.texts("rules.read.not", operand=self.read(operand, _COMPARISON)), _NOT
            case Comparison(operator, left, right):
                sides = self.read(left, _SUM), self._against(right, left, _SUM)
                return f"{sides[0]} {_SIGNS.get(operator, operator)} {sides[1]}", _COMPARISON
            case Membership(operand, options):
                found = self.texts("check.and").join(self._against(one, operand, _SUM) for one in options)
                return self.texts("rules.read.in", operand=self.read(operand, _SUM), options=found), _COMPARISON
            case Arithmetic(operator, left, right):
                strength = _SUM if operator in "+-" else _PRODUCT
                sign = _SIGNS.get(operator, operator)
                return f"{self.read(left, strength)} {sign} {self.read(right, strength + 1)}", strength
            case Negative(operand):
                return f"−{self.read(operand, _ATOM)}", _SIGNED
            case Call(function, arguments):
                return self._call(function, arguments)
            case Column():
                return self._column(node), _ATOM
        return write(node).lstrip("#"), _ATOM

    def _chain(self, parts: Sequence[Node]) -> str:
        """0.5 ≤ a ≤ 2 in one."""
        steps = [one for one in parts if isinstance(one, Comparison)]
        said = [f"{_SIGNS.get(one.operator, one.operator)} {self.read(one.right, _SUM)}" for one in steps]
        return " ".join([self.read(steps[0].left, _SUM), *said])

    def _call(self, function: str, arguments: tuple[Node, ...]) -> tuple[str, int]:
        if function == "sum":
            return " + ".join(self.read(one, _SUM) for one in arguments), _SUM if len(arguments) > 1 else _ATOM
        first, *others = (self.read(one) for one in arguments)
        listed = self.texts("check.and").join((first, *others))
        rest = self.texts("check.and").join(others)
        strength = _COMPARISON if function in ("filled", "starts", "valid_uscc", "valid_orgcode") else _ATOM
        return self.texts(f"rules.read.call.{function}", first=first, others=rest, all=listed), strength

    def _against(self, node: Node, other: Node, least: int) -> str:
        """What a coded item is compared with, under its code's label."""
        if isinstance(node, Text) and isinstance(other, Column) and other.kind == "text":
            item = self.scheme.item(other.name)
            known = self.scheme.lists.get(item.list) if item.list else None
            label = known.label(node.value, self.texts.lang) if known and node.value in known.codes else node.value
            return self.texts("rules.read.code", label=label)
        if isinstance(node, Number) and isinstance(other, Column) and self.scheme.item(other.name).type == "flag":
            return self.texts("return.yes" if node.value else "return.no")
        return self.read(node, least)

    def _column(self, column: Column) -> str:
        if not column.is_cell:
            return self._measure(column)
        item = self.scheme.item(column.name)
        label = self.texts.pick(item.label, item.label_en)
        form = f"{item.form} " if item.form != self.home and column.at != "reg" else ""
        return f"[{form}{label}]" + (self.texts(f"check.{column.at}") if column.at in ("prev", "reg") else "")

    def _measure(self, column: Column) -> str:
        """What lines come to, or how a unit stands among others; what its name does not tell stands behind."""
        inner = _Reader(self.scheme, self.texts, self.scheme.item(column.name).form)
        told: list[str] = []
        said = lines_label(column.key, self.scheme, self.texts) + (self.texts("check.prev") if column.at else "")
        if column.peers:
            told += [inner.read(part) for part in column.parts if not isinstance(part, Column)]
        if column.lines:
            argument, condition = column.lines.argument, column.lines.condition
            if argument is not None and not isinstance(argument, Column):
                told.append(inner.read(argument))
            if condition is not None:
                told.append(self.texts("rules.read.counted", condition=inner.read(condition)))
        return said + (self.texts("rules.read.told", told=self.texts("check.and").join(told)) if told else "")
