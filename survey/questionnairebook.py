"""The questionnaire (调查问卷) as a workbook that an enterprise fills in: one a unit, or one for whoever is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from survey import journal, queries
from survey.errors import SurveyError
from survey.excelformula import LONGEST_TEXT
from survey.files import filling, replacing, safe
from survey.persons import permit
from survey.plainbook import TEXTS_ONLY
from survey.progress import Progress
from survey.questionnairechecks import LiveChecks
from survey.questionnairecover import write_checks, write_codes, write_cover, write_short_codes
from survey.questionnairefile import PREFIX, SHEET, Stamp
from survey.questionnairefilled import Filled, filled
from survey.questionnairelist import ListSheet
from survey.questionnairelooks import looks
from survey.questionnaireplan import L_FIRST, Plan
from survey.questionnairesheet import Pen, TableSheet
from survey.returnbook import hidden_sheet
from survey.store import CITY, Store, now
from survey.texts import Texts


class _Sheet(Worksheet):  # type: ignore[misc] # the library ships no types
    """A sheet whose formulas stand as they are: to search each for newer functions takes half the time.

    A formula that comes to an empty text says so, or it would pass for one that nobody has calculated.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        return formula.removeprefix("=")

    def _xml_formula_element(self, formula: str, result: object, attributes: list[tuple[str, object]]) -> None:
        if result == "":
            attributes = [*attributes, ("t", "str")]
        super()._xml_formula_element(formula, result, attributes)


def write(
    store: Store, unit: int | None, period: str, path: Path, texts: Texts, progress: Progress | None = None
) -> None:
    """The questionnaire of a unit, or for an enterprise that is not in the register, at `path`.

    Raises SurveyError `questionnaire_none`, `questionnaires_there`, `cannot_write`, and Cancelled, with what was there
    left as it is.
    """
    permit(store, "export")
    _refuse_there([path])
    writer = _Writer.of(store, period, texts)
    if progress:
        progress(0, 1, "progress.questionnaires")
    with replacing(path, journal.Telling(store, "exported", path.name, what="questionnaires", units=1)) as beside:
        writer.write(unit, beside)


def write_each(
    store: Store,
    units: Sequence[int | None],
    period: str,
    folder: Path,
    texts: Texts,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """One workbook a unit, named after it; all are there in the end, or, where it was stopped, none.

    Raises SurveyError `questionnaire_none`, `questionnaires_there`, `cannot_write`, and Cancelled.
    """
    permit(store, "export")
    writer = _Writer.of(store, period, texts)
    paths = tuple(folder / _name_of(store, unit, period, texts) for unit in units)
    _refuse_there(paths)
    told = journal.Telling(store, "exported", folder.name, what="questionnaires", units=len(paths))
    with filling(folder, told) as beside:
        for at, (unit, path) in enumerate(zip(units, paths, strict=True)):
            if progress:
                progress(at, len(units), "progress.questionnaires")
            writer.write(unit, beside / path.name)
    return paths


def _refuse_there(paths: Sequence[Path]) -> None:
    """An enterprise may have filled in what stands there."""
    there = [path for path in paths if path.exists()]
    if there:
        raise SurveyError("questionnaires_there", path=there[0].parent, count=len(there))


def _name_of(store: Store, unit: int | None, period: str, texts: Texts) -> str:
    known = store.register(unit) if unit else {}
    return file_name(period, texts, *(str(known.get(f"{one}@reg") or "") for one in ("uscc", "name")))


def file_name(period: str, texts: Texts, uscc: str = "", name: str = "") -> str:
    """What the workbook of a unit, or of nobody yet, is called."""
    parts = (texts("questionnaire.name"), uscc or texts("questionnaire.blank"), period, name)
    return safe("-".join(part for part in parts if part)) + ".xlsx"


@dataclass(frozen=True)
class _Writer:
    """What all questionnaires of a file and a period have in common."""

    store: Store
    period: str
    plan: Plan
    live: LiveChecks

    @classmethod
    def of(cls, store: Store, period: str, texts: Texts) -> _Writer:
        """Raises SurveyError `questionnaire_none` where the scheme asks units nothing."""
        plan = Plan(store.scheme, texts)
        if not plan.forms:
            raise SurveyError("questionnaire_none", title=store.scheme.title)
        return cls(store, period, plan, LiveChecks(plan, period))

    def write(self, unit: int | None, path: Path) -> None:
        plan, texts = self.plan, self.plan.texts
        whose = filled(self.store, unit, self.period, self.live)
        book = xlsxwriter.Workbook(str(path), {"in_memory": True, **TEXTS_ONLY})
        lasts = {form: L_FIRST + len(whose.lines(grid.form)) - 1 for form, grid in plan.lists.items()}
        pen = Pen(plan, self.live, looks(book), whose, self.period, lasts)
        made = now()

        def sheet(name: str) -> Any:
            return book.add_worksheet(name, worksheet_class=_Sheet)

        write_cover(pen, sheet(texts("questionnaire.cover")), self._desk(), made[:10])
        for form in plan.forms:
            if form.is_list:
                ListSheet(pen, sheet(form.id), plan.lists[form.id]).write()
            else:
                TableSheet(pen, sheet(form.id), plan.tables[form.id]).write()
        write_checks(pen, sheet(pen.checks))
        if any(plan.codes.long_lists):
            write_codes(pen, sheet(plan.codes.sheet))
        write_short_codes(pen, book)
        self._stamp(book, whose, made)
        book.close()

    def _desk(self) -> str:
        """Who asks."""
        scheme, texts = self.store.scheme, self.plan.texts
        if self.store.district:
            return scheme.districts.label(self.store.district, texts.lang)
        return texts.pick(scheme.legal.maker, scheme.legal.maker_en)

    def _others(self) -> tuple[str, ...]:
        """The sheets that hold no answers: no reader needs to look there."""
        texts = self.plan.texts
        return texts("questionnaire.cover"), texts("questionnaire.checks"), self.plan.codes.sheet

    def _stamp(self, book: Any, whose: Filled, made: str) -> None:
        """What the workbook is known by, in hidden names and on a hidden sheet."""
        scheme, desk = self.store.scheme, self.store.district or CITY
        stamp = Stamp(
            scheme.id, scheme.version, self.period, desk, whose.uscc, whose.name, queries.marked(self.store), made,
            tuple(whose.sent()), self._others(),
        )  # fmt: skip
        hidden_sheet(book, SHEET, stamp.lines())
        for name, fact in stamp.facts.items():
            # No text of a formula is longer; the sheet has it whole.
            quoted = fact[:LONGEST_TEXT].replace('"', '""')
            book.define_name(PREFIX + name, f'="{quoted}"')
        for defined in book.defined_names:
            if defined[0].startswith(PREFIX):
                defined[3] = True
