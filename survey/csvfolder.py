"""The answers as a folder of CSV files: a file a form, with its data dictionary; read back they say the same.

What districts and the city answer themselves stands in a folder of its own, for the import takes units alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from survey import journal
from survey.codes import fold
from survey.csvguard import guarded
from survey.errors import SurveyError
from survey.files import filling, safe
from survey.form import Form, Item
from survey.formrows import form_rows
from survey.header import LINE, PERIOD, spellings
from survey.persons import permit
from survey.progress import Progress
from survey.record import show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

Row = Sequence[str]
# What else the import takes for them.
_SPELLINGS = {PERIOD: ("报告期", "年度"), LINE: ("行号", "序号", "no.")}


def write(
    store: Store,
    folder: Path,
    texts: Texts,
    *,
    period: str = "",
    form: str = "",
    labels: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Writes the files of all forms, or of one; with `labels` in place of names and codes what they mean.

    Raises SurveyError: `no_such_form`, `cannot_write`.
    """
    permit(store, "export")
    forms = chosen(store.scheme, form)
    columns = _Columns(store.scheme, texts, labels=labels)
    written = []
    with filling(folder, journal.Telling(store, "exported", folder.name, what="answers")) as beside:
        for at, one in enumerate(forms):
            if progress:
                progress(at, len(forms), "progress.export")
            place = beside if one.respondent == "unit" else beside / texts("export.csv.desks")
            path = place / f"{safe(f'{one.id} {texts.pick(one.title, one.title_en)}')}.csv"
            _write(path, columns.head(one), columns.rows(store, one, period))
            written.append(folder / path.relative_to(beside))
        notes = beside / texts("export.csv.notes")
        for title, rows in (
            ("dictionary", _dictionary(store.scheme, forms, texts)),
            ("codes", _codes(store.scheme, texts)),
        ):
            path = notes / f"{texts(f'export.csv.{title}')}.csv"
            _write(path, texts(f"export.csv.{title}_heads").split("|"), rows)
            written.append(folder / path.relative_to(beside))
        if progress:
            progress(len(forms), len(forms), "progress.export")
    return written


def chosen(scheme: Scheme, form: str) -> tuple[Form, ...]:
    """All forms, or the one that is asked for; raises SurveyError `no_such_form`."""
    found = tuple(one for one in scheme.forms if form in ("", one.id))
    if not found:
        raise SurveyError("no_such_form", form=form, known=" ".join(one.id for one in scheme.forms))
    return found


class _Columns:
    """How records become rows of text."""

    def __init__(self, scheme: Scheme, texts: Texts, *, labels: bool) -> None:
        self._scheme = scheme
        self._texts = texts
        self._labels = labels
        self._known = spellings(scheme)

    def head(self, form: Form) -> list[str]:
        keys = ["uscc", *(["name"] if self._named(form) else []), PERIOD, *([LINE] if form.is_list else [])]
        return [*map(self._key_title, keys), *(self._title(item) for item in _own(form))]

    def _key_title(self, key: str) -> str:
        """How a key column is headed; a scheme's own item may have taken its name."""
        wanted = [*([self._texts(f"export.csv.key.{key}")] if self._labels else []), key, *_SPELLINGS.get(key, ())]
        return next(title for title in wanted if self._known.get(fold(title)) == key)

    def rows(self, store: Store, form: Form, period: str) -> Iterator[Row]:
        own = [form.items.index(item) for item in _own(form)]
        first = 1 if form.is_list else 0
        for uscc, name, when, *values in form_rows(store, form, period, own=True):
            keys = [guarded(uscc), *([guarded(name)] if self._named(form) else []), when, *map(str, values[:first])]
            yield [*keys, *(self._cell(form.items[at], values[at + first]) for at in own)]

    @staticmethod
    def _named(form: Form) -> bool:
        """Whether the unit's name stands beside its code; on its own form it is an answer."""
        return not any(item.name == "name" for item in form.items) and form.is_list

    def _title(self, item: Item) -> str:
        label = self._texts.pick(item.label, item.label_en)
        return label if self._labels and self._known.get(fold(label)) == item.name else self._plain(item)

    def _plain(self, item: Item) -> str:
        return item.key if self._labels else item.name

    def _cell(self, item: Item, value: Value) -> str:
        if value is None:
            return ""
        if isinstance(value, int | float) and item.type != "flag":
            return str(value)
        return guarded(self._shown(item, value) if self._labels else str(value))

    def _shown(self, item: Item, value: Value) -> str:
        """A code's label, where it is read back as that code."""
        shown = show_value(item, value, self._scheme.lists, self._texts.lang)
        return str(value) if item.type == "code" and self._scheme.lists[item.list].find(shown) != value else shown


def _own(form: Form) -> list[Item]:
    """The items of a form; the unit's code leads each row anyway."""
    return [item for item in form.items if item.name != "uscc"]


def _dictionary(scheme: Scheme, forms: Iterable[Form], texts: Texts) -> Iterator[Row]:
    for form in forms:
        for item in form.items:
            kind = texts(f"export.type.{item.type}")
            required = texts("return.yes" if item.required else "return.no")
            unit = scheme.unit(item.unit, texts) if item.unit else ""
            cells = (form.id, texts.pick(form.title, form.title_en), item.code, item.name,
                     texts.pick(item.label, item.label_en), kind, unit, required, item.list, item.computed,
                     texts.pick(item.note, item.note_en))  # fmt: skip
            yield [guarded(cell) for cell in cells]


def _codes(scheme: Scheme, texts: Texts) -> Iterator[Row]:
    for name, codes in scheme.lists.items():
        for code in codes.codes:
            yield [name, guarded(code), guarded(codes.label(code, texts.lang))]


def _write(path: Path, head: Sequence[str], rows: Iterable[Row]) -> None:
    """A file as Excel and WPS open it: UTF-8 with its mark, lines ended as theirs."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(head)
        writer.writerows(rows)
