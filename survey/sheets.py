"""Flat tables, one unit a row: the header says which column answers which item."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from survey.codes import fold
from survey.errors import SurveyError
from survey.form import Item
from survey.intake import Batch, Intake, Key
from survey.reader import Book, Reader, sha256_of
from survey.record import Lists, ValueProblem, read_column, valid_period
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

Progress = Callable[[int, int, str], None]

PERIOD = "period"
_PERIOD_SPELLINGS = ("period", "报告期", "年份", "年度", "year")
_HEADER_SEARCH = 20
_ROWS = 20_000


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

    def reason(self, texts: Texts) -> str:
        return texts("error." + self.code, **self.facts)


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


@dataclass(frozen=True)
class Part:
    """Some decoded rows, as they come from the reading process."""

    sheet: str
    rows: list[int]
    columns: dict[str, list[Value]]
    problems: list[tuple[str, str, str, dict[str, object], bool]]


@dataclass(frozen=True)
class Header:
    """The header of a sheet: its row, the item of each column, and the headings nobody knows."""

    sheet: str
    row: int
    names: dict[int, str]
    unknown: list[tuple[str, str]]


def import_files(
    store: Store,
    paths: Sequence[Path],
    *,
    period: str | None = None,
    dry_run: bool = False,
    who: str = "",
    progress: Progress | None = None,
) -> ImportReport:
    """Takes flat files into the store in one transaction; a dry run leaves the file as it was.

    Raises SurveyError where a file cannot be read or has no header; then nothing has changed.
    """
    if period is not None and not valid_period(period):
        raise SurveyError("period", period=period)
    report = ImportReport()
    try:
        with store.atomic(), Reader() as reader:
            _Import(store, reader, report, period or store.period, who, progress).run(paths)
            if dry_run:
                raise _DryRunError
    except _DryRunError:
        pass
    return report


class _DryRunError(Exception):
    """Ends a dry run: what was tried is rolled back."""


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

    def run(self, paths: Sequence[Path]) -> None:
        scheme = self._store.scheme
        plan = (spellings(scheme), dict(scheme.items), dict(scheme.lists))
        new, changed, identical = set(), set(), set()
        for at, path in enumerate(paths):
            source = self._store.add_source(path.name, "flat", sha256_of(path), self._who)
            intake = Intake(self._store, source, who=self._who)
            with self._reader.read(path, decode, *plan) as parts:
                for part in parts:
                    if isinstance(part, Header):
                        self._report.unknown_columns += [(path.name, part.sheet, name) for _, name in part.unknown]
                        seen: set[Key] = set()
                        continue
                    intake.take(self._batch(path, part, seen))
                    if self._progress:
                        self._progress(at, len(paths), "progress.import")
            new |= intake.outcome.new
            changed |= intake.outcome.changed
            identical |= intake.outcome.identical
        self._total(new, changed - new, identical - new - changed)

    def _total(self, new: set[Key], changed: set[Key], identical: set[Key]) -> None:
        report = self._report
        report.new, report.changed, report.identical = len(new), len(changed), len(identical)
        for state, keys in (("new", new), ("changed", changed), ("identical", identical)):
            report.units += [(uscc, period, state) for uscc, period in sorted(keys)]

    def _batch(self, path: Path, part: Part, seen: set[Key]) -> Batch:
        """The rows that can be taken; the rest is reported."""
        report = self._report
        for cell, found, code, facts, whole_row in part.problems:
            report.rejections.append(Rejection(path.name, part.sheet, cell, found, code, facts, whole_row))
            report.rejected += whole_row
        columns = dict(part.columns)
        periods = columns.pop(PERIOD, None) or [self._period] * len(part.rows)
        keys: list[Key] = []
        kept: list[int] = []
        for position, (uscc, period) in enumerate(zip(columns["uscc"], periods, strict=True)):
            key = (str(uscc), str(period or self._period))
            code = "row.period" if not valid_period(key[1]) else "row.twice" if key in seen else ""
            if code:
                cell = f"{part.rows[position]}"
                facts = {"uscc": key[0], "period": key[1]}
                report.rejections.append(Rejection(path.name, part.sheet, cell, key[0], code, facts, True))
                report.rejected += 1
                continue
            seen.add(key)
            keys.append(key)
            kept.append(position)
        if len(kept) < len(part.rows):
            columns = {name: [values[position] for position in kept] for name, values in columns.items()}
        if "district" not in columns and self._store.district:
            columns["district"] = [self._store.district] * len(kept)
        own = self._store.district
        districts = (
            [own] * len(kept) if own else [str(code or "") for code in columns.get("district", [""] * len(kept))]
        )
        return Batch(keys, [part.rows[position] for position in kept], columns, districts, columns.get("name", ()))


def spellings(scheme: Scheme) -> dict[str, str]:
    """What a heading may say, folded, and the item it means; a label two items share means neither."""
    found: dict[str, str] = {}
    labels: dict[str, list[str]] = {}
    for item in scheme.items.values():
        for plain in (item.name, item.key):
            found[fold(plain)] = item.name
        for label in {item.label, item.label_en} - {""}:
            labels.setdefault(fold(label), []).append(item.name)
    for label, names in labels.items():
        if len(names) == 1:
            found.setdefault(label, names[0])
    for spelling in _PERIOD_SPELLINGS:
        found.setdefault(fold(spelling), PERIOD)
    return found


def _meaning(heading: object, known: Mapping[str, str]) -> str | None:
    """The item a heading means: as it is, without its unit in brackets, without 其中."""
    folded = fold(str(heading))
    plain = re.sub(r"[(\[][^()\[\]]*[)\]]$", "", folded)
    for candidate in (folded, plain, re.sub(r"^(其中[::]?|[#*])", "", plain)):
        if candidate in known:
            return known[candidate]
    return None


def decode(book: Book, known: Mapping[str, str], items: Mapping[str, Item], lists: Lists) -> Iterator[Header | Part]:
    """In the reading process: the header of each sheet, then its rows in parts, already typed."""
    found_any = False
    for sheet in book.sheets:
        rows = iter(book.rows(sheet))
        head = list(islice(rows, _HEADER_SEARCH))
        header = _header(sheet, head, known)
        if header is None:
            continue
        found_any = True
        yield header
        body = chain(head[header.row :], rows)
        number = header.row + 1
        while chunk := list(islice(body, _ROWS)):
            yield _part(header, chunk, number, known, items, lists)
            number += len(chunk)
    if not found_any:
        raise SurveyError("no_header", path=book.path)


def _header(sheet: str, rows: Sequence[Sequence[Any]], known: Mapping[str, str]) -> Header | None:
    best: Header | None = None
    for number, row in enumerate(rows, 1):
        names: dict[int, str] = {}
        unknown = []
        for at, heading in enumerate(row):
            name = _meaning(heading, known) if heading not in ("", None) else None
            if name and name not in names.values():
                names[at] = name
            elif heading not in ("", None):
                unknown.append((column_letters(at), str(heading)))
        if "uscc" in names.values() and (best is None or len(names) > len(best.names)):
            best = Header(sheet, number, names, unknown)
    return best


def _part(
    header: Header,
    chunk: list[list[Any]],
    first: int,
    known: Mapping[str, str],
    items: Mapping[str, Item],
    lists: Lists,
) -> Part:
    width = max(header.names) + 1
    at_uscc = next(at for at, name in header.names.items() if name == "uscc")
    numbers, rows = [], []
    for number, row in enumerate(chunk, first):
        wide = row if len(row) >= width else [*row, *[""] * (width - len(row))]
        heading = isinstance(wide[at_uscc], str) and known.get(fold(wide[at_uscc])) == "uscc"
        if not heading and any(cell not in ("", None) for cell in wide):
            numbers.append(number)
            rows.append(wide)
    return _typed(header, numbers, list(zip(*rows, strict=False)), items, lists)


def _typed(
    header: Header, numbers: list[int], raws: list[tuple[Any, ...]], items: Mapping[str, Item], lists: Lists
) -> Part:
    """The columns with their types; a row whose unit is not known is left out with its reason."""
    columns: dict[str, list[Value]] = {}
    problems: list[tuple[str, str, str, dict[str, object], bool]] = []
    lost: set[int] = set()
    for at, name in header.names.items():
        found = raws[at] if raws else ()
        if name == PERIOD:
            columns[name] = [_period(raw) for raw in found]
            continue
        values, bad = read_column(items[name], found, lists)
        columns[name] = values
        if name == "uscc":
            blank = [position for position, raw in enumerate(found) if raw in ("", None)]
            bad += [(position, ValueProblem("required", items[name], "")) for position in blank]
            lost.update(position for position, _ in bad)
        for position, problem in bad:
            cell = f"{column_letters(at)}{numbers[position]}"
            problems.append((cell, str(found[position]), problem.code, problem.facts, name == "uscc"))
    if lost:
        keep = [position for position in range(len(numbers)) if position not in lost]
        numbers = [numbers[position] for position in keep]
        columns = {name: [values[position] for position in keep] for name, values in columns.items()}
    return Part(header.sheet, numbers, columns, problems)


def _period(raw: object) -> str:
    text = str(int(raw)) if isinstance(raw, float) and raw.is_integer() else fold(str(raw or ""))
    return text.removesuffix("年").upper()


def column_letters(at: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
