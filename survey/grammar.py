"""Reading the language of checks and indicators: text to the tree of `expression`, as it was written."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from survey.expression import (
    Arithmetic,
    Call,
    Comparison,
    ExpressionError,
    If,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Reference,
    Span,
    Text,
    depth,
)

# Everything that works on a tree calls itself level by level; the longest rule people write has a tenth of this.
DEEPEST = 100

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
    """The tree of an expression as written.

    Raises ExpressionError: `syntax` with the column and what was expected, `too_deep`.
    """
    try:
        tree = _tree(text)
    except RecursionError:
        tree = None
    if tree is None or depth(tree) > DEEPEST:
        raise ExpressionError("too_deep", text, 1, most=DEEPEST)
    return tree


def _tree(text: str) -> Node:
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
