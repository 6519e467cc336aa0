"""What a scheme says in expressions: its checks, the conditions and formulas of its items, what it derives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from survey.binding import bind, blank_as_zero
from survey.expression import ExpressionError, Kind, Node, names_read
from survey.form import CHECK_CLASSES, FAMILIES, PERIOD, Check, Derivation, Form, Item
from survey.grammar import parse
from survey.scalar import Value
from survey.scheme import ItemNames
from survey.textfiles import TextFiles, line_of

CHECK_COLUMNS = (
    "code", "class", "scope", "expression", "when", "tolerance", "missing", "valid_from", "message", "message_en",
    "reason",
)  # fmt: skip
LATER = ("family",)
CHECKS = "checks.csv"
_DERIVED = "derived.csv"
_DERIVED_COLUMNS = ("item", "value", "valid_from", "valid_to", "condition", "reason")
_NEEDED = ("code", "expression", "message", "message_en")
_TOLERANCE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class RuleReader:
    """Reads the rules of some forms; what is wrong goes to the problems of the files."""

    texts: TextFiles
    forms: tuple[Form, ...]

    @cached_property
    def _by_id(self) -> Mapping[str, Form]:
        return {form.id: form for form in self.forms}

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        return {item.name: item for form in self.forms for item in form.items}

    @cached_property
    def _names(self) -> Mapping[str, ItemNames]:
        """What names mean on each form."""
        return {form.id: ItemNames(self.forms, form) for form in self.forms}

    def conditions(self, key: str) -> dict[str, Node]:
        """The conditions that items have under a key (`skip`, `required_when`), by item name."""
        found = {}
        for form in self.forms:
            for item in form.items:
                tree = self._of_item(form, item, key, "truth") if getattr(item, key) else None
                if tree is not None:
                    found[item.name] = tree
        return found

    def computed(self) -> dict[str, Node]:
        """The formulas of computed items by item name, each after those it reads."""
        trees: dict[str, Node] = {}
        for form in self.forms:
            for item in form.items:
                tree = self._of_item(form, item, "computed", item.kind) if item.computed else None
                if tree is not None:
                    trees[item.name] = tree
        return self._in_order(trees)

    def derived(self, lists: Mapping[str, Mapping[str, object]]) -> tuple[Derivation, ...]:
        """The decision table of values the program derives; a scheme may have none."""
        if _DERIVED not in self.texts.files:
            return ()
        found = []
        for line, row in self.texts.rows(_DERIVED, _DERIVED_COLUMNS):
            item = self._items.get(row.get("item", ""))
            if not self.texts.known_name(_DERIVED, line, "unknown_item", row.get("item", ""), self._items):
                continue
            assert item
            value = self._derived_value(line, item, row["value"], lists)
            tree = self._bound(_DERIVED, line, row["condition"], self._by_id[item.form], "truth")
            if tree is not None and value is not None:
                found.append(Derivation(item.name, value, row["valid_from"], row["valid_to"], tree, row["reason"]))
        return tuple(found)

    def checks(self) -> tuple[Check, ...]:
        """The checks of `checks.csv`."""
        checks: dict[str, Check] = {}
        for line, row in self.texts.rows(CHECKS, CHECK_COLUMNS, later=LATER):
            if row.get("code", "") in checks:
                self.texts.add(CHECKS, line, "twice", found=row["code"])
            check = self.check(row, line)
            if check is not None:
                checks[check.code] = check
        return tuple(checks.values())

    def _bound(self, file: str, line: int, text: str, scope: Form, want: Kind, *, peers: bool = False) -> Node | None:
        try:
            return bind(parse(text), self._names[scope.id], text, want=want, peers=peers)
        except ExpressionError as error:
            self.texts.add(file, line, error.code, **error.facts)
            return None

    def _of_item(self, form: Form, item: Item, key: str, want: Kind) -> Node | None:
        file = f"forms/{form.id}.toml"
        line = line_of(self.texts.files[file], f'"{item.name}"')
        return self._bound(file, line, getattr(item, key), form, want)

    def _in_order(self, trees: Mapping[str, Node]) -> dict[str, Node]:
        """Formulas after those they read; what reads itself is a problem."""
        reads = {name: names_read(tree) & set(trees) for name, tree in trees.items()}
        ordered: dict[str, Node] = {}
        while ready := [name for name in trees if name not in ordered and reads[name] <= set(ordered)]:
            ordered.update((name, trees[name]) for name in ready)
        for name in trees:
            if name not in ordered:
                file = f"forms/{self._items[name].form}.toml"
                self.texts.add(file, f'"{name}"', "circle", found=name)
        return ordered

    def _derived_value(self, line: int, item: Item, text: str, lists: Mapping[str, Mapping[str, object]]) -> Value:
        if item.type == "flag" and text in ("0", "1"):
            return int(text)
        codes = lists.get(item.list, {})
        if item.type != "code" or text not in codes:
            self.texts.add(_DERIVED, line, "not_one_of", found=text, wanted=", ".join(codes) or "0, 1")
            return None
        return text

    def check(self, row: Mapping[str, str], line: int = 0, needed: Sequence[str] = _NEEDED) -> Check | None:
        """The check of a row as `checks.csv` has them; None where it cannot be read."""
        texts, before = self.texts, len(self.texts.problems)
        texts.present(CHECKS, line, row, needed)
        scope = row.get("scope", "")
        texts.known_name(CHECKS, line, "unknown_form", scope, self._by_id)
        for key, known in (("class", CHECK_CLASSES), ("missing", ("", "zero")), ("family", ("", *FAMILIES))):
            if row.get(key, "") not in known:
                texts.add(CHECKS, line, "not_one_of", found=row.get(key), wanted=", ".join(known).strip(", "))
        tolerance = row.get("tolerance") or "0"
        if not _TOLERANCE.fullmatch(tolerance):
            texts.add(CHECKS, line, "wrong_type", key="tolerance", wanted="number")
        if (begins := row.get("valid_from", "")) and not PERIOD.fullmatch(begins):
            texts.add(CHECKS, line, "not_one_of", found=begins, wanted="2025, 2025Q3, …")
        if len(texts.problems) > before:
            return None
        whole = f"若 {row['when']} 则 {row['expression']}" if row["when"] else row["expression"]
        tree = self._bound(CHECKS, line, whole, self._by_id[scope], "truth", peers=True)
        if tree is None:
            return None
        return Check(
            code=row["code"],
            category=row["class"],
            scope=scope,
            text=whole,
            tree=blank_as_zero(tree) if row["missing"] else tree,
            tolerance=float(tolerance),
            message=row["message"],
            message_en=row["message_en"],
            valid_from=row["valid_from"],
            reason=row["reason"],
            family=row.get("family", ""),
        )
