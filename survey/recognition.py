"""What a foreign workbook is, told from what it holds: a questionnaire, a list, or something that belongs elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from survey import flat, manifest, queryfile, questionnairefile, receiptfile
from survey.book import Book
from survey.errors import SurveyError
from survey.flat import Plan
from survey.submissions import Parents


@dataclass(frozen=True)
class Known:
    """What the reading process knows of all files of an import: how lists are read, and what a person has accepted.

    By path, `repairs` are spoilt codes by (sheet, cell, what stands there), `units` factors by (sheet, column).
    """

    plan: Plan
    repairs: Mapping[str, Mapping[tuple[str, str, str], str]]
    units: Mapping[str, Mapping[tuple[str, str], Decimal]]


def decode(book: Book, submitted: Parents) -> Iterator[Any]:
    """In the reading process: `questionnaire` and what `questionnairefile` reads, or `table` and what `flat` reads.

    `submitted` are the submissions that the lines of other files may belong to. Raises SurveyError as these do, and
    `file.return`, `file.query`, `file.receipt` where the file is to be taken elsewhere.
    """
    known: Known = book.known
    name = str(book.path)
    if questionnairefile.stamped(book):
        yield "questionnaire"
        yield from questionnairefile.decode(book)
    elif manifest.SHEET in book.sheets:
        raise SurveyError("file.return", path=book.path)
    elif queryfile.SHEET in book.sheets:
        raise SurveyError("file.query", path=book.path)
    elif receiptfile.SHEET in book.sheets:
        raise SurveyError("file.receipt", path=book.path)
    else:
        yield "table"
        repairs, units = known.repairs.get(name, {}), known.units.get(name, {})
        yield from flat.decode(book, replace(known.plan, repairs=repairs, units=units, submitted=submitted))
