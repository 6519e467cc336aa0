"""What a scheme's loader cannot see: units of measure that do not fit, lists that nobody uses."""

from __future__ import annotations

from survey.errors import Problem
from survey.expression import Arithmetic, Call, Column, Comparison, Membership, Node, Not, children
from survey.form import Check
from survey.scheme import Scheme
from survey.textfiles import line_of


def lint(scheme: Scheme) -> list[Problem]:
    """The problems of a scheme that loads."""
    return [*_units_differ(scheme), *_unused_lists(scheme)]


def _units_differ(scheme: Scheme) -> list[Problem]:
    found = []
    for check in scheme.checks:
        units = _mixed(check.tree, scheme)
        if units:
            found.append(_problem(scheme, check, units))
    return found


def _problem(scheme: Scheme, check: Check, units: set[str]) -> Problem:
    line = line_of(scheme.files["checks.csv"], f"{check.code},")
    return Problem("checks.csv", line, "units_differ", {"units": " ".join(sorted(units))})


def _mixed(node: Node, scheme: Scheme) -> set[str]:
    """The units of the first sum or comparison below that mixes some."""
    for below in children(node):
        if mixed := _mixed(below, scheme):
            return mixed
    if isinstance(node, Comparison) or (isinstance(node, Arithmetic) and node.operator in "+-"):
        units = {unit for side in (node.left, node.right) if (unit := _unit(side, scheme))}
        return units if len(units) > 1 else set()
    return set()


def _unit(node: Node, scheme: Scheme) -> str:
    """The unit of measure of an expression; '' where it has none or it cannot be told."""
    if isinstance(node, Column):
        return scheme.item(node.name).unit if node.kind == "number" else ""
    if isinstance(node, Not | Membership | Comparison):
        return ""
    if isinstance(node, Arithmetic) and node.operator in "*/":
        return ""
    if isinstance(node, Call) and node.function not in ("sum", "sum0", "abs", "nz", "min", "max", "round"):
        return ""
    units = {unit for below in children(node) if (unit := _unit(below, scheme))}
    return units.pop() if len(units) == 1 else ""


def _unused_lists(scheme: Scheme) -> list[Problem]:
    used = {item.list for item in scheme.items.values()} | {scheme.districts.id}
    return [Problem(f"codes/{name}.csv", 0, "unused_list", {}) for name in scheme.lists if name not in used]
