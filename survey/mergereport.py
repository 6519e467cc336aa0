"""What a merge did, or would do: return by return, unit by unit, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from survey.enclosuretaking import Applied
from survey.errors import SurveyError, sentence
from survey.journal import Break
from survey.scalar import Value
from survey.texts import Texts

# What becomes of a unit of a return, what a person must look at first.
UNIT_KINDS = ("conflict", "contested", "withdrawn", "changed", "new", "identical")
UnitKind = Literal["conflict", "contested", "withdrawn", "changed", "new", "identical"]
MOST_FIELDS = 20_000


@dataclass(frozen=True)
class Conflict:
    """A cell that was not taken: the city holds `kept` on purpose, and the sender now says `offered`.

    `base` is what the sender said before; `row` is the row of the form's sheet in the return.
    """

    uscc: str
    period: str
    item: str
    line: int
    base: Value
    kept: Value
    offered: Value
    row: int = 0


@dataclass(frozen=True)
class Contest:
    """A unit that several senders return; `counted` is the one whose answers stand."""

    uscc: str
    name: str
    senders: tuple[str, ...]
    counted: str


@dataclass(frozen=True)
class CellChange:
    """A cell of a unit that was known: what it held, what it holds, and the row of the form's sheet in the return."""

    uscc: str
    period: str
    item: str
    line: int
    before: Value
    after: Value
    row: int


@dataclass(frozen=True)
class UnitOutcome:
    """What becomes of a unit: `changes` and `conflicts` count cells."""

    uscc: str
    name: str
    kind: UnitKind
    changes: int = 0
    conflicts: int = 0


@dataclass
class MergeReport:
    """What became of one return; counts are units of its period.

    `repeated`: this very return stands already. `superseded`: a later return of the sender stands, so nothing was
    taken. `signer`: the public key that signed it, '' where none did; `other_key` is the file of the sender's last
    signed return where that was signed by another key. `reordered` are the forms whose rows somebody
    sorted; `rewritten` is where the records of the sender's file are no longer what it told before. `gap`: it does not
    follow on the return of the sender that was accepted last. `cells` names at most 20,000 cells of the `cell_count`
    that changed. `enclosed` counts what came beside the answers and is new.
    """

    file: str
    path: Path
    district: str = ""
    period: str = ""
    sequence: int = 0
    error: SurveyError | None = None
    repeated: bool = False
    superseded: bool = False
    gap: bool = False
    draft: bool = False
    signer: str = ""
    other_key: str = ""
    reordered: list[str] = field(default_factory=list)
    rewritten: list[Break] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    identical: int = 0
    withdrawn: int = 0
    left_out: int = 0
    cell_count: int = 0
    enclosed: Applied = field(default_factory=Applied)
    units: list[UnitOutcome] = field(default_factory=list)
    cells: list[CellChange] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    contests: list[Contest] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return self.error is None

    @property
    def effects(self) -> bool:
        """Whether anything but the record of it changes."""
        return bool(self.new or self.changed or self.cell_count or self.withdrawn or self.conflicts)

    def reason(self, texts: Texts) -> str:
        """Why the return was refused, or ''."""
        return sentence(self.error, texts) if self.error else ""
