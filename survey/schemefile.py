"""A scheme's folder, read strictly: all problems at once, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, get_type_hints

from survey.codes import Code, CodeList, code_list
from survey.disclosurefile import read_disclosure
from survey.errors import SchemeError
from survey.form import ITEM_TYPES, LAYOUTS, RESPONDENTS, Checking, Form, Item, Legal, Roles, Section, Version
from survey.rulefile import RuleReader
from survey.scheme import Scheme
from survey.textfiles import TextFiles

_SCHEME_KEYS = (
    "id", "version", "title", "title_en", "period_type", "districts", "forms", "legal", "units", "checks",
    "roles", "disclosure",
)  # fmt: skip
_FORM_KEYS = (
    "id", "title", "title_en", "layout", "table_no", "unit", "scope", "scope_en", "respondent", "items",
)  # fmt: skip
_CODE_COLUMNS = ("code", "label", "label_en", "aliases")
_VERSIONS = "migrations.toml"
_CARRIED = ("renamed", "recoded", "filled")
_TOP = "scheme.toml"
# A form's number names its table and its file: nothing else of SQL or of paths may stand in it.
_FORM_ID = re.compile(r"[\w-]+")


def read_scheme(files: Mapping[str, str]) -> Scheme:
    """The scheme in its text files; raises SchemeError with all its problems."""
    texts = TextFiles(files)
    scheme = _Reader(texts).scheme()
    if texts.problems:
        raise SchemeError(sorted(texts.problems, key=lambda problem: (problem.file, problem.line)))
    return scheme


# Asked for once a kind of record, not once a record.
_hints = cache(get_type_hints)


class _Reader:
    def __init__(self, texts: TextFiles) -> None:
        self._texts = texts

    def scheme(self) -> Scheme:
        texts = self._texts
        top = texts.toml("scheme.toml")
        texts.known_keys("scheme.toml", 0, top, _SCHEME_KEYS)
        texts.present("scheme.toml", 0, top, ("id", "version", "title", "title_en", "districts", "forms"))
        lists = {name: self._codes(name) for name in self._lists()}
        asked = texts.typed(_TOP, top, "forms", [])
        forms = tuple(form for form_id in asked if (form := self._form(str(form_id), lists)))
        self._unique(forms)
        self._within(forms, lists)
        districts = str(top.get("districts", ""))
        texts.known_name("scheme.toml", "districts", "unknown_list", districts, lists)
        rules = RuleReader(texts, forms)
        return Scheme(
            id=str(top.get("id", "")),
            version=str(top.get("version", "")),
            title=str(top.get("title", "")),
            title_en=str(top.get("title_en", "")),
            legal=self._legal(texts.typed(_TOP, top, "legal", {})),
            forms=forms,
            lists=lists,
            districts=lists.get(districts, code_list(districts, ())),
            units={str(unit): str(label) for unit, label in texts.typed(_TOP, top, "units", {}).items()},
            checks=rules.checks(),
            files=texts.files,
            skips=rules.conditions("skip"),
            demands=rules.conditions("required_when"),
            computed=rules.computed(),
            derived=rules.derived({name: found.codes for name, found in lists.items()}),
            versions=self._versions(forms),
            checking=self._checking(texts.typed(_TOP, top, "checks", {}), forms),
            roles=self._roles(texts.typed(_TOP, top, "roles", {}), forms),
            disclosure=read_disclosure(texts, texts.typed(_TOP, top, "disclosure", {})),
        )

    def _lists(self) -> list[str]:
        return [name[len("codes/") : -len(".csv")] for name in self._texts.files if name.startswith("codes/")]

    def _codes(self, list_id: str) -> CodeList:
        name = f"codes/{list_id}.csv"
        entries: dict[str, Code] = {}
        for line, row in self._texts.rows(name, _CODE_COLUMNS[:2], extra=True):
            code = row.get("code", "")
            if not code or not row.get("label"):
                self._texts.add(name, line, "missing_key", key="code" if not code else "label")
            elif code in entries:
                self._texts.add(name, line, "twice", found=code)
            aliases = tuple(part for part in row.get("aliases", "").split("|") if part)
            extra = {key: value for key, value in row.items() if key not in _CODE_COLUMNS}
            entries[code] = Code(code, row.get("label", ""), row.get("label_en", ""), aliases, extra)
        return code_list(list_id, entries.values())

    def _legal(self, table: Mapping[str, Any]) -> Legal:
        self._texts.known_keys("scheme.toml", 0, table, [part.name for part in fields(Legal)])
        known = {part.name for part in fields(Legal)}
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in table.items() if key in known
        }
        return Legal(**values)

    def _checking(self, table: Mapping[str, Any], forms: Iterable[Form]) -> Checking:
        """Which items group the units and carry the figures; all of them are answered once by a unit."""
        self._texts.known_keys("scheme.toml", 0, table, [part.name for part in fields(Checking)])
        strata, staff, key_items = self._parts(table, Checking)
        asked = [form for form in forms if form.respondent == "unit" and not form.is_list]
        codes = {item.name for form in asked for item in form.items if item.type == "code"}
        numbers = {item.name for form in asked for item in form.items if item.numeric}
        for name in strata:
            self._texts.known_name("scheme.toml", "strata =", "unknown_item", name, codes)
        for key, name in [("staff", staff)] * bool(staff) + [("key_items", name) for name in key_items]:
            self._texts.known_name("scheme.toml", f"{key} =", "unknown_item", name, numbers)
        return Checking(tuple(strata), str(staff), tuple(key_items))

    def _roles(self, table: Mapping[str, Any], forms: Iterable[Form]) -> Roles:
        """Which items tell units apart; all of them are answered once by a unit."""
        self._texts.known_keys("scheme.toml", 0, table, [part.name for part in fields(Roles)])
        asked = [form for form in forms if form.respondent == "unit" and not form.is_list]
        words = {item.name for form in asked for item in form.items if not item.numeric}
        phones, *single = self._parts(table, Roles)
        for name in (*phones, *filter(None, single)):
            self._texts.known_name("scheme.toml", f'"{name}"', "unknown_item", name, words)
        return Roles(tuple(phones), *map(str, single))

    def _parts(self, table: Mapping[str, Any], made: type[Checking | Roles]) -> Iterator[Any]:
        """The values of a table in the order of what is made of it; of another kind they are problems."""
        for part in fields(made):
            default: object = [] if isinstance(part.default, tuple) else part.default
            yield self._texts.typed(_TOP, table, part.name, default) or part.default

    def _form(self, form_id: str, lists: Mapping[str, CodeList]) -> Form | None:
        if not _FORM_ID.fullmatch(form_id):
            self._texts.add(_TOP, "forms =", "no_form_id", found=form_id)
            return None
        file = f"forms/{form_id}.toml"
        table = self._texts.toml(file)
        if not table:
            return None
        self._texts.known_keys(file, 0, table, _FORM_KEYS)
        self._texts.present(file, 0, table, ("id", "title", "title_en", "layout", "items"))
        if table.get("id") != form_id:
            self._texts.add(file, "id =", "wrong_id", found=table.get("id"), wanted=form_id)
        for key, known in (("layout", LAYOUTS), ("respondent", RESPONDENTS)):
            if table.get(key, known[0]) not in known:
                self._texts.add(file, f"{key} =", "not_one_of", found=table[key], wanted=", ".join(known))
        lines = [
            number for number, line in enumerate(self._texts.files[file].splitlines(), 1) if line.lstrip()[:1] == "{"
        ]
        rows = []
        for index, row in enumerate(self._texts.typed(file, table, "items", [])):
            line = lines[index] if index < len(lines) else 0
            if not isinstance(row, dict):
                self._texts.add(file, line, "wrong_type", key="items", wanted="dict")
                continue
            read = self._section if "section" in row else self._item
            if (found := read(file, line, form_id, row)) is not None:
                rows.append(found)
                if isinstance(found, Item):
                    self._listed(file, line, found, lists)
        plain = {key: table[key] for key in _FORM_KEYS if key != "items" and key in table}
        return Form(rows=tuple(rows), **{"title": "", "title_en": "", "layout": "table", **plain, "id": form_id})

    def _section(self, file: str, line: int, _form_id: str, row: Mapping[str, Any]) -> Section | None:
        found: Section | None = self._record(Section, file, line, dict(row))
        return found

    def _item(self, file: str, line: int, form_id: str, row: Mapping[str, Any]) -> Item | None:
        item: Item | None = self._record(Item, file, line, {"form": form_id, **row})
        if item is None:
            return None
        if not item.label_en:
            self._texts.add(file, line, "missing_key", key="label_en")
        if item.type not in ITEM_TYPES:
            self._texts.add(file, line, "not_one_of", found=item.type, wanted=", ".join(ITEM_TYPES))
        return item

    def _listed(self, file: str, line: int, item: Item, lists: Mapping[str, CodeList]) -> None:
        if item.type == "code":
            self._texts.known_name(file, line, "unknown_list", item.list, lists)

    def _record(self, make: Callable[..., Any], file: str, line: int, row: dict[str, Any]) -> Any:
        """A dataclass from a table: unknown keys, missing keys and wrong types are problems."""
        hints = _hints(make)
        parts = {part.name: part for part in fields(make)}  # type: ignore[arg-type]
        self._texts.known_keys(file, line, row, parts)
        needed = [name for name, part in parts.items() if part.default is MISSING]
        missing = [name for name in needed if row.get(name) in (None, "")]
        self._texts.present(file, line, dict.fromkeys(needed, 1) | dict.fromkeys(missing), needed)
        for name, value in row.items():
            wanted = {hint: hint for hint in (str, int, bool)}.get(hints[name]) if name in hints else None
            if wanted and type(value) is not wanted:
                self._texts.add(file, line, "wrong_type", key=name, wanted=wanted.__name__)
                missing.append(name)
        return None if missing else make(**{name: value for name, value in row.items() if name in parts})

    def _unique(self, forms: Iterable[Form]) -> None:
        names: dict[str, str] = {}
        for form in forms:
            file, codes = f"forms/{form.id}.toml", set()
            for item in form.items:
                if item.code in codes:
                    self._texts.add(file, f'"{item.name}"', "twice", found=item.code)
                if item.name in names:
                    self._texts.add(file, f'"{item.name}"', "twice", found=item.name)
                codes.add(item.code)
                names[item.name] = form.id

    def _within(self, forms: Iterable[Form], lists: Mapping[str, CodeList]) -> None:
        """A list narrowed by another item needs a column of that item's codes."""
        items = {item.name: item for form in forms for item in form.items}
        for item in items.values():
            if not item.within:
                continue
            file, needle = f"forms/{item.form}.toml", f'"{item.name}"'
            if not self._texts.known_name(file, needle, "unknown_item", item.within, items):
                continue
            outer = items[item.within].list
            if (
                outer
                and item.list in lists
                and any(outer not in code.extra for code in lists[item.list].codes.values())
            ):
                self._texts.add(f"codes/{item.list}.csv", 1, "missing_key", key=outer)

    def _versions(self, forms: Iterable[Form]) -> dict[str, Version]:
        """How answers to earlier versions are taken over, by their version."""
        if _VERSIONS not in self._texts.files:
            return {}
        names = {item.name for form in forms for item in form.items}
        found = {}
        for version, table in self._texts.toml(_VERSIONS).items():
            if not isinstance(table, dict):
                self._texts.add(_VERSIONS, f"{version} =", "wrong_type", key=version, wanted="dict")
                continue
            self._texts.known_keys(_VERSIONS, 0, table, [part.name for part in fields(Version)])
            renamed, recoded, filled = (self._texts.typed(_VERSIONS, table, key, {}) for key in _CARRIED)
            for name in (*renamed.values(), *recoded, *filled):
                self._texts.known_name(_VERSIONS, str(name), "unknown_item", str(name), names)
            dropped = self._texts.typed(_VERSIONS, table, "dropped", [])
            found[version] = Version(renamed, tuple(dropped), recoded, filled)
        return found
