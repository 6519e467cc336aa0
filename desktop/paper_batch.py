"""Forms of many units on paper: laid out one unit at a time, into one PDF, one PDF a unit, or the printer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QPagedPaintDevice

from desktop.fonts import FAMILY
from desktop.form_paper import FormPaper
from desktop.paper_copy import Filled, filled
from desktop.paper_options import Options
from desktop.paper_sheet import paint_all, write_pdf
from desktop.paper_type import Typeface
from survey import store as stores
from survey.files import UNTOLD, Told, safe
from survey.journal import Telling
from survey.persons import permit
from survey.progress import Progress
from survey.store import Store, UnitRow
from survey.texts import Texts

_LABEL = "paper.progress"
Whose = UnitRow | None


@dataclass(frozen=True)
class Batch:
    """What is printed: these forms of these units (None is nobody's blank form), each in its own way."""

    forms: tuple[str, ...]
    units: tuple[Whose, ...]
    period: str
    blank: bool = False
    options: Mapping[str, Options] = field(default_factory=dict)

    def papers(self, store: Store, unit: Whose, texts: Texts, face: Typeface) -> list[FormPaper]:
        """The forms of one unit."""
        answers = self._filled(store, unit)
        return [
            FormPaper(store.scheme.form(form), store.scheme, texts, face, answers, self.options.get(form))
            for form in self.forms
        ]

    def _filled(self, store: Store, unit: Whose) -> Filled:
        if unit is None:
            return Filled("", "", self.period, blank=True)
        if self.blank:
            return Filled(unit.uscc, unit.name, self.period).emptied()
        return filled(store, unit.uscc, unit.name, unit.id, self.period)


def write_one(file: Path, target: Path, batch: Batch, texts: Texts, progress: Progress) -> list[Path]:
    """All units in one PDF; for the worker: it opens its own store."""
    with closing(stores.open(file)) as store:
        title = texts.pick(store.scheme.title, store.scheme.title_en)
        write_pdf(target, _streamed(store, batch, texts, progress), title, _told(store, batch.units))
    return [target]


def write_each(file: Path, folder: Path, batch: Batch, texts: Texts, progress: Progress) -> list[Path]:
    """One PDF a unit, named after it; what was cancelled leaves the files that were finished."""
    face, written = Typeface(FAMILY), []
    with closing(stores.open(file)) as store:
        for at, unit in enumerate(batch.units):
            progress(at, len(batch.units), _LABEL)
            target = folder / file_name(unit, batch.period)
            write_pdf(target, batch.papers(store, unit, texts, face), target.stem, _told(store, [unit]))
            written.append(target)
        progress(len(batch.units), len(batch.units), _LABEL)
    return written


def print_all(file: Path, device: QPagedPaintDevice, batch: Batch, texts: Texts, progress: Progress) -> bool:
    """All units onto a printer; False where it cannot be opened."""
    with closing(stores.open(file)) as store:
        return paint_all(device, _streamed(store, batch, texts, progress), _told(store, batch.units))


def file_name(unit: Whose, period: str) -> str:
    """What a unit's PDF is called: code, period, name."""
    parts = (unit.uscc, period, unit.name) if unit else (period,)
    return f"{safe('-'.join(part for part in parts if part))}.pdf"


def _streamed(store: Store, batch: Batch, texts: Texts, progress: Progress) -> Iterator[FormPaper]:
    """One unit's forms after the other; only those being painted are held."""
    face = Typeface(FAMILY)
    for at, unit in enumerate(batch.units):
        progress(at, len(batch.units), _LABEL)
        yield from batch.papers(store, unit, texts, face)
    progress(len(batch.units), len(batch.units), _LABEL)


def _told(store: Store, units: Sequence[Whose]) -> Told:
    """The journal tells whose forms were printed; blank ones are nobody's."""
    named = [unit.uscc for unit in units if unit]
    if not named:
        return UNTOLD
    permit(store, "export")
    return Telling(store, "printed", named[0] if len(named) == 1 else "", what="forms", units=len(named))
