"""The scheme as a survey file holds it: with the checks the desk has added, and what the city has ruled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from survey.errors import Problem
from survey.form import Check, Ruling
from survey.rulefile import RuleReader
from survey.scheme import Scheme
from survey.textfiles import TextFiles

Execute = Callable[..., Iterable[Any]]
Row = Mapping[str, str]


def extended(scheme: Scheme, execute: Execute, today: str) -> tuple[Scheme, dict[str, str]]:
    """The scheme with the file's own checks and the rulings in force on a day.

    Beside it, by code, the expressions of own checks that the scheme's present version cannot read.
    """
    official = tuple(check for check in scheme.checks if not check.local)
    own: list[Check] = []
    lost: dict[str, str] = {}
    for code, facts in execute("SELECT code, facts FROM local_check ORDER BY code"):
        row = json.loads(facts)
        check, _ = read_local(scheme, code, row)
        if check is None:
            lost[code] = str(row["expression"])
        else:
            own.append(check)
    rulings = execute(
        "SELECT check_code, action, valid_from, official, reason, at FROM ruling WHERE valid_from <= ?"
        " ORDER BY check_code, valid_from",
        (today,),
    )
    return replace(scheme, checks=(*official, *own), rulings=tuple(Ruling(*row) for row in rulings)), lost


def read_local(scheme: Scheme, code: str, row: Row) -> tuple[Check | None, list[Problem]]:
    """An own check from its row, which has the columns of `checks.csv`; None, and why, where it cannot be read."""
    texts = TextFiles({})
    found = RuleReader(texts, scheme.forms).check({**row, "code": code}, needed=("expression", "message"))
    return (replace(found, local=True) if found else None), texts.problems
