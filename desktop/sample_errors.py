"""The errors planted in a sample, for the checks to find: one in a unit, in the later year."""

from __future__ import annotations

from collections.abc import Callable

from survey.formulas import Answers


def _number(answers: Answers, name: str) -> int:
    return int(answers.values.get(name) or 0)


def _exports_above_revenue(answers: Answers) -> None:
    answers.values["export_revenue"] = _number(answers, "revenue") * 3


def _part_above_whole(answers: Answers) -> None:
    answers.values["main_revenue"] = _number(answers, "revenue") + 1000


def _unbalanced(answers: Answers) -> None:
    answers.values["equity"] = _number(answers, "equity") + 900


def _more_used_than_owned(answers: Answers) -> None:
    answers.values["invention_patents_used"] = _number(answers, "invention_patents") + 3


def _no_average(answers: Answers) -> None:
    answers.values["employees_average"] = 0


def _more_researchers_than_staff(answers: Answers) -> None:
    answers.values["rd_personnel"] = _number(answers, "employees") + _number(answers, "rd_external") + 10


def _left_blank(answers: Answers) -> None:
    answers.values["employees"] = None


MAIN: tuple[Callable[[Answers], None], ...] = (
    _exports_above_revenue,
    _part_above_whole,
    _unbalanced,
    _more_used_than_owned,
    _no_average,
    _more_researchers_than_staff,
    _left_blank,
)


def _products_do_not_add_up(answers: Answers) -> None:
    for line in list(answers.lines.get("IC-05", {}).values())[:1]:
        line["product_revenue"] = int(line.get("product_revenue") or 0) + 5000


def _class_left_out(answers: Answers) -> None:
    for line in list(answers.lines.get("IC-05", {}).values())[:1]:
        line["product_class"] = None


def _parent_without_a_name(answers: Answers) -> None:
    answers.values.update(has_parent=1, parent_name=None)


def _date_left_out(answers: Answers) -> None:
    answers.values.update(tech_sme=1, tech_sme_year=None)


def _more_new_talents_than_talents(answers: Answers) -> None:
    answers.values["overseas_talents_new"] = _number(answers, "overseas_talents") + 4


FURTHER: tuple[Callable[[Answers], None], ...] = (
    _products_do_not_add_up,
    _class_left_out,
    _parent_without_a_name,
    _date_left_out,
    _more_new_talents_than_talents,
)

ALL: dict[str, Callable[[Answers], None]] = {one.__name__: one for one in (*MAIN, *FURTHER)}
