"""The sheets around the forms of a questionnaire workbook: how to fill it in, its checks, its long code lists."""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from survey.form import CHECK_CLASSES
from survey.plainbook import lines_in
from survey.questionnairechecks import Live
from survey.questionnairecodes import FIRST as CODES_FIRST
from survey.questionnairefile import CODES
from survey.questionnaireplan import L_FIRST, NOW, last_mark
from survey.questionnairesheet import CHECKS_FIRST, SENTENCE, Pen, check_rows, secure, trust
from survey.returnbook import hidden_sheet, print_setup, put_text

_CHECK_WIDTHS = (8, 12, 10, 10, 18, 40, 62)
_CODE_WIDTHS = (18, 22, 18, 40, 44)
_COVER_WIDTHS = (14, 46, 16, 34)
_CLASS, _FORM, _LINE, _CHECK, _PLACE = range(1, 6)
_PITCH = 15.5


def write_cover(pen: Pen, sheet: Any, desk: str, day: str) -> None:
    """Who asks whom for what, how it is filled in, and the forms with what still fails on each."""
    plan, looks, texts = pen.plan, pen.looks, pen.plan.texts
    for column, width in enumerate(_COVER_WIDTHS):
        sheet.set_column(column, column, width)
    width, last = sum(_COVER_WIDTHS), len(_COVER_WIDTHS) - 1
    title = texts("questionnaire.title", title=texts.pick(plan.scheme.title, plan.scheme.title_en))
    put_text(sheet, (0, 0, 0, last), title, looks["title"])
    sheet.set_row(0, 34)
    legal = {**plan.scheme.legal.facts(texts)}
    whom = (
        texts("query.whom", uscc=pen.whose.uscc, name=pen.whose.name)
        if pen.whose.uscc
        else texts("questionnaire.nobody")
    )
    lines = (whom, texts("questionnaire.sent", desk=desk, period=texts("paper.year", year=pen.period), day=day),
             "　　".join(texts(f"paper.legal.{name}") + fact for name, fact in legal.items()),
             texts.pick(plan.scheme.legal.confidential, plan.scheme.legal.confidential_en))  # fmt: skip
    row = 1
    for line in filter(None, lines):
        put_text(sheet, (row, 0, row, last), line, looks["prose"])
        sheet.set_row(row, _PITCH * lines_in(line, width) + 2)
        row += 1
    row += 1
    for key in texts("questionnaire.how").split("\n"):
        put_text(sheet, (row, 0, row, last), key, looks["prose"])
        sheet.set_row(row, _PITCH * lines_in(key, width) + 3)
        row += 1
    row = _colours(pen, sheet, row + 1)
    _forms(pen, sheet, row + 1)


def _colours(pen: Pen, sheet: Any, row: int) -> int:
    looks, texts = pen.looks, pen.plan.texts
    for name, key in (("swatch_open", "open"), ("shut", "shut"), ("swatch_skip", "skip")):
        sheet.write_blank(row, 0, None, looks[name])
        put_text(sheet, (row, 1, row, 3), texts(f"questionnaire.colour_{key}"), looks["text"])
        sheet.set_row(row, 20)
        row += 1
    return row


def _forms(pen: Pen, sheet: Any, row: int) -> None:
    looks, texts = pen.looks, pen.plan.texts
    for column, title in enumerate(texts("questionnaire.form_heads").split("|")):
        sheet.write_string(row, column, title, looks["head"])
    first, last = 0, max(len(pen.live.every) - 1, 0)
    columns = [f"'{pen.checks}'!{check_rows(column, first, last)}" for column in (_FORM, 0)]
    for form in pen.plan.forms:
        row += 1
        sheet.set_row(row, 20)
        sheet.write_url(row, 0, f"internal:'{form.id}'!A1", looks["link"], form.id)
        sheet.write_string(row, 1, texts.pick(form.title, form.title_en), looks["text"])
        failing = sum(
            verdict == 0 for live, verdict in zip(pen.live.every, pen.whose.verdicts, strict=True) if live.form is form
        )
        pen.formula(sheet, (row, 2), f'COUNTIFS({columns[0]},"{form.id}",{columns[1]},0)', "count", failing)
        sheet.write_string(row, 3, texts(f"questionnaire.layout_{form.layout}"), looks["text"])
    print_setup(sheet, None, portrait=True)
    trust(sheet, (row, 3))
    secure(sheet)


def write_checks(pen: Pen, sheet: Any) -> None:
    """Every check the workbook works out: how it stands, what must hold, and the cell it is about."""
    looks, texts = pen.looks, pen.plan.texts
    for column, width in enumerate(_CHECK_WIDTHS):
        sheet.set_column(column, column, width)
    put_text(sheet, (0, 0, 0, SENTENCE), texts("questionnaire.checks_title"), looks["title"])
    sheet.set_row(0, 30)
    note = texts("questionnaire.checks_note")
    put_text(sheet, (1, 0, 1, SENTENCE), note, looks["note"])
    sheet.set_row(1, _PITCH * lines_in(note, sum(_CHECK_WIDTHS)) + 2)
    _counts(pen, sheet)
    for column, title in enumerate(texts("questionnaire.check_heads").split("|")):
        sheet.write_string(CHECKS_FIRST - 1, column, title, looks["head"])
    sheet.set_row(CHECKS_FIRST - 1, 24)
    for at, live in enumerate(pen.live.every):
        _check(pen, sheet, at, live)
    last = CHECKS_FIRST + len(pen.live.every) - 1
    _dress(pen, sheet, max(last, CHECKS_FIRST))


def _dress(pen: Pen, sheet: Any, last: int) -> None:
    for value, look in ((0, "failed"), (1, "held")):
        rule = {"type": "cell", "criteria": "==", "value": value, "format": pen.looks[look]}
        # An empty cell is equal to 0 for a rule of this kind.
        wanted = rule if value else {"type": "formula", "criteria": f"=AND(ISNUMBER($A{CHECKS_FIRST + 1}),"
                                     f"$A{CHECKS_FIRST + 1}=0)", "format": pen.looks[look]}  # fmt: skip
        sheet.conditional_format(CHECKS_FIRST, 0, last, 0, wanted)
    sheet.autofilter(CHECKS_FIRST - 1, 0, last, SENTENCE)
    sheet.freeze_panes(CHECKS_FIRST, 0)
    print_setup(sheet, (CHECKS_FIRST - 1, CHECKS_FIRST - 1))
    trust(sheet, (last, SENTENCE))
    secure(sheet)


def _counts(pen: Pen, sheet: Any) -> None:
    """How many checks of each class fail, hold and are open."""
    looks, texts, every = pen.looks, pen.plan.texts, pen.live.every
    for column, title in enumerate(texts("questionnaire.count_heads").split("|"), 1):
        sheet.write_string(2, column, title, looks["head"])
    classes = check_rows(_CLASS, 0, max(len(every) - 1, 0))
    results = check_rows(0, 0, max(len(every) - 1, 0))
    for row, category in enumerate(CHECK_CLASSES, 3):
        name = texts(f"check.class.{category}")
        sheet.write_string(row, _CLASS, name, looks["centre"])
        for column, verdict in enumerate((0.0, 1.0, 0.5), 2):
            count = sum(
                found == verdict and live.check.check.category == category
                for live, found in zip(every, pen.whose.verdicts, strict=True)
            )
            formula = f'COUNTIFS({classes},"{name}",{results},{verdict:g})'
            pen.formula(sheet, (row, column), formula, "count", count)


def _check(pen: Pen, sheet: Any, at: int, live: Live) -> None:
    row, looks, texts = CHECKS_FIRST + at, pen.looks, pen.plan.texts
    check = live.check.check
    verdict = pen.whose.verdicts[at]
    pen.formula(sheet, (row, 0), _result(pen, live), "verdict", verdict)
    sheet.write_string(row, _CLASS, texts(f"check.class.{check.category}"), looks["centre"])
    sheet.write_string(row, _FORM, live.form.id, looks["centre"])
    if live.item is None:
        sheet.write_blank(row, _PLACE, None, looks["text"])
    else:
        label = f"{live.item.code} {texts.pick(live.item.label, live.item.label_en)}"
        sheet.write_url(row, _PLACE, f"internal:'{live.form.id}'!{_target(pen, live)}", looks["link"], label)
    sheet.write_string(row, SENTENCE, live.sentence, looks["text"])
    if live.of_lines:
        pen.formula(sheet, (row, _LINE), _first_line(pen, live), "count", _failing_line(pen, live))
    else:
        sheet.write_blank(row, _LINE, None, looks["text"])
    sheet.write_string(row, _CHECK, check.code, looks["small"])
    sheet.set_row(row, max(20.0, _PITCH * lines_in(live.sentence, _CHECK_WIDTHS[SENTENCE] - 2) + 3))


def _target(pen: Pen, live: Live) -> str:
    assert live.item
    if live.of_lines:
        return str(xl_rowcol_to_cell(L_FIRST, pen.plan.lists[live.form.id].columns[live.item.name]))
    return str(xl_rowcol_to_cell(pen.plan.tables[live.form.id].rows[live.item.name], NOW))


def _on_lines(pen: Pen, live: Live) -> str:
    """The cells with how a check stands on every line."""
    grid = pen.plan.lists[live.form.id]
    at = next(at for at, (_, one) in enumerate(pen.live.by_list[live.form.id]) if one is live)
    letter = xl_col_to_name(grid.checks + at)
    return f"'{live.form.id}'!${letter}${L_FIRST + 1}:${letter}${last_mark(live.form)}"


def _result(pen: Pen, live: Live) -> str:
    if not live.of_lines:
        return live.formula
    lines = _on_lines(pen, live)
    return f'IF(COUNTIF({lines},0)>0,0,IF(COUNTIF({lines},0.5)>0,0.5,IF(COUNTIF({lines},1)>0,1,"")))'


def _first_line(pen: Pen, live: Live) -> str:
    """The number of the first line on which a check fails."""
    numbers = f"'{live.form.id}'!$A${L_FIRST + 1}:$A${last_mark(live.form)}"
    return f'IFERROR(INDEX({numbers},MATCH(0,{_on_lines(pen, live)},0)),"")'


def _failing_line(pen: Pen, live: Live) -> int | None:
    lines = pen.whose.answers.lines.get(live.form.id, {})
    return next((line for line in sorted(lines) if pen.whose.on_line(live, lines[line]) == 0), None)


def write_codes(pen: Pen, sheet: Any) -> None:
    """The long lists one below the other, to look codes up in."""
    looks, texts, codes = pen.looks, pen.plan.texts, pen.plan.codes
    for column, width in enumerate(_CODE_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_column(len(_CODE_WIDTHS), len(_CODE_WIDTHS), 6, None, {"hidden": True})
    put_text(sheet, (0, 0, 0, len(_CODE_WIDTHS) - 1), codes.sheet, looks["title"])
    put_text(sheet, (1, 0, 1, len(_CODE_WIDTHS) - 1), texts("questionnaire.codes_note"), looks["note"])
    sheet.set_row(0, 30)
    for column, title in enumerate(texts("questionnaire.code_heads").split("|")):
        sheet.write_string(CODES_FIRST - 1, column, title, looks["head"])
    row = CODES_FIRST
    for label, entries in codes.long_lists:
        for one in entries:
            for column, text in enumerate((label, one.outer_label, one.code, one.label, one.choice)):
                sheet.write_string(row, column, text, looks["text"])
            sheet.write_string(row, len(_CODE_WIDTHS), one.outer)
            row += 1
    sheet.autofilter(CODES_FIRST - 1, 0, row - 1, len(_CODE_WIDTHS) - 1)
    sheet.freeze_panes(CODES_FIRST, 0)
    print_setup(sheet, (CODES_FIRST - 1, CODES_FIRST - 1), portrait=True)
    trust(sheet, (row, len(_CODE_WIDTHS)))
    secure(sheet)


def write_short_codes(pen: Pen, book: Any) -> None:
    """The short lists, out of sight: what is chosen and the code it means, side by side."""
    codes = pen.plan.codes
    short = [entries for name, entries in codes.entries.items() if codes.places[name].sheet == CODES]
    longest = max(map(len, short), default=0)
    rows = [
        [
            text
            for entries in short
            for text in ((entries[at].choice, entries[at].code) if at < len(entries) else ("", ""))
        ]
        for at in range(longest)
    ]
    hidden_sheet(book, CODES, rows)
