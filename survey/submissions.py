"""Submissions of field programs as they are exported: ODK Central's CSV files, KoboToolbox's workbooks.

A question stands under its group's name, `ic_02-ic_02_s3-revenue` or `ic_02/revenue`; the lines of a repeat stand in a
file or sheet of their own and say which submission they belong to. Joined, they are flat tables like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.book import Book
from survey.codes import fold
from survey.errors import SurveyError
from survey.reader import Reader

# Whose submission it is, by its key: the unit's code and the period.
Parents = dict[str, tuple[Any, Any]]

_USCC, _PERIOD = "uscc", "period"
# What the programs tell of a submission itself.
_META = {
    "SubmissionDate", "KEY", "PARENT_KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected",
    "Status", "ReviewState", "DeviceID", "Edits", "FormVersion", "instanceID", "instanceName", "deviceid", "rootUuid",
    "deprecatedID", "start", "end", "today", "username",
}  # fmt: skip
_META_GROUP = re.compile(r"(meta|formhub)[-/].*|SET-OF-.*|_.*", re.IGNORECASE)
# Notes hold no answers, though they have columns.
_NOTE = re.compile(r"(note_|generated_note_name_).*")
_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class _Head:
    """The head of a table of submissions: whose rows they are, and where their keys stand."""

    lines: bool
    keys: tuple[int, ...]
    uscc: int
    period: int
    review: int
    titles: tuple[str, ...]


def submitted(reader: Reader, paths: Iterable[Path], known: Mapping[str, str]) -> Parents:
    """The submissions among text tables: their lines may stand in a file that is read before them."""
    found: Parents = {}
    for path in paths:
        if path.suffix.lower() == ".csv":
            # What cannot be read is told when its rows are taken.
            with suppress(SurveyError), reader.read(path, decode_parents, known) as parts:
                for part in parts:
                    found |= part
    return found


def joined(rows: Iterable[list[Any]], known: Mapping[str, str], parents: Parents, file: str) -> Iterator[list[Any]]:
    """The rows of a table under plain headings; lines carry the code and period of their submission.

    A table that is no submission comes as it is. What is learnt of submissions on the way is added to `parents`.
    """
    rest = iter(rows)
    first = next(rest, None)
    if first is None:
        return
    head = _head(first, known)
    yield [*head.titles, *([_USCC, _PERIOD] if head.lines else [])] if head else first
    for row in rest:
        if head is None:
            yield row
        elif head.lines:
            wide = [*row, *[""] * (len(head.titles) - len(row))]
            found = (parents.get(key) for key in _keys(row, head, file))
            yield [*wide, *next((one for one in found if one), ("", ""))]
        else:
            # A submission that was turned down counts as a blank row, so that the others keep their numbers.
            yield row if _learn(row, head, parents, file) else [""] * len(row)


def decode_parents(book: Book, known: Mapping[str, str]) -> Iterator[Parents]:
    """In the reading process: the submissions of a text table, by key; nothing where it holds none."""
    if book.kind != "text":
        return
    with book.path.open("rb") as file:
        first = file.read(_HEAD_BYTES).partition(b"\n")[0]
    if b"KEY" in first or b"_uuid" in first:
        found: Parents = {}
        for sheet in book.sheets:
            for _ in joined(book.rows(sheet), known, found, book.path.name):
                pass
        yield found


def _head(cells: list[Any], known: Mapping[str, str]) -> _Head | None:
    """The head of a table of submissions, None for any other."""
    titles = [str(cell or "") for cell in cells]
    at = {title: place for place, title in enumerate(titles)}
    lines = "PARENT_KEY" in at or "_parent_index" in at
    central = "KEY" in at and ("SubmissionDate" in at or "meta-instanceID" in at)
    if not (lines or central or {"_uuid", "_index"} <= at.keys()):
        return None
    plain = [_plain(title, known) for title in titles]
    meant = [known.get(fold(title), "") for title in plain]
    keys = ("PARENT_KEY", "_submission__uuid", "_parent_index") if lines else ("KEY", "_uuid", "_index")
    return _Head(
        lines,
        tuple(at.get(key, -1) for key in keys),
        meant.index(_USCC) if _USCC in meant else -1,
        meant.index(_PERIOD) if _PERIOD in meant else -1,
        at.get("ReviewState", -1),
        tuple(plain),
    )


def _plain(title: str, known: Mapping[str, str]) -> str:
    """A heading without its groups; '' for what the program tells of the submission itself."""
    last = re.split(r"[-/]", title)[-1]
    if title in _META or _META_GROUP.fullmatch(title) or _NOTE.fullmatch(last):
        return ""
    return next((one for one in (title, last) if fold(one) in known), "" if last in _META else title)


def _learn(row: list[Any], head: _Head, parents: Parents, file: str) -> bool:
    """Remembers whose submission it is; False where it was turned down."""
    if _cell(row, head.review) == "rejected":
        return False
    for key in _keys(row, head, file):
        parents[key] = (_cell(row, head.uscc), _cell(row, head.period))
    return True


def _keys(row: list[Any], head: _Head, file: str) -> Iterator[str]:
    """The keys of a submission: Central's, Kobo's, and its number, which only counts within the file."""
    central, uuid, number = (_cell(row, at) for at in head.keys)
    if central != "":
        yield str(central).partition("/")[0]
    if uuid != "":
        yield f"uuid:{str(uuid).removeprefix('uuid:')}"
    if number != "":
        plain = int(number) if isinstance(number, float) and number.is_integer() else number
        yield f"{file}#{plain}"


def _cell(row: list[Any], at: int) -> Any:
    return row[at] if 0 <= at < len(row) else ""
