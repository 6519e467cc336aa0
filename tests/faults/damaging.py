"""Damages a survey file page by page, and sees what is saved of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from survey import keyring
from survey import scheme as schemes
from survey import store as stores
from survey.connection import connect
from survey.errors import SurveyError, sentence
from survey.pages import image
from survey.rescue import Rescue, rescue
from survey.salvage import Salvage
from survey.texts import Texts

PAGE = 4096
# What the saved file says of itself, and what it is made anew from.
_OWN = {
    "desk",
    "journal",
    "chain",
    "scheme_file",
    "_sqlite_migrations",
    "result",
    "result_part",
    "result_check",
    "touched",
}
Row = tuple[object, ...]


@dataclass
class Told:
    """What became of a file that was damaged again and again, and what was wrong about it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Damage:
    """One sound file, damaged in one place after another."""

    def __init__(self, path: Path, texts: Texts, folders: Sequence[Path]) -> None:
        self._path = path
        self._texts = texts
        self._folders = folders
        self._key = keyring.key_of(path)
        # What the log holds is taken in.
        with closing(connect(path, self._key)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._sound = path.read_bytes()
        self._rows = dict(rows(path))
        self._on = self._places()
        self.pages = len(self._sound) // PAGE
        self.told = Told()

    def _places(self) -> dict[tuple[str, Row], set[int]]:
        """The pages that each row stands on; held against what SQLite itself reads."""
        salvage = Salvage(image(self._path, self._key))
        salvage.grow(schemes.load(self._folders[0]), {})
        found: dict[tuple[str, Row], set[int]] = {}
        for name, whole in self._rows.items():
            if name in _OWN:
                continue
            tree = salvage._trees[name]
            for number in tree.nodes:
                node = salvage._nodes.node(number)
                assert node
                for at in range(len(node.pointers)):
                    salvage._nodes.overflown.clear()
                    cell = salvage._nodes.cell(node, at)
                    assert cell
                    assert cell.record
                    row = tuple(cell.record)
                    shape = salvage.blueprint.shape(name)
                    names = [column.name for column in tree.columns]
                    values = dict(zip(names, row, strict=False))
                    if shape.number:
                        values[shape.number] = cell.number
                    found[name, _sorted(values)] = {number, *salvage._nodes.overflown}
            assert sum(one == name for one, _ in found) == len(whole), name
        return found

    def zero(self, page: int) -> None:
        self._try({page}, f"page {page} zeroed", self._with(page, bytes(PAGE)))

    def noise(self, page: int, dice: random.Random) -> None:
        self._try({page}, f"page {page} noise", self._with(page, dice.randbytes(PAGE)))

    def cut(self, size: int) -> None:
        self._try(set(range(size // PAGE + 1, self.pages + 1)), f"cut at {size}", self._sound[:size])

    def beginning(self, dice: random.Random) -> None:
        """The sixteen bytes that a file begins with: its kind, or the salt of its key."""
        self._try({1}, "beginning", dice.randbytes(16) + self._sound[16:])

    def _with(self, page: int, content: bytes) -> bytes:
        start = (page - 1) * PAGE
        return self._sound[:start] + content + self._sound[start + PAGE :]

    def _try(self, pages: set[int], what: str, content: bytes) -> None:
        target = self._path.with_name("saved.census")
        self._path.write_bytes(content)
        try:
            found = rescue(self._path, target, None, self._folders)
            told = self._compared(pages, found)
        except SurveyError as error:
            told = f"refused: {error.code}" if sentence(error, self._texts) else "crash: no sentence"
        except Exception as error:  # noqa: BLE001 - a fault of the program is what is looked for
            told = f"crash: {error!r}"
        finally:
            self._path.write_bytes(self._sound)
            target.unlink(missing_ok=True)
        self.told.outcomes[told.partition(": ")[0] if not told.startswith("refused") else told] += 1
        if told.startswith(("crash", "lost", "wrong", "untold")):
            self.told.wrong.append(f"{what}: {told}")

    def _compared(self, pages: set[int], found: Rescue) -> str:
        """Whether every row is there whose pages are sound, no other is, and what is lost is told."""
        saved = dict(rows(found.target))
        damaged = {table.name for table in found.damaged}
        gone = 0
        for name, whole in self._rows.items():
            if name in _OWN:
                continue
            missing = whole - saved.get(name, set())
            gone += len(missing)
            if any(not self._on[name, row] & pages for row in missing):
                return f"lost: {name} {len(missing)}"
            if saved[name] - whole:
                return f"wrong: {name}"
            if missing and name not in damaged:
                return f"untold: {name} {len(missing)}"
        return "saved, all rows" if not gone else "saved, all rows of sound pages"


def rows(path: Path) -> Iterator[tuple[str, set[Row]]]:
    """The rows of every table, by SQLite."""
    with closing(stores.open(path, readonly=True)) as store:
        for (name,) in store.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ):
            cursor = store.execute(f"SELECT * FROM {name}")
            names = [column[0] for column in cursor.description]
            yield name, {_sorted(dict(zip(names, row, strict=True))) for row in cursor}


def _sorted(values: Mapping[str, object]) -> Row:
    return tuple(sorted(values.items()))
