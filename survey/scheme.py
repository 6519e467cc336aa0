"""A survey scheme: forms, code lists and checks, read from a folder of text files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from survey.codes import CodeList
from survey.errors import SurveyError
from survey.expression import Column, Node, Reference, Span
from survey.form import Check, Checking, Derivation, Disclosure, Form, Item, Legal, Roles, Ruling, Version
from survey.textfiles import nearest
from survey.texts import Texts

# A file's scheme, the one the program brings, and those of a file opened before.
_KEPT = 4
_READ: dict[str, Scheme] = {}
REGISTER_ITEMS = ("uscc", "name", "district")


@dataclass(frozen=True)
class Scheme:
    """A versioned survey scheme; `files` holds its text files, so that a survey file opens for ever.

    By item name, `skips` are the conditions under which an item stays blank, `demands` those under
    which it must be answered, `computed` its formula, each after the formulas it reads. A survey file
    adds the desk's own checks, and the `rulings` of the city that are in force.
    """

    id: str
    version: str
    title: str
    title_en: str
    legal: Legal
    forms: tuple[Form, ...]
    lists: Mapping[str, CodeList]
    districts: CodeList
    units: Mapping[str, str]
    checks: tuple[Check, ...]
    files: Mapping[str, str] = field(repr=False)
    skips: Mapping[str, Node] = field(default_factory=dict)
    demands: Mapping[str, Node] = field(default_factory=dict)
    computed: Mapping[str, Node] = field(default_factory=dict)
    derived: tuple[Derivation, ...] = ()
    versions: Mapping[str, Version] = field(default_factory=dict)
    checking: Checking = field(default_factory=Checking)
    rulings: tuple[Ruling, ...] = ()
    roles: Roles = field(default_factory=Roles)
    disclosure: Disclosure = field(default_factory=Disclosure)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the scheme's files, in hexadecimal."""
        return digest(self.files)

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What was worked out from the scheme, by who did: nothing in it can change, and nobody need do it twice."""
        return {}

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by its name, in the order of the forms."""
        return {item.name: item for form in self.forms for item in form.items}

    @cached_property
    def _forms(self) -> Mapping[str, Form]:
        return {form.id: form for form in self.forms}

    def form(self, form_id: str) -> Form:
        return self._forms[form_id]

    def item(self, name: str) -> Item:
        return self.items[name]

    def item_at(self, key: str) -> Item:
        """The item that statisticians cite as `IC-02.301`, `@prev` aside."""
        form_id, _, code = key.partition("@")[0].partition(".")
        return self._forms[form_id].by_code[code]

    def unit(self, unit: str, texts: Texts) -> str:
        """A unit of measure in the person's language."""
        return texts.pick(unit, self.units.get(unit, unit))

    def form_of(self, name: str) -> Form:
        """The form an item belongs to."""
        return self._forms[self.items[name].form]

    def forms_of(self, respondent: str) -> tuple[Form, ...]:
        """The forms that a kind of respondent fills in, in their order."""
        return tuple(form for form in self.forms if form.respondent == respondent)

    def label(self, key: str, lang: str = "zh") -> str:
        """The label of an item name, `@prev` aside."""
        item = self.items[key.partition("@")[0]]
        return item.label_en if lang == "en" and item.label_en else item.label

    @cached_property
    def _checks(self) -> Mapping[str, Check]:
        return {check.code: check for check in self.checks}

    def check(self, code: str) -> Check:
        return self._checks[code]

    def has_check(self, code: str) -> bool:
        """Whether the code is of a check of the scheme, and not of one that an item implies."""
        return code in self._checks


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over a scheme's files by name, line ends aside."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\n{len(files[name])}\n{files[name]}\n".encode())
    return total.hexdigest()


def load(folder: Path) -> Scheme:
    """The scheme in a folder; raises SchemeError with all its problems, SurveyError where there is none."""
    return read(read_files(folder))


def read(files: Mapping[str, str]) -> Scheme:
    """The scheme in its text files; raises SchemeError with all its problems.

    Of the same files it is read once: nothing can change in a scheme.
    """
    return read_once(digest(files), lambda: files)


def read_once(mark: str, files: Callable[[], Mapping[str, str]]) -> Scheme:
    """The scheme whose digest is `mark`; its files are asked for only where it has not been read yet."""
    if (known := _READ.get(mark)) is not None:
        return known
    from survey.schemefile import read_scheme

    scheme = read_scheme(dict(files()))
    while len(_READ) >= _KEPT:
        _READ.pop(next(iter(_READ)), None)
    # Under what its files are, whatever they were said to be.
    _READ[scheme.digest] = scheme
    return scheme


def read_files(folder: Path) -> dict[str, str]:
    """The text files of a scheme's folder by their relative names."""
    if not (folder / "scheme.toml").is_file():
        raise SurveyError("no_scheme", path=folder)
    names = sorted(path for path in folder.rglob("*") if path.suffix in (".toml", ".csv"))
    texts = {}
    for path in names:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SurveyError("not_utf8", path=path) from None
        texts[path.relative_to(folder).as_posix()] = "\n".join(text.splitlines()) + "\n"
    return texts


@dataclass(frozen=True)
class ItemNames:
    """What references mean on a form: its row codes, `form.code` anywhere, names anywhere."""

    forms: Sequence[Form]
    scope: Form | None = None

    @cached_property
    def _by_name(self) -> Mapping[str, Item]:
        return {item.name: item for form in self.forms for item in form.items}

    @cached_property
    def _by_key(self) -> Mapping[str, Item]:
        return {item.key: item for form in self.forms for item in form.items}

    def find(self, reference: Reference) -> Column:
        item = self._item(reference.text)
        if reference.at == "all" or (reference.at == "reg" and item.name not in REGISTER_ITEMS):
            raise KeyError(", ".join(f"{name}@reg" for name in REGISTER_ITEMS))
        return Column(item.name, reference.at, item.kind)

    def span(self, span: Span) -> Sequence[Column]:
        first, last = self._item(span.first.text), self._item(span.last.text)
        items = next(form.items for form in self.forms if form.id == first.form)
        if last not in items or items.index(last) < items.index(first):
            raise KeyError("")
        chosen = items[items.index(first) : items.index(last) + 1]
        return [Column(item.name, span.first.at, "number") for item in chosen if item.numeric]

    def list_form(self, column: Column) -> str:
        return self._on_lists.get(column.name, "")

    @property
    def line_form(self) -> str:
        return self.scope.id if self.scope and self.scope.is_list else ""

    @cached_property
    def _on_lists(self) -> Mapping[str, str]:
        return {item.name: form.id for form in self.forms if form.is_list for item in form.items}

    def _item(self, text: str) -> Item:
        in_scope = self.scope.by_code.get(text) if self.scope else None
        found = in_scope or self._by_key.get(text) or self._by_name.get(text)
        if found is None:
            raise KeyError(nearest(text, self._known()))
        return found

    def _known(self) -> Iterator[str]:
        if self.scope:
            yield from self.scope.by_code
        yield from self._by_name
        yield from self._by_key
