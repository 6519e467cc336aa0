"""The return: a district's answers as a standard workbook; `returnfile` reads one back.

Sheets: a cover, one a form, the findings, what travels beside the answers, and a hidden manifest. `returnbook` lays
it out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from survey import enclosures, heads, journal, roster
from survey import manifest as manifests
from survey.answers import Answers
from survey.checks import Finding
from survey.control import exemptions, rulings
from survey.enclosure import Enclosed, digests_of
from survey.encryption import LEAST
from survey.enrolment import box_above, desk_key
from survey.envelope import SUFFIX, seal
from survey.errors import SurveyError
from survey.explanations import EXPLAINABLE
from survey.files import private_folder, replacing
from survey.form import CHECK_CLASSES
from survey.formrows import form_count, form_rows
from survey.manifest import ControlTotals, Manifest, RowDigests, order_digest, total_digest
from survey.officelock import lock
from survey.persons import permit
from survey.plainbook import rows_aside
from survey.progress import Progress as Told
from survey.reader import sha256_of
from survey.record import DISPOSALS
from survey.returnbook import ReturnBook
from survey.returncover import Cover, Tally
from survey.review import Review
from survey.roster import CaseRow, Progress, Wanted
from survey.sealing import DIGITS
from survey.signing import Signed
from survey.statuses import STEPS
from survey.store import Store, now
from survey.texts import Texts

# What people have decided of a unit stands, whatever checking says.
_DECIDED = (*DISPOSALS, "returned", "accepted")
_PART = 500


@dataclass(frozen=True)
class ReturnSummary:
    """What a return holds: its manifest, and how many findings of each class go with it.

    `blocking` are the failures of class A at units that the city has not exempted, at `units` of them;
    `unexplained` those of class B and C without an explanation. A return with any of these is a draft.
    """

    path: Path
    manifest: Manifest
    findings: Mapping[str, int]
    blocking: int = 0
    units: int = 0
    unexplained: int = 0

    @property
    def open_facts(self) -> dict[str, int]:
        """What makes a draft of it, as the sentences name it."""
        return {"blocking": self.blocking, "units": self.units, "unexplained": self.unexplained}


def write(
    store: Store, path: Path, texts: Texts, *, final: bool = False, password: str = "", progress: Told | None = None
) -> ReturnSummary:
    """Checks the desk's period and writes its return; a file of that name is replaced only when done.

    What still has findings to settle becomes a draft, marked so; with `final` it is refused instead. Under a name that
    ends in `.sealed` it is sealed for the desk above; with a `password` Excel asks for it.
    Raises SurveyError: `city_has_no_return`, `nothing_to_return`, `return_blocked`, `no_box`, `short_passphrase`,
    `sent_meanwhile`, `cannot_write`.
    """
    permit(store, "return")
    if password and len(password) < LEAST:
        raise SurveyError("short_passphrase", least=LEAST)
    if not store.sends:
        raise SurveyError("city_has_no_return", path=store.path)
    if not store.response_count(store.period):
        raise SurveyError("nothing_to_return", path=store.path, period=store.period)
    review = Review(store, store.period, progress)
    review.watch()
    findings = list(review.findings(not_evaluated=False))
    blocking, unexplained = review.left("A"), review.left(*EXPLAINABLE)
    units = sum(status == "errors" for status in review.statuses.values())
    draft = bool(blocking or unexplained)
    if final and draft:
        # Whoever is led to the checks must find there what holds the return back.
        review.save()
        raise SurveyError("return_blocked", blocking=blocking, units=units, unexplained=unexplained)
    open_facts = {"blocking": blocking, "units": units, "unexplained": unexplained}
    sealed_for = box_above(store) if path.suffix == SUFFIX else ""
    # The return takes its place within the transaction that remembers it: neither is there without the other.
    remembered = journal.Remembering(store)
    with replacing(path, remembered) as beside, private_folder() as private:
        # What is to be read by few is nowhere on a disk before it is locked.
        locked = bool(sealed_for or password)
        readable = private / "return.xlsx" if locked else beside
        with (
            rows_aside(private=locked) as rows,
            ReturnBook(readable, rows, store.scheme, texts, draft=draft) as book,
        ):
            manifest, tallied = _sheets(store, book, review, findings, open_facts, progress, texts)
        if sealed_for:
            beside.write_bytes(seal(readable.read_bytes(), sealed_for))
        elif password:
            beside.write_bytes(lock(readable.read_bytes(), password))
        remembered.begin()
        review.save()
        _record(store, review, manifest, path.name, sha256_of(beside))
    counts = {category: one.found for category, one in tallied.items()}
    return ReturnSummary(path, manifest, counts, blocking, units, unexplained)


def _sheets(
    store: Store,
    book: ReturnBook,
    review: Review,
    findings: Sequence[Finding],
    open_facts: Mapping[str, int],
    progress: Told | None,
    texts: Texts,
) -> tuple[Manifest, Mapping[str, Tally]]:
    """Every sheet, the manifest last, since it tells of all the others."""
    draft = bool(open_facts["blocking"] or open_facts["unexplained"])
    enclosed = enclosures.of_return(store, findings)
    manifest = _forms(store, book, enclosed, progress, draft=draft)
    tallied = _findings(store, book, findings, texts)
    disposed = _disposed(store)
    book.disposed_sheet(disposed)
    book.control_sheet(rulings(store), exemptions(store, store.period))
    for name, listed in enclosed.items():
        book.enclosure_sheet(name, listed)
    cover = Cover(manifest, _states(store, _sent(review, manifest)), disposed, tallied, open_facts)
    rows = book.cover(cover)
    manifest = replace(manifest, tables=book.tables, cover=rows, cover_sheet=texts("return.cover"), facts=cover.facts())
    book.manifest_sheet(manifests.lines_of(manifest, desk_key(store).sign))
    return manifest, tallied


def _forms(
    store: Store, book: ReturnBook, enclosed: Mapping[str, Sequence[Enclosed]], progress: Told | None, *, draft: bool
) -> Manifest:
    """The sheets of all forms, and the manifest that they and what is enclosed come to."""
    total = sum(form_count(store, form) for form in store.scheme.forms)
    digests: list[str] = []
    counts: dict[str, int] = {}
    totals: dict[str, dict[str, float]] = {}
    order: dict[str, str] = {}
    for form in store.scheme.forms:
        rows, sums = RowDigests(form), ControlTotals(form)
        sheet = book.form_sheet(form, store.place(book.lang), store.period)
        before = len(digests)
        for uscc, name, period, *values in form_rows(store, form, store.period):
            digest = rows.digest(uscc, name, period, values)
            digests.append(digest)
            sheet.add(uscc, name, period, values, digest[:DIGITS])
            if period == store.period:
                sums.add(values[1:] if form.is_list else values)
            if progress and not len(digests) % 1000:
                progress(len(digests), total, "progress.return")
        sheet.finish()
        counts[form.id] = len(digests) - before
        order[form.id] = order_digest(digests[before:])
        totals[form.id] = sums.by_code()
    for name, listed in enclosed.items():
        digests += digests_of(name, listed)
    manifest = _manifest(store, digests, counts, totals, draft=draft)
    return replace(manifest, enclosed={name: len(listed) for name, listed in enclosed.items()}, order=order)


def _findings(store: Store, book: ReturnBook, findings: Sequence[Finding], texts: Texts) -> dict[str, Tally]:
    """The sheet of findings with what is said to each, and how many of each class are settled."""
    answers = Answers(store, store.period, texts)
    said = [answers.of(finding) for finding in findings]
    book.findings_sheet(findings, said)
    found, exempted, explained = Counter[str](), Counter[str](), Counter[str]()
    for finding, answer in zip(findings, said, strict=True):
        found[finding.category] += 1
        exempt = answers.exempts(finding)
        exempted[finding.category] += exempt
        explained[finding.category] += answer is not None and not exempt
    return {one: Tally(found[one], explained[one], exempted[one]) for one in CHECK_CLASSES if found[one]}


def _disposed(store: Store) -> list[CaseRow]:
    """The units that cannot or will not answer, each with its reason."""
    ids = list(roster.ids(store, store.period, Wanted(status="disposed", sort="uscc")))
    parts = (roster.rows(store, store.period, ids[at : at + _PART]) for at in range(0, len(ids), _PART))
    found = {number: row for part in parts for number, row in part.items()}
    return [found[one] for one in ids]


def _states(store: Store, sent: Mapping[int, str]) -> Progress:
    """How far the units are once the return is written; what people have decided stands."""
    counts = Counter[str]()
    for response, status in store.execute(
        "SELECT r.id, coalesce(r.status, 'due') FROM unit u LEFT JOIN response r ON r.unit = u.id AND r.period = ?"
        " WHERE u.kind = 'unit'",
        (store.period,),
    ):
        counts[status if status in _DECIDED else sent.get(response, status)] += 1
    return Progress("", {status: counts[status] for status in (*STEPS, *DISPOSALS) if counts[status]})


def _sent(review: Review, manifest: Manifest) -> Mapping[int, str]:
    """The statuses by response that the return leaves behind."""
    return review.statuses if manifest.draft else dict.fromkeys(review.statuses, "submitted")


def _manifest(
    store: Store, digests: list[str], counts: dict[str, int], totals: dict[str, dict[str, float]], *, draft: bool
) -> Manifest:
    digest = total_digest(digests)
    sequence, parent = _place(store, digest)
    number = store.desk.get("control_number", "")
    return Manifest(
        scheme=store.scheme.id,
        version=store.scheme.version,
        scheme_digest=store.scheme.digest,
        district=store.district or "",
        part=store.part,
        period=store.period,
        sequence=sequence,
        parent=parent,
        digest=digest,
        units=store.response_count(store.period),
        created=now(),
        rows=counts,
        totals=totals,
        draft=draft,
        signed=Signed(desk_key(store).public),
        heads=heads.of_file(store),
        control=f"{number} {store.desk.get('control_digest', '')}" if number else "",
    )


def _place(store: Store, digest: str) -> tuple[int, str]:
    """The number of a return, and the digest of the one before; what says the same as the last one keeps its place.

    Another window may have sent since this one read what the desk is.
    """
    desk = dict(store.execute("SELECT key, value FROM desk WHERE key IN ('sequence', 'last_digest', 'last_parent')"))
    last = desk.get("last_digest", "")
    if digest == last:
        return int(desk["sequence"]), desk.get("last_parent", "")
    return int(desk["sequence"]) + 1, last


def _record(store: Store, review: Review, manifest: Manifest, name: str, sha256: str) -> None:
    """Remembers what was sent, under which name and with which content, for the slip that goes with it.

    Raises SurveyError `sent_meanwhile` where the number it bears is another return's by now.
    """
    if _place(store, manifest.digest) != (manifest.sequence, manifest.parent):
        raise SurveyError("sent_meanwhile", path=store.path)
    facts = {
        "sha256": sha256, "units": manifest.units, "draft": manifest.draft, "rows": dict(manifest.rows),
        "totals": {form: dict(totals) for form, totals in manifest.totals.items()}, "counts": dict(manifest.facts),
        "signer": manifest.signed.signer,
    }  # fmt: skip
    store.set_statuses(store.period, _sent(review, manifest))
    for key, value in (
        ("sequence", str(manifest.sequence)), ("last_parent", manifest.parent), ("last_digest", manifest.digest)
    ):  # fmt: skip
        store.set_desk(key, value)
    sent = (manifest.period, manifest.sequence, manifest.digest, manifest.created, manifest.sender, name)
    store.execute(
        "INSERT INTO receipt (direction, period, sequence, digest, at, sender, name, facts)"
        " VALUES ('sent', ?, ?, ?, ?, ?, ?, ?)",
        (*sent, json.dumps(facts, ensure_ascii=False)),
    )
    heads.tell(store, manifest.heads, name)
    journal.record(store, "returned", name, sequence=manifest.sequence, units=manifest.units)
