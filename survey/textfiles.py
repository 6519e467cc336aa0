"""A scheme's text files as they are read: every problem is kept with its file and line."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from survey.errors import Problem


def line_of(text: str, *needles: str) -> int:
    """The first line that holds all needles, counted from 1; 0 where there is none."""
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if all(needle in line for needle in needles)), 0)


def nearest(text: str, known: Iterator[str] | Sequence[str]) -> str:
    """The known name that a mistyped one most likely means, or ''."""
    return next(iter(get_close_matches(text, list(known), 1)), "")


class TextFiles:
    """Files by their names, and the problems found in them so far."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.problems: list[Problem] = []

    def add(self, file: str, needle: str | int, code: str, **facts: object) -> None:
        """A problem at a line, or at the first line that holds a text."""
        line = needle if isinstance(needle, int) else line_of(self.files.get(file, ""), needle)
        self.problems.append(Problem(file, line, code, facts))

    def toml(self, name: str) -> dict[str, Any]:
        """A TOML file's table; empty where it cannot be read."""
        text = self.files.get(name)
        if text is None:
            self.add(name, 0, "no_file")
            return {}
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            line = message.partition("line ")[2].partition(",")[0]
            self.add(name, int(line) if line.isdigit() else 0, "toml", detail=message)
            return {}

    def rows(
        self, name: str, columns: Iterable[str], *, extra: bool = False, later: Iterable[str] = ()
    ) -> list[tuple[int, dict[str, str]]]:
        """A CSV file's rows with their lines; with `extra` it may have columns of its own.

        Columns that came `later` may be missing: survey files carry schemes of their time.
        """
        text = self.files.get(name)
        if text is None:
            self.add(name, 0, "no_file")
            return []
        columns = list(columns)
        reader = csv.DictReader(io.StringIO(text))
        header = reader.fieldnames or []
        columns += [column for column in later if column in header]
        for column in columns:
            if column not in header:
                self.add(name, 1, "missing_key", key=column)
        for column in header:
            if not extra and column not in columns:
                self.add(name, 1, "unknown_key", found=column, nearest=nearest(column, columns))
        rows = []
        for row in self._read(name, reader):
            if None in row or None in row.values():
                self.add(name, reader.line_num, "row_length", wanted=len(header))
                continue
            given = {key: value.strip() for key, value in row.items()}
            # A column that is missing has been told; whoever reads on goes by blanks.
            rows.append((reader.line_num, dict.fromkeys(columns, "") | given))
        return rows

    def _read(self, name: str, reader: csv.DictReader[str]) -> Iterator[dict[str, str]]:
        try:
            yield from reader
        except csv.Error as error:
            self.add(name, reader.line_num, "csv", detail=str(error))

    def known_keys(self, file: str, line: int, table: Mapping[str, object], known: Iterable[str]) -> None:
        """Keys that nobody knows are problems, with what was likely meant."""
        known = list(known)
        for key in table:
            if key not in known:
                where = line or line_of(self.files[file], f"{key} =")
                self.add(file, where, "unknown_key", found=key, nearest=nearest(key, known))

    def present(self, file: str, line: int, table: Mapping[str, object], keys: Iterable[str]) -> None:
        """Keys that are missing or empty are problems."""
        for key in keys:
            if not table.get(key):
                self.add(file, line, "missing_key", key=key)

    def typed(self, file: str, table: Mapping[str, Any], key: str, default: object) -> Any:
        """The value of a key, of the kind of its default; another kind is a problem."""
        found = table.get(key, default)
        if type(found) is type(default):
            return found
        self.add(file, f"{key} =", "wrong_type", key=key, wanted=type(default).__name__)
        return default

    def known_name(self, file: str, where: str | int, code: str, found: str, known: Iterable[str]) -> bool:
        """Whether a name is one of the known; where not, that is a problem."""
        known = list(known)
        if found not in known:
            self.add(file, where, code, found=found, nearest=nearest(found, known))
        return found in known
