"""What a unit answered to its queries, taken into an open transaction: explanations, corrected values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey import cells, queries
from survey.connection import is_trouble_with
from survey.errors import SurveyError, in_words
from survey.explanations import EXPLAINABLE, check_text, explain
from survey.history import QUERY
from survey.manifest import plain
from survey.queries import Query
from survey.queryfile import FilledRow, StampRow
from survey.reader import sha256_of
from survey.record import read_value
from survey.scalar import Value
from survey.standing import Standing
from survey.store import Store
from survey.texts import Texts

# Where an answer stands: file, sheet, cell.
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Whose:
    """Whose answer it is, where it stands, and which check was asked about, '' for a free question."""

    uscc: str
    name: str
    check: str
    place: Place


@dataclass(frozen=True)
class Remark:
    """A text that was taken: as an explanation, or only kept with its query (`why`, under `query.kept`)."""

    whose: Whose
    text: str
    why: str = ""


@dataclass(frozen=True)
class Correction:
    """A cell with what it held when it was asked about, what it holds, and what was answered."""

    whose: Whose
    item: str
    line: int
    sent: Value
    before: Value
    after: Value


@dataclass(frozen=True)
class Rejection:
    """An answer that was not taken: what was found, and why, under `error.<code>`."""

    whose: Whose
    found: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def reason(self, texts: Texts) -> str:
        """Why it was not taken, and what to do."""
        return in_words(self.code, self.facts, texts)


@dataclass
class AnswerReport:
    """What came of some query lists, or would come.

    `unchanged` counts answers that had been taken before, `waiting` questions without any answer.
    A conflict is a cell that was changed after it was asked about: it keeps what it holds.
    """

    explained: list[Remark] = field(default_factory=list)
    kept: list[Remark] = field(default_factory=list)
    corrected: list[Correction] = field(default_factory=list)
    conflicts: list[Correction] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    unchanged: int = 0
    waiting: int = 0

    @property
    def changes(self) -> bool:
        """Whether anything is taken."""
        return bool(self.explained or self.kept or self.corrected)


@dataclass
class AnswerFile:
    """A list that is being taken: where it is, who takes it, who says that he filled it in, what came of it so far."""

    store: Store
    path: Path
    period: str
    who: str
    by: str
    report: AnswerReport
    _source: int | None = None

    def source(self) -> int:
        """The file's number among the sources; a list of which nothing is taken is none."""
        if self._source is None:
            self._source = self.store.add_source(self.path.name, "answers", sha256_of(self.path), self.who)
        return self._source

    def reject(self, whose: Whose, found: object, code: str, facts: Mapping[str, object] | None = None) -> None:
        """Tells of an answer that is not taken."""
        self.report.rejected.append(Rejection(whose, plain(found), code, facts or {}))


class UnitAnswers:
    """The answers of one unit on one list."""

    def __init__(self, file: AnswerFile, standing: Standing, unit: int) -> None:
        self._file = file
        self._store = file.store
        self._report = file.report
        self._standing = standing
        self._unit = unit
        uscc, name = self._store.execute("SELECT uscc, name FROM unit WHERE id = ?", (unit,)).fetchone()
        self._whose = (str(uscc), str(name))

    def take(self, rows: Sequence[tuple[StampRow, FilledRow]]) -> None:
        """Corrections first: a remark that comes with one is about what is left then."""
        before = self._asked()
        after = self._asked() if self._write(self._corrections(rows, before)) else before
        remarks: dict[int, list[FilledRow]] = {}
        for row, part in rows:
            if part.remark:
                remarks.setdefault(row.query, []).append(part)
        for query, parts in remarks.items():
            self._remark(before[query], after[query], parts)

    def _asked(self) -> dict[int, Query]:
        found = queries.of_unit(self._store, self._unit, self._file.period, self._standing)
        return {one.id: one for one in found}

    def _at(self, query: Query, part: FilledRow, cell: str) -> Whose:
        return Whose(*self._whose, query.check, (self._file.path.name, part.sheet, cell))

    # Corrected values

    def _corrections(
        self, rows: Sequence[tuple[StampRow, FilledRow]], asked: Mapping[int, Query]
    ) -> dict[tuple[str, int], tuple[int, Correction]]:
        """What is to be written, by item and line, with the query that it answers."""
        found: dict[tuple[str, int], tuple[int, Correction]] = {}
        current = cells.read(self._store, self._unit, self._file.period)
        for row, part in rows:
            if part.correction == "":
                continue
            whose = self._at(asked[row.query], part, part.correction_cell)
            try:
                after = self._read(row, part)
            except SurveyError as problem:
                self._file.reject(whose, part.correction, problem.code, problem.facts)
                continue
            item = self._store.scheme.item(row.item)
            before = current.get(item.name, row.line, item.form)
            one = Correction(whose, item.name, row.line, row.value, before, after)
            known = found.get((item.name, row.line))
            if after == before:
                self._report.unchanged += 1
            elif before != row.value:
                self._report.conflicts.append(one)
            elif known and known[1].after != after:
                self._file.reject(whose, part.correction, "query_twice", {"cell": known[1].whose.place[2]})
            else:
                found.setdefault((item.name, row.line), (row.query, one))
        return found

    def _read(self, row: StampRow, part: FilledRow) -> Value:
        item = self._store.scheme.items.get(row.item)
        if item is None:
            raise SurveyError("no_such_item" if row.item else "query_no_cell", text=row.item)
        if item.computed:
            raise SurveyError("computed", label=item.label, label_en=item.label_en)
        return read_value(item, part.correction, self._store.scheme.lists)

    def _write(self, corrections: Mapping[tuple[str, int], tuple[int, Correction]]) -> bool:
        """Writes a unit's corrections as one step, which can be undone at once; the step names queries and file."""
        if not corrections:
            return False
        asked = ",".join(dict.fromkeys(str(query) for query, _ in corrections.values()))
        reason = f"{QUERY}:{asked}:{self._file.path.name.replace(':', '_')}:{uuid.uuid4().hex[:8]}"
        written = [(item, line, one.after) for (item, line), (_, one) in corrections.items()]
        try:
            cells.write_all(self._store, self._unit, self._file.period, written, who=self._file.who, reason=reason)
        except SurveyError as problem:
            if is_trouble_with(problem, self._store.path):
                raise
            for _, one in corrections.values():
                self._file.reject(one.whose, one.after, problem.code, problem.facts)
            return False
        self._file.source()
        self._report.corrected += [one for _, one in corrections.values()]
        return True

    # Remarks

    def _remark(self, before: Query, after: Query, parts: Sequence[FilledRow]) -> None:
        """A text: an explanation where its finding stands as it was asked about, otherwise only kept, or told."""
        text = "；".join(dict.fromkeys(part.remark for part in parts))
        whose = self._at(before, parts[0], parts[0].remark_cell)
        finding = after.finding
        wanted = finding is not None and finding.category in EXPLAINABLE
        if text == before.answer and not (wanted and after.state == "open"):
            self._report.unchanged += 1
        elif before.state == "outdated":
            self._file.reject(whose, text, "query_outdated")
        elif finding is None or not wanted:
            why = finding.category if finding else "settled" if before.check else "free"
            self._keep(before.id, Remark(whose, text, why), self._report.kept)
        else:
            try:
                explain(self._store, self._unit, finding, check_text(text), who=self._file.who)
            except SurveyError as problem:
                if is_trouble_with(problem, self._store.path):
                    raise
                self._file.reject(whose, text, problem.code, problem.facts)
            else:
                self._keep(before.id, Remark(whose, text), self._report.explained)

    def _keep(self, query: int, remark: Remark, among: list[Remark]) -> None:
        queries.answer(self._store, query, remark.text, by=self._file.by, source=self._file.source())
        among.append(remark)
