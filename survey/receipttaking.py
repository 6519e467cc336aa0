"""A receipt taken into the file of the desk that it is for: what the desk above says, and what it asks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey import heads, journal, queries, receipts
from survey.connection import is_trouble_with
from survey.enrolment import ABOVE, admit_signature, desk_key, enrolled, note
from survey.errors import SurveyError, in_words
from survey.explanations import EXPLAINABLE, check_text, code_of, explain, facts_of
from survey.journal import Break
from survey.persons import permit
from survey.reader import Reader, sha256_of
from survey.receiptfile import AskedLine, Filled, Receipt, decode, read_receipt
from survey.standing import Standing
from survey.store import Store, now
from survey.texts import Texts

KIND = "receipt"


@dataclass(frozen=True)
class Refused:
    """An answer on the receipt that says nothing: where it stands, and what is wrong with it."""

    uscc: str
    row: int
    found: str
    error: SurveyError

    def reason(self, texts: Texts) -> str:
        return in_words(self.error.code, self.error.facts, texts)


@dataclass
class ReceiptReport:
    """What came of a receipt, or would come.

    `repeated`: it was taken before. `unknown`: it is about a return that this file knows nothing of. `asked` counts
    queries that are new here, `known` those that were, `gone` has those whose unit this desk has no longer.
    `rewritten` is where the records of the desk above are no longer what it told before, `own` where this file's are
    no longer what the desk above has seen, which is believed once its key is enrolled.
    """

    receipt: Receipt
    repeated: bool = False
    unknown: bool = False
    asked: int = 0
    known: int = 0
    answered: int = 0
    gone: list[AskedLine] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    rewritten: list[Break] = field(default_factory=list)
    own: list[Break] = field(default_factory=list)


def take(store: Store, path: Path, *, who: str = "", dry_run: bool = False) -> ReceiptReport:
    """Takes a receipt and the answers that were written on it; the same one twice changes nothing.

    Raises SurveyError where it is none or is not for this desk: `receipt.other`, `receipt.newer`, `receipt.changed`,
    `receipt.scheme`, `receipt.period`, `receipt.desk`, `receipt.nobody`, or is not signed as it has to be (see
    `admit_signature`), and what reading raises.
    """
    permit(store, "edit")
    with Reader() as reader, reader.read(path, decode) as parts:
        receipt, digest, signed = next(parts)
        _admit(store, receipt, path)
        admit_signature(store, ABOVE, signed, name=path.name)
        filled: list[Filled] = list(parts)
    report = ReceiptReport(receipt, unknown=not _sent(store, receipt))
    older = heads.older(store, ABOVE, signed.signer, receipt.heads, receipt.made)
    report.rewritten = heads.compare(store, ABOVE, signed.signer, receipt.heads, older=older)
    # Anybody can write that a record was rewritten: only the desk above is believed.
    if ABOVE in enrolled(store) and receipt.sender_key == desk_key(store).public:
        report.own = heads.fit(store, receipt.seen)
    with store.atomic(keep=not dry_run):
        taking = _Taking(store, report, who, path)
        taking.ask()
        taking.answer(filled)
        note(store, ABOVE, signed)
        heads.keep(store, ABOVE, signed.signer, receipt.heads, path.name, receipt.made)
        _record(store, report, digest, path)
        if report.answered or not report.repeated:
            number, answered = receipt.sequence, report.answered
            rewritten = " ".join(f"{one.chain} {one.number}" for one in report.rewritten)
            facts = {"sequence": number, "answered": answered, "rewritten": rewritten}
            journal.record(store, "imported", path.name, what="receipt", **facts)
    return report


def last(store: Store) -> Receipt | None:
    """The receipt of the last return, of several the one taken last; None where there is none."""
    row = store.execute(
        "SELECT facts, name FROM receipt WHERE direction = 'received' AND period = ?"
        " ORDER BY sequence DESC, id DESC LIMIT 1",
        (store.period,),
    ).fetchone()
    return read_receipt([tuple(line) for line in json.loads(row[0])], Path(row[1])) if row else None


def reply(
    store: Store, query: int, text: str, *, who: str = "", source: int | None = None, standing: Standing | None = None
) -> None:
    """Answers a query of the desk above; where a check doubts the answers, that explains them.

    Raises SurveyError as `check_text` does, and `query_empty`.
    """
    kept = " ".join(text.split())
    if not kept:
        raise SurveyError("query_empty")
    unit, period = store.execute(
        "SELECT r.unit, r.period FROM query q JOIN response r ON r.id = q.response WHERE q.id = ?", (query,)
    ).fetchone()
    [asked] = [one for one in queries.of_unit(store, unit, period, standing) if one.id == query]
    with store.atomic():
        if asked.finding and asked.finding.category in EXPLAINABLE and asked.state == "open":
            explain(store, unit, asked.finding, check_text(kept), who=who)
        queries.answer(store, query, kept, by=who, source=source)


def answered(store: Store, receipt: Receipt) -> dict[str, tuple[int, str]]:
    """The queries of a receipt that stand in this file, by origin: their number, and what was answered, or ''."""
    wanted = {one.origin for one in receipt.asked}
    rows = store.execute("SELECT origin, id, answer FROM query WHERE origin <> ''")
    return {origin: (number, answer) for origin, number, answer in rows if origin in wanted}


def _admit(store: Store, receipt: Receipt, path: Path) -> None:
    """Refuses a receipt of another scheme, period or desk."""
    if not store.sends:
        raise SurveyError("receipt.nobody", path=path)
    # Officers of two districts may be called alike.
    district = store.district or ""
    above, desk = (district, store.part) if store.part else ("", district)
    own = {"scheme": store.scheme.id, "period": store.period, "desk": desk, "above": above}
    said = {"scheme": receipt.scheme, "period": receipt.period, "desk": receipt.sender, "above": receipt.above}
    for name, wanted in own.items():
        if said[name] != wanted:
            called = [receipts.label(store, one) if name in ("above", "desk") else one for one in (said[name], wanted)]
            raise SurveyError(f"receipt.{name}", path=path, found=called[0], wanted=called[1])


def _sent(store: Store, receipt: Receipt) -> bool:
    row = store.execute(
        "SELECT 1 FROM receipt WHERE direction = 'sent' AND period = ? AND digest = ? LIMIT 1",
        (receipt.period, receipt.digest),
    ).fetchone()
    return row is not None


def _record(store: Store, report: ReceiptReport, digest: str, path: Path) -> None:
    receipt = report.receipt
    report.repeated = bool(
        store.execute("SELECT 1 FROM receipt WHERE direction = 'received' AND digest = ?", (digest,)).fetchone()
    )
    if not report.repeated:
        store.execute(
            "INSERT INTO receipt (direction, period, sequence, digest, at, sender, name, facts)"
            " VALUES ('received', ?, ?, ?, ?, ?, ?, ?)",
            (
                receipt.period, receipt.sequence, digest, now(), receipt.maker, path.name,
                json.dumps(list(receipt.lines()), ensure_ascii=False),
            ),
        )  # fmt: skip


class _Taking:
    def __init__(self, store: Store, report: ReceiptReport, who: str, path: Path) -> None:
        self._store = store
        self._report = report
        self._who = who
        self._path = path
        self._standing = Standing(store, report.receipt.period)
        self._source: int | None = None

    def ask(self) -> None:
        """The queries, each once; of a finding that does not stand here what is asked is kept in its words."""
        for one in self._report.receipt.asked:
            known = self._store.execute("SELECT 1 FROM query WHERE origin = ?", (one.origin,)).fetchone()
            unit = self._store.find_unit(one.uscc)
            if known:
                self._report.known += 1
            elif unit is None or not self._put(unit, one):
                self._report.gone.append(one)
            else:
                self._report.asked += 1

    def _put(self, unit: int, one: AskedLine) -> bool:
        """Asks; False where the unit has not begun the period."""
        store, receipt = self._store, self._report.receipt
        row = store.execute("SELECT id FROM response WHERE unit = ? AND period = ?", (unit, receipt.period)).fetchone()
        if row is None:
            return False
        here = {(code_of(finding), facts_of(finding)) for finding in self._standing.open(unit, shown=True)}
        same = (one.check, one.facts) in here
        asked = (row[0], one.check if same else "", one.facts if same else "", "" if same else one.text)
        done = store.execute(
            "UPDATE query SET origin = ? WHERE response = ? AND check_code = ? AND facts = ? AND question = ?",
            (one.origin, *asked),
        ).rowcount
        if not done:
            store.execute(
                "INSERT INTO query (response, check_code, facts, question, who, at, origin)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*asked, receipt.maker, now(), one.origin),
            )
        return True

    def answer(self, filled: Sequence[Filled]) -> None:
        """What somebody has written beside the queries."""
        for one in filled:
            # What was answered here otherwise is not overwritten.
            row = self._store.execute(
                "SELECT q.id, u.uscc FROM query q JOIN response r ON r.id = q.response JOIN unit u ON u.id = r.unit"
                " LEFT JOIN source s ON s.id = q.source WHERE q.origin = ? AND q.answer <> ?"
                " AND (q.answer = '' OR s.kind = ?)",
                (one.origin, one.text, KIND),
            ).fetchone()
            if row is None:
                continue
            before = self._source
            try:
                with self._store.atomic():
                    source = self._file()
                    reply(self._store, row[0], one.text, who=self._who, source=source, standing=self._standing)
            except SurveyError as error:
                if is_trouble_with(error, self._store.path):
                    raise
                self._source = before
                self._report.refused.append(Refused(row[1], one.row, one.text, error))
            else:
                self._report.answered += 1

    def _file(self) -> int:
        if self._source is None:
            self._source = self._store.add_source(self._path.name, KIND, sha256_of(self._path), self._who)
        return self._source
