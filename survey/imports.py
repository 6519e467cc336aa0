"""Foreign files into the survey file: questionnaires and lists, many at once, in one transaction that can be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from survey import batches, journal, magnitude
from survey.columns import SheetHead, decode_heads, remember, remembered
from survey.connection import is_trouble_with
from survey.errors import Cancelled, SurveyError
from survey.flat import plan_for
from survey.header import LINE, PERIOD
from survey.importreport import ColumnPlace, FileReport, ImportReport, Place
from survey.intake import Intake
from survey.keyed import Keyed
from survey.persons import permit
from survey.progress import Progress
from survey.proposal import ProposalKey
from survey.questionnairetaking import QuestionnaireTaking
from survey.reader import Reader, sha256_of
from survey.recognition import Known, decode
from survey.record import valid_period
from survey.standing import Standing
from survey.store import Store
from survey.submissions import submitted
from survey.tabletaking import Table, TableTaking
from survey.taking import Decision, Key
from survey.turnover import compare

_DEEPEST = 12


@dataclass(frozen=True)
class Choices:
    """What a person has decided about some files.

    `repairs` are spoilt codes by their places, with what was accepted for them; `mappings` headings with the item
    each means, remembered for the next table with the same heads. `settled` are the values about which the files are
    right against what the survey file holds on purpose; None settles all that people have keyed, but not what two files
    say differently. `blanks` lets blank cells overwrite. The files `left_out` are told and not read. With `suspects`
    amounts in another unit of measure are looked for; those of the proposals `converted` (None: of all that are sure)
    are converted; `units` are the factors accepted for columns that state another unit of measure than their item's.
    With `findings` it is told what each unit that sent a questionnaire still has to answer.
    """

    repairs: Mapping[Place, str] = field(default_factory=dict)
    mappings: Mapping[str, str] = field(default_factory=dict)
    settled: Collection[Decision] | None = frozenset()
    blanks: bool = False
    left_out: Collection[Path] = frozenset()
    suspects: bool = False
    converted: Collection[ProposalKey] | None = frozenset()
    units: Mapping[ColumnPlace, Decimal] = field(default_factory=dict)
    findings: bool = False


def import_files(
    store: Store,
    paths: Sequence[Path],
    choices: Choices | None = None,
    *,
    period: str | None = None,
    dry_run: bool = False,
    who: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Takes questionnaires and flat tables into the store in one transaction; a dry run leaves the file as it was.

    A file that cannot be taken is told in the report, and nothing of it is. The same files once more change nothing.
    Raises SurveyError `period`, `no_such_item`, `column_twice`, what reading raises where there is only one file,
    and Cancelled; then nothing has changed.
    """
    permit(store, "edit")
    if period is not None and not valid_period(period):
        raise SurveyError("period", period=period)
    chosen = choices or Choices()
    _check(store, chosen.mappings)
    refused: dict[Path, SurveyError] = {}
    while True:
        report = ImportReport()
        try:
            with store.atomic(keep=not dry_run):
                _Import(store, report, chosen, period or store.period, who, progress).run(paths, refused)
                names = [path.name for path in paths]
                journal.record(store, "imported", names[0] if len(names) == 1 else "", files=names)
        except _HalfTakenError as error:
            # What was taken of this file is gone with the transaction; the others are taken once more without it.
            refused[error.path] = error.trouble
        else:
            break
    if len(paths) == 1 and report.files[0].error:
        raise report.files[0].error
    return report


def heads_of(path: Path) -> list[SheetHead]:
    """The likely heads of a file's sheets, for a person to tell what the columns mean."""
    with Reader() as reader, reader.read(path, decode_heads) as found:
        return list(found)


def _check(store: Store, mappings: Mapping[str, str]) -> None:
    """What headings are said to mean must be items that can be taken, each once."""
    items = store.scheme.items
    for name in mappings.values():
        if name not in (PERIOD, LINE) and (name not in items or items[name].computed):
            raise SurveyError("no_such_item", text=name)
    if len(set(mappings.values())) < len(mappings):
        raise SurveyError("column_twice")


def names_of(paths: Sequence[Path]) -> dict[Path, str]:
    """What files are called: by their names, with as many of their folders as it takes to tell them apart."""
    names = {path: path.name for path in paths}
    for depth in range(2, _DEEPEST):
        counted = Counter(names.values())
        if max(counted.values(), default=0) < 2:
            break
        names |= {path: "/".join(path.parts[-depth:]) for path, name in names.items() if counted[name] > 1}
    return names


class _HalfTakenError(Exception):
    """A file that broke off after some of its rows had been taken."""

    def __init__(self, path: Path, trouble: SurveyError) -> None:
        super().__init__(path)
        self.path = path
        self.trouble = trouble


class _Import:
    """One pass over the files, in an open transaction."""

    def __init__(
        self, store: Store, report: ImportReport, choices: Choices, period: str, who: str, progress: Progress | None
    ) -> None:
        self._store = store
        self._report = report
        self._choices = choices
        self._who = who
        self._progress = progress
        self._tables = TableTaking(store, report, period)
        self._questionnaires = QuestionnaireTaking(store, report, blanks=choices.blanks)
        self._batch = batches.begin(store, who, period)
        self._intake = Intake(
            store, who=who, keyed=Keyed(store), settled=choices.settled, blanks=False, batch=self._batch
        )
        self._new: set[Key] = set()
        self._changed: set[Key] = set()
        self._seen: set[Key] = set()
        self._sources: dict[Key, int] = {}

    def run(self, paths: Sequence[Path], refused: Mapping[Path, SurveyError]) -> None:
        register = self._tables.register
        left_out, names = self._choices.left_out, names_of(paths)
        wanted = [path for path in paths if path not in refused and path not in left_out]
        known = self._known({name: path for path, name in names.items()})
        with Reader(known) as reader:
            contents = reader.read_many(wanted, decode, submitted(reader, wanted, known.plan.known))
            for at, path in enumerate(paths):
                if self._progress:
                    self._progress(at, len(paths), "progress.import")
                file = FileReport(path, error=refused.get(path), label=names[path], left_out=path in left_out)
                self._report.files.append(file)
                if file.error is None and not file.left_out:
                    self._file(file, next(contents)[1])
        self._intake.finish()
        self._report.turnover = compare(register, self._tables.listed)
        if self._choices.mappings:
            for header in self._tables.headers:
                remember(self._store, header.key, header.names)
        self._total()

    def _known(self, paths: Mapping[str, Path]) -> Known:
        """What the reading process must know of these files, which are told by their names."""
        chosen = self._choices
        repairs: dict[str, dict[tuple[str, str, str], str]] = {}
        units: dict[str, dict[tuple[str, str], Decimal]] = {}
        for (file, *place), code in chosen.repairs.items():
            repairs.setdefault(str(paths.get(file, "")), {})[place[0], place[1], place[2]] = code
        for (file, sheet, column), factor in chosen.units.items():
            units.setdefault(str(paths.get(file, "")), {})[sheet, column] = factor
        return Known(plan_for(self._store.scheme, chosen.mappings, remembered(self._store)), repairs, units)

    def _file(self, file: FileReport, parts: Iterator[Any]) -> None:
        places, source = "", 0
        try:
            digest = sha256_of(file.path)
            source = self._store.add_source(file.name, "", digest, self._who, batch=self._batch, path=file.path)
            self._intake.begin(source, repeated=batches.taken_before(self._store, digest, source))
            file.kind = next(parts)
            if file.kind == "questionnaire":
                stamp, answers, file.blanks = parts
                places = self._questionnaires.take(file, self._intake, stamp, answers)
            else:
                self._table(file, parts)
        except Cancelled:
            raise
        except SurveyError as trouble:
            if is_trouble_with(trouble, self._store.path):
                raise
            if source and self._intake.outcome.seen:
                raise _HalfTakenError(file.path, trouble) from trouble
            file.error = trouble
        if source:
            self._count(file, source, places)

    def _table(self, file: FileReport, parts: Iterator[Any]) -> None:
        table = Table(self._tables, file, self._intake)
        for part in parts:
            table.take(part)
            if self._progress:
                # A long list is left in the middle, too.
                self._progress(len(self._report.files) - 1, 0, "progress.import")

    def _count(self, file: FileReport, source: int, places: str) -> None:
        outcome = self._intake.outcome
        file.new, file.changed = len(outcome.new), len(outcome.changed - outcome.new)
        file.identical = len(outcome.identical)
        self._new |= outcome.new
        self._changed |= outcome.changed
        self._seen |= outcome.seen
        self._sources.update(dict.fromkeys(outcome.new | outcome.changed, source))
        file.keys = frozenset(outcome.new | outcome.changed)
        if file.new or file.changed:
            self._store.describe_source(source, file.kind, places)
        else:
            # A file that brings nothing leaves no trace.
            self._store.drop_source(source)

    def _total(self) -> None:
        report, new, changed = self._report, self._new, self._changed - self._new
        identical = self._seen - self._new - self._changed
        report.new, report.changed, report.identical = len(new), len(changed), len(identical)
        if self._choices.suspects:
            self._convert(new | changed)
        for state, keys in (("new", new), ("changed", changed), ("identical", identical)):
            report.units += [(uscc, period, state) for uscc, period in sorted(keys)]
        report.rejected += sum(one.error is not None for one in report.files)
        report.revived = batches.reopen(self._store, self._batch, changed)
        if self._choices.findings:
            self._judge()
        report.batch = batches.finish(self._store, self._batch, self._intake, report)

    def _judge(self) -> None:
        """What the checks say of the units that sent questionnaires."""
        standing = Standing(self._store, self._store.period)
        for file in self._report.files:
            unit = self._store.find_unit(file.unit[0]) if file.kind == "questionnaire" and not file.error else None
            if unit is not None:
                file.findings = standing.open(unit)

    def _convert(self, keys: Collection[Key]) -> None:
        """Amounts that probably are in another unit of measure: told, or converted where a person has said so."""
        wanted = self._choices.converted
        for one in magnitude.detect(self._store, self._tables.period):
            if (one.uscc, one.period) not in keys:
                continue
            if one.sure if wanted is None else one.key in wanted:
                magnitude.accept(self._store, one, self._who, source=self._sources[one.uscc, one.period])
                self._report.converted += 1
            else:
                self._report.suspects.append(one)
