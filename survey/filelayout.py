"""What a survey file is made of: a table a form, the functions that expressions need, an empty file of its schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache

from survey import codes
from survey.database import SharedDatabase
from survey.filemark import APPLICATION_ID
from survey.form import Form
from survey.migrations import MIGRATIONS, watches
from survey.scheme import Scheme
from survey.sql import quote


def lay_out(database: SharedDatabase, scheme: Scheme, facts: Mapping[str, str]) -> None:
    """The tables of a scheme in an empty file, and whose file it is; what is empty is no fact, but for the district."""
    with closing(sqlite3.connect(":memory:")) as blank:
        blank.deserialize(_blank())
        blank.backup(database.conn)
    database.execute("PRAGMA journal_mode = WAL")
    with database.atomic():
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.table("scheme_file").insert_all({"name": name, "text": text} for name, text in scheme.files.items())
        own = {"scheme": scheme.id, "version": scheme.version, "digest": scheme.digest, "sequence": "0"}
        told = own | {key: value for key, value in facts.items() if value or key == "district"}
        database.table("desk").insert_all({"key": key, "value": value} for key, value in told.items())
        for form in scheme.forms:
            for statement in form_schema(form):
                database.execute(statement)


@cache
def _blank() -> bytes:
    """An empty file of no scheme: going through the schema's history takes most of the time of making one."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        MIGRATIONS.apply(prepared(connection))
        return connection.serialize()


def form_schema(form: Form) -> tuple[str, ...]:
    """The SQL that makes a form's table, and what notes its changes."""
    return _form_table(form), *watches(form.table)


def _form_table(form: Form) -> str:
    """One row a response, or one a line of a list form."""
    key = "response INTEGER NOT NULL REFERENCES response(id), line INTEGER NOT NULL"
    columns = [
        key if form.is_list else "response INTEGER PRIMARY KEY REFERENCES response(id)",
        *(f"{quote(item.name)} {item.sql_type}" for item in form.items),
        "source INTEGER REFERENCES source(id)",
        "source_row INTEGER",
        *(["PRIMARY KEY (response, line)"] if form.is_list else []),
    ]
    return f"CREATE TABLE {form.table} ({', '.join(columns)}) STRICT{', WITHOUT ROWID' if form.is_list else ''}"


def prepared(connection: sqlite3.Connection) -> SharedDatabase:
    """A connection with what expressions ask SQLite for."""
    for name, test in (("valid_uscc", codes.valid_uscc), ("valid_orgcode", codes.valid_orgcode)):
        connection.create_function(name, 1, _three_valued(test), deterministic=True)
    connection.create_function("fifteen", 1, _fifteen, deterministic=True)
    connection.execute("PRAGMA foreign_keys = ON")
    return SharedDatabase(connection, execute_plugins=False)


def _fifteen(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.15g}")


def _three_valued(test: Callable[[str], bool]) -> Callable[[str | None], bool | None]:
    return lambda text: None if text is None else test(text)
