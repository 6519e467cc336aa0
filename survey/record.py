"""Answers: what a person typed or a file held becomes a stored value, and back to text."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from survey import figures
from survey.codes import UNSEEN, CodeList, well_formed_uscc
from survey.damage import plain
from survey.errors import SurveyError
from survey.form import MONEY_UNIT, PERIOD, Item
from survey.rawcell import Unreadable
from survey.scalar import Value, round_half_away

# What becomes of a unit that cannot or will not answer.
DISPOSALS = ("suspended", "deregistered", "unreachable", "refused")

Lists = Mapping[str, CodeList]

# Whole numbers stay exact in a float up to here; no enterprise comes near it.
LARGEST = 9_007_199_254_740_991
_DIGITS = 400
# A spreadsheet keeps fifteen digits of a number.
_EXACT_DIGITS = 10**15
# Days since the eve of 1900 as a spreadsheet counts them, from 1954 to 2064.
_FIRST_DAY, _DAYS = date(1899, 12, 30), range(20_000, 60_000)
# Control characters, halves of characters and what nobody sees: no spreadsheet holds the ones, no file the others.
_UNWRITTEN = re.compile(rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff{UNSEEN}]")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?|年)?|(\d{4})(\d{2})(\d{2})?")
_WORDED = re.compile(r"([+-]?\d+(?:\.\d+)?)(万|亿|千)元?")
_USCC = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}")
_YES = {"1", "是", "有", "√", "y", "yes", "true", "对"}
_NO = {"0", "否", "无", "×", "n", "no", "false", "错"}


class ValueProblem(SurveyError):
    """A text or cell that is no answer to its item, under `error.value.<code>`."""

    def __init__(self, code: str, item: Item, found: object, **facts: object) -> None:
        super().__init__(f"value.{code}", label=item.label, label_en=item.label_en, key=item.key, found=found, **facts)
        self.reason = code


def previous_period(period: str) -> str:
    """The same period one year earlier: `2025` → `2024`, `2025Q3` → `2024Q3`."""
    return f"{int(period[:4]) - 1}{period[4:]}"


def next_period(period: str) -> str:
    """The same period one year later."""
    return f"{int(period[:4]) + 1}{period[4:]}"


def valid_period(text: str) -> bool:
    return PERIOD.fullmatch(text) is not None


def read_value(item: Item, raw: object, lists: Lists) -> Value:
    """The stored value of what was typed or found in a cell; blank is None.

    Raises ValueProblem where it cannot be an answer to the item.
    """
    if raw is None or (isinstance(raw, str) and not _UNWRITTEN.sub("", raw).strip()):
        return None
    if isinstance(raw, Unreadable):
        raise ValueProblem(f"cell_{raw.kind}", item, raw.shown)
    return _READERS[item.type](item, raw, lists)


def expand(item: Item, text: str) -> str | None:
    """A number written with 万 or 亿 as the item stores it, or None: 1.2万 of money is 12 千元.

    Of money the unit word is taken to count yuan; whoever types it is shown the outcome first.
    """
    match = _WORDED.fullmatch(_text(text).replace(",", "").replace(" ", ""))
    if match is None or item.type not in ("integer", "decimal"):
        return None
    number = Decimal(match[1]) * {"万": 10_000, "亿": 100_000_000, "千": 1000}[match[2]]
    if item.unit == MONEY_UNIT:
        number /= 1000
    return f"{number.normalize():f}"


def read_column(item: Item, raws: Sequence[object], lists: Lists) -> tuple[list[Value], list[tuple[int, ValueProblem]]]:
    """The stored values of a column, with the problems by position; a cell with a problem is None."""
    problems: list[tuple[int, ValueProblem]] = []

    def slow(raw: object) -> Value:
        try:
            return read_value(item, raw, lists)
        except ValueProblem as problem:
            # The position is found afterwards: problems are few, cells are many.
            problems.append((-1, problem))
            return problem  # type: ignore[return-value]

    values: list[Any] = _quick(item, raws, slow)
    if problems:
        problems = [(at, value) for at, value in enumerate(values) if isinstance(value, ValueProblem)]
        values = [None if isinstance(value, ValueProblem) else value for value in values]
    return values, problems


def _quick(item: Item, raws: Sequence[Any], slow: Callable[[object], Value]) -> list[Any]:
    """Column at a time: the plain cases without a call, the rest through `slow`."""
    if raws.count("") == len(raws):
        return [None] * len(raws)
    if item.type == "integer":
        whole = _whole_numbers(raws)
        return whole if whole is not None else [_quick_integer(raw, slow) for raw in raws]
    if item.type in ("code", "date", "flag"):
        known = {raw: slow(raw) for raw in set(raws)}
        return [known[raw] for raw in raws]
    if item.type == "uscc":
        return [raw if raw.__class__ is str and _USCC.fullmatch(raw) else slow(raw) for raw in raws]
    if item.type == "decimal":
        return [_quick_decimal(raw, slow) for raw in raws]
    return [_quick_text(raw, item.length or sys.maxsize, slow) for raw in raws]


def _quick_decimal(raw: Any, slow: Callable[[object], Value]) -> Value:
    if raw.__class__ is float and -LARGEST <= raw <= LARGEST:
        return float(f"{raw:.15g}") + 0.0
    return None if raw is None or raw == "" else slow(raw)


def _quick_text(raw: Any, longest: int, slow: Callable[[object], Value]) -> Value:
    if raw is None or raw == "":
        return None
    plain_text = (
        raw.__class__ is str and len(raw) <= longest and " ".join(raw.split()) == raw and not _UNWRITTEN.search(raw)
    )
    return raw if plain_text else slow(raw)


def _whole_numbers(raws: Sequence[Any]) -> list[Any] | None:
    """The integers of a column in which every cell holds a whole number; otherwise None."""
    if not raws or set(map(type, raws)) != {float}:
        return None
    try:
        whole = list(map(int, raws))
    except (ValueError, OverflowError):
        return None
    return whole if whole == list(raws) and min(whole) > -LARGEST and max(whole) < LARGEST else None


def _quick_integer(raw: Any, slow: Callable[[object], Value]) -> Value:
    if raw.__class__ is float:
        return int(raw) if raw.is_integer() and -LARGEST < raw < LARGEST else slow(raw)
    if raw is None or raw == "":
        return None
    return int(raw) if raw.__class__ is str and len(raw) < 16 and raw.isdecimal() else slow(raw)


def show_value(item: Item, value: Value, lists: Lists, lang: str = "zh") -> str:
    """A stored value as a person reads it; missing is ''."""
    if value is None:
        return ""
    if item.type == "code":
        return lists[item.list].label(value, lang)
    if item.type == "flag":
        return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][bool(value)]
    if item.type == "integer":
        return f"{int(value):,}"
    if item.type == "decimal":
        return f"{value:,.15g}"
    return str(value)


def _text(raw: object) -> str:
    """A cell as plain text: half-width, no characters that cannot be written, a whole float without its point."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < LARGEST:
        return str(int(raw))
    if isinstance(raw, datetime | date):
        return raw.isoformat()[:10]
    if isinstance(raw, bool):
        return str(raw).upper()
    return unicodedata.normalize("NFKC", _UNWRITTEN.sub("", str(raw))).strip()


def _number(item: Item, raw: object) -> int | float:
    if isinstance(raw, date | time | timedelta):
        # A spreadsheet makes dates of 1-2 and 3/4.
        raise ValueProblem("date_for_number", item, str(raw)[:10])
    if isinstance(raw, bool):
        raise ValueProblem("not_a_number", item, raw)
    if isinstance(raw, int | float):
        number: int | float = raw
    else:
        number = _written(item, raw)
    if not abs(number) <= LARGEST:
        raise ValueProblem("too_large", item, raw)
    return number


def _written(item: Item, raw: object) -> int | float:
    """A number that is a text."""
    figure = figures.certain(_UNWRITTEN.sub("", str(raw)), item.unit)
    if figure is None:
        likely = figures.likely(str(raw), item.unit)
        if likely:
            raise ValueProblem("number_likely", item, raw, likely=f"{likely} {item.unit}".strip())
        raise ValueProblem("not_a_number", item, raw)
    text = figure.digits
    # Hundreds of digits are no number that anybody means; a float takes them, and is too large.
    return float(text) if re.search(r"[.eE]", text) or len(text) > _DIGITS else int(text)


def _read_integer(item: Item, raw: object, _lists: Lists) -> Value:
    number = _number(item, raw)
    if number == int(number):
        return int(number)
    if item.unit == MONEY_UNIT:
        # Money is stored in whole thousand yuan; fractions come from files kept in yuan.
        return int(round_half_away(number))
    raise ValueProblem("not_whole", item, raw)


def _read_decimal(item: Item, raw: object, _lists: Lists) -> Value:
    # Fifteen digits are what a spreadsheet keeps; more would not survive a return.
    # A nought has no sign.
    return float(f"{_number(item, raw):.15g}") + 0.0


def _read_text(item: Item, raw: object, _lists: Lists) -> Value:
    if isinstance(raw, float) and abs(raw) >= _EXACT_DIGITS:
        raise ValueProblem("digits_lost", item, repr(raw))
    text = " ".join((_UNWRITTEN.sub("", raw) if isinstance(raw, str) else _text(raw)).split())
    if item.length and len(text) > item.length:
        raise ValueProblem("too_long", item, text, length=item.length)
    return text


def _read_code(item: Item, raw: object, lists: Lists) -> Value:
    text = _text(raw)
    found = lists[item.list].find(text)
    if found is None:
        raise ValueProblem("not_in_list", item, text)
    return found


def _read_flag(item: Item, raw: object, _lists: Lists) -> Value:
    text = _text(raw).lower()
    if text in _YES:
        return 1
    if text in _NO:
        return 0
    raise ValueProblem("not_yes_no", item, raw)


def _read_date(item: Item, raw: object, _lists: Lists) -> Value:
    text = _text(raw)[:10] if isinstance(raw, datetime | date) else _text(raw)
    match = _DATE.fullmatch(text)
    if match is None:
        if isinstance(raw, float) and int(raw) in _DAYS:
            likely = _FIRST_DAY + timedelta(days=int(raw))
            raise ValueProblem("serial_date", item, text, likely=likely.isoformat())
        raise ValueProblem("not_a_date", item, raw)
    year, month, day = match[1] or match[4], match[2] or match[5], match[3] or match[6]
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise ValueProblem("not_a_date", item, raw) from None
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


def _read_uscc(item: Item, raw: object, _lists: Lists) -> Value:
    if isinstance(raw, int | float):
        # Excel keeps fifteen digits: the true code is lost and must not be guessed.
        raise ValueProblem("code_as_number", item, repr(raw))
    if isinstance(raw, date):
        raw = raw.isoformat()
    text = plain(raw)
    if re.fullmatch(r"\d+(\.\d+)?E\+?\d+", text):
        raise ValueProblem("code_as_number", item, text)
    if not well_formed_uscc(text):
        raise ValueProblem("not_a_code", item, text, length=len(text))
    return text


_READERS: Mapping[str, Callable[[Item, object, Lists], Value]] = {
    "integer": _read_integer,
    "decimal": _read_decimal,
    "text": _read_text,
    "code": _read_code,
    "flag": _read_flag,
    "date": _read_date,
    "uscc": _read_uscc,
}
