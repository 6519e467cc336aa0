"""What an import did, or would do: file by file, unit by unit, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from survey.checks import Finding
from survey.errors import SurveyError, in_words
from survey.proposal import Proposal as Suspect
from survey.repairs import Proposal
from survey.scalar import Value
from survey.taking import Collision, Decision, Key, Written
from survey.texts import Texts
from survey.turnover import Turnover

# Where a spoilt code stands and what stands there: file, sheet, cell, found.
Place = tuple[str, str, str, str]
# A column: file, sheet, letters.
ColumnPlace = tuple[str, str, str]
# A cell of a questionnaire: the item and the line (0: none).
Spot = tuple[str, int]
FileKind = Literal["", "questionnaire", "table"]
_MOST_FIELDS, _MOST_REJECTIONS = 100_000, 20_000
# What becomes of a file, the ones a person must look at first.
FILE_STATES = ("refused", "collision", "rejected", "changed", "new", "identical", "left_out")


def _proposed(proposals: Sequence[Proposal], texts: Texts) -> str:
    """What a spoilt code may have been, each with its evidence."""
    return "".join(
        texts("import.proposal", code=one.code, evidence=texts(f"import.evidence.{one.evidence}")) for one in proposals
    )


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
        return in_words(self.code, self.facts, texts) + _proposed(self.proposals, texts)


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

    def in_words(self, texts: Texts) -> str:
        """What was found, the evidence, and what the code may have been."""
        told = texts("import.damage_line", found=self.found, evidence=self.evidence(texts))
        return told + _proposed(self.proposals, texts)


@dataclass(frozen=True)
class OtherUnit:
    """A column that states another unit of measure than its item's: where, its heading, both units, the factor.

    Its cells are not taken before a person accepts the factor.
    """

    file: str
    sheet: str
    column: str
    heading: str
    item: str
    unit: str
    wanted: str
    factor: Decimal

    @property
    def place(self) -> ColumnPlace:
        return self.file, self.sheet, self.column


@dataclass(frozen=True)
class Field:
    """A cell of a unit that was known before: what the survey file holds, what the file offers, and where it stands.

    `taken` is whether it was written; where not, the survey file holds another value on purpose.
    """

    file: str
    sheet: str
    cell: str
    uscc: str
    period: str
    item: str
    line: int
    before: Value
    after: Value
    taken: bool

    @property
    def key(self) -> Decision:
        """What a person says who finds the file right."""
        return self.uscc, self.period, self.item, self.line, self.after


@dataclass
class FileReport:
    """What became of one file; counts are units, `unit` is (code, name) where the file is about one.

    `emptied` counts the cells of a questionnaire that were emptied and keep their values, `missing` those that are not
    there any more. `keys` are the units it is
    new or changed for, by (code, period). Of a questionnaire `places` are the sheet and cell of each answer, `blanks`
    of each item without one; `findings` is what its unit still has to answer, where that was asked for.
    """

    path: Path
    kind: FileKind = ""
    error: SurveyError | None = None
    label: str = ""
    left_out: bool = False
    unit: tuple[str, str] = ("", "")
    new: int = 0
    changed: int = 0
    identical: int = 0
    rejected: int = 0
    collisions: int = 0
    emptied: int = 0
    missing: int = 0
    keys: frozenset[Key] = frozenset()
    places: Mapping[Spot, tuple[str, str]] = field(default_factory=dict)
    blanks: Mapping[Spot, tuple[str, str]] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    @property
    def name(self) -> str:
        """What the file is called; with its folder, where another one has the same name."""
        return self.label or self.path.name

    @property
    def state(self) -> str:
        """One of `FILE_STATES`."""
        if self.error or self.left_out:
            return "refused" if self.error else "left_out"
        counts = {name: getattr(self, name) for name in ("rejected", "changed", "new")}
        if self.collisions:
            return "collision"
        return next((name for name, count in counts.items() if count), "identical")

    def reason(self, texts: Texts) -> str:
        """Why the file was refused, or ''; it is called by its name, not by its whole path."""
        if self.error is None:
            return ""
        return in_words(self.error.code, {**self.error.facts, "path": self.name}, texts)


@dataclass
class ImportReport:
    """What an import did, or would do: units by outcome, and everything it could not take.

    `mended` counts what was put right without a doubt, by kind; `told` are the sheets read as a person once
    said, `skipped` those without a header that is understood, `hidden` those nobody sees, which are not read. `totals`
    are the rows (file, sheet, row) that sum up others and are no units. `suspects` are amounts that may be in another
    unit of measure, `converted` counts those that were put right; `revived` are units (code, name, status) that had
    been set aside. `batch` is the number under which the import can be undone, 0 where it changed nothing.
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
    hidden: list[tuple[str, str]] = field(default_factory=list)
    totals: list[tuple[str, str, int]] = field(default_factory=list)
    units_differ: list[OtherUnit] = field(default_factory=list)
    turnover: Turnover = field(default_factory=Turnover)
    files: list[FileReport] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    more_fields: int = 0
    more_rejections: int = 0
    suspects: list[Suspect] = field(default_factory=list)
    converted: int = 0
    revived: list[tuple[str, str, str]] = field(default_factory=list)
    batch: int = 0

    def reject(self, rejection: Rejection) -> None:
        """Adds what was not taken; of very many no more than a person can look through, the rest is counted."""
        self.rejected += rejection.whole_row
        if len(self.rejections) < _MOST_REJECTIONS:
            self.rejections.append(rejection)
        else:
            self.more_rejections += 1

    def note(self, found: Iterable[Field]) -> None:
        """Adds cells; of those that were written no more than a person can look through, the rest is counted."""
        for one in found:
            if one.taken and len(self.fields) >= _MOST_FIELDS:
                self.more_fields += 1
            else:
                self.fields.append(one)

    def suspects_of(self, file: FileReport) -> list[Suspect]:
        """The amounts that one file brought and that may be in another unit of measure."""
        return [one for one in self.suspects if (one.uscc, one.period) in file.keys]

    @property
    def repairs(self) -> dict[Place, str]:
        """The spoilt codes with exactly one proposal, by the place where they stand."""
        return {one.place: one.proposals[0].code for one in self.damage if len(one.proposals) == 1}

    @property
    def units_proposed(self) -> dict[ColumnPlace, Decimal]:
        """The factors that make the items' units of what the columns state."""
        return {one.place: one.factor for one in self.units_differ}

    @property
    def collisions(self) -> list[Field]:
        """The cells that were not taken because the survey file holds another value on purpose."""
        return [one for one in self.fields if not one.taken]

    @property
    def unread(self) -> int:
        """How many cells, rows and files could not be read."""
        return len(self.rejections) + self.more_rejections + sum(one.error is not None for one in self.files)

    @property
    def effects(self) -> bool:
        """Whether anything is taken."""
        return bool(self.new or self.changed)


def written(one: Written, file: str, sheet: str, cell: str) -> Field:
    """A cell that was written."""
    change = one.change
    return Field(file, sheet, cell, *one.key, change.item.name, change.line, change.old, change.new, taken=True)


def collided(one: Collision, file: str, sheet: str, cell: str) -> Field:
    """A cell that was not taken."""
    return Field(file, sheet, cell, *one.key, one.item, one.line, one.kept, one.offered, taken=False)
