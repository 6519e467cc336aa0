"""The language of checks and indicators: text to a frozen tree, and the tree back to text.

One language with one meaning, which the emitters `scalar`, `vector` and `sql` share:

* A value is a finite number, a text, or missing. Arithmetic with missing, division by zero and a
  result that is not finite are missing.
* A comparison with missing is unknown. `=`, `<=`, `>=` hold within the tolerance; `<`, `>` and `<>`
  are their exact negations.
* Logic is Kleene's: `if A then B` is (not A) or B.
* Bare tokens of two or three digits are row codes; such a number is written `#100`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cache
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
class Column:
    """An item the expression reads, found in the scheme; with `lines` what the item's lines come to."""

    name: str
    at: str
    kind: Kind
    lines: LineSum | None = None

    @property
    def key(self) -> str:
        if self.lines:
            return _write_lines(self)
        return f"{self.name}@{self.at}" if self.at else self.name


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


_GRAMMAR = r"""
?start: rule
?rule: _IF rule _THEN rule -> rule_if
     | disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: negation (_AND negation)*
?negation: _NOT negation -> negated
         | comparison
?comparison: additive (COMPARE additive)+ -> compared
           | additive _IN "{" additive ("," additive)* "}" -> member
           | additive
?additive: term (SIGN term)*
?term: factor (TIMES factor)*
?factor: SIGN factor -> signed
       | atom
?atom: NUMBER -> number
     | TEXT -> text
     | reference
     | NAME "(" [argument ("," argument)*] ")" -> call
     | "(" rule ")"
?argument: reference ".." reference -> span
         | rule
reference: (CODE | NAME | BRACKET) AT?

_IF.2: /if(?!\w)|若/
_THEN.2: /then(?!\w)|则/
_AND.2: /and(?!\w)|且/
_OR.2: /or(?!\w)|或/
_NOT.2: /not(?!\w)|非/
_IN.2: /in(?!\w)|属于/
COMPARE: "<=" | ">=" | "<>" | "!=" | "=" | "<" | ">" | "≤" | "≥" | "≠"
SIGN: "+" | "-"
TIMES: "*" | "/"
AT: /@(prev|reg|all)/
CODE: /\d{2,3}(?![\d])(?!\.\d)/
NUMBER: /#\d+(\.\d+)?|\d+\.\d+|\d{4,}|\d(?!\d)/
NAME: /[A-Za-z_][A-Za-z0-9_]*/
BRACKET: /\[[^\[\]]+\]/
TEXT: /'[^']*'|"[^"]*"/
%import common.WS
%ignore WS
"""

_OPERATORS = {"≤": "<=", "≥": ">=", "≠": "<>", "!=": "<>"}
_WIDE = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {
    "×": "*", "÷": "/", "−": "-", "，": ",", "；": ";", "【": "[", "】": "]", "\u3000": " ",
}  # fmt: skip
_WIDE_OR_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|.", re.DOTALL)


def _narrow(text: str) -> str:
    """Full-width signs to half-width outside quotes; every column stays where it was."""
    return _WIDE_OR_QUOTED.sub(lambda match: _WIDE.get(match[0], match[0]), text)


class _Builder:
    """Turns the parser's branches into nodes; the method names are the grammar's."""

    def rule_if(self, parts: list[Any]) -> If:
        return If(parts[0], parts[1])

    def disjunction(self, parts: list[Any]) -> Logic:
        return Logic("or", tuple(parts))

    def conjunction(self, parts: list[Any]) -> Logic:
        return Logic("and", tuple(parts))

    def negated(self, parts: list[Any]) -> Not:
        return Not(parts[0])

    def compared(self, parts: list[Any]) -> Node:
        pairs = [
            Comparison(_OPERATORS.get(str(parts[at]), str(parts[at])), parts[at - 1], parts[at + 1])
            for at in range(1, len(parts), 2)
        ]
        return pairs[0] if len(pairs) == 1 else Logic("and", tuple(pairs))

    def member(self, parts: list[Any]) -> Membership:
        return Membership(parts[0], tuple(parts[1:]))

    def additive(self, parts: list[Any]) -> Node:
        node = parts[0]
        for at in range(1, len(parts), 2):
            node = Arithmetic(str(parts[at]), node, parts[at + 1])
        return node  # type: ignore[no-any-return]

    term = additive

    def signed(self, parts: list[Any]) -> Node:
        return Negative(parts[1]) if parts[0] == "-" else parts[1]

    def number(self, parts: list[Any]) -> Number:
        return Number(float(parts[0].lstrip("#")))

    def text(self, parts: list[Any]) -> Text:
        return Text(str(parts[0])[1:-1])

    def call(self, parts: list[Any]) -> Call:
        return Call(str(parts[0]), tuple(part for part in parts[1:] if part is not None))

    def span(self, parts: list[Any]) -> Span:
        return Span(parts[0], parts[1])

    def reference(self, parts: list[Any]) -> Reference:
        text = str(parts[0]).strip("[] ")
        at = str(parts[1])[1:] if len(parts) > 1 else ""
        if not at and "@" in text:
            text, _, at = text.partition("@")
        return Reference(text.strip(), at.strip(), parts[0].column)


@cache
def _parser() -> Any:
    # Loaded on first use: the first window must not wait for the parser.
    from lark import Lark, Transformer

    class Builder(_Builder, Transformer[Any, Any]):
        pass

    return Lark(_GRAMMAR, parser="lalr", transformer=Builder(), propagate_positions=False)


def parse(text: str) -> Node:
    """The tree of an expression as written; raises ExpressionError with the column and what was expected."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    narrow = _narrow(text)
    try:
        return _parser().parse(narrow)  # type: ignore[no-any-return]
    except UnexpectedToken as error:
        end = error.token.type == "$END"
        column = len(narrow) + 1 if end else int(error.column)
        found = "" if end else str(error.token)
        raise ExpressionError(
            "syntax", text, column, found=found, expected=_expected(error.accepts or error.expected)
        ) from None
    except UnexpectedEOF as error:
        raise ExpressionError("syntax", text, len(narrow) + 1, found="", expected=_expected(error.expected)) from None
    except UnexpectedCharacters as error:
        raise ExpressionError(
            "syntax", text, int(error.column), found=narrow[error.column - 1], expected=_expected(error.allowed)
        ) from None


_TERMINALS = {
    "CODE": "01", "NAME": "name", "BRACKET": "[…]", "NUMBER": "#1", "TEXT": "'…'", "COMPARE": "= < >",
    "SIGN": "+ -", "TIMES": "* /", "LPAR": "(", "RPAR": ")", "LBRACE": "{", "RBRACE": "}", "COMMA": ",",
    "_IF": "若", "_THEN": "则", "_AND": "且", "_OR": "或", "_NOT": "非", "_IN": "in", "AT": "@prev", "__ANON_0": "..",
}  # fmt: skip


def _expected(terminals: object) -> str:
    names = terminals if isinstance(terminals, (set, frozenset, list)) else ()
    return " ".join(sorted({_TERMINALS.get(str(name), str(name)) for name in names} - {"$END"}))


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


def columns(node: Node) -> tuple[Column, ...]:
    """The items a bound tree reads, each once, in the order they were written."""
    return tuple(dict.fromkeys(below for below in walk(node) if isinstance(below, Column)))


def names_read(node: Node, at: str = "") -> set[str]:
    """The names of the items a bound tree reads in one period, those it reads on lines included."""
    names: set[str] = set()
    for column in columns(node):
        if column.at != at:
            continue
        if column.lines:
            parts = [part for part in (column.lines.argument, column.lines.condition) if part is not None]
            names.update(inner.name for part in parts for inner in columns(part))
        else:
            names.add(column.name)
    return names


def _bracketed(column: Column) -> str:
    return column.key if column.lines else f"[{column.key}]"


def _write_lines(column: Column) -> str:
    """A line aggregate as it is written; `@prev` stands behind each of its items."""
    assert column.lines

    def label(inner: Column) -> str:
        return f"[{inner.name}@{column.at}]" if column.at else f"[{inner.name}]"

    parts = [part for part in (column.lines.argument, column.lines.condition) if part is not None]
    return f"{column.lines.function}({', '.join(write(part, label) for part in parts)})"


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
