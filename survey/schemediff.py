"""What differs between two versions of a scheme, in the order of the later one, for a person to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from survey.codes import Code
from survey.expression import write
from survey.form import Check, Derivation, Form, Item
from survey.scheme import Scheme

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Difference:
    """One thing that was `added`, `removed` or `changed`; `what` it is, where, and the two texts.

    `what` is scheme, form, item, code, check or derived; `part` names what of it changed.
    """

    kind: str
    what: str
    place: str
    label: str = ""
    part: str = ""
    before: str = ""
    after: str = ""


def differences(before: Scheme, after: Scheme) -> list[Difference]:
    """Everything that differs; indicators, tables and targets only by their files."""
    return [
        *_top(before, after),
        *_compared("form", _forms(before), _forms(after), _title, _form_parts),
        *_compared("item", _items(before), _items(after), _label, _item_parts),
        *_compared("code", _codes(before), _codes(after), _label, _code_parts),
        *_compared("check", _checks(before), _checks(after), _message, _check_parts),
        *_compared("derived", _derived(before), _derived(after), _nothing, _derived_parts),
        *_files(before, after),
    ]


def _top(before: Scheme, after: Scheme) -> Iterator[Difference]:
    for part in ("version", "title", "title_en"):
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            yield Difference("changed", "scheme", after.id, "", part, old, new)
    for legal in fields(before.legal):
        old, new = str(getattr(before.legal, legal.name)), str(getattr(after.legal, legal.name))
        if old != new:
            yield Difference("changed", "scheme", after.id, "", legal.name, old, new)


def _compared(
    what: str,
    before: Mapping[str, _Thing],
    after: Mapping[str, _Thing],
    label: Callable[[_Thing], str],
    parts: Callable[[_Thing], Mapping[str, object]],
) -> Iterator[Difference]:
    for place, new in after.items():
        if place not in before:
            yield Difference("added", what, place, label(new))
            continue
        old_parts, new_parts = parts(before[place]), parts(new)
        for part, value in new_parts.items():
            if old_parts[part] != value:
                yield Difference("changed", what, place, label(new), part, str(old_parts[part]), str(value))
    for place, old in before.items():
        if place not in after:
            yield Difference("removed", what, place, label(old))


def _forms(scheme: Scheme) -> dict[str, Form]:
    return {form.id: form for form in scheme.forms}


def _items(scheme: Scheme) -> dict[str, Item]:
    return {f"{item.form} {item.name}": item for item in scheme.items.values()}


def _codes(scheme: Scheme) -> dict[str, Code]:
    return {f"{name} {code}": entry for name, found in scheme.lists.items() for code, entry in found.codes.items()}


def _checks(scheme: Scheme) -> dict[str, Check]:
    return {check.code: check for check in scheme.checks}


def _derived(scheme: Scheme) -> dict[str, Derivation]:
    counts: dict[str, int] = {}
    found = {}
    for one in scheme.derived:
        counts[one.item] = counts.get(one.item, 0) + 1
        found[f"{one.item} {counts[one.item]}"] = one
    return found


def _files(before: Scheme, after: Scheme) -> Iterator[Difference]:
    """Files that are not read as forms, codes or rules."""
    for name in sorted({*before.files, *after.files}):
        if name.startswith(("forms/", "codes/")) or name in ("scheme.toml", "checks.csv", "derived.csv"):
            continue
        old, new = before.files.get(name), after.files.get(name)
        if old != new:
            kind = "added" if old is None else "removed" if new is None else "changed"
            yield Difference(kind, "file", name)


def _title(form: Form) -> str:
    return form.title


def _label(thing: Item | Code) -> str:
    return thing.label


def _message(check: Check) -> str:
    return check.message


def _nothing(_one: Derivation) -> str:
    return ""


def _form_parts(form: Form) -> dict[str, object]:
    return _plain(form, ("rows", "id"))


def _item_parts(item: Item) -> dict[str, object]:
    return _plain(item, ("form", "name"))


def _code_parts(code: Code) -> dict[str, object]:
    return _plain(code, ("code",))


def _check_parts(check: Check) -> dict[str, object]:
    return _plain(check, ("code", "tree"))


def _derived_parts(one: Derivation) -> dict[str, object]:
    return {**_plain(one, ("item", "tree")), "condition": write(one.tree)}


def _plain(thing: Any, without: tuple[str, ...]) -> dict[str, object]:
    return {part.name: getattr(thing, part.name) for part in fields(thing) if part.name not in without}
