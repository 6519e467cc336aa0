"""Flat tables, one unit a row: the header says which column answers which item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from survey.columns import SheetHead, decode_heads, remember, remembered
from survey.errors import SurveyError, in_words
from survey.flat import Part, Skipped, Trouble, decode, plan_for
from survey.formintake import Key, Rows
from survey.header import LINE, PERIOD, Header
from survey.intake import Intake
from survey.progress import Progress
from survey.reader import Reader, sha256_of
from survey.record import valid_period
from survey.repairs import Proposal, Repairs
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts
from survey.turnover import Registered, Turnover, compare

# Where a spoilt code stands and what stands there: file, sheet, cell, found.
Place = tuple[str, str, str, str]


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
        told = in_words(self.code, self.facts, texts)
        for one in self.proposals:
            told += texts("import.proposal", code=one.code, evidence=texts(f"import.evidence.{one.evidence}"))
        return told


@dataclass(frozen=True)
class Damage:
    """A spoilt code: where, what was found, how it was spoilt, whether its row was taken, what it may have been."""

    file: str
    sheet: str
    cell: str
    found: str
    kind: str
    name: str
    taken: bool
    proposals: tuple[Proposal, ...]

    @property
    def place(self) -> Place:
        return self.file, self.sheet, self.cell, self.found

    def evidence(self, texts: Texts) -> str:
        """What shows that the code is spoilt."""
        return texts(f"import.damage.{self.kind}")


@dataclass
class ImportReport:
    """What an import did, or would do: units by outcome, and everything it could not take.

    `mended` counts codes put right without a doubt, by kind; `told` are the sheets read as a person once
    said, `skipped` those without a header that is understood.
    """

    new: int = 0
    changed: int = 0
    identical: int = 0
    rejected: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    unknown_columns: list[tuple[str, str, str]] = field(default_factory=list)
    units: list[tuple[str, str, str]] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)
    mended: Counter[str] = field(default_factory=Counter)
    told: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    turnover: Turnover = field(default_factory=Turnover)

    @property
    def repairs(self) -> dict[Place, str]:
        """The spoilt codes with exactly one proposal, by the place where they stand."""
        return {one.place: one.proposals[0].code for one in self.damage if len(one.proposals) == 1}


def import_files(
    store: Store,
    paths: Sequence[Path],
    *,
    period: str | None = None,
    dry_run: bool = False,
    repairs: Mapping[Place, str] | None = None,
    mappings: Mapping[str, str] | None = None,
    who: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Takes flat files into the store in one transaction; a dry run leaves the file as it was.

    `repairs` are spoilt codes by their places, with what a person accepted for them. `mappings` are headings
    with the item each means; what they say of a table is remembered for the next one with the same heads.

    Raises SurveyError where a file cannot be read or has no header, `no_such_item`, `column_twice`; then nothing
    has changed.
    """
    if period is not None and not valid_period(period):
        raise SurveyError("period", period=period)
    report = ImportReport()
    with store.atomic(keep=not dry_run), Reader() as reader:
        _Import(store, reader, report, period or store.period, who, progress).run(paths, repairs or {}, mappings or {})
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
        self._listed: dict[str, tuple[Value, Value]] = {}

    @cached_property
    def _register(self) -> list[Registered]:
        """The units as they are before anything is taken."""
        rows = self._store.execute("SELECT uscc, name, district FROM unit WHERE kind = 'unit' ORDER BY id")
        return [Registered(*row) for row in rows]

    @cached_property
    def _repairs(self) -> Repairs:
        return Repairs((one.uscc, one.name, one.district) for one in self._register)

    def run(self, paths: Sequence[Path], repairs: Mapping[Place, str], mappings: Mapping[str, str]) -> None:
        self._check(mappings)
        plan = plan_for(self._store.scheme, mappings, remembered(self._store))
        register = self._register
        new, changed, identical = set(), set(), set()
        for at, path in enumerate(paths):
            source = self._store.add_source(path.name, "flat", sha256_of(path), self._who)
            intake = Intake(self._store, who=self._who)
            intake.begin(source)
            accepted = {place[1:]: code for place, code in repairs.items() if place[0] == path.name}
            with self._reader.read(path, decode, replace(plan, repairs=accepted)) as parts:
                for part in parts:
                    if isinstance(part, Skipped):
                        self._report.skipped.append((path.name, part.sheet))
                    elif isinstance(part, Header):
                        header, seen = part, Counter[Key]()
                        self._head(path, part, mappings)
                    else:
                        intake.take(self._batch(path, part, header, seen))
                        if self._progress:
                            self._progress(at, len(paths), "progress.import")
            intake.finish()
            new |= intake.outcome.new
            changed |= intake.outcome.changed
            identical |= intake.outcome.identical
        self._report.turnover = self._turnover(register)
        self._total(new, changed - new, identical - new - changed)

    def _turnover(self, register: Sequence[Registered]) -> Turnover:
        listed = self._listed.items()
        return compare(register, (Registered(uscc, str(name or ""), str(at or "")) for uscc, (name, at) in listed))

    def _check(self, mappings: Mapping[str, str]) -> None:
        """What headings are said to mean must be items that can be taken, each once."""
        items = self._store.scheme.items
        for name in mappings.values():
            if name not in (PERIOD, LINE) and (name not in items or items[name].computed):
                raise SurveyError("no_such_item", text=name)
        if len(set(mappings.values())) < len(mappings):
            raise SurveyError("column_twice")

    def _head(self, path: Path, header: Header, mappings: Mapping[str, str]) -> None:
        self._report.unknown_columns += [(path.name, header.sheet, name) for _, name in header.unknown]
        if header.told:
            self._report.told.append((path.name, header.sheet))
        if mappings:
            remember(self._store, header.key, header.names)

    def _total(self, new: set[Key], changed: set[Key], identical: set[Key]) -> None:
        report = self._report
        report.new, report.changed, report.identical = len(new), len(changed), len(identical)
        for state, keys in (("new", new), ("changed", changed), ("identical", identical)):
            report.units += [(uscc, period, state) for uscc, period in sorted(keys)]

    def _trouble(self, path: Path, sheet: str, one: Trouble) -> None:
        report, proposals = self._report, tuple[Proposal, ...]()
        if one.damage:
            district = one.district or self._store.district or ""
            proposals = tuple(self._repairs.propose(one.found, one.name, district, one.joined))
            report.damage.append(
                Damage(path.name, sheet, one.cell, one.found, one.damage, one.name, not one.whole_row, proposals)
            )
        if one.code:
            report.rejections.append(
                Rejection(path.name, sheet, one.cell, one.found, one.code, one.facts, one.whole_row, proposals)
            )
            report.rejected += one.whole_row

    def _batch(self, path: Path, part: Part, header: Header, seen: Counter[Key]) -> Rows:
        """The rows that can be taken; the rest is reported."""
        report = self._report
        for one in part.problems:
            self._trouble(path, part.sheet, one)
        report.mended.update(part.mended)
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
            return Rows(keys, [part.rows[position] for position in kept], columns, lines=lines)
        if "district" not in columns and self._store.district:
            columns["district"] = [self._store.district] * len(kept)
        own = self._store.district
        named = columns.get("name") or [None] * len(kept)
        placed = columns.get("district") or [None] * len(kept)
        here = zip(keys, named, placed, strict=True)
        self._listed.update((uscc, (name, place)) for (uscc, period), name, place in here if period == self._period)
        districts = [own] * len(kept) if own else [str(code or "") for code in placed]
        return Rows(keys, [part.rows[position] for position in kept], columns, districts, columns.get("name", ()))
