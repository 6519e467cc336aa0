"""A scheme's text files, read strictly: all problems at once, each with its file and line."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from survey.binding import bind, blank_as_zero
from survey.codes import Code, CodeList, code_list
from survey.errors import Problem, SchemeError
from survey.expression import ExpressionError, parse
from survey.form import CHECK_CLASSES, ITEM_TYPES, LAYOUTS, RESPONDENTS, Check, Form, Item, Legal, Section
from survey.scheme import ItemNames, Scheme, nearest

_SCHEME_KEYS = ("id", "version", "title", "title_en", "period_type", "districts", "forms", "legal", "units")
_FORM_KEYS = ("id", "title", "title_en", "layout", "table_no", "unit", "scope", "scope_en", "respondent", "items")
_CHECK_COLUMNS = (
    "code", "class", "scope", "expression", "when", "tolerance", "missing", "valid_from", "message", "message_en",
    "reason",
)  # fmt: skip
_CODE_COLUMNS = ("code", "label", "label_en", "aliases")


def read_scheme(files: Mapping[str, str]) -> Scheme:
    """The scheme in its text files; raises SchemeError with all its problems."""
    reader = _Reader(files)
    scheme = reader.scheme()
    if reader.problems:
        raise SchemeError(sorted(reader.problems, key=lambda problem: (problem.file, problem.line)))
    return scheme


def line_of(text: str, *needles: str) -> int:
    """The first line that holds all needles, counted from 1; 0 where there is none."""
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if all(needle in line for needle in needles)), 0)


class _Reader:
    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self.problems: list[Problem] = []

    def scheme(self) -> Scheme:
        top = self._toml("scheme.toml")
        self._known_keys("scheme.toml", 0, top, _SCHEME_KEYS)
        self._present("scheme.toml", 0, top, ("id", "version", "title", "title_en", "districts", "forms"))
        lists = {name: self._codes(name) for name in self._lists()}
        forms = tuple(form for form_id in top.get("forms", ()) if (form := self._form(str(form_id), lists)))
        self._unique(forms)
        districts = str(top.get("districts", ""))
        if districts not in lists:
            self._add(
                "scheme.toml", "districts", "unknown_list", found=districts, nearest=nearest(districts, list(lists))
            )
        return Scheme(
            id=str(top.get("id", "")),
            version=str(top.get("version", "")),
            title=str(top.get("title", "")),
            title_en=str(top.get("title_en", "")),
            legal=self._legal(top.get("legal", {})),
            forms=forms,
            lists=lists,
            districts=lists.get(districts, code_list(districts, ())),
            units={str(unit): str(label) for unit, label in top.get("units", {}).items()},
            checks=self._checks(forms),
            files=self._files,
        )

    def _add(self, file: str, needle: str | int, code: str, **facts: object) -> None:
        line = needle if isinstance(needle, int) else line_of(self._files.get(file, ""), needle)
        self.problems.append(Problem(file, line, code, facts))

    def _toml(self, name: str) -> dict[str, Any]:
        text = self._files.get(name)
        if text is None:
            self._add(name, 0, "no_file")
            return {}
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            line = message.partition("line ")[2].partition(",")[0]
            self._add(name, int(line) if line.isdigit() else 0, "toml", detail=message)
            return {}

    def _known_keys(self, file: str, line: int, table: Mapping[str, object], known: Iterable[str]) -> None:
        known = list(known)
        for key in table:
            if key not in known:
                where = line or line_of(self._files[file], f"{key} =")
                self._add(file, where, "unknown_key", found=key, nearest=nearest(key, known))

    def _present(self, file: str, line: int, table: Mapping[str, object], keys: Iterable[str]) -> None:
        for key in keys:
            if not table.get(key):
                self._add(file, line, "missing_key", key=key)

    def _rows(self, name: str, columns: Iterable[str], extra: bool) -> list[tuple[int, dict[str, str]]]:
        text = self._files.get(name)
        if text is None:
            self._add(name, 0, "no_file")
            return []
        reader = csv.DictReader(io.StringIO(text))
        header = reader.fieldnames or []
        for column in columns:
            if column not in header:
                self._add(name, 1, "missing_key", key=column)
        for column in header:
            if not extra and column not in columns:
                self._add(name, 1, "unknown_key", found=column, nearest=nearest(column, list(columns)))
        rows = []
        for row in reader:
            if None in row or None in row.values():
                self._add(name, reader.line_num, "row_length", wanted=len(header))
                continue
            rows.append((reader.line_num, {key: value.strip() for key, value in row.items()}))
        return rows

    def _lists(self) -> list[str]:
        return [name[len("codes/") : -len(".csv")] for name in self._files if name.startswith("codes/")]

    def _codes(self, list_id: str) -> CodeList:
        name = f"codes/{list_id}.csv"
        entries: dict[str, Code] = {}
        for line, row in self._rows(name, _CODE_COLUMNS[:2], extra=True):
            code = row.get("code", "")
            if not code or not row.get("label"):
                self._add(name, line, "missing_key", key="code" if not code else "label")
            elif code in entries:
                self._add(name, line, "twice", found=code)
            aliases = tuple(part for part in row.get("aliases", "").split("|") if part)
            extra = {key: value for key, value in row.items() if key not in _CODE_COLUMNS}
            entries[code] = Code(code, row.get("label", ""), row.get("label_en", ""), aliases, extra)
        return code_list(list_id, entries.values())

    def _legal(self, table: Mapping[str, Any]) -> Legal:
        self._known_keys("scheme.toml", 0, table, [part.name for part in fields(Legal)])
        known = {part.name for part in fields(Legal)}
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in table.items() if key in known
        }
        return Legal(**values)

    def _form(self, form_id: str, lists: Mapping[str, CodeList]) -> Form | None:
        file = f"forms/{form_id}.toml"
        table = self._toml(file)
        if not table:
            return None
        self._known_keys(file, 0, table, _FORM_KEYS)
        self._present(file, 0, table, ("id", "title", "title_en", "layout", "items"))
        if table.get("id") != form_id:
            self._add(file, "id =", "wrong_id", found=table.get("id"), wanted=form_id)
        for key, known in (("layout", LAYOUTS), ("respondent", RESPONDENTS)):
            if table.get(key, known[0]) not in known:
                self._add(file, f"{key} =", "not_one_of", found=table[key], wanted=", ".join(known))
        lines = [number for number, line in enumerate(self._files[file].splitlines(), 1) if line.lstrip()[:1] == "{"]
        rows = []
        for index, row in enumerate(table.get("items", ())):
            line = lines[index] if index < len(lines) else 0
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
            self._add(file, line, "missing_key", key="label_en")
        if item.type not in ITEM_TYPES:
            self._add(file, line, "not_one_of", found=item.type, wanted=", ".join(ITEM_TYPES))
        return item

    def _listed(self, file: str, line: int, item: Item, lists: Mapping[str, CodeList]) -> None:
        if item.type == "code" and item.list not in lists:
            self._add(file, line, "unknown_list", found=item.list, nearest=nearest(item.list, list(lists)))

    def _record(self, make: Callable[..., Any], file: str, line: int, row: dict[str, Any]) -> Any:
        """A dataclass from a table: unknown keys, missing keys and wrong types are problems."""
        hints = get_type_hints(make)
        parts = {part.name: part for part in fields(make)}  # type: ignore[arg-type]
        self._known_keys(file, line, row, parts)
        needed = [name for name, part in parts.items() if part.default is MISSING]
        missing = [name for name in needed if row.get(name) in (None, "")]
        self._present(file, line, dict.fromkeys(needed, 1) | dict.fromkeys(missing), needed)
        for name, value in row.items():
            wanted = {hint: hint for hint in (str, int, bool)}.get(hints[name]) if name in hints else None
            if wanted and type(value) is not wanted:
                self._add(file, line, "wrong_type", key=name, wanted=wanted.__name__)
                missing.append(name)
        return None if missing else make(**{name: value for name, value in row.items() if name in parts})

    def _unique(self, forms: Iterable[Form]) -> None:
        names: dict[str, str] = {}
        for form in forms:
            file, codes = f"forms/{form.id}.toml", set()
            for item in form.items:
                if item.code in codes:
                    self._add(file, f'"{item.name}"', "twice", found=item.code)
                if item.name in names:
                    self._add(file, f'"{item.name}"', "twice", found=item.name)
                codes.add(item.code)
                names[item.name] = form.id

    def _checks(self, forms: tuple[Form, ...]) -> tuple[Check, ...]:
        known = {form.id: form for form in forms}
        checks: dict[str, Check] = {}
        for line, row in self._rows("checks.csv", _CHECK_COLUMNS, extra=False):
            if row.get("code", "") in checks:
                self._add("checks.csv", line, "twice", found=row["code"])
            check = self._check(line, row, known)
            if check is not None:
                checks[check.code] = check
        return tuple(checks.values())

    def _check(self, line: int, row: Mapping[str, str], forms: Mapping[str, Form]) -> Check | None:
        before = len(self.problems)
        self._present("checks.csv", line, row, ("code", "expression", "message", "message_en"))
        scope = row.get("scope", "")
        if scope not in forms:
            self._add("checks.csv", line, "unknown_form", found=scope, nearest=nearest(scope, list(forms)))
        if row.get("class") not in CHECK_CLASSES:
            self._add("checks.csv", line, "not_one_of", found=row.get("class"), wanted=", ".join(CHECK_CLASSES))
        if row.get("missing") not in ("", "zero"):
            self._add("checks.csv", line, "not_one_of", found=row.get("missing"), wanted="zero")
        tolerance = row.get("tolerance") or "0"
        if not tolerance.replace(".", "", 1).isdigit():
            self._add("checks.csv", line, "wrong_type", key="tolerance", wanted="number")
        if len(self.problems) > before:
            return None
        when, text = row["when"], row["expression"]
        whole = f"若 {when} 则 {text}" if when else text
        try:
            tree = bind(parse(whole), ItemNames(tuple(forms.values()), forms[scope]), whole, want="truth")
        except ExpressionError as error:
            self._add("checks.csv", line, error.code, **error.facts)
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
        )
