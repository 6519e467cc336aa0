"""The questionnaire of a scheme's units as an XLSForm, for ODK Collect, KoboToolbox and other field programs.

A form is a group, its sections are screens, the lines of a list form are a repeat. What blocks a return blocks an
answer there where it is of one form and XPath can say it; what asks for an explanation is shown as a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey.checks import compile_checks
from survey.codes import CodeList
from survey.csvfolder import chosen
from survey.errors import SurveyError
from survey.expression import Column, columns
from survey.files import Told
from survey.form import Check, Form, Item, Section
from survey.header import PERIOD
from survey.plainbook import plain_book
from survey.scheme import Scheme
from survey.texts import Texts
from survey.xpath import false_when, literal, true_when, value_of

_LANGUAGES = {"zh": "中文 (zh)", "en": "English (en)"}
_TOLD = ("label", "hint", "constraint_message", "required_message")
_PLAIN = ("type", "name", "required", "relevant", "constraint", "calculation", "readonly", "appearance",
          "choice_filter", "default")  # fmt: skip
_HEADS = (*_PLAIN[:2], *(f"{one}::{language}" for one in _TOLD for language in _LANGUAGES.values()), *_PLAIN[2:])
_YES_NO = "flag_yes_no"
_NOTE = "note_"
# From here on a list is folded away, and from there on searched by typing.
_FOLDED, _SEARCHED = 7, 20
_USCC = "regex(., '^[0-9A-HJ-NPQRTUWXY]{18}$')"
_TYPES = {"integer": "integer", "decimal": "decimal", "text": "text", "date": "date", "uscc": "text",
          "flag": f"select_one {_YES_NO}"}  # fmt: skip

Row = Mapping[str, str]


@dataclass(frozen=True)
class Questionnaire:
    """What was written: how many questions, how many checks go with them, and the codes of those left out."""

    path: Path
    questions: int
    checks: int
    left: tuple[str, ...]


def write(
    scheme: Scheme,
    path: Path,
    catalogues: Mapping[str, Texts],
    period: str,
    told: Told,
    *,
    form: str = "",
    district: str = "",
) -> Questionnaire:
    """Writes the forms that units fill in, or one of them; `catalogues` are the languages it speaks.

    Raises SurveyError: `no_such_form`, `no_unit_form`, `cannot_write`.
    """
    forms = tuple(one for one in chosen(scheme, form) if one.respondent == "unit")
    if not forms:
        raise SurveyError("no_unit_form", form=form)
    sheet = _Survey(scheme, catalogues, period, district)
    rows = list(sheet.rows(forms))
    with plain_book(path, told) as book:
        survey = book.table("survey", _HEADS, (18, 26, *[36] * 8, 14, 36, 36, 36, 10, 20, 36, 14), frozen=2)
        for row in rows:
            survey.add([row.get(head, "") for head in _HEADS])
        outer = sorted(sheet.outer)
        heads = ["list_name", "name", *(f"label::{one}" for one in _LANGUAGES.values()), *map(_within, outer)]
        choices = book.table("choices", heads, [20] * len(heads), frozen=2)
        for choice in sheet.choices(outer):
            choices.add(choice)
        settings = {
            "form_title": scheme.title, "form_id": f"{scheme.id}-{period}", "default_language": _LANGUAGES["zh"],
            "version": f"{scheme.version} {scheme.digest[:8]}", "style": "pages", "instance_name": "${uscc}",
        }  # fmt: skip
        if not any(item.name == "uscc" for one in forms for item in one.items):
            del settings["instance_name"]
        form_sheet = book.table("settings", list(settings), [24] * len(settings))
        form_sheet.add(list(settings.values()))
    return Questionnaire(path, sheet.questions, len(sheet.used), tuple(sheet.left))


@dataclass
class _Survey:
    """The rows of the sheet `survey`, and what they need of the others."""

    scheme: Scheme
    catalogues: Mapping[str, Texts]
    period: str
    district: str
    questions: int = 0
    used: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    lists: dict[str, CodeList] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)

    def rows(self, forms: Sequence[Form]) -> Iterator[Row]:
        self._asked = {item.name: item for form in forms for item in form.items}
        self._valid = [one.check for one in compile_checks(self.scheme, self.period).compiled]
        yield {"type": "calculate", "name": PERIOD, "calculation": literal(self.period)}
        legal = self.scheme.legal
        if legal.confidential:
            label = self._pair("label", legal.confidential, legal.confidential_en)
            yield {"type": "note", "name": f"{_NOTE}confidential", **label}
        if not any(item.name == "uscc" for item in self._asked.values()):
            yield self._question(self.scheme.items["uscc"], [])
        for form in forms:
            yield from self._form(form)

    def _form(self, form: Form) -> Iterator[Row]:
        checks = self._checks(form)
        name = _name(form.id)
        sectioned = any(isinstance(row, Section) for row in form.rows)
        page = {} if sectioned or form.is_list else {"appearance": "field-list"}
        title = self._pair("label", f"{form.id} {form.title}", f"{form.id} {form.title_en or form.title}")
        yield {"type": "begin_group", "name": name, **title, **page}
        if form.is_list:
            yield {"type": "begin_repeat", "name": f"{name}_lines", **title}
            line = {**self._catalogued("label", "xlsform.line"), "appearance": "field-list"}
            yield {"type": "begin_group", "name": f"{name}_line", **line}
        yield from self._screens(form, checks, nested=sectioned and not form.is_list)
        yield from self._notes(form, checks)
        if form.is_list:
            yield {"type": "end_group", "name": f"{name}_line"}
            yield {"type": "end_repeat", "name": f"{name}_lines"}
        yield {"type": "end_group", "name": name}

    def _screens(self, form: Form, checks: Sequence[Check], *, nested: bool) -> Iterator[Row]:
        """The questions, each section of a form on a screen of its own, of a line under a heading."""
        number, opened = 0, ""
        for row in form.rows:
            if isinstance(row, Section):
                number += 1
                label = self._pair("label", row.section, row.section_en)
                if not nested:
                    yield {"type": "note", "name": f"{_NOTE}{_name(form.id)}_{number}", **label}
                    continue
                if opened:
                    yield {"type": "end_group", "name": opened}
                opened = f"{_name(form.id)}_s{number}"
                yield {"type": "begin_group", "name": opened, **label, "appearance": "field-list"}
            else:
                yield self._question(row, checks)
        if opened:
            yield {"type": "end_group", "name": opened}

    def _question(self, item: Item, checks: Sequence[Check]) -> Row:
        self.questions += 1
        row = {"type": self._type(item), "name": item.name, **self._pair("label", *self._titles(item))}
        if item.note:
            row |= self._pair("hint", item.note, item.note_en)
        row |= self._computed(item) or (self._owed(item) | self._constraint(item, checks) | self._choice(item))
        skip = self.scheme.skips.get(item.name)
        if skip and (skipped := true_when(skip, self._place)):
            row["relevant"] = f"not({skipped})"
        if item.name == "district" and self.district:
            row["default"] = self.district
        return row

    def _titles(self, item: Item) -> Iterator[str]:
        """The labels in both languages, each with its unit of measure."""
        for lang, label in (("zh", item.label), ("en", item.label_en or item.label)):
            unit = self.scheme.unit(item.unit, self.catalogues[lang]) if item.unit else ""
            yield f"{label} ({unit})" if unit else label

    def _type(self, item: Item) -> str:
        if item.type == "code":
            self.lists[item.list] = self.scheme.lists[item.list]
            return f"select_one {item.list}"
        return _TYPES[item.type]

    def _computed(self, item: Item) -> dict[str, str]:
        """What the program works out is shown, and blank where it cannot be told."""
        if item.name not in self.scheme.computed:
            return {}
        value = value_of(self.scheme.computed[item.name], self._place)
        if value is None:
            return {"readonly": "yes"}
        value = f"round({value}, 0)" if item.type == "integer" else value
        return {"readonly": "yes", "calculation": f"if(number({value}) = number({value}), {value}, '')"}

    def _owed(self, item: Item) -> dict[str, str]:
        demand = self.scheme.demands.get(item.name)
        owed = true_when(demand, self._place) if demand else None
        if item.required:
            return {"required": "yes"}
        return {"required": owed} if owed else {}

    def _choice(self, item: Item) -> dict[str, str]:
        row: dict[str, str] = {}
        if item.type == "code":
            count = len(self.scheme.lists[item.list].codes)
            if count > _FOLDED:
                row["appearance"] = "minimal autocomplete" if count > _SEARCHED else "minimal"
        if item.within and item.within in self._asked:
            outer = self.scheme.items[item.within].list
            self.outer.add(outer)
            column, chosen_code = _within(outer), f"concat('|', ${{{item.within}}}, '|')"
            row["choice_filter"] = f"{column} = '' or contains({column}, {chosen_code})"
        return row

    def _constraint(self, item: Item, checks: Sequence[Check]) -> dict[str, str]:
        """What the answer itself must be, and the blocking checks that end with it."""
        holds: list[str] = []
        told: dict[str, list[str]] = {lang: [] for lang in self.catalogues}

        def add(condition: str, said: Mapping[str, str]) -> None:
            holds.append(condition)
            for lang, text in said.items():
                told[lang].append(text)

        if item.type == "uscc":
            add(_USCC, self._said("xlsform.uscc"))
        if item.minimum is not None:
            add(f". >= {item.minimum:g}", self._said("xlsform.minimum", least=f"{item.minimum:g}"))
        if item.length:
            add(f"string-length(.) <= {item.length}", self._said("xlsform.length", length=item.length))
        for check in checks:
            if check.category == "A" and self._host(check) == item:
                broken = false_when(check.tree, lambda column: self._own(column, item), check.tolerance)
                if broken is not None:
                    add(f"not({broken})", {"zh": check.message, "en": check.message_en or check.message})
                    self.used.append(check.code)
        if not holds:
            return {}
        joined = holds[0] if len(holds) == 1 else " and ".join(f"({one})" for one in holds)
        return {"constraint": joined, **self._pair("constraint_message", "；".join(told["zh"]), "; ".join(told["en"]))}

    def _notes(self, form: Form, checks: Sequence[Check]) -> Iterator[Row]:
        """The checks that hold nobody up, each shown while it fails."""
        for check in checks:
            if check.code in self.used:
                continue
            broken = false_when(check.tree, self._place, check.tolerance) if self._inside(check, form) else None
            if broken is None:
                self.left.append(check.code)
                continue
            self.used.append(check.code)
            key = "xlsform.correct" if check.category == "A" else "xlsform.verify"
            said = {"zh": check.message, "en": check.message_en or check.message}
            label = self._pair("label", *(self.catalogues[lang](key, message=text) for lang, text in said.items()))
            yield {"type": "note", "name": f"{_NOTE}{_name(check.code)}", **label, "relevant": broken}

    def _checks(self, form: Form) -> list[Check]:
        """The scheme's own checks of a form that want something done."""
        return [
            check
            for check in self._valid
            if check.scope == form.id and check.category in ("A", "B") and self.scheme.has_check(check.code)
        ]

    def _inside(self, check: Check, form: Form) -> bool:
        return all(column.is_cell and self.scheme.items[column.name].form == form.id for column in columns(check.tree))

    def _host(self, check: Check) -> Item | None:
        """The last item a check reads, when the others are answered; none where it reads what is computed."""
        form = self.scheme.form(check.scope)
        if not self._inside(check, form):
            return None
        read = {column.name for column in columns(check.tree)}
        items = [item for item in form.items if item.name in read]
        return items[-1] if items and not any(item.computed for item in items) else None

    def _own(self, column: Column, item: Item) -> str | None:
        return "." if column.name == item.name and not column.at else self._place(column)

    def _place(self, column: Column) -> str | None:
        return f"${{{column.name}}}" if not column.at and column.name in self._asked else None

    def choices(self, outer: Sequence[str]) -> Iterator[Sequence[str]]:
        """The rows of the sheet `choices`."""
        blank = [""] * len(outer)
        zh, en = self.catalogues["zh"], self.catalogues["en"]
        for code, key in (("1", "return.yes"), ("0", "return.no")):
            yield [_YES_NO, code, zh(key), en(key), *blank]
        for name, codes in self.lists.items():
            for entry in codes.codes.values():
                within = [f"|{'|'.join(found)}|" if (found := entry.within(one)) else "" for one in outer]
                yield [name, entry.code, entry.label, entry.label_en or entry.label, *within]

    def _said(self, key: str, **facts: object) -> dict[str, str]:
        return {lang: texts(key, **facts) for lang, texts in self.catalogues.items()}

    def _catalogued(self, column: str, key: str) -> dict[str, str]:
        said = self._said(key)
        return self._pair(column, said["zh"], said["en"])

    @staticmethod
    def _pair(column: str, zh: str, en: str) -> dict[str, str]:
        return {f"{column}::{_LANGUAGES['zh']}": zh, f"{column}::{_LANGUAGES['en']}": en or zh}


def _within(outer: str) -> str:
    return f"within_{outer}"


def _name(text: str) -> str:
    """A name as XML takes it."""
    return "".join(letter if letter.isalnum() else "_" for letter in text.lower())
