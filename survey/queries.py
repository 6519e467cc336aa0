"""Queries (查询): findings and questions put to a unit, with what was answered. One finding is asked once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from survey import cells
from survey.checks import CheckSet, Finding, deciding, sentence, shown
from survey.errors import SurveyError
from survey.explanations import EXPLAINABLE, code_of, facts_of
from survey.expression import columns
from survey.form import Item
from survey.formulas import Answers
from survey.persons import permit
from survey.progress import Progress
from survey.record import previous_period
from survey.scalar import Value
from survey.scheme import Scheme
from survey.standing import Standing
from survey.store import Store, now
from survey.texts import Texts

# Settled: its finding stands no more, or has been explained. Outdated: it stands with other answers than were asked.
State = Literal["open", "answered", "settled", "outdated"]
# By what a survey file knows its own query lists again.
_FILE = "query_file"


@dataclass(frozen=True)
class Query:
    """A question to a unit: of a finding, or free where `check` is ''.

    `check` carries the line as explanations do, `T03-01[2]`; `facts` are the answers that were asked about;
    `finding` is the finding as it stands now. `source` is the file the answer came in.
    """

    id: int
    unit: int
    period: str
    check: str
    facts: str
    question: str
    who: str
    at: str
    answer: str = ""
    answered_by: str = ""
    answered_at: str = ""
    source: str = ""
    state: State = "open"
    finding: Finding | None = None

    @property
    def mark(self) -> str:
        """By what a question is known on a list: in a file that was put back from a copy, numbers are given twice."""
        return _mark(self.at, self.check, self.facts, self.question)

    def text(self, scheme: Scheme, texts: Texts) -> str:
        """What is asked, in the reader's language, with what is wanted; of a finding that is gone its check alone."""
        if self.finding is None:
            return self.question or self.check
        return texts(f"query.wanted.{self.finding.category}") + sentence(self.finding, scheme, texts)


@dataclass(frozen=True)
class AskedCell:
    """A cell that a query is about, with both years' values; `fixed` is what nobody can correct."""

    item: Item
    line: int
    now: Value
    before: Value

    @property
    def fixed(self) -> bool:
        return bool(self.item.computed)

    def label(self, texts: Texts) -> str:
        """The item's label, with its line on list forms."""
        return cell_label(self.item, self.line, texts)


def cell_label(item: Item, line: int, texts: Texts) -> str:
    """What a cell is called."""
    label = texts.pick(item.label, item.label_en)
    return texts("query.line", label=label, line=line) if line else label


@dataclass(frozen=True)
class Block:
    """A query with the cells it is about, none for a free question."""

    query: Query
    cells: tuple[AskedCell, ...]


@dataclass(frozen=True)
class UnitQueries:
    """What one unit is asked."""

    unit: int
    uscc: str
    name: str
    blocks: tuple[Block, ...]


def ask(store: Store, unit: int, finding: Finding, who: str = "") -> int:
    """Asks a unit about a finding; gives the query's number, that of the same question where it was asked before.

    Raises SurveyError `query_not_begun`.
    """
    permit(store, "decide")
    return _put(store, unit, finding.period, code_of(finding), facts_of(finding), "", who)[0]


def ask_freely(store: Store, unit: int, period: str, question: str, who: str = "") -> int:
    """Asks a unit in the officer's own words; raises SurveyError `query_empty`, `query_not_begun`."""
    permit(store, "decide")
    kept = " ".join(question.split())
    if not kept:
        raise SurveyError("query_empty")
    return _put(store, unit, period, "", "", kept, who)[0]


def answers_to(store: Store, unit: int, period: str, check: str) -> list[tuple[str, str, str, str]]:
    """What a unit has answered to a check (`code_of`) and to free questions: question, answer, by whom, when."""
    rows = store.execute(
        "SELECT q.question, q.answer, q.answered_by, q.answered_at FROM query q JOIN response r ON r.id = q.response"
        " WHERE r.unit = ? AND r.period = ? AND q.answer <> '' AND q.check_code IN (?, '') ORDER BY q.answered_at",
        (unit, period, check),
    )
    return [(question, answer, who, at) for question, answer, who, at in rows]


def ask_all(store: Store, units: Sequence[int], period: str, who: str = "", progress: Progress | None = None) -> int:
    """Asks units about all that they still have to answer; gives how many questions are new.

    All or none: raises Cancelled with nothing asked.
    """
    permit(store, "decide")
    standing, new = Standing(store, period), 0
    with store.atomic():
        asking = standing.asking(units)
        for at, unit in enumerate(asking):
            if progress:
                progress(at, len(asking), "progress.query_ask")
            for finding in standing.open(unit):
                new += _put(store, unit, period, code_of(finding), facts_of(finding), "", who)[1]
    return new


def units_of(store: Store, district: str = "") -> list[int]:
    """Everybody who can be asked, or those of a district and its desk; raises SurveyError `unknown_district`."""
    if district and district not in store.scheme.districts.codes:
        raise SurveyError("unknown_district", found=district)
    rows = store.execute(
        "SELECT id FROM unit WHERE ? IN ('', district) OR (kind = 'district' AND uscc = ?) ORDER BY id",
        (district, district),
    )
    return [row[0] for row in rows]


def of_unit(store: Store, unit: int, period: str, standing: Standing | None = None) -> list[Query]:
    """A unit's queries of a period as they were asked, each with how it stands now."""
    rows = store.execute(
        "SELECT q.id, r.unit, r.period, q.check_code, q.facts, q.question, q.who, q.at, q.answer, q.answered_by,"
        " q.answered_at, coalesce(s.name, '') FROM query q JOIN response r ON r.id = q.response"
        " LEFT JOIN source s ON s.id = q.source WHERE r.unit = ? AND r.period = ? ORDER BY q.id",
        (unit, period),
    ).fetchall()
    if not rows:
        return []
    standing = standing or Standing(store, period)
    left = {code_of(one): one for one in standing.open(unit, shown=True)}
    return [_judged(row, left) for row in rows]


def open_queries(
    store: Store, units: Sequence[int], period: str, progress: Progress | None = None
) -> Iterator[UnitQueries]:
    """The queries that wait for an answer, unit by unit; units without any are left out."""
    standing = Standing(store, period)
    for at, unit in enumerate(units):
        if progress:
            progress(at, len(units), "progress.query_write")
        waiting = [one for one in of_unit(store, unit, period, standing) if one.state == "open"]
        if waiting:
            uscc, name = store.execute("SELECT uscc, name FROM unit WHERE id = ?", (unit,)).fetchone()
            yield UnitQueries(unit, uscc, name, tuple(_blocks(store, standing.checks, waiting)))


def answer(store: Store, query: int, text: str, *, by: str, source: int | None = None) -> None:
    """Keeps what was answered, and the file it came in."""
    permit(store, "decide")
    with store.atomic():
        store.execute(
            "UPDATE query SET answer = ?, answered_by = ?, answered_at = ?, source = ? WHERE id = ?",
            (text, by, now(), source, query),
        )


def file_id(store: Store) -> str:
    """The mark that the file's query lists carry; '' before the first of them was written."""
    # Another thread may have written the first list since this store was opened.
    row = store.execute("SELECT value FROM desk WHERE key = ?", (_FILE,)).fetchone()
    return row[0] if row else ""


def marked(store: Store) -> str:
    """As `file_id`; makes the mark where there is none."""
    if not file_id(store):
        with store.atomic():
            store.set_desk(_FILE, uuid.uuid4().hex)
    return file_id(store)


def origin_of(query: int, mark: str) -> str:
    """By what the desk below names a question of this one in its return."""
    return f"{query}-{mark}"


def of_origin(store: Store, origin: str, uscc: str) -> int | None:
    """The question to a unit that a desk below names so; None where the file has no such question any more."""
    number, _, mark = origin.partition("-")
    unit = find(store, int(number), mark) if number.isdecimal() else None
    return int(number) if unit is not None and unit == store.find_unit(uscc) else None


def find(store: Store, query: int, mark: str) -> int | None:
    """The unit that was asked a question; None where the file has no such question any more."""
    row = store.execute(
        "SELECT r.unit, q.at, q.check_code, q.facts, q.question FROM query q JOIN response r ON r.id = q.response"
        " WHERE q.id = ?",
        (query,),
    ).fetchone()
    return int(row[0]) if row and _mark(*row[1:]) == mark else None


def _mark(at: str, check: str, facts: str, question: str) -> str:
    return hashlib.sha256("\n".join((at, check, facts, question)).encode()).hexdigest()[:12]


def _put(store: Store, unit: int, period: str, check: str, facts: str, question: str, who: str) -> tuple[int, bool]:
    row = store.execute("SELECT id FROM response WHERE unit = ? AND period = ?", (unit, period)).fetchone()
    if row is None:
        raise SurveyError("query_not_begun", period=period)
    asked = (row[0], check, facts, question)
    known = store.execute(
        "SELECT id FROM query WHERE response = ? AND check_code = ? AND facts = ? AND question = ?", asked
    ).fetchone()
    if known:
        return int(known[0]), False
    with store.atomic():
        found = store.execute(
            "INSERT INTO query (response, check_code, facts, question, who, at) VALUES (?, ?, ?, ?, ?, ?)",
            (*asked, who, now()),
        ).lastrowid
    assert found is not None
    return found, True


def _judged(row: Sequence[str], left: Mapping[str, Finding]) -> Query:
    """A row of the file as a query; `left` is what the unit still has to answer, by `code_of`."""
    asked = Query(*row)  # type: ignore[arg-type]
    finding = left.get(asked.check) if asked.check else None
    state: State = "open"
    if asked.check and finding is None:
        state = "settled"
    elif finding is not None and facts_of(finding) != asked.facts:
        state = "outdated"
    elif asked.answer and (finding is None or finding.category not in ("A", *EXPLAINABLE)):
        # What asks for a reason waits until one is taken, and what blocks until it is put right.
        state = "answered"
    return replace(asked, state=state, finding=finding)


def _blocks(store: Store, checks: CheckSet, waiting: Sequence[Query]) -> Iterator[Block]:
    unit, period = waiting[0].unit, waiting[0].period
    current, earlier = cells.read(store, unit, period), cells.read(store, unit, previous_period(period))
    for query in waiting:
        finding = query.finding
        # The cells of the comparison that decides come first.
        keys = dict.fromkeys([*_decisive(checks, finding), *finding.items]) if finding else {}
        line = finding.line if finding else 0
        yield Block(query, tuple(_cell(store, key, line, current, earlier) for key in keys))


def _decisive(checks: CheckSet, finding: Finding) -> Iterator[str]:
    for comparison in deciding(checks.by_code[finding.check].check.tree):
        for column in shown(columns(comparison)):
            if column.is_cell and (key := checks.scheme.item(column.name).key) in finding.items:
                yield key


def _cell(store: Store, key: str, line: int, current: Answers, earlier: Answers) -> AskedCell:
    item = store.scheme.item_at(key)
    at = line if store.scheme.form(item.form).is_list else 0
    # The lines of one year are not those of the other.
    before = None if at else earlier.values.get(item.name)
    return AskedCell(item, at, current.get(item.name, at, item.form), before)
