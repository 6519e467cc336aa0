"""A check as it is being written: what it would be, and where in which field it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from survey.errors import Problem, SurveyError, in_words
from survey.form import Check
from survey.lint import lint_check as lint_one
from survey.localchecks import COLUMNS
from survey.rulebook import read_local
from survey.rulelint import lint_check
from survey.ruletext import readback
from survey.scheme import Scheme
from survey.texts import Texts

# A reader joins condition and demand to one expression: 若 … 则 …
_BEFORE, _BETWEEN = "若 ", " 则 "
_NOWHERE = ("expression.kind", "expression.arguments")


@dataclass(frozen=True)
class Fault:
    """Why a field cannot be read; `column` counts from 1 in the field's own text, 0 where the whole is meant.

    `length` is how many characters from there are not understood, 0 where something is missing.
    """

    field: str
    column: int
    text: str
    length: int = 0


@dataclass(frozen=True)
class Draft:
    """What a row would be: the check, None where it cannot be read; how it reads; what is wrong.

    A check whose message is still missing can be tried already: it is called by how it reads.
    """

    check: Check | None
    reading: str
    faults: tuple[Fault, ...]

    @property
    def complete(self) -> bool:
        """Whether it can be saved."""
        return self.check is not None and not self.faults

    def readable(self, texts: Texts) -> Check:
        """The check; raises SurveyError `own_check` with everything that is wrong where it cannot be read."""
        if self.check is None:
            lines = (texts("rules.term", name=texts(f"rules.field.{one.field}"), text=one.text) for one in self.faults)
            raise SurveyError("own_check", faults="\n".join(lines))
        return self.check


def draft(scheme: Scheme, code: str, row: Mapping[str, str], texts: Texts) -> Draft:
    """The check of a row with the columns of `checks.csv`, as far as it is written."""
    whole = tidy(row)
    check, problems = read_local(scheme, code, {**whole, "message": whole["message"] or "-"})
    if check is None:
        return Draft(None, "", tuple(_fault(problem, scheme, whole, texts) for problem in problems))
    reading = readback(check.tree, scheme, texts, check.scope)
    missing = () if whole["message"] else (_missing("message", texts),)
    return Draft(replace(check, message=whole["message"] or reading), reading, missing)


def told(problem: Problem, texts: Texts) -> str:
    """What the person reads of a problem: one check has no file and no line."""
    text = texts(f"scheme.{problem.code}", **problem.facts)
    return texts("scheme.hint", text=text) if problem.hint else text


def tidy(row: Mapping[str, str]) -> dict[str, str]:
    """A row with every column, on one line each; a field of blanks alone is empty."""
    one_line = {name: " ".join(row.get(name, "").splitlines()) for name in COLUMNS}
    return {name: text if text.strip() else "" for name, text in one_line.items()}


def lint(scheme: Scheme, check: Check, period: str) -> list[Problem]:
    """What is wrong with a check by itself and beside the others, faults before hints."""
    found = [*lint_one(scheme, check), *lint_check(scheme, check, period)]
    return sorted(found, key=lambda problem: problem.hint)


def place(row: Mapping[str, str], column: int) -> tuple[str, int]:
    """The field, and the column in it, of a column in the expression that condition and demand make together."""
    when = row["when"]
    if not when:
        return "expression", column
    inside = column - len(_BEFORE)
    if inside <= len(when) + len(_BETWEEN.rstrip()):
        return "when", min(max(inside, 1), len(when) + 1)
    return "expression", inside - len(when) - len(_BETWEEN)


def _fault(problem: Problem, scheme: Scheme, row: Mapping[str, str], texts: Texts) -> Fault:
    if problem.code == "missing_key":
        return _missing(str(problem.facts["key"]), texts)
    if not problem.code.startswith("expression."):
        found = problem.facts.get("found")
        choice = next((name for name in ("class", "family", "missing") if row[name] == found), "scope")
        return Fault(str(problem.facts.get("key", choice)), 0, texts(f"scheme.{problem.code}", **problem.facts))
    if problem.code in _NOWHERE:
        return Fault(_wrong_half(scheme, row), 0, in_words(problem.code, problem.facts, texts))
    field, column = place(row, int(str(problem.facts["column"])))
    facts, rest = {**problem.facts, "column": column}, row[field][column - 1 :]
    if not rest:
        return Fault(field, column, texts("rules.unfinished", **facts))
    found = str(facts["found"])
    length = next((len(one) for one in (f"[{found}]", found) if rest.startswith(one)), 1)
    if problem.code == "expression.unknown_item" and (found.isdecimal() or not facts["nearest"]):
        key = "rules.row_code" if found.isdecimal() else "rules.unknown_item"
        return Fault(field, column, texts(key, **facts), length)
    return Fault(field, column, in_words(problem.code, facts, texts), length)


def _wrong_half(scheme: Scheme, row: Mapping[str, str]) -> str:
    """The field that holds a fault of kinds, which has no column."""
    if not row["when"]:
        return "expression"
    alone, _ = read_local(scheme, "", {**row, "when": "", "expression": row["when"], "message": "-"})
    return "expression" if alone else "when"


def _missing(field: str, texts: Texts) -> Fault:
    return Fault(field, 0, texts("rules.missing", field=texts(f"rules.field.{field}")))
