"""The answers as a plain SQLite file: what anybody may ask with any tool, without knowing this program.

Tables hold codes under the names of the scheme; a view a form shows labels, of columns and of codes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from survey import journal
from survey.connection import trouble
from survey.csvfolder import chosen
from survey.files import replacing
from survey.form import Form, Item
from survey.formrows import form_rows
from survey.persons import permit
from survey.progress import Progress
from survey.sql import literal, quote
from survey.store import Store
from survey.texts import Texts

_UNITS = """CREATE TABLE unit (uscc TEXT PRIMARY KEY, name TEXT, district TEXT, respondent TEXT) STRICT"""
_STATES = "CREATE TABLE response (uscc TEXT, period TEXT, status TEXT, reason TEXT, PRIMARY KEY (uscc, period)) STRICT"
_ABOUT = "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT) STRICT"
_CODES = "CREATE TABLE code (list TEXT, code TEXT, label TEXT, label_en TEXT, PRIMARY KEY (list, code)) STRICT"
_ITEMS = (
    "CREATE TABLE item (form TEXT, code TEXT, name TEXT PRIMARY KEY, label TEXT, label_en TEXT, type TEXT, unit TEXT,"
    " list TEXT, computed TEXT, note TEXT, note_en TEXT) STRICT"
)


def write(
    store: Store, path: Path, texts: Texts, *, period: str = "", form: str = "", progress: Progress | None = None
) -> Path:
    """Writes the file; the one that was there is replaced once the new one is whole.

    Raises SurveyError: `no_such_form`, `cannot_write`, and what SQLite or the disk complain about.
    """
    permit(store, "export")
    forms = chosen(store.scheme, form)
    told = journal.Telling(store, "exported", path.name, what="answers")
    with replacing(path, told) as beside, trouble(path), closing(sqlite3.connect(beside)) as out:
        _Copy(store, out, texts, period).run(forms, progress)
        out.commit()
        out.execute("VACUUM")
    return path


class _Copy:
    """One file being filled."""

    def __init__(self, store: Store, out: sqlite3.Connection, texts: Texts, period: str) -> None:
        self._store = store
        self._out = out
        self._texts = texts
        self._period = period

    def run(self, forms: tuple[Form, ...], progress: Progress | None) -> None:
        self._lists()
        self._units()
        for at, form in enumerate(forms):
            if progress:
                progress(at, len(forms), "progress.export")
            self._form(form)
        if progress:
            progress(len(forms), len(forms), "progress.export")

    def _lists(self) -> None:
        scheme, out = self._store.scheme, self._out
        for statement in (_ABOUT, _CODES, _ITEMS):
            out.execute(statement)
        facts = {
            "scheme": scheme.id, "version": scheme.version, "title": scheme.title, "title_en": scheme.title_en,
            "scheme_digest": scheme.digest, "period": self._store.period, "district": self._store.district or "",
            "exported": self._texts("export.sqlite.about"),
        }  # fmt: skip
        out.executemany("INSERT INTO about VALUES (?, ?)", facts.items())
        out.executemany(
            "INSERT INTO code VALUES (?, ?, ?, ?)",
            (
                (name, one.code, one.label, one.label_en)
                for name, codes in scheme.lists.items()
                for one in codes.codes.values()
            ),
        )
        out.executemany(
            "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (one.form, one.code, one.name, one.label, one.label_en, one.type, one.unit, one.list, one.computed,
                 one.note, one.note_en)
                for one in scheme.items.values()
            ),
        )  # fmt: skip

    def _units(self) -> None:
        where, given = (" AND r.period = ?", (self._period,)) if self._period else ("", ())
        self._out.execute(_UNITS)
        self._out.execute(_STATES)
        self._out.executemany(
            "INSERT INTO unit VALUES (?, ?, ?, ?)", self._store.execute("SELECT uscc, name, district, kind FROM unit")
        )
        self._out.executemany(
            "INSERT INTO response VALUES (?, ?, ?, ?)",
            self._store.execute(
                "SELECT u.uscc, r.period, r.status, r.reason FROM response r JOIN unit u ON u.id = r.unit"
                f" WHERE true{where}",
                given,
            ),
        )

    def _form(self, form: Form) -> None:
        keys = ["uscc", "period", *(["line"] if form.is_list else [])]
        own = [item for item in form.items if item.name != "uscc"]
        columns = ["uscc TEXT NOT NULL", "period TEXT NOT NULL", *(["line INTEGER NOT NULL"] if form.is_list else [])]
        columns += [f"{quote(item.name)} {item.sql_type}" for item in own]
        self._out.execute(f"CREATE TABLE {form.table} ({', '.join(columns)}, PRIMARY KEY ({', '.join(keys)})) STRICT")
        self._out.executemany(
            f"INSERT INTO {form.table} VALUES ({', '.join('?' * len(columns))})", self._records(form, own)
        )
        title = f"{form.id} {self._texts.pick(form.title, form.title_en)}"
        self._out.execute(
            f"CREATE VIEW {quote(title)} AS SELECT {', '.join(self._shown(form, own))} FROM {form.table} f"
        )

    def _records(self, form: Form, own: list[Item]) -> Iterator[tuple[object, ...]]:
        first = 1 if form.is_list else 0
        places = [form.items.index(item) + first for item in own]
        for uscc, _, period, *values in form_rows(self._store, form, self._period, own=True):
            yield (uscc, period, *values[:first], *(values[at] for at in places))

    def _shown(self, form: Form, own: list[Item]) -> Iterator[str]:
        """The columns of the view, each under a title of its own."""
        texts, taken = self._texts, set[str]()

        def under(expression: str, title: str, code: str = "") -> str:
            # SQLite tells titles apart as English does: by letters, whatever their case.
            unique = title if title.casefold() not in taken else f"{title} {code}"
            taken.add(unique.casefold())
            return f"{expression} AS {quote(unique)}"

        yield under("f.uscc", texts("return.key.uscc"))
        if not any(item.name == "name" for item in own):
            yield under("(SELECT u.name FROM unit u WHERE u.uscc = f.uscc)", texts("return.key.name"))
        yield under("f.period", texts("return.key.period"))
        if form.is_list:
            yield under("f.line", texts("return.key.line"))
        label = "label_en" if texts.lang == "en" else "label"
        for item in own:
            title, column = texts.pick(item.label, item.label_en), f"f.{quote(item.name)}"
            if item.type == "code":
                yield under(column, texts("export.sqlite.code", label=title), item.code)
                found = f"c.list = {literal(item.list)} AND c.code = {column}"
                yield under(f"(SELECT c.{label} FROM code c WHERE {found})", title, item.code)
            elif item.type == "flag":
                yes, no = literal(texts("return.yes")), literal(texts("return.no"))
                yield under(f"CASE {column} WHEN 1 THEN {yes} WHEN 0 THEN {no} END", title, item.code)
            else:
                unit = self._store.scheme.unit(item.unit, texts) if item.unit else ""
                yield under(column, texts("export.sqlite.unit", label=title, unit=unit) if unit else title, item.code)
