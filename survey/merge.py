"""The merge: the returns of the districts into the city's file, each all or nothing, none silently lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey import claim, claims, conflicts, duplicates, enclosuretaking, heads, journal, undoing
from survey.admission import admit, record_content
from survey.book import OwnBook
from survey.claim import WITHDRAWN
from survey.claims import Claims
from survey.connection import is_trouble_with
from survey.errors import Cancelled, SurveyError
from survey.manifest import Manifest
from survey.mergereport import MergeReport
from survey.persons import permit
from survey.progress import Progress
from survey.reader import Reader, sha256_of
from survey.received import ACCEPTED, REJECTED, SUPERSEDED, UNDONE, Received, current, listed, standing
from survey.returnfile import Part, decode
from survey.returntaking import ReturnTaking, UnchangedError
from survey.store import Store, now
from survey.undoing import UndoReport
from survey.unsealing import named, unsealed
from survey.words import RETURN, Words

_LEAST_REASON = 2
# So many files are read by two children.
_MANY = 2


def merge(
    store: Store,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    who: str = "",
    left_out: Mapping[Path, Collection[str]] | None = None,
    progress: Progress | None = None,
) -> list[MergeReport]:
    """Merges returns in their order; a return that is refused changes nothing, a dry run neither.

    The units `left_out` of a return stay as they are. Raises SurveyError `not_city`, and Cancelled, after which the
    file is as it was before the first return.
    """
    permit(store, "merge")
    if not store.takes_returns:
        raise SurveyError("not_city", path=store.path)
    steps = _Steps(paths, progress)
    with store.atomic(keep=not dry_run), _reader(store) as reader, unsealed(store, paths) as opened:
        streams = reader.read_many([one for one in opened if isinstance(one, Path)], decode, many=_MANY)
        reports = []
        for path, found in zip(paths, opened, strict=True):
            if isinstance(found, SurveyError):
                reports.append(MergeReport(path.name, path, error=found))
            else:
                _, parts = next(streams)
                reports.append(_merge_one(store, path, parts, who, (left_out or {}).get(path, ()), steps))
            steps.next()
        for one in reports:
            told_of = "" if one.error is None else one.error.code
            rewritten = " ".join(f"{broken.chain} {broken.number}" for broken in one.rewritten)
            journal.record(
                store, "merged", one.file, sender=one.district, sequence=one.sequence, refused=told_of,
                rewritten=rewritten, other_key=one.other_key,
            )  # fmt: skip
    return reports


def _reader(store: Store) -> Reader:
    return Reader((store.scheme.forms, dict(store.scheme.lists)), OwnBook)


class _Steps:
    """How far the work is: files by their size, and within a file by its rows."""

    def __init__(self, paths: Sequence[Path], progress: Progress | None) -> None:
        self._sizes = [path.stat().st_size // 1024 + 1 if path.is_file() else 1 for path in paths]
        self._total = sum(self._sizes)
        self._done = self._at = 0
        self._progress = progress

    def told(self, rows: int, total: int) -> None:
        """Within a file; raises Cancelled."""
        if self._progress:
            part = self._sizes[self._at] * min(rows, total) // total
            self._progress(self._done + part, self._total, "progress.merge")

    def next(self) -> None:
        """A file is done."""
        self._done += self._sizes[self._at]
        self._at += 1
        if self._progress:
            self._progress(self._done, self._total, "progress.merge")


def _merge_one(
    store: Store,
    path: Path,
    parts: Iterator[Part],
    who: str,
    left_out: Collection[str],
    steps: _Steps,
) -> MergeReport:
    report = MergeReport(path.name, path)
    taking = ReturnTaking(store, path, report, who, left_out, steps.told)
    try:
        with store.atomic():
            taking.take(parts)
    except Cancelled:
        raise
    except UnchangedError:
        taking.see()
    except SurveyError as error:
        if is_trouble_with(error, store.path):
            raise
        # What was signed cannot be saved anew: a part of it is to be had from the sender alone.
        broken = error.code == "unreadable"
        found = SurveyError("return_broken", path=path) if broken else named(error, path)
        return MergeReport(path.name, path, report.district, report.period, report.sequence, found)
    return report


def reject(store: Store, path: Path, reason: str, *, who: str = "") -> None:
    """Records that a return is not accepted, and why; its answers are not looked at.

    Raises SurveyError `reason_missing`, `not_city`, `return_standing`, and where the file is no return for this file.
    """
    permit(store, "merge")
    kept = told(reason)
    if not store.takes_returns:
        raise SurveyError("not_city", path=store.path)
    with unsealed(store, [path]) as [opened]:
        if isinstance(opened, SurveyError):
            raise opened
        with _reader(store) as reader, reader.read(opened, decode) as parts:
            manifest: Manifest = next(parts)
    admit(store, manifest, path)
    stands = current(store, manifest.sender, manifest.period)
    if stands and stands.digest == manifest.digest:
        raise SurveyError("return_standing", name=stands.name, number=stands.id)
    with store.atomic():
        source = store.add_source(path.name, RETURN, sha256_of(path), who, path=path)
        found = store.execute(
            "INSERT INTO merge (source, district, period, sequence, digest, parent, at, new, changed, identical,"
            " conflicts, draft, state, reason, who, units, created, signer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?)",
            (
                source, manifest.sender, manifest.period, manifest.sequence, manifest.digest, manifest.parent,
                now(), int(manifest.draft), REJECTED, kept, who, manifest.units, manifest.created,
                manifest.signed.signer,
            ),
        ).lastrowid  # fmt: skip
        assert found is not None
        record_content(store, found, manifest)
        heads.keep(store, manifest.sender, manifest.signed.signer, manifest.heads, path.name, manifest.created)
        journal.record(store, "merged", path.name, sender=manifest.sender, sequence=manifest.sequence, refused=kept)


def told(reason: str) -> str:
    """A reason as it is kept; raises SurveyError `reason_missing`."""
    kept = " ".join(reason.split())
    if len(kept) < _LEAST_REASON:
        raise SurveyError("reason_missing", least=_LEAST_REASON)
    return kept


@dataclass(frozen=True)
class _Row:
    """A return in the record, as far as undoing it needs."""

    id: int
    sender: str
    period: str
    state: str
    batch: int | None
    name: str


def undo(store: Store, merge: int, *, who: str = "", dry_run: bool = False) -> UndoReport:
    """Undoes a return: its sender's return before it stands again. What was written here since is kept and told.

    Raises SurveyError `no_return`, `return_undone`, `return_old` (taken in by an earlier version of the program),
    `return_later` where a later return must be undone first, and Cancelled.
    """
    permit(store, "merge")
    row = store.execute(
        "SELECT m.id, m.district, m.period, m.state, m.batch, s.name FROM merge m JOIN source s ON s.id = m.source"
        " WHERE m.id = ?",
        (merge,),
    ).fetchone()
    if row is None:
        raise SurveyError("no_return", number=merge)
    found = _Row(*row)
    if found.state == UNDONE:
        raise SurveyError("return_undone", name=found.name)
    report = UndoReport()
    with store.atomic(keep=not dry_run):
        if found.state == ACCEPTED:
            report = _take_back(store, found, who)
        store.execute("UPDATE merge SET state = ? WHERE id = ?", (UNDONE, merge))
        if found.state == ACCEPTED:
            _reassign(store, found, who)
            enclosuretaking.apply(store, found.period)
            duplicates.mark(store)
            report.passed = _passed(store, found)
        journal.record(store, "undone", found.name, sender=found.sender)
    return report


def _passed(store: Store, found: _Row) -> tuple[str, ...]:
    """The files of the sender's returns that came after a later one: of what they say nothing is in the file."""
    stands = current(store, found.sender, found.period)
    least = stands.sequence if stands else 0
    own = [one for one in listed(store, found.period) if one.sender == found.sender and one.state == SUPERSEDED]
    return tuple(one.name for one in own if one.sequence > least)


def _take_back(store: Store, found: _Row, who: str) -> UndoReport:
    latest = current(store, found.sender, found.period)
    if latest and latest.id != found.id:
        raise SurveyError("return_later", name=latest.name)
    if found.batch is None:
        raise SurveyError("return_old", name=found.name)
    later = store.execute(
        "SELECT s.name FROM merge_unit n JOIN response r ON r.unit = n.unit JOIN batch_row b ON b.response = r.id"
        " JOIN merge m ON m.batch = b.batch JOIN source s ON s.id = m.source"
        " WHERE n.merge = ? AND m.id > ? AND m.state = 'accepted' LIMIT 1",
        (found.id, found.id),
    ).fetchone()
    if later:
        raise SurveyError("return_later", name=later[0])
    before = store.execute(
        "SELECT unit, kind, sender, district FROM merge_unit WHERE merge = ?", (found.id,)
    ).fetchall()
    enclosuretaking.lift(store, found.id)
    report = undoing.undo(store, found.batch, who=who, returned=True)
    conflicts.void(store, found.id)
    # Whoever was given to another sender since is that sender's.
    store.executemany(
        "UPDATE unit SET kind = ?, sender = ?, district = ? WHERE id = ? AND (sender = ? OR kind = ?)",
        [
            ("unit" if kind == duplicates.DUPLICATE else kind, sender, district, unit, found.sender, WITHDRAWN)
            for unit, kind, sender, district in before
        ],
    )
    return report


def _reassign(store: Store, found: _Row, who: str) -> None:
    """Units that other senders return too go to who is counted now; those that nobody returns are withdrawn."""
    rows = store.execute(
        "SELECT uscc FROM claim WHERE merge = ? UNION SELECT u.uscc FROM merge_unit n JOIN unit u ON u.id = n.unit"
        " WHERE n.merge = ?",
        (found.id, found.id),
    ).fetchall()
    concerned = [row[0] for row in rows]
    before = current(store, found.sender, found.period)
    if before:
        _claim_again(store, before, concerned)
    if before and not _told(store, before):
        return
    _withdraw_unreturned(store, found)
    claims.assign(store, Claims(store, found.period), concerned, who=who, again=True)


def _withdraw_unreturned(store: Store, found: _Row) -> None:
    """Units that nobody returns any more, now that other returns stand: of this sender, and of whom it took over."""
    now_standing = standing(store, found.period)
    rows = store.execute(
        "SELECT DISTINCT u.sender FROM merge_unit n JOIN unit u ON u.id = n.unit WHERE n.merge = ? AND u.sender <> ''",
        (found.id,),
    ).fetchall()
    for sender in {found.sender, *(row[0] for row in rows)}:
        stands = now_standing.get(sender)
        if stands is not None and not _told(store, stands):
            continue
        number = stands.id if stands else 0
        own = "" if sender == found.sender else f" AND id IN (SELECT unit FROM merge_unit WHERE merge = {found.id})"
        store.execute(
            "UPDATE unit SET kind = ?1 WHERE sender = ?2 AND kind IN ('unit', 'duplicate')"
            " AND uscc NOT IN (SELECT uscc FROM merge_member WHERE merge = ?3)"
            f" AND uscc NOT IN (SELECT uscc FROM merge_left_out WHERE merge = ?3){own}",
            (WITHDRAWN, sender, number),
        )


def _told(store: Store, received: Received) -> bool:
    """Whether it is on record which units a return has; an earlier version of the program kept no such record."""
    return store.execute("SELECT 1 FROM merge_member WHERE merge = ? LIMIT 1", (received.id,)).fetchone() is not None


def _claim_again(store: Store, before: Received, concerned: Sequence[str]) -> None:
    """What the return that stands again says of units that others return too by now."""
    words = Words(store)
    for uscc in concerned:
        row = store.execute(
            "SELECT 1 FROM unit u JOIN merge_member m ON m.uscc = u.uscc WHERE u.uscc = ? AND u.sender = ?"
            " AND m.merge = ? AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.merge = m.merge AND c.uscc = u.uscc)",
            (uscc, before.sender, before.id),
        ).fetchone()
        if row:
            claim.write(store, before.id, uscc, *claim.of_present(store, words, uscc))
