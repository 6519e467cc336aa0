"""The merge: the returns of the districts into the city's file, each all or nothing, none silently lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from survey.errors import Cancelled, SurveyError
from survey.errors import sentence as error_sentence
from survey.formintake import Key, Rows
from survey.intake import Intake
from survey.keyed import Keyed
from survey.manifest import ControlTotals, Manifest, total_digest
from survey.progress import Progress
from survey.reader import Reader, sha256_of
from survey.returnfile import FormPart, decode
from survey.scalar import Value
from survey.store import Store, now, place_text
from survey.texts import Texts

_ROWS_NAMED = 20


@dataclass(frozen=True)
class Conflict:
    """A unit or a cell that was not taken, with what was kept and what was offered.

    `kind`: `two_districts` (the unit came from `kept` before) or `city_edit` (the city changed the cell).
    """

    uscc: str
    period: str
    kind: str
    item: str
    kept: Value
    offered: Value


@dataclass
class MergeReport:
    """What became of one return; counts are units of its period."""

    file: str
    district: str = ""
    period: str = ""
    error: SurveyError | None = None
    repeated: bool = False
    draft: bool = False
    new: int = 0
    changed: int = 0
    identical: int = 0
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return self.error is None

    def reason(self, texts: Texts) -> str:
        """Why the return was refused, or ''."""
        return error_sentence(self.error, texts) if self.error else ""


def merge(
    store: Store,
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    who: str = "",
    progress: Progress | None = None,
) -> list[MergeReport]:
    """Merges returns in their order; a return that is refused changes nothing, a dry run neither.

    Raises SurveyError `not_city`, and Cancelled, after which the file is as it was before the
    return that was being merged.
    """
    if not store.is_city:
        raise SurveyError("not_city", path=store.path)
    with Reader() as reader:
        if not dry_run:
            return list(_merge_all(store, reader, paths, who, progress))
        # All returns are rehearsed together: what one brings, the next one meets.
        with store.atomic(keep=False):
            reports = list(_merge_all(store, reader, paths, who, progress))
    return reports


def _merge_all(
    store: Store, reader: Reader, paths: Sequence[Path], who: str, progress: Progress | None
) -> Iterator[MergeReport]:
    for at, path in enumerate(paths):
        if progress:
            progress(at, len(paths), "progress.merge")
        report = MergeReport(path.name)
        try:
            with store.atomic():
                _Merge(store, path, report, who).run(reader)
        except Cancelled:
            raise
        except SurveyError as error:
            report = MergeReport(path.name, report.district, report.period, error)
        yield report
    if progress:
        progress(len(paths), len(paths), "progress.merge")


class _Merge:
    """One return into an open transaction."""

    def __init__(self, store: Store, path: Path, report: MergeReport, who: str) -> None:
        self._store = store
        self._path = path
        self._report = report
        self._who = who
        self._owners: dict[str, str] = dict(store.execute("SELECT uscc, district FROM unit"))
        self._foreign: set[str] = set()

    def run(self, reader: Reader) -> None:
        scheme = self._store.scheme
        with reader.read(self._path, decode, scheme.forms, dict(scheme.lists)) as parts:
            manifest: Manifest = next(parts)
            self._report.district, self._report.period = manifest.district, manifest.period
            self._report.draft = manifest.draft
            self._admit(manifest)
            self._take(manifest, parts)

    def _take(self, manifest: Manifest, parts: Iterator[FormPart]) -> None:
        source = self._store.add_source(self._path.name, "return", sha256_of(self._path), self._who)
        self._merge = self._record(source, manifest)
        # What the city's own people changed is held.
        keyed = Keyed(self._store, imports=True)
        # A return brings what the district computed; only where the city holds a cell it must be done again.
        intake = Intake(self._store, who=self._who, blanks=True, computes=keyed.any, keyed=keyed)
        intake.begin(source)
        digests: list[str] = []
        broken: list[tuple[str, int]] = []
        counts = dict.fromkeys(manifest.rows, 0)
        sums = {form.id: ControlTotals(form) for form in self._store.scheme.forms}
        seen: set[tuple[str, Key, int]] = set()
        for part in parts:
            self._once(part, seen)
            sums[part.form].add_columns(part.columns, [period == manifest.period for _, period in part.keys])
            digests += part.digests
            broken += [(part.form, row) for row in part.broken]
            counts[part.form] = counts.get(part.form, 0) + len(part.keys)
            intake.take(self._batch(part, manifest))
        intake.finish()
        self._verify(manifest, digests, broken, counts, sums)
        self._finish(intake, manifest)

    def _once(self, part: FormPart, seen: set[tuple[str, Key, int]]) -> None:
        """A record stands in a return once."""
        twice = []
        for row, key, line in zip(part.rows, part.keys, part.lines or [0] * len(part.rows), strict=True):
            known = len(seen)
            seen.add((part.form, key, line))
            if len(seen) == known:
                twice.append(f"{part.form} {row}")
        if twice:
            raise SurveyError("digest_twice", path=self._path, count=len(twice), rows="  ".join(twice[:_ROWS_NAMED]))

    def _admit(self, manifest: Manifest) -> None:
        """Refuses what does not belong into this file."""
        store, path = self._store, self._path
        scheme = store.scheme
        if manifest.scheme != scheme.id:
            raise SurveyError("wrong_scheme", path=path, found=manifest.scheme, wanted=scheme.id)
        if (manifest.version, manifest.scheme_digest) != (scheme.version, scheme.digest):
            raise SurveyError("wrong_version", path=path, found=manifest.version, wanted=scheme.version)
        if manifest.period != store.period:
            raise SurveyError("wrong_period", path=path, found=manifest.period, wanted=store.period)
        if manifest.district not in scheme.districts.codes:
            raise SurveyError("wrong_district", path=path, found=manifest.district)
        merged = store.execute(
            "SELECT sequence, digest FROM merge WHERE district = ? AND period = ? ORDER BY id",
            (manifest.district, manifest.period),
        ).fetchall()
        if merged and merged[-1][1] == manifest.digest:
            self._report.repeated = True
        elif any(digest == manifest.digest for _, digest in merged) or any(
            sequence > manifest.sequence for sequence, _ in merged
        ):
            latest = max(sequence for sequence, _ in merged)
            raise SurveyError("older_return", path=path, found=manifest.sequence, latest=latest)
        if manifest.altered:
            lines = "  ".join(manifest.altered[:_ROWS_NAMED])
            raise SurveyError("manifest_changed", path=path, count=len(manifest.altered), lines=lines)

    def _record(self, source: int, manifest: Manifest) -> int:
        found = self._store.execute(
            "INSERT INTO merge (source, district, period, sequence, digest, parent, at, new, changed, identical,"
            " conflicts, draft) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?)",
            (
                source,
                manifest.district,
                manifest.period,
                manifest.sequence,
                manifest.digest,
                manifest.parent,
                now(),
                int(manifest.draft),
            ),
        ).lastrowid
        assert found is not None
        return found

    def _batch(self, part: FormPart, manifest: Manifest) -> Rows:
        """The rows of a part that may be taken; the rest become conflicts."""
        district = manifest.district
        kept = []
        for position, (uscc, period) in enumerate(part.keys):
            owner = self._owners.setdefault(uscc, district)
            if owner not in ("", district):
                if uscc not in self._foreign:
                    self._foreign.add(uscc)
                    self._report.conflicts.append(Conflict(uscc, period, "two_districts", "", owner, district))
                continue
            kept.append(position)
        columns, keys, rows, names, lines = part.columns, part.keys, part.rows, part.unit_names, part.lines
        if len(kept) < len(part.keys):
            columns = {name: [values[position] for position in kept] for name, values in columns.items()}
            keys, rows, names = ([side[position] for position in kept] for side in (keys, rows, names))  # type: ignore[assignment]
            lines = [lines[position] for position in kept] if lines else []
        kind = self._store.scheme.form(part.form).respondent
        return Rows(keys, rows, columns, [district] * len(keys), names, lines, kind)

    def _verify(
        self,
        manifest: Manifest,
        digests: list[str],
        broken: list[tuple[str, int]],
        counts: dict[str, int],
        sums: Mapping[str, ControlTotals],
    ) -> None:
        """Refuses what is not as it was written, and says where."""
        if broken:
            rows = "  ".join(f"{form} {row}" for form, row in broken[:_ROWS_NAMED])
            raise SurveyError("digest_rows", path=self._path, count=len(broken), rows=rows)
        differing = [
            f"{form} {wanted}→{counts[form]}" for form, wanted in manifest.rows.items() if counts[form] != wanted
        ]
        if differing:
            raise SurveyError("digest_counts", path=self._path, rows="  ".join(differing))
        if set(counts) != set(manifest.rows) or total_digest(digests) != manifest.digest:
            raise SurveyError("digest", path=self._path)
        totals = [
            f"{form}.{code}" for form, one in sums.items() for code in one.differing(manifest.totals.get(form, {}))
        ]
        if totals:
            raise SurveyError("control_totals", path=self._path, items="  ".join(totals[:_ROWS_NAMED]))

    def _finish(self, intake: Intake, manifest: Manifest) -> None:
        report, outcome, period = self._report, intake.outcome, manifest.period
        report.conflicts += [
            Conflict(*one.key, "city_edit", place_text(one.item, one.line), one.kept, one.offered)
            for one in outcome.collisions
        ]
        new = {uscc for uscc, when in outcome.new if when == period}
        changed = {uscc for uscc, _ in outcome.changed | outcome.new} - new
        seen = {uscc for uscc, when in outcome.seen if when == period}
        report.new, report.changed, report.identical = len(new), len(changed), len(seen - new - changed)
        store = self._store
        store.execute(
            "UPDATE merge SET new = ?, changed = ?, identical = ?, conflicts = ? WHERE id = ?",
            (report.new, report.changed, report.identical, len(report.conflicts), self._merge),
        )
        store.executemany(
            "INSERT INTO conflict (merge, uscc, period, kind, item, district, kept, offered)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (self._merge, one.uscc, one.period, one.kind, one.item, manifest.district, one.kept, one.offered)
                for one in report.conflicts
            ],
        )
        if manifest.draft:
            return
        # What was pending at the district, or was sent back to it, counts as submitted once the city has it again.
        store.executemany(
            "UPDATE response SET status = 'submitted', reason = '' WHERE period = ? AND status IN"
            " ('in_progress', 'returned') AND unit = (SELECT id FROM unit WHERE uscc = ?)",
            [(period, uscc) for uscc in seen],
        )
