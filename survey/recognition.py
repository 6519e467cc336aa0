"""What a foreign workbook is, told from what it holds: a questionnaire, a list, or something that belongs elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from survey import flat, manifest, queryfile, questionnairefile
from survey.errors import SurveyError
from survey.flat import Plan
from survey.reader import Book


def decode(book: Book, plan: Plan, repairs: Mapping[tuple[str, str, str], str]) -> Iterator[Any]:
    """In the reading process: `questionnaire` and what `questionnairefile` reads, or `table` and what `flat` reads.

    Raises SurveyError as these do, and `import_return`, `import_query` where the file is to be taken elsewhere.
    """
    if questionnairefile.stamped(book):
        yield "questionnaire"
        yield from questionnairefile.decode(book)
    elif manifest.SHEET in book.sheets:
        raise SurveyError("import_return", path=book.path)
    elif queryfile.SHEET in book.sheets:
        raise SurveyError("import_query", path=book.path)
    else:
        yield "table"
        yield from flat.decode(book, replace(plan, repairs=repairs))
