"""Enterprises' own files given back with what the import and the checks have to say of them, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from survey.annotation import IN_PLACE, Annotated, Mark, annotate
from survey.checks import Finding, sentence
from survey.errors import Cancelled, SurveyError
from survey.files import safe
from survey.importreport import FileReport, ImportReport
from survey.imports import Choices, import_files
from survey.journal import Telling
from survey.persons import permit
from survey.progress import Progress
from survey.reader import Reader
from survey.record import show_value
from survey.scheme import Scheme
from survey.store import Store, now
from survey.texts import Texts

_GRAVE = "A"


@dataclass
class Copies:
    """The copies that were written, and the files that none could be made of."""

    done: list[Annotated] = field(default_factory=list)
    failed: list[tuple[Path, SurveyError]] = field(default_factory=list)


def write_copies(
    store: Store,
    paths: Sequence[Path],
    folder: Path,
    texts: Texts,
    choices: Choices | None = None,
    *,
    period: str | None = None,
    who: str = "",
    progress: Progress | None = None,
) -> Copies:
    """A copy in a folder of every file there is something to say of; neither the files nor the store are changed.

    Raises SurveyError as `import_files` does, and `cannot_write`.
    """
    permit(store, "export")
    report = _rehearsed(store, paths, choices, period, progress)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SurveyError("cannot_write", path=folder, detail=error.strerror or str(error)) from error
    copies = Copies()
    taken: set[str] = set()
    with Reader() as reader:
        for at, file in enumerate(report.files):
            if progress:
                progress(at, len(report.files), "progress.annotate")
            marks = list(marks_of(file, report, store.scheme, texts))
            if not marks or file.error:
                continue
            target = folder / _name(file.path, texts, taken)
            facts = _facts(store, file, period, who, texts)
            try:
                copies.done.append(annotate(file.path, target, marks, facts, texts, _told(store, target), reader))
            except Cancelled:
                raise
            except SurveyError as error:
                copies.failed.append((file.path, error))
    return copies


def _told(store: Store, target: Path) -> Telling:
    return Telling(store, "exported", target.name, what="copies")


def _name(path: Path, texts: Texts, taken: set[str]) -> str:
    """What a copy is called; two files of one name do not get one."""
    suffix = path.suffix if path.suffix.lower() in IN_PLACE else ".xlsx"
    stem = f"{safe(path.stem)}-{texts('annotation.sheet')}"
    name = next(
        name
        for name in (f"{stem}{f'-{number}' if number else ''}{suffix}" for number in count())
        if name.lower() not in taken
    )
    taken.add(name.lower())
    return name


def write_copy(
    store: Store, path: Path, target: Path, texts: Texts, *, period: str | None = None, who: str = ""
) -> Annotated:
    """The copy of one file, whether there is something to say of it or not; raises as `write_copies` does."""
    permit(store, "export")
    report = _rehearsed(store, [path], None, period, None)
    marks = list(marks_of(report.files[0], report, store.scheme, texts))
    facts = _facts(store, report.files[0], period, who, texts)
    return annotate(path, target, marks, facts, texts, _told(store, target))


def _rehearsed(
    store: Store, paths: Sequence[Path], choices: Choices | None, period: str | None, progress: Progress | None
) -> ImportReport:
    wanted = replace(choices or Choices(), findings=True)
    return import_files(store, paths, wanted, period=period, dry_run=True, progress=progress)


def _facts(store: Store, file: FileReport, period: str | None, who: str, texts: Texts) -> list[tuple[str, str]]:
    """What stands above the remarks: which file of which survey, when it was looked at and by whom."""
    scheme = store.scheme
    facts = {
        "file": file.name, "survey": texts.pick(scheme.title, scheme.title_en), "period": period or store.period,
        "at": now()[:16].replace("T", " "), "who": who or "—",
    }  # fmt: skip
    return [(texts(f"annotation.fact.{key}"), value) for key, value in facts.items()]


def marks_of(file: FileReport, report: ImportReport, scheme: Scheme, texts: Texts) -> Iterator[Mark]:
    """What there is to say of a file: what could not be read, what is doubted, what the checks find."""
    name, named = file.name, {item.key: item.name for item in scheme.items.values()}
    for one in report.rejections:
        if one.file == name:
            # A whole row is told at its first cell.
            cell = f"A{one.cell}" if one.cell.isdecimal() else one.cell
            yield Mark(one.sheet, cell, grave=True, text=one.reason(texts))
    for spoilt in report.damage:
        if spoilt.file == name and spoilt.taken:
            yield Mark(spoilt.sheet, spoilt.cell, grave=False, text=spoilt.in_words(texts))
    for other in report.collisions:
        if other.file == name:
            item = scheme.item(other.item)
            held = show_value(item, other.before, scheme.lists, texts.lang) or texts("import.blank")
            yield Mark(other.sheet, other.cell, grave=False, text=texts("annotation.collision", held=held))
    for finding in file.findings:
        sheet, cell = _place(finding, [named[key] for key in finding.items if key in named], file)
        yield Mark(sheet, cell, grave=finding.category == _GRAVE, text=sentence(finding, scheme, texts))
    for where, sheet, heading in report.unknown_columns:
        if where == name:
            yield Mark(sheet, "", grave=False, text=texts("annotation.unknown_column", heading=heading))
    for where, sheet in report.skipped:
        if where == name:
            yield Mark(sheet, "", grave=False, text=texts("annotation.skipped"))


def _place(finding: Finding, names: Sequence[str], file: FileReport) -> tuple[str, str]:
    """The sheet and cell that a finding is told in: what was left open, else the first that answers."""
    spots = [(item, line) for line in (finding.line, 0) for item in names]
    blank = next((spot for spot in spots if spot in file.blanks), None)
    if blank:
        return file.blanks[blank]
    return next((file.places[spot] for spot in spots if spot in file.places), ("", ""))
