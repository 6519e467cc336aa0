"""The desk's own checks beside the scheme's: they may be added, changed and taken out; the official ones stay."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from survey.errors import SchemeError, SurveyError
from survey.form import Check
from survey.persons import permit
from survey.rulebook import OWN_COLUMNS, PREFIX, kept_row, read_local
from survey.rulefile import CHECKS
from survey.store import Store, now

COLUMNS = OWN_COLUMNS
_NUMBERED = re.compile(PREFIX + r"([0-9]{1,9})")
# The highest number that was ever given, in the desk's facts.
_LAST = "local_check_number"


@dataclass(frozen=True)
class LocalCheck:
    """An own check as it was written: its columns are those of `checks.csv`."""

    code: str
    row: Mapping[str, str]
    who: str
    at: str


def all_of(store: Store) -> list[LocalCheck]:
    """The desk's own checks, those that the present scheme cannot read included."""
    rows = store.execute("SELECT code, facts, who, at FROM local_check ORDER BY code")
    return [LocalCheck(code, kept_row(facts), who, at) for code, facts, who, at in rows]


def read(store: Store, row: Mapping[str, str], code: str = "") -> Check:
    """The check that a row would be; raises SchemeError with everything that is wrong with it."""
    whole = {**dict.fromkeys(COLUMNS, ""), **row}
    check, problems = read_local(store.scheme, code or next_code(store), whole)
    if check is None:
        raise SchemeError(problems)
    return check


def save(store: Store, row: Mapping[str, str], *, code: str = "", who: str = "") -> Check:
    """Adds a check to the desk's own, or changes the one of that code.

    Raises SchemeError as `read` does, SurveyError `official_check` for a code of the scheme.
    """
    permit(store, "edit")
    if code and not code.startswith(PREFIX):
        raise SurveyError("official_check", found=code)
    check = read(store, row, code)
    kept = {name: row.get(name, "").strip() for name in COLUMNS}
    with store.atomic():
        store.set_desk(_LAST, str(max(int(store.desk.get(_LAST, "0")), _number(check.code))))
        store.execute(
            "INSERT OR REPLACE INTO local_check (code, facts, who, at) VALUES (?, ?, ?, ?)",
            (check.code, json.dumps(kept, ensure_ascii=False), who, now()),
        )
    store.reload_rules()
    return check


def row_of(store: Store, check: Check) -> dict[str, str]:
    """A check of the file as a row to begin an own one from; what items imply has no message yet."""
    rows = {one.code: one.row for one in all_of(store)} if check.local else _official(store)
    implied = {"family": check.family, "class": check.category, "scope": check.scope, "expression": check.text}
    found = rows.get(check.code, implied)
    return {name: found.get(name) or "" for name in COLUMNS}


def _official(store: Store) -> dict[str, Mapping[str, str]]:
    """The rows of the scheme's checks by code."""
    rows = csv.DictReader(io.StringIO(store.scheme.files.get(CHECKS, "")))
    return {row["code"]: row for row in rows}


def remove(store: Store, code: str) -> None:
    """Takes an own check out; raises SurveyError `official_check` for one of the scheme."""
    permit(store, "edit")
    if not code.startswith(PREFIX):
        raise SurveyError("official_check", found=code)
    with store.atomic():
        store.execute("DELETE FROM local_check WHERE code = ?", (code,))
    store.reload_rules()


def _number(code: str) -> int:
    """The number in a code, 0 where it has none."""
    found = _NUMBERED.fullmatch(code)
    return int(found[1]) if found else 0


def next_code(store: Store) -> str:
    """The code of the next own check: L-001, L-002, …; none is given twice, for decisions and explanations name it."""
    numbers = [_number(str(code)) for (code,) in store.execute("SELECT code FROM local_check")]
    return f"{PREFIX}{max(int(store.desk.get(_LAST, '0')), *numbers, 0) + 1:03}"
