"""The return: a district's answers as a standard workbook, and reading one back.

Sheets: a cover, one a form, the findings, and a hidden manifest. `returnbook` lays it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from survey import manifest as manifests
from survey.checks import Finding
from survey.errors import SurveyError
from survey.files import replacing
from survey.form import Form
from survey.manifest import Manifest, RowDigests, plain, total_digest
from survey.reader import Book
from survey.record import Lists, read_column
from survey.returnbook import DIGEST_COLUMN, KEY_COLUMNS, Cover, ReturnBook
from survey.review import Review
from survey.scalar import Value
from survey.sql import quote
from survey.store import Store, now
from survey.texts import Texts

Progress = Callable[[int, int, str], None]

_ROWS = 20_000


@dataclass(frozen=True)
class ReturnSummary:
    """What a return holds: its manifest, and how many findings of each class go with it."""

    path: Path
    manifest: Manifest
    findings: Mapping[str, int]

    @property
    def blocked(self) -> int:
        """Findings of class A: the city will ask for them."""
        return self.findings.get("A", 0)


def write(store: Store, path: Path, texts: Texts, *, progress: Progress | None = None) -> ReturnSummary:
    """Checks the desk's period and writes its return; a file of that name is replaced only when done.

    Raises SurveyError: `city_has_no_return`, `nothing_to_return`, `cannot_write`.
    """
    if store.district is None:
        raise SurveyError("city_has_no_return", path=store.path)
    if not store.response_count(store.period):
        raise SurveyError("nothing_to_return", path=store.path, period=store.period)
    review = Review(store, store.period, progress)
    findings = list(review.findings(not_evaluated=False))
    with replacing(path) as beside:
        manifest = _write_book(store, beside, findings, texts, progress)
    _record(store, review, manifest)
    return ReturnSummary(path, manifest, Counter(finding.category for finding in findings))


def _write_book(
    store: Store, path: Path, findings: Sequence[Finding], texts: Texts, progress: Progress | None
) -> Manifest:
    total = sum(_count(store, form) for form in store.scheme.forms)
    done = 0
    digests: list[str] = []
    counts: dict[str, int] = {}
    totals: dict[str, dict[str, float]] = {}
    with ReturnBook(path, store.scheme, texts) as book:
        for form in store.scheme.forms:
            rows = RowDigests(form.id, form.items)
            sums = [0] * len(form.items)
            summed = [at for at, item in enumerate(form.items) if item.numeric]
            sheet = book.form_sheet(form, store.district or "", store.period)
            before = len(digests)
            for uscc, name, period, *values in _records(store, form):
                digest = rows.digest(uscc, period, values)
                digests.append(digest)
                sheet.add(uscc, name, period, values, digest)
                if period == store.period:
                    for at in summed:
                        sums[at] += values[at] or 0
                done += 1
                if progress and not done % 1000:
                    progress(done, total, "progress.return")
            sheet.finish()
            counts[form.id] = len(digests) - before
            totals[form.id] = {form.items[at].code: sums[at] for at in summed}
        manifest = _manifest(store, digests, counts, totals)
        book.findings_sheet(findings)
        book.cover(Cover(manifest, store.counts(store.period), Counter(one.category for one in findings)))
        book.manifest_sheet(manifests.lines_of(manifest))
    return manifest


def _count(store: Store, form: Form) -> int:
    return int(store.execute(f"SELECT count(*) FROM {form.table}").fetchone()[0])


def _records(store: Store, form: Form) -> Iterator[tuple[Any, ...]]:
    """Every record of a form up to the store's period: uscc, name, period, then the items."""
    items = ", ".join(f"f.{quote(item.name)}" for item in form.items)
    return store.execute(
        f"SELECT u.uscc, u.name, r.period, {items} FROM response r JOIN unit u ON u.id = r.unit"
        f" JOIN {form.table} f ON f.response = r.id WHERE r.period <= ? ORDER BY r.period DESC, r.id",
        (store.period,),
    )


def _manifest(
    store: Store, digests: list[str], counts: dict[str, int], totals: dict[str, dict[str, float]]
) -> Manifest:
    """The manifest; a return that says the same as the last one keeps its sequence number."""
    digest, last = total_digest(digests), store.desk.get("last_digest", "")
    again = digest == last
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
    )


def _record(store: Store, review: Review, manifest: Manifest) -> None:
    with store.atomic():
        sent = {
            response: "errors" if status == "errors" else "submitted" for response, status in review.statuses.items()
        }
        store.set_statuses(store.period, sent)
        store.set_desk("sequence", str(manifest.sequence))
        store.set_desk("last_parent", manifest.parent)
        store.set_desk("last_digest", manifest.digest)
        store.execute(
            "INSERT INTO receipt (direction, period, sequence, digest, at) VALUES ('sent', ?, ?, ?, ?)",
            (manifest.period, manifest.sequence, manifest.digest, manifest.created),
        )


@dataclass(frozen=True)
class FormPart:
    """Some rows of one form of a return, typed; `broken` are the rows whose digest does not fit."""

    form: str
    rows: list[int]
    keys: list[tuple[str, str]]
    unit_names: list[str]
    columns: dict[str, list[Value]]
    digests: list[str]
    broken: list[int]


def decode(book: Book, forms: Sequence[Form], lists: Lists) -> Iterator[Manifest | FormPart]:
    """In the reading process: the manifest first, then every form's rows, typed and verified."""
    if manifests.SHEET not in book.sheets:
        raise SurveyError("not_a_return", path=book.path)
    yield manifests.read_manifest(book.rows(manifests.SHEET), book.path)
    for form in forms:
        if form.id not in book.sheets:
            raise SurveyError("return_sheet", path=book.path, sheet=form.id)
        yield from _decode_form(book, form, lists)


def _decode_form(book: Book, form: Form, lists: Lists) -> Iterator[FormPart]:
    rows = enumerate(book.rows(form.id), 1)
    wanted = [*KEY_COLUMNS, *(item.name for item in form.items), DIGEST_COLUMN]
    header: list[str] = []
    for _, row in rows:
        if row[:1] == [KEY_COLUMNS[0]]:
            header = [str(name) for name in row]
            break
    missing = [name for name in wanted if name not in header]
    if missing:
        raise SurveyError("return_columns", path=book.path, sheet=form.id, columns=" ".join(missing))
    filled = ((number, row) for number, row in rows if any(cell not in ("", None) for cell in row))
    while chunk := list(islice(filled, _ROWS)):
        yield _form_part(form, header, chunk, lists)


def _form_part(form: Form, header: list[str], chunk: list[tuple[int, list[Any]]], lists: Lists) -> FormPart:
    numbers = [number for number, _ in chunk]
    width = len(header)
    cells = zip(
        *(row if len(row) >= width else list(islice(chain(row, [""] * width), width)) for _, row in chunk), strict=False
    )
    raws = dict(zip(header, cells, strict=False))
    columns: dict[str, list[Value]] = {}
    spoilt: set[int] = set()
    for item in form.items:
        columns[item.name], problems = read_column(item, raws[item.name], lists)
        spoilt.update(position for position, _ in problems)
    codes, unit_names, periods = (raws[column] for column in KEY_COLUMNS)
    keys = [(str(code), plain(when)) for code, when in zip(codes, periods, strict=True)]
    rows = RowDigests(form.id, form.items)
    digests = [
        rows.digest(uscc, period, values) for (uscc, period), *values in zip(keys, *columns.values(), strict=True)
    ]
    claimed = raws[DIGEST_COLUMN]
    broken = [
        numbers[position]
        for position, digest in enumerate(digests)
        if position in spoilt or str(claimed[position]) != digest
    ]
    return FormPart(form.id, numbers, keys, [str(one) for one in unit_names], columns, digests, broken)
