"""The journal: who opened, exported, merged, published or looked at a unit, and when.

It is append-only, and each entry carries the hash of the one before, as each change of a cell does: an entry that was
altered, taken out or put in between is found and named, and so is the end that was cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal

from survey import store as stores
from survey.chains import CHAINS, Chain, Head, link
from survey.errors import SurveyError
from survey.identity import acting
from survey.placing import DONE, note_of
from survey.store import Store, now

Kind = Literal[
    "opened",
    "viewed",
    "exported",
    "printed",
    "copied",
    "returned",
    "merged",
    "imported",
    "undone",
    "published",
    "keys",
    "restored",
    "rescued",
    "upgraded",
]
KINDS: tuple[Kind, ...] = (
    "opened", "viewed", "exported", "printed", "copied", "returned", "merged", "imported", "undone", "published",
    "keys", "restored", "rescued", "upgraded",
)  # fmt: skip
_TIMED = ("journal", "change")
# Clocks of two desks differ by minutes.
_TOLERATED = timedelta(minutes=10)
_COLUMNS = "id, at, who, kind, subject, facts"
_ROWS: Mapping[Chain, str] = {
    "journal": f"SELECT id, hash, {_COLUMNS} FROM journal ORDER BY id",
    "change": "SELECT id, hash, at, who, unit, form, item, period, old, new, reason, source FROM change ORDER BY id",
}


@dataclass(frozen=True)
class Entry:
    """Something that was done; `subject` is the file or unit it was done to, `facts` JSON of what else is known."""

    id: int
    at: str
    who: str
    kind: Kind
    subject: str
    facts: str


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the number of the first entry of the `journal` or the `change`s that does not fit.

    `cut`: entries at the end are missing. `told` is the file in which another desk was told otherwise.
    """

    chain: Chain
    number: int
    cut: bool = False
    told: str = ""


class Remembering:
    """The transaction that remembers files, which stand once it is kept: begun where what is remembered is written.

    Beforehand it notes where they wait (see `placing`). Raises SurveyError `read_only` where the survey file stands on
    a medium that cannot be written to, and what SQLite complains of.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key = ""
        self._kept = ExitStack()
        self._opened = ExitStack()

    def note(self, hidden: Path, folder: Path) -> None:
        """Keeps, for good, that a folder is filled with what is to stand in another."""
        self._key, where = note_of(self._store.path, hidden, folder)
        self._writing(lambda: self._store.execute("INSERT INTO desk VALUES (?, ?)", (self._key, where)))

    def begin(self) -> None:
        """From here on all that is written to the survey file is kept together with what stands then."""
        self._writing(lambda: self._kept.enter_context(self._whole()))

    def abandon(self, error: BaseException, *, clean: bool) -> None:
        """Nothing was remembered; the note goes too where all is as it was."""
        self._kept.__exit__(type(error), error, error.__traceback__)
        with self._opened, suppress(SurveyError):
            if clean:
                self._store.execute("DELETE FROM desk WHERE key = ?", (self._key,))

    def forget(self) -> None:
        """All stands and is remembered, and nothing waits any more."""
        with self._opened, suppress(SurveyError):
            self._store.execute("DELETE FROM desk WHERE key = ?", (self._key,))

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.__exit__(kind, error, trace)
        if not self._key:
            self._opened.close()

    def _remember(self) -> None:
        """What is remembered of itself."""

    @contextmanager
    def _whole(self) -> Iterator[None]:
        with self._store.atomic():
            self._remember()
            yield
            if self._key:
                self._store.execute("UPDATE desk SET value = value || ? WHERE key = ?", (DONE, self._key))

    def _writing(self, work: Callable[[], object]) -> None:
        try:
            work()
        except SurveyError as error:
            if error.code != "read_only" or not os.access(self._store.path, os.W_OK):
                raise
            # It was opened for reading alone.
            self._store = self._opened.enter_context(closing(stores.open(self._store.path)))
            work()


class Telling(Remembering):
    """An entry that comes to stand together with what it tells of.

    Entered, the entry is written; left, it is kept; left by an error, it never was. `who` is whoever works now where
    nobody is named.
    """

    def __init__(self, store: Store, kind: Kind, subject: str = "", *, who: str = "", **facts: object) -> None:
        super().__init__(store)
        self._entry = (who or acting(), kind, subject)
        self._facts = facts

    def know(self, **facts: object) -> None:
        """What shows only while the work is done."""
        self._facts |= facts

    def __enter__(self) -> None:
        self.begin()

    def _remember(self) -> None:
        _append(self._store, *self._entry, self._facts)


def record(store: Store, kind: Kind, subject: str = "", *, who: str = "", **facts: object) -> None:
    """One entry; what stands on a medium that cannot be written to keeps none."""
    try:
        with Telling(store, kind, subject, who=who, **facts):
            pass
    except SurveyError as error:
        if error.code != "read_only" or os.access(store.path, os.W_OK):
            raise


def record_once(store: Store, kind: Kind, subject: str) -> None:
    """The same, but a person's dealings with one subject count once a day."""
    found = store.execute(
        "SELECT 1 FROM journal WHERE kind = ? AND who = ? AND subject = ? AND at >= ? LIMIT 1",
        (kind, acting(), subject, now()[:10]),
    ).fetchone()
    if not found:
        record(store, kind, subject)


def check_clock(store: Store) -> None:
    """Raises SurveyError `clock_back` where the last thing that was recorded lies in the future.

    What comes first goes by number everywhere; only what is shown would be wrong.
    """
    last = [store.execute(f"SELECT at FROM {table} ORDER BY id DESC LIMIT 1").fetchone() for table in _TIMED]
    times = [datetime.fromisoformat(row[0]).astimezone() for row in last if row and row[0]]
    here = datetime.now().astimezone()
    if times and max(times) - here > _TOLERATED:
        said, clock = max(times).isoformat(timespec="minutes"), here.isoformat(timespec="minutes")
        raise SurveyError("clock_back", last=said[:16].replace("T", " "), now=clock[:16].replace("T", " "))


def _append(store: Store, who: str, kind: Kind, subject: str, facts: dict[str, object]) -> None:
    last = store.execute("SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1").fetchone() or (0, "")
    entry = (last[0] + 1, now(), who, kind, subject, json.dumps(facts, ensure_ascii=False, default=str))
    digest = link(last[1], entry)
    store.execute(f"INSERT INTO journal ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?)", (*entry, digest))
    store.anchor("journal", entry[0], digest)


def entries(store: Store, kind: str = "", who: str = "", most: int = 1_000) -> list[Entry]:
    """The latest entries first, of one kind or of one person where that is asked for."""
    rows = store.execute(
        f"SELECT {_COLUMNS} FROM journal WHERE (?1 = '' OR kind = ?1) AND (?2 = '' OR who = ?2)"
        " ORDER BY id DESC LIMIT ?3",
        (kind, who, most),
    )
    return [Entry(*row) for row in rows]


def people(store: Store) -> list[str]:
    """Who has done anything."""
    return [row[0] for row in store.execute("SELECT DISTINCT who FROM journal ORDER BY 1")]


def head(store: Store) -> str:
    """The number and the hash of the last entry: told elsewhere, it holds what came before."""
    return " ".join(map(str, _anchor(store, "journal") or ()))


def _anchor(store: Store, chain: str) -> tuple[int, str] | None:
    found: tuple[int, str] | None = store.execute("SELECT number, hash FROM chain WHERE name = ?", (chain,)).fetchone()
    return found


def verify(store: Store) -> list[Break]:
    """Where the journal or the record of changes is not as it was written; nothing where both hold."""
    return [one for chain in CHAINS for one in _breaks(store, chain)]


def links(store: Store, chain: Chain) -> Iterator[Head]:
    """The hash of every entry of a chain, worked out from what the entries say now."""
    previous = ""
    for number, _, *facts in store.execute(_ROWS[chain]):
        previous = link(previous, facts)
        yield Head(chain, number, previous)


def _breaks(store: Store, chain: Chain) -> Iterator[Break]:
    previous, last = "", 0
    for at, (number, digest, *facts) in enumerate(store.execute(_ROWS[chain]), 1):
        # Entries of the journal are numbered without a gap.
        last = at if chain == "journal" else number
        if number != last or link(previous, facts) != digest:
            yield Break(chain, last)
            return
        previous = digest
    if _anchor(store, chain) != ((last, previous) if last else None):
        yield Break(chain, last + 1, cut=True)
