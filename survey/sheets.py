"""Flat tables, one unit a row: the header says which column answers which item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from survey.columns import SheetHead, decode_heads, remembered
from survey.damage import Proposal, Repairs
from survey.errors import SurveyError
from survey.flat import LINE, PERIOD, Header, Part, decode, plan_for
from survey.intake import Batch, Intake, Key
from survey.progress import Progress
from survey.reader import Reader, sha256_of
from survey.record import valid_period
from survey.store import Store
from survey.texts import Texts


@dataclass(frozen=True)
class Rejection:
    """A cell or row that was not taken: where, what was found there, and why, under `error.<code>`."""

    file: str
    sheet: str
    cell: str
    found: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    whole_row: bool = False
    proposals: tuple[Proposal, ...] = ()

    def reason(self, texts: Texts) -> str:
        """Why it was not taken, and what a spoilt code may have been."""
        told = texts("error." + self.code, **self.facts)
        for one in self.proposals:
            told += texts("import.proposal", code=one.code, evidence=texts(f"import.evidence.{one.evidence}"))
        return told


@dataclass
class ImportReport:
    """What an import did, or would do: units by outcome, and everything it could not take."""

    new: int = 0
    changed: int = 0
    identical: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    unknown_columns: list[tuple[str, str, str]] = field(default_factory=list)
    units: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def repairs(self) -> dict[str, str]:
        """The spoilt codes with exactly one proposal, as they stand in the files, and what they may become."""
        return {one.found: one.proposals[0].code for one in self.rejections if len(one.proposals) == 1}


def import_files(
    store: Store,
    paths: Sequence[Path],
    *,
    period: str | None = None,
    dry_run: bool = False,
    repairs: Mapping[str, str] | None = None,
    who: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Takes flat files into the store in one transaction; a dry run leaves the file as it was.

    `repairs` are spoilt codes as they stand in the files, with what a person accepted for them.

    Raises SurveyError where a file cannot be read or has no header; then nothing has changed.
    """
    if period is not None and not valid_period(period):
        raise SurveyError("period", period=period)
    report = ImportReport()
    with store.atomic(keep=not dry_run), Reader() as reader:
        _Import(store, reader, report, period or store.period, who, progress).run(paths, repairs or {})
    return report


def heads_of(path: Path) -> list[SheetHead]:
    """The likely heads of a file's sheets, for a person to tell what the columns mean."""
    with Reader() as reader, reader.read(path, decode_heads) as found:
        return list(found)


class _Import:
    def __init__(
        self, store: Store, reader: Reader, report: ImportReport, period: str, who: str, progress: Progress | None
    ) -> None:
        self._store = store
        self._reader = reader
        self._report = report
        self._period = period
        self._who = who
        self._progress = progress

    @cached_property
    def _repairs(self) -> Repairs:
        """The register as it is when the first spoilt code is met."""
        return Repairs(self._store.execute("SELECT uscc, name FROM unit WHERE kind = 'unit'").fetchall())

    def run(self, paths: Sequence[Path], repairs: Mapping[str, str]) -> None:
        plan = plan_for(self._store.scheme, repairs, remembered(self._store))
        new, changed, identical = set(), set(), set()
        for at, path in enumerate(paths):
            source = self._store.add_source(path.name, "flat", sha256_of(path), self._who)
            intake = Intake(self._store, source, who=self._who)
            with self._reader.read(path, decode, plan) as parts:
                for part in parts:
                    if isinstance(part, Header):
                        self._report.unknown_columns += [(path.name, part.sheet, name) for _, name in part.unknown]
                        header, seen = part, Counter[Key]()
                        continue
                    intake.take(self._batch(path, part, header, seen))
                    if self._progress:
                        self._progress(at, len(paths), "progress.import")
            intake.finish()
            new |= intake.outcome.new
            changed |= intake.outcome.changed
            identical |= intake.outcome.identical
        self._total(new, changed - new, identical - new - changed)

    def _total(self, new: set[Key], changed: set[Key], identical: set[Key]) -> None:
        report = self._report
        report.new, report.changed, report.identical = len(new), len(changed), len(identical)
        for state, keys in (("new", new), ("changed", changed), ("identical", identical)):
            report.units += [(uscc, period, state) for uscc, period in sorted(keys)]

    def _batch(self, path: Path, part: Part, header: Header, seen: Counter[Key]) -> Batch:
        """The rows that can be taken; the rest is reported."""
        report = self._report
        for one in part.problems:
            proposals = tuple(self._repairs.propose(one.found, one.name)) if one.whole_row and one.found else ()
            report.rejections.append(
                Rejection(path.name, part.sheet, one.cell, one.found, one.code, one.facts, one.whole_row, proposals)
            )
            report.rejected += one.whole_row
        items = self._store.scheme.items
        columns = {
            name: values for name, values in part.columns.items() if name not in items or not items[name].computed
        }
        periods = columns.pop(PERIOD, None) or [self._period] * len(part.rows)
        numbers = columns.pop(LINE, None) or [None] * len(part.rows)
        lines: list[int] = []
        keys: list[Key] = []
        kept: list[int] = []
        for position, (uscc, period) in enumerate(zip(columns["uscc"], periods, strict=True)):
            key = (str(uscc), str(period or self._period))
            code = "row.period" if not valid_period(key[1]) else "row.twice" if key in seen and not header.form else ""
            if code:
                cell = f"{part.rows[position]}"
                facts = {"uscc": key[0], "period": key[1]}
                report.rejections.append(Rejection(path.name, part.sheet, cell, key[0], code, facts, True))
                report.rejected += 1
                continue
            seen[key] += 1
            keys.append(key)
            kept.append(position)
            if header.form:
                number = str(numbers[position] or "")
                lines.append(int(number) if number.isdecimal() and int(number) else seen[key])
        if len(kept) < len(part.rows):
            columns = {name: [values[position] for position in kept] for name, values in columns.items()}
        if header.form:
            columns.pop("uscc")
            return Batch(keys, [part.rows[position] for position in kept], columns, lines=lines)
        if "district" not in columns and self._store.district:
            columns["district"] = [self._store.district] * len(kept)
        own = self._store.district
        districts = (
            [own] * len(kept) if own else [str(code or "") for code in columns.get("district", [""] * len(kept))]
        )
        return Batch(keys, [part.rows[position] for position in kept], columns, districts, columns.get("name", ()))
