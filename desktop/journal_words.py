"""Entries of the journal in words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.moments import moment
from survey.csvguard import guarded
from survey.files import Told, replacing
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.journal import Break, Entry

Cells = tuple[str, str, str, str, str]


def cells(entry: Entry, texts: Texts) -> Cells:
    """When, who, what, to what, and what else is known."""
    facts = json.loads(entry.facts)
    more = [f"{texts(f'journal.fact.{key}')} {_shown(key, value, texts)}" for key, value in facts.items()
            if value not in ("", None)]  # fmt: skip
    return moment(entry.at), entry.who, texts(f"journal.kind.{entry.kind}"), entry.subject, "　".join(more)


def _shown(key: str, value: object, texts: Texts) -> str:
    if key == "what" and texts.has(f"journal.what.{value}"):
        return texts(f"journal.what.{value}")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def break_line(found: Break, texts: Texts) -> str:
    """Where a chain does not hold."""
    kind = "_told" if found.told else "_cut" if found.cut else ""
    return texts(f"journal.broken.{found.chain}{kind}", number=found.number, told=found.told)


def told_lines(theirs: Iterable[Break], ours: Iterable[Break], texts: Texts) -> list[str]:
    """Where the chains of another desk are not what it told, and where ours are not what it has seen."""
    sides = (("theirs", theirs), ("ours", ours))
    return [texts(f"journal.{whose}.{one.chain}", number=one.number, told=one.told) for whose, found in sides
            for one in found]  # fmt: skip


def write_csv(path: Path, entries: Iterable[Entry], texts: Texts, told: Told) -> None:
    """A table that Excel opens; raises SurveyError `cannot_write`."""
    with replacing(path, told) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(texts("journal.head").split("|"))
        writer.writerows([guarded(cell) for cell in cells(entry, texts)] for entry in entries)
