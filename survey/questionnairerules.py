"""What may be typed into a cell of a questionnaire workbook, what its cell says when it is chosen, what it means.

An answer that can be none at all is stopped; of what is only unlikely the workbook warns.
"""

from __future__ import annotations

from typing import Any

from survey.codes import USCC_LENGTH
from survey.form import MONEY_UNIT, Item
from survey.questionnairecodes import Codes
from survey.record import LARGEST
from survey.scalar import Value
from survey.texts import Texts

# What Excel holds of a title and of a message.
_TITLE, _MESSAGE = 32, 255
_SHORTEST_DATE, _LONGEST_DATE = 4, 11


def rule(item: Item, cell: str, codes: Codes, texts: Texts, outer: str = "") -> dict[str, Any]:
    """The rule of a cell, its instruction beside it; `outer` is the cell with the code that narrows its list."""
    note = texts.pick(item.note, item.note_en)
    title = f"{item.code} {texts.pick(item.label, item.label_en)}"
    found: dict[str, Any] = {
        "validate": "any",
        "input_title": _cut(title, _TITLE),
        "input_message": _cut(note, _MESSAGE),
    }
    found |= _kind(item, cell, codes, texts, outer)
    found["error_title"] = found["input_title"]
    return found


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _kind(item: Item, cell: str, codes: Codes, texts: Texts, outer: str) -> dict[str, Any]:
    match item.type:
        case "integer" | "decimal":
            least = item.minimum if item.minimum is not None else -LARGEST
            whole = item.type == "integer"
            # Money in fractions of a thousand yuan is rounded when it is read, so it is an answer.
            stop = not whole or item.unit != MONEY_UNIT
            key = "wants_money" if not stop else "wants_whole" if whole else "wants_number"
            if item.minimum is not None:
                key += "_least"
            return {
                "validate": "integer" if whole else "decimal", "criteria": "between", "minimum": least,
                "maximum": LARGEST, "error_type": "stop" if stop else "warning",
                "error_message": texts(f"questionnaire.{key}", least=f"{item.minimum or 0:g}"),
            }  # fmt: skip
        case "flag":
            choices = list(flag_words(texts))
            return {"validate": "list", "source": choices, "error_message": texts("questionnaire.wants_flag")}
        case "code":
            source = codes.source(item, cell, outer)
            if codes.long(item):
                # What is typed to narrow the list is itself no choice: the sheet says so until one is made.
                return {"validate": "list", "source": source, "show_error": False}
            told = texts("questionnaire.wants_choice")
            return {"validate": "list", "source": source, "error_type": "warning", "error_message": told}
        case "uscc":
            told = texts("questionnaire.wants_code", length=USCC_LENGTH)
            return {"validate": "length", "criteria": "=", "value": USCC_LENGTH, "error_message": told}
        case "date":
            looks = f"=AND(LEN({cell})>={_SHORTEST_DATE},LEN({cell})<={_LONGEST_DATE},ISNUMBER(--LEFT({cell},4)))"
            told = texts("questionnaire.wants_date")
            return {"validate": "custom", "value": looks, "error_type": "warning", "error_message": told}
        case "text" if item.length:
            told = texts("questionnaire.wants_shorter", length=item.length)
            return {"validate": "length", "criteria": "<=", "value": item.length, "error_message": told}
    return {}


def flag_words(texts: Texts) -> tuple[str, str]:
    """Yes and no, as cells hold them."""
    return texts("return.yes"), texts("return.no")


def shown(item: Item, value: Value, codes: Codes, texts: Texts) -> Value:
    """What a cell holds for a stored value."""
    if value is None or item.type in ("integer", "decimal"):
        return value
    if item.type == "flag":
        return flag_words(texts)[0 if value else 1]
    return codes.shown(item, str(value)) if item.type == "code" else str(value)


def means(item: Item, cell: str, codes: Codes, texts: Texts) -> str:
    """The formula of the stored value that a cell's answer means; '' where there is none."""
    match item.type:
        case "flag":
            yes, no = flag_words(texts)
            return (
                f'IF({cell}="{yes}",1,IF({cell}="{no}",0,IF(ISNUMBER({cell}),IF(OR({cell}=0,{cell}=1),{cell},""),"")))'
            )
        case "code":
            return codes.code_formula(item, cell)
        case "uscc":
            bare = f'UPPER(SUBSTITUTE(SUBSTITUTE({cell}," ",""),"-",""))'
            return f'IF(LEN({bare})={USCC_LENGTH},{bare},"")'
        case "date":
            return _date(cell)
    return f"TRIM({cell})"


def _date(cell: str) -> str:
    """A date as it is stored, `2015-03-01` or shorter, from one written with strokes, dots or 年 月 日."""
    plain = f"TRIM({cell})"
    for mark, stands in (("年", "-"), ("月", "-"), ("日", ""), ("/", "-"), (".", "-")):
        plain = f'SUBSTITUTE({plain},"{mark}","{stands}")'
    second = f'FIND("-",{plain}&"--",6)'
    month = f"MID({plain},6,{second}-6)"
    day = f'SUBSTITUTE(MID({plain},{second}+1,2),"-","")'
    packed = f'LEFT({plain},4)&"-"&MID({plain},5,2)&IF(LEN({plain})=8,"-"&RIGHT({plain},2),"")'
    spread = f'LEFT({plain},4)&IF({month}="","","-"&TEXT(--{month},"00")&IF({day}="","","-"&TEXT(--{day},"00")))'
    serial = f'TEXT({cell},"yyyy-mm-dd")'
    text = f'IF(ISERROR(FIND("-",{plain})),IF(LEN({plain})>=6,{packed},{plain}),{spread})'
    text = f'IF(ISNUMBER(--LEFT({plain},4)),{text},"")'
    # What Excel itself took for a day is a number of days; a lone year is smaller than any of them.
    return f'IF({cell}="","",IFERROR(IF(ISNUMBER({cell}),IF({cell}>9999,{serial},{cell}&""),{text}),""))'


def unreadable(item: Item, cell: str, meant: str) -> str:
    """When a cell holds something that is no answer, as a condition; '' where anything is one."""
    if item.type in ("integer", "decimal"):
        return f'AND({cell}<>"",NOT(ISNUMBER({cell})))'
    return f'AND({cell}<>"",{meant}="")' if item.type in ("code", "flag", "uscc", "date") else ""


def complaint(item: Item, texts: Texts) -> str:
    """What is said of a cell that holds no answer."""
    kind = {"integer": "number", "decimal": "number", "flag": "flag", "uscc": "code", "date": "date"}
    return texts(f"questionnaire.no_{kind.get(item.type, 'choice')}")
