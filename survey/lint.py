"""What a scheme's loader cannot see: units that do not fit, codes nobody has, items nobody explains."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from survey.errors import Problem
from survey.expression import (
    Arithmetic,
    Call,
    Column,
    Comparison,
    Membership,
    Node,
    Not,
    Text,
    children,
    columns,
    walk,
)
from survey.form import Check, Form, Item
from survey.scheme import Scheme
from survey.textfiles import line_of


def lint(scheme: Scheme, lists: Collection[str] = ()) -> list[Problem]:
    """The problems of a scheme that loads; `lists` are code lists that something beside the forms uses."""
    return [
        *_units_differ(scheme),
        *_unused_lists(scheme, lists),
        *_unknown_codes(scheme),
        *_other_respondents(scheme),
        *(problem for item in scheme.items.values() for problem in _item_problems(scheme, item)),
    ]


def lint_check(scheme: Scheme, check: Check) -> list[Problem]:
    """What is wrong with one check by itself, whether the scheme has it or not."""
    alone = replace(scheme, checks=(check,), skips={}, demands={}, computed={}, derived=())
    return [*_units_differ(alone), *_unknown_codes(alone), *_other_respondents(alone)]


def _item_problems(scheme: Scheme, item: Item) -> Iterator[Problem]:
    """What an item lacks, or says twice."""
    file = f"forms/{item.form}.toml"
    line = line_of(scheme.files[file], f'"{item.name}"')
    skip = scheme.skips.get(item.name)
    faults = {
        "no_instruction": not (item.note and item.note_en),
        "no_length": item.type == "text" and not item.length,
        "no_unit_english": bool(item.unit) and item.unit not in scheme.units,
        "total_of_text": item.total and not item.numeric,
        "computed_asked": bool(item.computed) and (item.required or bool(item.required_when) or bool(item.skip)),
        "skips_itself": skip is not None and any(column.name == item.name for column in columns(skip)),
    }
    for code, found in faults.items():
        if found:
            yield Problem(file, line, code, {"found": item.name, "unit": item.unit})


def _trees(scheme: Scheme) -> Iterator[tuple[str, str, Form, Node]]:
    """Everything a scheme says in expressions: its file, what to look for there, its form, the tree."""
    for check in scheme.checks:
        yield "checks.csv", f"{check.code},", scheme.form(check.scope), check.tree
    for trees in (scheme.skips, scheme.demands, scheme.computed):
        for name, tree in trees.items():
            form = scheme.form_of(name)
            yield f"forms/{form.id}.toml", f'"{name}"', form, tree
    for one in scheme.derived:
        yield "derived.csv", f"{one.item},{one.value}", scheme.form_of(one.item), one.tree


def _unknown_codes(scheme: Scheme) -> Iterator[Problem]:
    """Codes that an expression asks for and their list does not have: the condition can never hold."""
    for file, needle, _form, tree in _trees(scheme):
        for item, code in _codes_asked_for(tree, scheme):
            if code not in scheme.lists[item.list].codes:
                line = line_of(scheme.files[file], needle)
                yield Problem(file, line, "unknown_code", {"found": code, "item": item.name, "list": item.list})


def _codes_asked_for(tree: Node, scheme: Scheme) -> Iterator[tuple[Item, str]]:
    for node in _deep(tree):
        options: tuple[Node, ...] = ()
        asked: Node | None = None
        if isinstance(node, Comparison) and node.operator in ("=", "<>"):
            asked, options = node.left, (node.right,)
        elif isinstance(node, Membership):
            asked, options = node.operand, node.options
        if isinstance(asked, Column) and asked.name in scheme.items and scheme.item(asked.name).type == "code":
            for option in options:
                if isinstance(option, Text):
                    yield scheme.item(asked.name), option.value


def _deep(tree: Node) -> Iterator[Node]:
    """Every node, those that are decided on lines included."""
    for node in walk(tree):
        yield node
        if isinstance(node, Column):
            for part in node.parts:
                yield from walk(part)


def _other_respondents(scheme: Scheme) -> Iterator[Problem]:
    """A unit's forms, the district's and the city's are answered apart and cannot be compared."""
    for file, needle, form, tree in _trees(scheme):
        for column in columns(tree):
            other = scheme.form_of(column.name)
            if other.respondent != form.respondent and column.at != "reg":
                line = line_of(scheme.files[file], needle)
                yield Problem(file, line, "other_respondent", {"found": column.name, "form": other.id})
                break


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


def _unused_lists(scheme: Scheme, lists: Collection[str]) -> list[Problem]:
    used = {item.list for item in scheme.items.values()} | {scheme.districts.id, *lists}
    return [Problem(f"codes/{name}.csv", 0, "unused_list", {}) for name in scheme.lists if name not in used]
