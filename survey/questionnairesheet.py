"""The sheet of a table or of identity fields in a questionnaire workbook, laid out as the paper form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from survey import questionnairefile as names
from survey.form import Form, Item, Section
from survey.plainbook import lines_in
from survey.questionnairechecks import LiveChecks
from survey.questionnairefilled import Filled, truth
from survey.questionnairelooks import kind
from survey.questionnaireplan import (
    BEFORE,
    CODE,
    FIRST,
    HEADS,
    KEY,
    LABEL,
    LEGAL,
    LETTERS,
    MEANS,
    MEANT,
    NAMES,
    NOW,
    SAYS,
    SKIP,
    UNIT,
    Plan,
    TableGrid,
    plain,
    settled,
)
from survey.questionnairerules import complaint, means, rule, shown, unreadable
from survey.returnbook import print_setup, put_text
from survey.scalar import Value, compile_scalar

# The first check stands in this row of the sheet of checks, and in these columns its result and its sentence.
CHECKS_FIRST, RESULT, SENTENCE = 9, 0, 6
# Excel takes 255 characters at the head of a page, and an & counts twice.
_IN_HEAD = 60
_WIDTHS = {LABEL: 44, UNIT: 10, CODE: 7, NOW: 20, BEFORE: 18, SAYS: 70}
_WIDER = {NOW: 34, BEFORE: 24}
_PITCH, _LEAST = 15.0, 20.0


@dataclass(frozen=True)
class Pen:
    """What writing a sheet needs: the plan, the checks, the formats, whose questionnaire it is, where lists end."""

    plan: Plan
    live: LiveChecks
    looks: Mapping[str, Any]
    whose: Filled
    period: str
    lasts: Mapping[str, int]

    @cached_property
    def checks(self) -> str:
        """The name of the sheet of checks."""
        return self.plan.texts("questionnaire.checks")

    def formula(self, sheet: Any, place: tuple[int, int], formula: str, look: str, value: Value) -> None:
        """A formula with the value it has now, so that whoever does not work it out shows the right one."""
        done = settled(formula, self.lasts, place[0])
        sheet.write_formula(*place, f"={done}", self.looks.get(look), "" if value is None else value)

    def value(self, sheet: Any, place: tuple[int, int], value: Value, look: str) -> None:
        if value is None:
            sheet.write_blank(*place, None, self.looks[look])
        elif isinstance(value, str):
            sheet.write_string(*place, value, self.looks[look])
        else:
            sheet.write_number(*place, value, self.looks[look])

    def computed(self, sheet: Any, place: tuple[int, int], item: Item, value: Value, unless: str = "") -> None:
        """The cell of a computed item, empty where `unless` holds; as it is now, where no formula says it."""
        look, formula = f"computed_{kind(item)}", self.plan.computed.get(item.name)
        if formula is None:
            self.value(sheet, place, value, look)
        else:
            self.formula(sheet, place, f'IF({unless},"",{formula})' if unless else formula, look, value)

    def says(self, results: str, sentences: str) -> str:
        """The formula of what is said beside an answer: the first check that fails, and how many more do."""
        texts = self.plan.texts
        more = texts("questionnaire.more", count=f'"&COUNTIF({results},0)-1&"')
        return (
            f'IF(COUNTIF({results},0)=0,"","× "&INDEX({sentences},MATCH(0,{results},0))'
            f'&IF(COUNTIF({results},0)>1,"{more}",""))'
        )

    def said(self, verdicts: Sequence[float | str], sentences: Sequence[str]) -> str:
        """What that formula comes to."""
        failing = [text for verdict, text in zip(verdicts, sentences, strict=True) if verdict == 0]
        if not failing:
            return ""
        more = self.plan.texts("questionnaire.more", count=len(failing) - 1) if len(failing) > 1 else ""
        return f"× {failing[0]}{more}"


def head(pen: Pen, sheet: Any, form: Form, last: int, legal: int) -> None:
    """Title, unit and period at the left, what makes the form lawful at the right, from the column `legal`."""
    plan, looks, texts = pen.plan, pen.looks, pen.plan.texts
    put_text(sheet, (0, 0, 0, last), texts.pick(form.title, form.title_en), looks["title"])
    sheet.set_row(0, 30)
    # On paper every page says whose it is and of which form.
    name = (pen.whose.name or texts("questionnaire.blank"))[:_IN_HEAD].replace("&", "&&")
    sheet.set_header(f"&L&9{name}&R&9{(form.table_no or form.id).replace('&', '&&')}　{pen.period}")
    facts = {"table_no": form.table_no or form.id, **plan.scheme.legal.facts(texts)}
    for at, (name, fact) in enumerate(facts.items()):
        put_text(sheet, (LEGAL + at, legal, LEGAL + at, last), texts(f"paper.legal.{name}") + fact, looks["legal"])
    whose = {"uscc": pen.whose.uscc, "name": pen.whose.name}
    for row, (name, known) in enumerate(whose.items(), LEGAL + 2):
        mark = texts(f"paper.{name}")
        put_text(sheet, (row, 0, row, legal - 1), "", looks["line"])
        if grid := plan.tables.get(getattr(plan.scheme.items.get(name), "form", "")):
            # Whoever is not in the register yet writes it once, on the form of identity.
            cell = grid.cell(plan.scheme.item(name), NOW)
            pen.formula(sheet, (row, 0), f"\"{mark}\"&'{grid.form.id}'!{cell}", "line", mark + known)
        else:
            sheet.write_string(row, 0, mark + known, looks["line"])
    measure = texts("paper.measure", unit=plan.scheme.unit(form.unit, texts)) if form.unit else ""
    period = texts("query.period", period=texts("paper.year", year=pen.period))
    row = LEGAL + 4
    put_text(sheet, (row, 0, row, legal - 1), "　　".join(part for part in (period, measure) if part), looks["line"])


def foot(pen: Pen, sheet: Any, form: Form, row: int, last: int, width: float) -> int:
    """The signatures, and what the respondent should know; gives the last row."""
    texts, legal = pen.plan.texts, pen.plan.scheme.legal
    signers = "　　　　　　".join(texts("paper.signer", who=who) for who in legal.signers(texts))
    put_text(sheet, (row, 0, row, last), signers, pen.looks["signer"])
    sheet.set_row(row, 30)
    notes = [texts("paper.scope", scope=texts.pick(form.scope, form.scope_en))] if form.scope else []
    notes += [text] if (text := texts.pick(legal.confidential, legal.confidential_en)) else []
    for note in notes:
        row += 1
        put_text(sheet, (row, 0, row, last), note, pen.looks["note"])
        sheet.set_row(row, _PITCH * lines_in(note, width * 1.1))
    return row


def secure(sheet: Any) -> None:
    """Locked but for the answers, without a password; columns and rows may be made wider."""
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})


def trust(sheet: Any, last: tuple[int, int]) -> None:
    """No marks beside cells that are as they should be: codes are texts, formulas differ from row to row."""
    cells = f"A1:{xl_col_to_name(last[1])}{last[0] + 1}"
    kinds = ("number_stored_as_text", "formula_differs", "formula_range", "empty_cell_reference",
             "two_digit_text_year", "list_data_validation")  # fmt: skip
    sheet.ignore_errors(dict.fromkeys(kinds, cells))


class TableSheet:
    """The sheet of a table or of fields."""

    def __init__(self, pen: Pen, sheet: Any, grid: TableGrid) -> None:
        self._pen = pen
        self._sheet = sheet
        self._grid = grid
        self._form = grid.form
        self._widths = _WIDTHS | (_WIDER if grid.form.layout == "fields" else {})

    def write(self) -> None:
        pen, sheet = self._pen, self._sheet
        for column, width in self._widths.items():
            sheet.set_column(column, column, width)
        sheet.set_column(KEY, SKIP, 6, None, {"hidden": True})
        head(pen, sheet, self._form, BEFORE, NOW)
        self._heads()
        row = FIRST
        for one in self._form.rows:
            if isinstance(one, Section):
                title = pen.plan.texts.pick(one.section, one.section_en)
                put_text(sheet, (row, LABEL, row, BEFORE), title, pen.looks["section"])
                sheet.set_row(row, _LEAST)
            else:
                self._item(row, one)
            row += 1
        width = sum(self._widths.values()) - _WIDTHS[SAYS]
        last = foot(pen, sheet, self._form, row, BEFORE, width)
        self._set_up(row - 1, last)

    def _heads(self) -> None:
        sheet, texts, looks = self._sheet, self._pen.plan.texts, self._pen.looks
        for column, name in ((LABEL, "label"), (UNIT, "unit"), (CODE, "code"), (NOW, "now"), (BEFORE, "before")):
            sheet.write_string(HEADS, column, texts(f"paper.head.{name}"), looks["head"])
            sheet.write_string(LETTERS, column, texts(f"paper.letter.{name}"), looks["letter"])
        sheet.write_string(HEADS, SAYS, texts("questionnaire.says"), looks["head"])
        sheet.set_row(HEADS, 30)
        sheet.set_row(NAMES, None, None, {"hidden": True})
        for column, name in ((KEY, names.KEY), (NOW, names.VALUE), (BEFORE, names.BEFORE)):
            sheet.write_string(NAMES, column, name)

    def _item(self, row: int, item: Item) -> None:
        pen, sheet = self._pen, self._sheet
        texts = pen.plan.texts
        label = (texts("paper.of_which") if item.of_which else "") + texts.pick(item.label, item.label_en)
        indent = min(item.indent, 5)
        sheet.write_string(row, LABEL, label, pen.looks[f"label_{indent}"])
        sheet.write_string(row, UNIT, pen.plan.scheme.unit(item.unit, texts), pen.looks["centre"])
        sheet.write_string(row, CODE, item.code, pen.looks["centre"])
        held = self._answer(row, item)
        past = self._past(row, item)
        lines = max(
            lines_in(label, _WIDTHS[LABEL] - 2 * indent - 2),
            *(lines_in(str(text), self._widths[column]) for text, column in ((held, NOW), (past, BEFORE))),
        )
        sheet.set_row(row, max(_LEAST, _PITCH * lines + 4))
        self._said(row, item)

    def _answer(self, row: int, item: Item) -> Value:
        """The cell that answers, what it means and whether it is skipped; gives what it holds."""
        pen, sheet, plan = self._pen, self._sheet, self._pen.plan
        value = pen.whose.answers.values.get(item.name)
        if item.computed:
            pen.computed(sheet, (row, NOW), item, value)
            return value
        sheet.write_string(row, KEY, item.name)
        held = shown(item, value, plan.codes, plan.texts)
        pen.value(sheet, (row, NOW), held, f"open_{kind(item)}")
        cell = self._grid.cell(item, NOW)
        sheet.data_validation(row, NOW, row, NOW, rule(item, cell, plan.codes, plan.texts, self._outer(item)))
        if not plain(item):
            pen.formula(sheet, (row, MEANS), means(item, cell, plan.codes, plan.texts), "", value)
        if item.name in plan.skips:
            skipped = truth(compile_scalar(plan.scheme.skips[item.name])(pen.whose.values))
            pen.formula(sheet, (row, SKIP), plan.skips[item.name], "", skipped)
        return held

    def _outer(self, item: Item) -> str:
        """The cell with the code that narrows an item's list, where it stands on the same sheet."""
        outer = self._pen.plan.scheme.items.get(item.within)
        return self._grid.cell(outer, MEANS) if outer and outer.name in self._grid.rows else ""

    def _past(self, row: int, item: Item) -> Value:
        """Last year's answer, in sight where the form shows it, and as formulas read it."""
        pen, plan = self._pen, self._pen.plan
        value = pen.whose.before.values.get(item.name)
        held = shown(item, value, plan.codes, plan.texts) if item.previous else None
        look = "shut" if not item.previous else f"before_{kind(item)}"
        pen.value(self._sheet, (row, BEFORE), held, look)
        in_sight = item.previous and item.type in ("integer", "decimal")
        if value is not None and not in_sight:
            self._sheet.write(row, MEANT, value)
        return held or ""

    def _said(self, row: int, item: Item) -> None:
        """What is wrong with the answer: that it is none, or the checks about it that fail."""
        pen = self._pen
        said, formula = "", '""'
        if found := pen.live.by_item.get(item.name):
            first, last = found
            formula = pen.says(*(f"'{pen.checks}'!{check_rows(column, first, last)}" for column in (RESULT, SENTENCE)))
            lives = pen.live.every[first : last + 1]
            said = pen.said(pen.whose.verdicts[first : last + 1], [live.sentence for live in lives])
        cell, meant = self._grid.cell(item, NOW), self._grid.cell(item, MEANS)
        if not item.computed and (wrong := unreadable(item, cell, meant)):
            formula = f'IF({wrong},"× {complaint(item, pen.plan.texts)}",{formula})'
        if formula != '""':
            pen.formula(self._sheet, (row, SAYS), formula, "says", said)

    def _set_up(self, last_row: int, last: int) -> None:
        sheet, pen = self._sheet, self._pen
        first = FIRST + 1
        skipped = {"type": "formula", "criteria": f"=$J{first}=1", "format": pen.looks["skip"], "stop_if_true": True}
        sheet.conditional_format(FIRST, NOW, last_row, NOW, skipped)
        sheet.freeze_panes(FIRST, 0)
        print_setup(sheet, (HEADS, LETTERS), portrait=True)
        sheet.print_area(0, 0, last, BEFORE)
        trust(sheet, (last, SKIP))
        secure(sheet)
        row = next(iter(self._grid.rows.values()), FIRST)
        sheet.set_selection(row, NOW, row, NOW)


def check_rows(column: int, first: int, last: int) -> str:
    """The cells of some checks, one after the other, on their sheet."""
    letter = xl_col_to_name(column)
    return f"${letter}${CHECKS_FIRST + first + 1}:${letter}${CHECKS_FIRST + last + 1}"
