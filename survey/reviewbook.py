"""The outcome of checking as a workbook: by check, by item, by unit, by number, and every finding in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from survey import journal
from survey.answers import Answers
from survey.checks import IMPLIED, CompiledCheck, Finding, message, sentence
from survey.control import CONTROL_WIDTHS, control_rows, exemptions, rulings
from survey.involvement import Involvement
from survey.persons import permit
from survey.plainbook import PlainBook, Sheet, plain_book
from survey.priority import priorities
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

_WIDTHS = {
    "checks": (16, 14, 16, 26, 56, 10, 10, 12, 12, 12, 10),
    "items": (14, 40, 12, 12, 14),
    "units": (10, 22, 34, 8, 8, 8, 8, 12, 60),
    "numbers": (18, 14),
    "findings": (14, 22, 30, 14, 80, 40),
}


def write(store: Store, review: Review, findings: Iterable[Finding], path: Path, texts: Texts) -> None:
    """Writes the findings of a review as they come, then what they amount to. No finding is left out.

    Units stand in the order in which they are to be asked. Raises SurveyError `cannot_write`, with what
    was there left as it is.
    """
    permit(store, "export")
    telling = journal.Telling(store, "exported", path.name, what="findings")
    with plain_book(path, telling) as book:
        tables = {name: _table(book, name, texts) for name in _WIDTHS}
        told = _told(tables["findings"], store, review.period, findings, texts)
        scores = {one.uscc: one.score for one in priorities(store, review.period, told)}
        # Without key items nobody has asked for the findings yet.
        deque(told, maxlen=0)
        gathered = Involvement(review.checks, review.failures())
        _checks(tables["checks"], store, review, texts)
        _items(tables["items"], store, gathered, texts)
        _units(tables["units"], store, gathered, scores, texts)
        for number, units in gathered.distribution(len(review.statuses)).items():
            tables["numbers"].add((number, units))
        _control(book, store, review.period, texts)
        telling.know(units=len(review.statuses))


def _told(table: Sheet, store: Store, period: str, findings: Iterable[Finding], texts: Texts) -> Iterator[Finding]:
    """The failures, each written as it passes."""
    answers = Answers(store, period, texts)
    for one in findings:
        if one.verdict == "fail":
            told = sentence(one, store.scheme, texts)
            table.add((_class(one.category, texts), one.unit, one.name, one.check, told, answers.text(one)))
            yield one


def _control(book: PlainBook, store: Store, period: str, texts: Texts) -> None:
    """What the city has decided about checks and units; no sheet where it has decided nothing."""
    rows = control_rows(rulings(store), exemptions(store, period), texts)
    if rows:
        table = book.table(texts("control.sheet"), texts("control.heads").split("|"), CONTROL_WIDTHS)
        for row in rows:
            table.add(row)


def _table(book: PlainBook, name: str, texts: Texts) -> Sheet:
    return book.table(texts(f"report.sheet.{name}"), texts(f"report.heads.{name}").split("|"), _WIDTHS[name])


def family(name: str, texts: Texts) -> str:
    """What a family of checks is called."""
    return texts(f"check.family.{name or 'none'}")


def _class(category: str, texts: Texts) -> str:
    return f"{category}　{texts(f'check.class.{category}')}"


def _checks(table: Sheet, store: Store, review: Review, texts: Texts) -> None:
    """Every check with its three counts, the most often failed first."""

    def order(one: CompiledCheck) -> tuple[int, str]:
        return -review.tallies[one.check.code].failed, one.check.code

    for one in sorted(review.checks.compiled, key=order):
        tally, form = review.tallies[one.check.code], store.scheme.form(one.check.scope)
        table.add((
            tally.check, _class(tally.category, texts), family(one.check.family, texts),
            f"{form.id} {texts.pick(form.title, form.title_en)}",
            rule(store.scheme, tally.check, texts), tally.passed, tally.failed, tally.answered, tally.not_evaluated,
            tally.rate, one.check.valid_from,
        ))  # fmt: skip


def rule(scheme: Scheme, code: str, texts: Texts) -> str:
    """What must hold; for what an item demands of itself, with the item."""
    prefix, _, key = code.partition("-")
    said = message(code, scheme, texts)
    if prefix not in IMPLIED.values() or scheme.has_check(code):
        return said
    return f"{scheme.label(scheme.item_at(key).name, texts.lang)}　{said}"


def _items(table: Sheet, store: Store, gathered: Involvement, texts: Texts) -> None:
    for one in gathered.items():
        table.add((one.key, store.scheme.label(_name(store, one.key), texts.lang), one.failed, one.units, one.causes))


def _units(table: Sheet, store: Store, gathered: Involvement, scores: Mapping[str, float], texts: Texts) -> None:
    """The failing units: those that weigh most on the indicators first, then the gravest."""
    units = gathered.units()
    known = store.units_of([one.response for one in units])
    for one in sorted(units, key=lambda one: -scores.get(known[one.response].uscc, 0.0)):
        labels = [f"{store.scheme.label(_name(store, key), texts.lang)}（{key}）" for key in one.causes]
        counts = [one.by_class[category] for category in "ABCD"]
        unit = known[one.response]
        score = 100 * scores[unit.uscc] if unit.uscc in scores else None
        table.add((score, unit.uscc, unit.name, *counts, one.unexplained, texts("check.and").join(labels)))


def _name(store: Store, key: str) -> str:
    return store.scheme.item_at(key).name
