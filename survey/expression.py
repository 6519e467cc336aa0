"""The language of checks and indicators: its frozen tree, and the tree back to text; `grammar` reads it.

One language with one meaning, which the emitters `scalar`, `vector` and `sql` share:

* A value is a finite number, a text, or missing. Arithmetic with missing, division by zero and a
  result that is not finite are missing.
* A comparison with missing is unknown. `=`, `<=`, `>=` hold within the tolerance; `<`, `>` and `<>`
  are their exact negations.
* Logic is Kleene's: `if A then B` is (not A) or B.
* Bare tokens of two or three digits are row codes; such a number is written `#100`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal

from survey.errors import SurveyError

Kind = Literal["number", "text", "truth"]


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Reference:
    """An item as it was written: a row code, `form.code`, or a name; `at` is prev, reg, all or empty."""

    text: str
    at: str = ""
    column: int = 0


@dataclass(frozen=True)
class Span:
    """`02..09` inside a sum: the items of the form from one row to another, in display order."""

    first: Reference
    last: Reference


@dataclass(frozen=True)
class LineSum:
    """What the lines of a list form come to: the `total`, `most` or `least` of an argument, or the count of `lines`.

    Only lines on which the condition holds are taken. Lines whose argument is missing are passed
    over; where no line is left, the count is 0 and everything else is missing.
    """

    function: str
    form: str
    argument: Node | None
    condition: Node | None


@dataclass(frozen=True)
class PeerMeasure:
    """How a unit stands among the units of the file, by a function of `binding.PEER_FUNCTIONS` and its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Column:
    """An item the expression reads, found in the scheme.

    With `lines` it is what the item's lines come to, with `peers` how the unit stands among the
    others: neither is a cell, and whoever evaluates the tree is given its value.
    """

    name: str
    at: str
    kind: Kind
    lines: LineSum | None = None
    peers: PeerMeasure | None = None

    @property
    def is_cell(self) -> bool:
        """Whether it is one answer of one record."""
        return self.lines is None and self.peers is None

    @cached_property
    def key(self) -> str:
        if self.lines:
            return _write_lines(self)
        if self.peers:
            return f"{self.peers.function}({', '.join(map(write, self.peers.arguments))})"
        return f"{self.name}@{self.at}" if self.at else self.name

    @property
    def parts(self) -> tuple[Node, ...]:
        """The expressions inside an aggregate over lines or a measure among units."""
        if self.lines:
            return tuple(part for part in (self.lines.argument, self.lines.condition) if part is not None)
        return self.peers.arguments if self.peers else ()

    @cached_property
    def inner(self) -> tuple[Column, ...]:
        """The items in those expressions; of a change from last year to this one also last year's."""
        read = [column for part in self.parts for column in columns(part)]
        if self.peers and self.peers.function == "hb":
            read += [replace(column, at="prev") for column in read]
        return tuple(dict.fromkeys(read))


@dataclass(frozen=True)
class Negative:
    operand: Node


@dataclass(frozen=True)
class Arithmetic:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Comparison:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Membership:
    operand: Node
    options: tuple[Node, ...]


@dataclass(frozen=True)
class Logic:
    operator: Literal["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    operand: Node


@dataclass(frozen=True)
class If:
    condition: Node
    consequence: Node


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


Node = (
    Number | Text | Reference | Span | Column | Negative | Arithmetic | Comparison | Membership | Logic
    | Not | If | Call
)  # fmt: skip


class ExpressionError(SurveyError):
    """A text that cannot be read as an expression; `column` counts from 1."""

    def __init__(self, reason: str, text: str, column: int, **facts: object) -> None:
        super().__init__(f"expression.{reason}", text=text, column=column, **facts)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below; an item is a leaf, whatever its lines come to."""
    if isinstance(node, Column):
        return ()
    below: list[Node] = []
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            below += value
        elif hasattr(value, "__dataclass_fields__"):
            below.append(value)
    return tuple(below)


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with every node directly below changed."""
    if isinstance(node, Column):
        return node
    changed: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            changed[field.name] = tuple(change(part) for part in value)
        elif hasattr(value, "__dataclass_fields__"):
            changed[field.name] = change(value)
    return replace(node, **changed) if changed else node


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, from left to right."""
    yield node
    for below in children(node):
        yield from walk(below)


def depth(node: Node) -> int:
    """How many nodes stand one below the other at most; measured level by level, for a tree of any depth."""
    levels, level = 0, [node]
    while level:
        levels += 1
        level = [below for one in level for below in children(one)]
    return levels


def columns(node: Node) -> tuple[Column, ...]:
    """The items a bound tree reads, each once, in the order they were written."""
    return tuple(dict.fromkeys(below for below in walk(node) if isinstance(below, Column)))


def names_read(node: Node, at: str = "") -> set[str]:
    """The names of the items a bound tree reads in one period, those it reads on lines included."""
    names: set[str] = set()
    for column in columns(node):
        if column.at == at:
            names.update({column.name} if column.is_cell else {inner.name for inner in column.inner})
    return names


def _bracketed(column: Column) -> str:
    return f"[{column.key}]" if column.is_cell else column.key


def _write_lines(column: Column) -> str:
    """A line aggregate as it is written; `@prev` stands behind each of its items."""
    assert column.lines
    if not column.parts:
        return f"{column.lines.function}({column.lines.form})"

    def label(inner: Column) -> str:
        return f"[{inner.name}@{column.at}]" if column.at else f"[{inner.name}]"

    return f"{column.lines.function}({', '.join(write(part, label) for part in column.parts)})"


def write(node: Node, label: Callable[[Column], str] = _bracketed) -> str:
    """The expression as text, its items bracketed or under their labels; it reads back to the same tree."""
    match node:
        case Number(value):
            plain = format(value, "f").rstrip("0").rstrip(".")
            return f"#{plain}" if len(plain) in (2, 3) and "." not in plain else plain
        case Text(value):
            return f"'{value}'"
        case Column():
            return label(node)
        case Reference(text, at):
            return f"[{text}]" + (f"@{at}" if at else "")
        case Span(first, last):
            return f"{write(first)}..{write(last)}"
        case Negative(operand):
            return f"-{_inside(operand, label)}"
        case Arithmetic(operator, left, right) | Comparison(operator, left, right):
            return f"{_inside(left, label)} {operator} {_inside(right, label)}"
        case Membership(operand, options):
            return f"{_inside(operand, label)} in {{{', '.join(write(option, label) for option in options)}}}"
        case Logic(operator, parts):
            return f" {operator} ".join(_inside(part, label) for part in parts)
        case Not(operand):
            return f"not {_inside(operand, label)}"
        case If(condition, consequence):
            return f"if {_inside(condition, label)} then {_inside(consequence, label)}"
        case Call(function, arguments):
            return f"{function}({', '.join(write(argument, label) for argument in arguments)})"


def _inside(node: Node, label: Callable[[Column], str]) -> str:
    text = write(node, label)
    simple = isinstance(node, Number | Text | Column | Reference | Call)
    return text if simple else f"({text})"
