"""The return: a district's answers as a standard workbook; `returnfile` reads one back.

Sheets: a cover, one a form, the findings, and a hidden manifest. `returnbook` lays it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey import manifest as manifests
from survey.answers import Answers
from survey.checks import Finding
from survey.control import exemptions, rulings
from survey.errors import SurveyError
from survey.explanations import EXPLAINABLE
from survey.files import replacing
from survey.form import Form
from survey.manifest import Manifest, RowDigests, total_digest
from survey.progress import Progress
from survey.returnbook import Cover, ReturnBook
from survey.review import Review
from survey.sql import quote
from survey.store import Store, now
from survey.texts import Texts


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
    store: Store, path: Path, texts: Texts, *, final: bool = False, progress: Progress | None = None
) -> ReturnSummary:
    """Checks the desk's period and writes its return; a file of that name is replaced only when done.

    What still has findings to settle becomes a draft, marked so; with `final` it is refused instead.
    Raises SurveyError: `city_has_no_return`, `nothing_to_return`, `return_blocked`, `cannot_write`.
    """
    if store.district is None:
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
    with replacing(path) as beside:
        manifest = _write_book(store, beside, findings, texts, progress, draft=draft)
    _record(store, review, manifest)
    counts = Counter(finding.category for finding in findings)
    return ReturnSummary(path, manifest, counts, blocking, units, unexplained)


def _write_book(
    store: Store, path: Path, findings: Sequence[Finding], texts: Texts, progress: Progress | None, *, draft: bool
) -> Manifest:
    total = sum(_count(store, form) for form in store.scheme.forms)
    done = 0
    digests: list[str] = []
    counts: dict[str, int] = {}
    totals: dict[str, dict[str, float]] = {}
    with ReturnBook(path, store.scheme, texts, draft=draft) as book:
        for form in store.scheme.forms:
            rows = RowDigests(form)
            sums = [0] * len(form.items)
            summed = [at for at, item in enumerate(form.items) if item.numeric]
            first = 1 if form.is_list else 0
            sheet = book.form_sheet(form, store.district or "", store.period)
            before = len(digests)
            for uscc, name, period, *values in _records(store, form):
                digest = rows.digest(uscc, period, values)
                digests.append(digest)
                sheet.add(uscc, name, period, values, digest)
                if period == store.period:
                    for at in summed:
                        sums[at] += values[at + first] or 0
                done += 1
                if progress and not done % 1000:
                    progress(done, total, "progress.return")
            sheet.finish()
            counts[form.id] = len(digests) - before
            totals[form.id] = {form.items[at].code: sums[at] for at in summed}
        manifest = _manifest(store, digests, counts, totals, draft=draft)
        answers = Answers(store, store.period, texts)
        book.findings_sheet(findings, [answers.text(finding) for finding in findings])
        book.control_sheet(rulings(store), exemptions(store, store.period))
        book.cover(Cover(manifest, store.counts(store.period), Counter(one.category for one in findings)))
        book.manifest_sheet(manifests.lines_of(manifest))
    return manifest


def _count(store: Store, form: Form) -> int:
    return int(store.execute(f"SELECT count(*) FROM {form.table}").fetchone()[0])


def _records(store: Store, form: Form) -> Iterator[tuple[Any, ...]]:
    """Every record of a form up to the store's period: uscc, name, period, its line on a list, then the items."""
    items = ", ".join([*(["f.line"] if form.is_list else []), *(f"f.{quote(item.name)}" for item in form.items)])
    order = ", f.line" if form.is_list else ""
    return store.execute(
        f"SELECT u.uscc, u.name, r.period, {items} FROM response r JOIN unit u ON u.id = r.unit"
        f" JOIN {form.table} f ON f.response = r.id WHERE r.period <= ? ORDER BY r.period DESC, r.id{order}",
        (store.period,),
    )


def _manifest(
    store: Store, digests: list[str], counts: dict[str, int], totals: dict[str, dict[str, float]], *, draft: bool
) -> Manifest:
    """The manifest; a return that says the same as the last one keeps its sequence number."""
    digest, last = total_digest(digests), store.desk.get("last_digest", "")
    again = digest == last
    number = store.desk.get("control_number", "")
    return Manifest(
        scheme=store.scheme.id,
        version=store.scheme.version,
        scheme_digest=store.scheme.digest,
        district=store.district or "",
        period=store.period,
        sequence=int(store.desk["sequence"]) + (0 if again else 1),
        parent=store.desk.get("last_parent", "") if again else last,
        digest=digest,
        units=store.response_count(store.period),
        created=now(),
        rows=counts,
        totals=totals,
        draft=draft,
        control=f"{number} {store.desk.get('control_digest', '')}" if number else "",
    )


def _record(store: Store, review: Review, manifest: Manifest) -> None:
    review.save()
    with store.atomic():
        sent = review.statuses if manifest.draft else dict.fromkeys(review.statuses, "submitted")
        store.set_statuses(store.period, sent)
        store.set_desk("sequence", str(manifest.sequence))
        store.set_desk("last_parent", manifest.parent)
        store.set_desk("last_digest", manifest.digest)
        store.execute(
            "INSERT INTO receipt (direction, period, sequence, digest, at) VALUES ('sent', ?, ?, ?, ?)",
            (manifest.period, manifest.sequence, manifest.digest, manifest.created),
        )
