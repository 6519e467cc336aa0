"""Expressions as Excel formulas: a bound tree becomes text that Excel, WPS and LibreOffice work out alike.

Inside a formula a missing value is an error, which every operator and function hands on; a truth is 1, 0 or, where
it is unknown, 0.5, so that `and` is the least, `or` the greatest and `not` what is left of 1. Only functions of
Excel 2007 are used. What a workbook cannot say raises UnwritableError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    If,
    LineSum,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Text,
)

# A formula that gives an item's value, as `number` and `text` write them.
Place = Callable[[Column], str]
LONGEST, DEEPEST = 8192, 60
LONGEST_TEXT, _MOST_ARGUMENTS = 255, 250
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLAIN = {"abs": "ABS", "min": "MIN", "max": "MAX"}


class UnwritableError(Exception):
    """An expression that no formula says."""


def to_formula(tree: Node, place: Place, tolerance: float = 0.0) -> str:
    """The formula of a bound tree without its `=`: a value that is an error where it is missing, or a truth."""
    formula = _Writer(place, tolerance).node(tree)
    if len(formula) > LONGEST or _depth(formula) > DEEPEST:
        raise UnwritableError
    return formula


def number(cell: str) -> str:
    """The number in a cell; missing where there is none."""
    return f"IF(ISNUMBER({cell}),{cell},NA())"


def text(cell: str) -> str:
    """The text in a cell; missing where it is empty."""
    return f'IF({cell}="",NA(),{cell})'


def quoted(value: str) -> str:
    """A text as formulas write it."""
    if len(value) > LONGEST_TEXT:
        raise UnwritableError
    return '"' + value.replace('"', '""') + '"'


def lines_formula(lines: LineSum, cells: Place) -> str:
    """What the lines of a list form come to; `cells` gives the range of an item's answers on all lines."""
    condition = _lines_hold(lines.condition, cells) if lines.condition is not None else ""
    if lines.function == "lines":
        return f"SUMPRODUCT({condition}*1)"
    if not isinstance(lines.argument, Column):
        raise UnwritableError
    column = cells(lines.argument)
    if not condition:
        function = {"total": "SUM", "most": "MAX", "least": "MIN"}[lines.function]
        return f"IF(COUNT({column})=0,NA(),{function}({column}))"
    if lines.function != "total":
        raise UnwritableError
    return f"IF(SUMPRODUCT({condition}*ISNUMBER({column}))=0,NA(),SUMPRODUCT({condition}*1,{column}))"


def _lines_hold(node: Node, cells: Place) -> str:
    """On which lines a condition holds, as an array of 1 and 0 in brackets."""
    match node:
        case Comparison("=", Column(kind="text") as column, Text(value)):
            return f"EXACT({cells(column)},{quoted(value)})"
        case Comparison("<>", Column(kind="text") as column, Text(value)):
            return f'(({cells(column)}<>"")*(1-EXACT({cells(column)},{quoted(value)})))'
        case Comparison(operator, Column(kind="number") as column, Number(value)):
            return f"(ISNUMBER({cells(column)})*({cells(column)}{operator}{_number(value)}))"
        case Membership(Column(kind="text") as column, options):
            wanted = dict.fromkeys(map(quoted, _texts(options)))
            return f"({'+'.join(f'EXACT({cells(column)},{one})' for one in wanted)})"
        case Logic("and", parts):
            return f"({'*'.join(_lines_hold(part, cells) for part in parts)})"
        case Logic("or", parts):
            return f"(({'+'.join(_lines_hold(part, cells) for part in parts)})>0)"
        case Call("filled", (Column() as column,)):
            return f"ISNUMBER({cells(column)})" if column.kind == "number" else f'({cells(column)}<>"")'
    raise UnwritableError


def _depth(formula: str) -> int:
    """How many brackets stand one in the other, texts aside."""
    deepest = depth = 0
    for plain in formula.split('"')[::2]:
        for letter in plain:
            depth += (letter == "(") - (letter == ")")
            deepest = max(deepest, depth)
    return deepest


def _number(value: float) -> str:
    plain = f"{value:.15g}"
    return f"({plain})" if value < 0 else plain


def _texts(options: Sequence[Node]) -> list[str]:
    found = [option.value for option in options if isinstance(option, Text)]
    if len(found) != len(options):
        raise UnwritableError
    return found


def _array(parts: Sequence[str]) -> str:
    return "{" + ",".join(parts) + "}"


class _Writer:
    def __init__(self, place: Place, tolerance: float) -> None:
        self._place = place
        self._tolerance = tolerance

    def node(self, node: Node) -> str:
        match node:
            case Number(value):
                return _number(value)
            case Text(value):
                return quoted(value)
            case Column():
                return self._place(node)
            case Negative(operand):
                return f"(-{self.node(operand)})"
            case Arithmetic(operator, left, right):
                return f"({self.node(left)}{operator}{self.node(right)})"
            case Comparison(operator, left, right):
                return self._compare(operator, left, right)
            case Membership(operand, options):
                return self._membership(operand, options)
            case Logic(operator, parts):
                return _extreme("MIN" if operator == "and" else "MAX", [self.node(part) for part in parts])
            case Not(operand):
                return f"(1-{self.node(operand)})"
            case If(condition, consequence):
                return f"MAX(1-{self.node(condition)},{self.node(consequence)})"
            case Call(function, arguments):
                return self._call(function, arguments)
        raise UnwritableError

    def _compare(self, operator: str, left: Node, right: Node) -> str:
        a, b = self.node(left), self.node(right)
        if _is_text(left):
            if operator not in ("=", "<>"):
                return _known(f"{a}{operator}{b}")
            return _known(f"EXACT({a},{b})" if operator == "=" else f"NOT(EXACT({a},{b}))")
        if not self._tolerance:
            return _known(f"{a}{operator}{b}")
        near = _number(self._tolerance)
        return _known(
            {
                "=": f"ABS({a}-{b})<={near}", "<>": f"ABS({a}-{b})>{near}",
                ">=": f"{a}-{b}>=-{near}", "<": f"{a}-{b}<-{near}",
                "<=": f"{b}-{a}>=-{near}", ">": f"{b}-{a}<-{near}",
            }[operator]
        )  # fmt: skip

    def _membership(self, operand: Node, options: Sequence[Node]) -> str:
        if not _is_text(operand):
            return _extreme("MAX", [self._compare("=", operand, option) for option in options])
        among = _array([quoted(option) for option in _texts(options)])
        return _known(f"SUMPRODUCT(--EXACT({self.node(operand)},{among}))>0")

    def _call(self, function: str, nodes: Sequence[Node]) -> str:
        if function == "starts":
            starts = _texts(nodes[1:])
            lengths, among = _array([str(len(start)) for start in starts]), _array(list(map(quoted, starts)))
            return _known(f"SUMPRODUCT(--EXACT(LEFT({self.node(nodes[0])},{lengths}),{among}))>0")
        arguments = [self.node(one) for one in nodes]
        first = arguments[0]
        match function:
            case "filled":
                return f"IF(ISERROR({first}),0,1)"
            case "nz":
                return f"IFERROR({first},0)"
            case "sum":
                return f"({'+'.join(arguments)})"
            case "sum0":
                return f"({'+'.join(f'IFERROR({one},0)' for one in arguments)})"
            case "round":
                return f"ROUND({first},{arguments[1] if len(arguments) > 1 else '0'})"
            case "valid_uscc":
                return _check_digit(first, 18)
            case "valid_orgcode":
                return _check_digit(f"MID({first},9,9)", 9)
        if function not in _PLAIN:
            raise UnwritableError
        return f"{_PLAIN[function]}({','.join(arguments)})"


def _known(condition: str) -> str:
    return f"IFERROR(IF({condition},1,0),0.5)"


def _extreme(function: str, parts: Sequence[str]) -> str:
    """The least or greatest of any number of truths."""
    if len(parts) == 1:
        return parts[0]
    groups = [f"{function}({','.join(group)})" for group in _grouped(parts)]
    return groups[0] if len(groups) == 1 else f"{function}({','.join(groups)})"


def _grouped(parts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(parts), _MOST_ARGUMENTS):
        yield parts[start : start + _MOST_ARGUMENTS]


def _check_digit(code: str, length: int) -> str:
    """Whether the last character of a code is the one that the others ask for (GB 32100, GB 11714)."""
    places = _array([str(at) for at in range(1, length + 1)])
    if length == 9:
        letters, weights, divisor = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [3, 7, 9, 10, 5, 8, 4, 2, 0], 11
        # The last one is 11 less the rest, of which 10 is written X and 11 is written 0.
        rest = f'MID("0X987654321",MOD(SUMPRODUCT({{values}}*{_array(list(map(str, weights)))}),{divisor})+1,1)'
        values = f'(FIND(MID({code},{places},1),"{letters}")-1)'
        sound = f"EXACT(RIGHT({code},1),{rest.replace('{values}', values)})"
    else:
        weights = [*(pow(3, at, 31) for at in range(length - 1)), 1]
        values = f'(FIND(MID({code},{places},1),"{_USCC}")-1)'
        sound = f"MOD(SUMPRODUCT({values}*{_array(list(map(str, weights)))}),31)=0"
    # A letter that no code has makes an error of its own: that is a wrong code, a missing one is unknown.
    return f"IF(ISERROR({code}),0.5,IFERROR(IF(AND(LEN({code})={length},{sound}),1,0),0))"


def _is_text(node: Node) -> bool:
    return isinstance(node, Text) or (isinstance(node, Column) and node.kind == "text")
