"""The rows of a source on their way into the survey file, and what became of the respondents they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from survey.form import Item, Respondent
from survey.keyed import Keyed
from survey.scalar import Value
from survey.store import Change, Store
from survey.words import Words

Key = tuple[str, str]
Values = tuple[Value, ...]
# A decision about a cell: the unit's code, the period, the item, the line (0: none), the value that is right.
Decision = tuple[str, str, str, int, Value]


class Cleared:
    """Stands in a column where a cell is to become blank."""


CLEARED = Cleared()


@dataclass(frozen=True)
class Rows:
    """Some rows of a foreign table: whom and when each is about, and the columns by item name.

    A key is (uscc, period), each at most once in a batch; every column is as long as `keys`. Rows of
    a list form name their `lines`; then a key comes once a line. `kind` is who answers. `sent` has, column by
    column, what stood in the cells when the form was sent out; `doubtful` is whether nobody knows what stood there.
    """

    keys: Sequence[Key]
    rows: Sequence[int]
    columns: Mapping[str, Sequence[Value | Cleared]]
    districts: Sequence[str] = ()
    names: Sequence[Value] = ()
    lines: Sequence[int] = ()
    kind: Respondent = "unit"
    sent: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    doubtful: bool = False


@dataclass(frozen=True)
class Collision:
    """A cell that was not taken: the file offers one value, and the survey file holds another one on purpose."""

    key: Key
    item: str
    line: int
    kept: Value
    offered: Value
    row: int

    @property
    def decision(self) -> Decision:
        """What a person says who finds the file right."""
        return *self.key, self.item, self.line, self.offered


@dataclass(frozen=True)
class Written:
    """A cell of a respondent who was known before: what it held, what it holds now, and the row it came from."""

    key: Key
    change: Change
    row: int


@dataclass
class Outcome:
    """What happened to the respondents of a file, by (uscc, period).

    `agreed` are cells of which this desk holds on purpose what the file now says too.
    """

    new: set[Key] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)
    seen: set[Key] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)
    collisions: list[Collision] = field(default_factory=list)
    agreed: list[Collision] = field(default_factory=list)

    @property
    def identical(self) -> set[Key]:
        return self.seen - self.new - self.changed


class Taking:
    """What the intake of a source's rows shares between its forms.

    `settled` None settles every cell that a person has keyed; with the `words` of its sender a return is merged by
    field. `fresh` are the responses that this intake has begun, `replaced` the rows of known responses as they were by
    (form, response, line): whether the row is new, its source and row number. `repeated` is whether this very file has
    been taken before.
    """

    def __init__(
        self,
        store: Store,
        who: str,
        reason: str,
        blanks: bool,
        keyed: Keyed | None,
        settled: Collection[Decision] | None,
        words: Words | None = None,
    ) -> None:
        self.store = store
        self.blanks = blanks
        self.source = 0
        self.repeated = False
        self.outcome = Outcome()
        self.fresh: set[int] = set()
        self.lines_seen: dict[tuple[str, int], set[int]] = {}
        # Of a return, by form: the responses that were there before.
        self.rows_seen: dict[str, set[int]] = {}
        self.replaced: dict[Place, tuple[int, int | None, int | None]] = {}
        self.empty = {
            form.id: not store.execute(f"SELECT 1 FROM {form.table} LIMIT 1").fetchone() for form in store.scheme.forms
        }
        self.keyed = keyed
        self.words = words
        self._said: dict[Place, tuple[Sequence[Item], Sequence[Value | Cleared]]] = {}
        self._who = who
        self._reason = reason
        self._settled = settled

    @property
    def compares(self) -> bool:
        """Whether rows that say what stands there must be looked at nevertheless."""
        return self.words is not None and self.words.any

    def log(self, changes: Sequence[Change]) -> None:
        if changes:
            self.store.log(changes, who=self._who, reason=self._reason, source=self.source)

    def settles(self, decision: Decision, *, between_files: bool) -> bool:
        """Whether a person has decided that the file is right; of two files that differ each must be decided on."""
        return (self._settled is None and not between_files) or (
            self._settled is not None and decision in self._settled
        )

    def said(self, place: Place) -> dict[str, Value]:
        """What earlier rows of this intake have said of a row, whether it was taken or not."""
        known = self._said.get(place)
        if known is None:
            return {}
        return {
            item.name: value
            for item, value in zip(*known, strict=True)
            if value is not None and not isinstance(value, Cleared)
        }

    def says(self, place: Place, items: Sequence[Item], values: Sequence[Value | Cleared]) -> None:
        """Notes what a row says; no earlier row is taken for the better one, and no later one."""
        if self.keyed is None:
            return
        if place in self._said:
            more = self.said(place)
            added = [(item, value) for item, value in zip(items, values, strict=True) if item.name not in more]
            first, second = self._said[place]
            self._said[place] = (*first, *(item for item, _ in added)), (*second, *(value for _, value in added))
        else:
            self._said[place] = items, values


# A row of a form: form, response, line (0: none).
Place = tuple[str, int, int]
