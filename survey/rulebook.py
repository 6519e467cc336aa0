"""The scheme as a survey file holds it: with the checks the desk has added, and what the city has ruled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from survey.errors import Problem
from survey.form import Check, Ruling
from survey.rulefile import CHECK_COLUMNS, LATER, RuleReader
from survey.scheme import Scheme
from survey.textfiles import TextFiles

Execute = Callable[..., Iterable[Any]]
Row = Mapping[str, str]
# What the codes of own checks begin with: no scheme's do.
PREFIX = "L-"
OWN_COLUMNS = (*LATER, *CHECK_COLUMNS[1:])


def extended(scheme: Scheme, execute: Execute, today: str) -> tuple[Scheme, dict[str, str]]:
    """The scheme with the file's own checks and the rulings in force on a day.

    Beside it, by code, the expressions of own checks that the scheme's present version cannot read.
    """
    official = tuple(check for check in scheme.checks if not check.local)
    own: list[Check] = []
    lost: dict[str, str] = {}
    for code, facts in execute("SELECT code, facts FROM local_check ORDER BY code"):
        row = kept_row(facts)
        check = _own(scheme, code, row)
        if check is None:
            lost[str(code)] = row["expression"]
        else:
            own.append(check)
    rulings = execute(
        "SELECT check_code, action, valid_from, official, reason, at FROM ruling WHERE valid_from <= ?"
        " ORDER BY check_code, valid_from",
        (today,),
    )
    checks, ruled = (*official, *own), tuple(Ruling(*row) for row in rulings)
    if (checks, ruled) == (scheme.checks, scheme.rulings):
        # The same scheme, and what was worked out from it.
        return scheme, lost
    return replace(scheme, checks=checks, rulings=ruled), lost


def kept_row(facts: object) -> dict[str, str]:
    """The columns of an own check as the file keeps them; all empty where what is kept is no such row."""
    try:
        row = json.loads(facts) if isinstance(facts, str) else None
        json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        row = None
    empty = dict.fromkeys(OWN_COLUMNS, "")
    return empty | row if isinstance(row, dict) and all(isinstance(text, str) for text in row.values()) else empty


def _own(scheme: Scheme, code: object, row: Row) -> Check | None:
    """The own check of a row the file keeps; None where it cannot be read, so that the file opens all the same."""
    if not isinstance(code, str) or not code.startswith(PREFIX):
        return None
    try:
        return read_local(scheme, code, row)[0]
    except RecursionError:
        return None


def read_local(scheme: Scheme, code: str, row: Row) -> tuple[Check | None, list[Problem]]:
    """An own check from its row, which has the columns of `checks.csv`; None, and why, where it cannot be read."""
    texts = TextFiles({})
    found = RuleReader(texts, scheme.forms).check({**row, "code": code}, needed=("expression", "message"))
    return (replace(found, local=True) if found else None), texts.problems
