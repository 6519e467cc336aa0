"""The desk's own tables beside the scheme's: added, changed and taken out, carried from desk to desk as small files."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indicators.catalogue import Catalogue
from indicators.tabledefinition import Definition, read
from survey.errors import SchemeError, SurveyError
from survey.files import UNTOLD, replacing
from survey.persons import permit
from survey.store import Store

PREFIX = "L-"
# An own table is one of the desk's facts, under its id; the highest number that was ever given is another.
_KEY = "own_table."
_LAST = "own_table_number"
_ID = re.compile(PREFIX + r"([1-9][0-9]{0,5})")


def all_of(store: Store) -> dict[str, str]:
    """The own tables as TOML by their ids, in the order they were made; those that cannot be read included."""
    found = {key[len(_KEY) :]: text for key, text in store.desk.items() if key.startswith(_KEY)}
    return dict(sorted(found.items(), key=lambda one: _number(one[0])))


def readable(store: Store, catalogue: Catalogue) -> list[Definition]:
    """The own tables that go with the file's present scheme."""
    found: list[Definition] = []
    for name, text in all_of(store).items():
        try:
            found += read(text, store.scheme, catalogue, name)
        except SchemeError:
            # A later scheme may lack an indicator; the table is kept, and told as unreadable where tables are listed.
            continue
    return found


def save(store: Store, text: str, catalogue: Catalogue, *, name: str = "", file: str = "") -> list[Definition]:
    """Adds the tables of a TOML text to the desk's own, each under the next id; with `name` it changes that one.

    Raises SchemeError with everything that is wrong with the text, SurveyError `no_own_table` for an id there is not,
    `one_table` where another number of tables than one is to change it, and as `permit` does.
    """
    permit(store, "edit", "publish")
    read(text, store.scheme, catalogue, file or name)
    tables = tomllib.loads(text).get("table", [])
    if name:
        text_of(store, name)
    if not tables or (name and len(tables) > 1):
        raise SurveyError("one_table", count=len(tables))
    saved = []
    with store.atomic():
        for table in tables:
            own = name or next_id(store)
            written = as_toml({**table, "id": own})
            store.set_desk(_KEY + own, written)
            store.set_desk(_LAST, str(max(int(store.desk.get(_LAST, "0")), _number(own))))
            saved += read(written, store.scheme, catalogue, own)
    return saved


def read_file(path: Path) -> str:
    """The text of a small file; raises SurveyError `no_file`, `not_utf8`, `cannot_open`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SurveyError("no_file", path=path) from None
    except UnicodeDecodeError:
        raise SurveyError("not_utf8", path=path) from None
    except OSError:
        raise SurveyError("cannot_open", path=path) from None


def write_file(store: Store, name: str, path: Path) -> None:
    """An own table as a small file; raises SurveyError `no_own_table` and `cannot_write`."""
    text = text_of(store, name)
    with replacing(path, UNTOLD) as beside:
        beside.write_text(text, encoding="utf-8")


def text_of(store: Store, name: str) -> str:
    """An own table as TOML; raises SurveyError `no_own_table`."""
    found = all_of(store)
    if name not in found:
        raise SurveyError("no_own_table", id=name)
    return found[name]


def remove(store: Store, name: str) -> None:
    """Takes an own table out; raises SurveyError `no_own_table`, and as `permit` does."""
    permit(store, "edit", "publish")
    text_of(store, name)
    with store.atomic():
        store.execute("DELETE FROM desk WHERE key = ?", (_KEY + name,))
    del store.desk[_KEY + name]


def next_id(store: Store) -> str:
    """The id of the next own table: L-1, L-2, …; none is given twice, for papers name it."""
    numbers = [_number(name) for name in all_of(store)]
    return f"{PREFIX}{max(int(store.desk.get(_LAST, '0')), *numbers, 0) + 1}"


def _number(name: str) -> int:
    found = _ID.fullmatch(name)
    return int(found[1]) if found else 0


def as_toml(table: Mapping[str, Any]) -> str:
    """A table's definition as the small file it is sent as."""
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if value not in ("", [], {})]
    return "\n".join(["[[table]]", *lines]) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_value(one)}" for key, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    # TOML quotes as JSON does, but for DEL, which JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
