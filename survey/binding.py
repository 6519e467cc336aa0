"""What the names of an expression mean: items found in the scheme, kinds checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    ExpressionError,
    If,
    Kind,
    LineSum,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    PeerMeasure,
    Reference,
    Span,
    Text,
    children,
    columns,
    depth,
    rebuild,
)


@dataclass(frozen=True)
class Signature:
    """What a function takes and gives; `takes` None: anything. `most` None: any number of arguments.

    `later` is the kind of the arguments after the first, where it is another one.
    """

    takes: Kind | None
    gives: Kind
    least: int = 1
    most: int | None = 1
    later: Kind | None = None


FUNCTIONS: Mapping[str, Signature] = {
    "abs": Signature("number", "number"),
    "min": Signature("number", "number", 1, None),
    "max": Signature("number", "number", 1, None),
    "round": Signature("number", "number", 1, 2),
    "sum": Signature("number", "number", 1, None),
    "sum0": Signature("number", "number", 1, None),
    "nz": Signature("number", "number"),
    "filled": Signature(None, "truth"),
    "valid_uscc": Signature("text", "truth"),
    "valid_orgcode": Signature("text", "truth"),
    "starts": Signature("text", "truth", 2, None),
}
# What lines come to is written as SQL, whose reader has little room: deeper ones it cannot take.
DEEPEST_ON_LINES = 5
# What the lines of a list form come to; the condition says which lines count.
LINE_FUNCTIONS: Mapping[str, Signature] = {
    "total": Signature("number", "number", 1, 2, "truth"),
    "most": Signature("number", "number", 1, 2, "truth"),
    "least": Signature("number", "number", 1, 2, "truth"),
    "lines": Signature("truth", "number"),
}
# How a unit stands among the units of the file; `peers` gives the values. Only checks may ask.
PEER_FUNCTIONS: Mapping[str, Signature] = {
    "hb": Signature("number", "number"),
    "mad": Signature("number", "number"),
    "same": Signature(None, "number", 1, None),
}


class Names(Protocol):
    """Finds what a reference means."""

    def find(self, reference: Reference) -> Column:
        """The item of a reference; raises KeyError with the nearest known name or ''."""

    def span(self, span: Span) -> Sequence[Column]:
        """The items of a span in display order; raises KeyError likewise."""

    def list_form(self, column: Column) -> str:
        """The list form whose lines answer an item; '' where an item is answered once."""

    @property
    def line_form(self) -> str:
        """The list form on each of whose lines the expression is read, or ''."""


def bind(
    tree: Node,
    names: Names,
    text: str,
    functions: Mapping[str, Signature] = FUNCTIONS,
    want: Kind | None = None,
    *,
    peers: bool = False,
) -> Node:
    """The tree with its references found and its kinds checked; with `peers` it may measure a unit among others.

    Raises ExpressionError: `unknown_item`, `unknown_function`, `arguments`, `kind`, `needs_total`, `one_list`,
    `peers`.
    """
    bound = _Binder(names, text, functions, PEER_FUNCTIONS if peers else {}).bind(tree)
    if want and (found := kind(bound, functions)) != want:
        raise ExpressionError("kind", text, 1, found=found, wanted=want)
    return bound


@dataclass(frozen=True)
class _Binder:
    names: Names
    text: str
    functions: Mapping[str, Signature]
    peers: Mapping[str, Signature]
    on_lines: bool = False

    def bind(self, node: Node) -> Node:
        if isinstance(node, Reference):
            return self._column(node)
        if isinstance(node, Call):
            return self._call(node)
        bound = rebuild(node, self.bind)
        if isinstance(bound, Negative | Arithmetic):
            self._want("number", *children(bound))
        elif isinstance(bound, Logic | Not | If):
            self._want("truth", *children(bound))
        elif isinstance(bound, Comparison | Membership):
            first, *others = children(bound)
            wanted = kind(first, self.functions)
            if wanted == "truth":
                raise ExpressionError("kind", self.text, 1, found="truth", wanted="number")
            self._want(wanted, *others)
        return bound

    def _column(self, reference: Reference) -> Column:
        found: Column = self._known(lambda: self.names.find(reference), reference)
        if not self.on_lines and self.names.list_form(found) not in ("", self.names.line_form):
            raise ExpressionError("needs_total", self.text, reference.column, found=reference.text)
        return found

    def _call(self, call: Call) -> Call | Column:
        if call.function in LINE_FUNCTIONS and call.function not in self.functions:
            return self._lines(call)
        if call.function in self.peers:
            return self._among_peers(call)
        signature = self.functions.get(call.function)
        if signature is None:
            raise ExpressionError(
                "unknown_function", self.text, self.text.find(call.function) + 1, found=call.function,
                expected=" ".join(sorted({*self.functions, *LINE_FUNCTIONS, *self.peers})),
            )  # fmt: skip
        return Call(call.function, self._arguments(call, signature))

    def _lines(self, call: Call) -> Column:
        """An aggregate over lines: all its items belong to the lines of one list form."""
        inner = replace(self, on_lines=True)
        arguments = inner._arguments(call, LINE_FUNCTIONS[call.function])  # noqa: SLF001 - the same class
        read = [column for argument in arguments for column in columns(argument)]
        forms = {self.names.list_form(column) for column in read}
        if len(forms) != 1 or "" in forms or len({column.at for column in read}) > 1:
            raise ExpressionError("one_list", self.text, max(self.text.find(call.function), 0) + 1, found=call.function)
        if max(map(depth, arguments)) > DEEPEST_ON_LINES:
            column = max(self.text.find(call.function), 0) + 1
            raise ExpressionError("too_deep", self.text, column, most=DEEPEST_ON_LINES)
        plain = [_here(argument) for argument in arguments]
        count = call.function == "lines"
        argument, condition = (None, plain[0]) if count else (plain[0], plain[1] if len(plain) > 1 else None)
        return Column(read[0].name, read[0].at, "number", LineSum(call.function, forms.pop(), argument, condition))

    def _among_peers(self, call: Call) -> Column:
        """A measure among units: on whole respondents only; `hb` and `same` ask for answers of this period."""
        arguments = self._arguments(call, self.peers[call.function])
        plain = call.function == "mad" or all(isinstance(one, Column) and one.is_cell for one in arguments)
        read = [column for argument in arguments for column in columns(argument)]
        if not plain or not read or self.names.line_form or any(column.at for column in read):
            raise ExpressionError("peers", self.text, max(self.text.find(call.function), 0) + 1, found=call.function)
        return Column(read[0].name, "", "number", peers=PeerMeasure(call.function, arguments))

    def _arguments(self, call: Call, signature: Signature) -> tuple[Node, ...]:
        arguments: list[Node] = []
        for argument in call.arguments:
            if isinstance(argument, Span):
                arguments += self._known(lambda span=argument: self.names.span(span), argument.first)  # type: ignore[misc]
            else:
                arguments.append(self.bind(argument))
        if len(arguments) < signature.least or (signature.most is not None and len(arguments) > signature.most):
            raise ExpressionError("arguments", self.text, 1, found=call.function, count=len(arguments))
        if signature.takes:
            self._want(signature.takes, *arguments[:1])
            self._want(signature.later or signature.takes, *arguments[1:])
        if call.function == "starts" and not all(isinstance(argument, Text) for argument in arguments[1:]):
            raise ExpressionError("kind", self.text, 1, found="number", wanted="text")
        return tuple(arguments)

    def _want(self, wanted: Kind, *nodes: Node) -> None:
        for node in nodes:
            found = kind(node, self.functions)
            if found != wanted:
                raise ExpressionError("kind", self.text, 1, found=found, wanted=wanted)

    def _known(self, find: Callable[[], Any], reference: Reference) -> Any:
        try:
            return find()
        except KeyError as error:
            raise ExpressionError(
                "unknown_item", self.text, reference.column, found=reference.text, nearest=error.args[0]
            ) from None


def _here(node: Node) -> Node:
    """The tree with its items read on the line itself."""
    return replace(node, at="") if isinstance(node, Column) else rebuild(node, _here)


def kind(node: Node, functions: Mapping[str, Signature] = FUNCTIONS) -> Kind:
    """What a bound node gives: a number, a text, or a truth."""
    if isinstance(node, Column):
        return node.kind
    if isinstance(node, Call):
        return functions[node.function].gives
    if isinstance(node, Text):
        return "text"
    return "number" if isinstance(node, Number | Negative | Arithmetic) else "truth"


def blank_as_zero(node: Node) -> Node:
    """The tree with every numeric item read as 0 where it is blank, but for `filled(x)`."""
    if isinstance(node, Column):
        return Call("nz", (node,)) if node.kind == "number" else node
    if isinstance(node, Call) and node.function == "filled":
        return node
    return rebuild(node, blank_as_zero)
