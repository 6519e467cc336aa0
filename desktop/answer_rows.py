"""What came of answers to queries, one row an answer, as the window and the command line tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from survey.checks import IMPLIED, message
from survey.queries import cell_label
from survey.querytaking import AnswerReport, Correction, Whose
from survey.record import show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.texts import Texts


@dataclass(frozen=True)
class AnswerRow:
    """An answer in words; `outcome` is a key under `query.outcome`, `before` is '' where nothing is replaced."""

    outcome: str
    unit: str
    subject: str
    before: str
    after: str
    note: str
    file: str
    cell: str


def answer_rows(report: AnswerReport, scheme: Scheme, texts: Texts) -> Iterator[AnswerRow]:
    """What needs a person first: conflicts, what was not taken, then what changes, then what is only noted."""
    for one in report.conflicts:
        note = texts("query.answers.conflict", sent=_shown(one, one.sent, scheme, texts))
        yield _corrected("conflict", one, note, scheme, texts)
    for told in report.rejected:
        yield _row("rejected", told.whose, told.found, told.reason(texts), scheme, texts)
    for one in report.corrected:
        yield _corrected("corrected", one, texts("query.answers.corrected"), scheme, texts)
    for said in report.explained:
        yield _row("explained", said.whose, said.text, texts("query.answers.explained"), scheme, texts)
    for said in report.kept:
        yield _row("kept", said.whose, said.text, texts(f"query.kept.{said.why}"), scheme, texts)


def facts(report: AnswerReport, files: int) -> dict[str, int]:
    """The counts, as the sentences name them."""
    lists = ("explained", "kept", "corrected", "conflicts", "rejected")
    counts = {name: len(getattr(report, name)) for name in lists}
    return {"files": files, **counts, "unchanged": report.unchanged, "waiting": report.waiting}


def as_json(report: AnswerReport, files: int, texts: Texts, *, dry_run: bool) -> dict[str, Any]:
    """The report for other programs; what was not taken comes with its reason in words."""
    rejected = [{**asdict(one), "reason": one.reason(texts)} for one in report.rejected]
    for row in rejected:
        row.pop("facts")
    lists = {name: [asdict(one) for one in getattr(report, name)] for name in ("explained", "kept", "corrected")}
    conflicts = [asdict(one) for one in report.conflicts]
    counts = {"files": files, "unchanged": report.unchanged, "waiting": report.waiting}
    return {"dry_run": dry_run, **counts, **lists, "conflicts": conflicts, "rejected": rejected}


def _row(outcome: str, whose: Whose, after: str, note: str, scheme: Scheme, texts: Texts) -> AnswerRow:
    return AnswerRow(outcome, whose.name, _subject(whose, scheme, texts), "", after, note, *_place(whose))


def _corrected(outcome: str, one: Correction, note: str, scheme: Scheme, texts: Texts) -> AnswerRow:
    item = scheme.item(one.item)
    subject = f"{item.key}  {cell_label(item, one.line, texts)}"
    before = _shown(one, one.before, scheme, texts)
    after = _shown(one, one.after, scheme, texts)
    return AnswerRow(outcome, one.whose.name, subject, before, after, note, *_place(one.whose))


def _subject(whose: Whose, scheme: Scheme, texts: Texts) -> str:
    """What was asked: the check with what must hold, where the scheme still has it."""
    code = whose.check.partition("[")[0]
    if not code:
        return texts("query.answers.free") if whose.uscc else ""
    known = code.startswith(tuple(f"{prefix}-" for prefix in IMPLIED.values())) or code in {
        one.code for one in scheme.checks
    }
    return f"{whose.check}  {message(code, scheme, texts)}" if known else whose.check


def _place(whose: Whose) -> tuple[str, str]:
    file, sheet, cell = whose.place
    return file, f"{sheet}!{cell}"


def _shown(one: Correction, value: Value, scheme: Scheme, texts: Texts) -> str:
    return show_value(scheme.item(one.item), value, scheme.lists, texts.lang) or texts("check.blank")
