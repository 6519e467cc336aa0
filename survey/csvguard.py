"""Texts in a CSV that a double-click in Excel or WPS would spoil, and back.

A code of eighteen digits, a leading zero, `2018-05` or `=HYPERLINK(…)` is written as the formula that gives this
very text, `="2018-05"`: a spreadsheet shows it unspoilt and runs nothing. What is too long for such a formula and
would be run is written behind an apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

# What a spreadsheet takes for a formula; a minus may also begin a number.
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
_SPOILT = re.compile(r"[0-9.,(¥￥$]|[\x20-\x7e]*[0-9]|(?:true|false)$", re.IGNORECASE)
_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
# A text inside a formula may be no longer.
_LONGEST = 255


def guarded(text: str) -> str:
    """A text as the CSV holds it."""
    run = text.startswith(_TRIGGERS) or _FORMULA.fullmatch(text) is not None
    if len(text) <= _LONGEST and (run or _spoilt(text)):
        doubled = text.replace('"', '""')
        return f'="{doubled}"'
    return f"'{text}" if run or _apostrophe(text) else text


def pasted(text: str) -> str:
    """A text as a cell of the clipboard: what a spreadsheet would run is guarded, what would come apart is quoted."""
    cell = guarded(text) if text.startswith((*_TRIGGERS, "'")) else text
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if any(sign in cell for sign in '\n\r\t"') else cell


def unguarded(text: str) -> str:
    """The text that was meant."""
    found = _FORMULA.fullmatch(text)
    if found:
        return found[1].replace('""', '"')
    return text[1:] if _apostrophe(text) else text


def _apostrophe(text: str) -> bool:
    """Whether an apostrophe at the beginning stands before something that it guards."""
    return text.startswith("'") and text[1:].startswith((*_TRIGGERS, "'"))


def meant_rows(rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The rows of a text table as they were meant."""
    for row in rows:
        guards = [at for at, cell in enumerate(row) if cell.__class__ is str and cell[:1] in ("=", "'")]
        for at in guards:
            row[at] = unguarded(row[at])
        yield row


def _spoilt(text: str) -> bool:
    """Whether a spreadsheet may take a text for a number, a date or a truth."""
    found = _SPOILT.match(text)
    return found is not None and (text.isascii() or text[0] in "0123456789.(¥￥$")
