"""Entries of the journal in words."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from string import Formatter
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
    more = [_fact(key, value, entry.subject, texts) for key, value in json.loads(entry.facts).items()]
    kind = texts(f"journal.kind.{entry.kind}")
    return moment(entry.at), entry.who, kind, entry.subject, "　".join(filter(None, more))


def _fact(key: str, value: object, subject: str, texts: Texts) -> str:
    """What else an entry tells, '' where that is nothing."""
    if key == "passphrase":
        return texts("journal.passphrase_set" if value else "journal.passphrase_ended")
    # A file that was refused before it was read has no number.
    if value in ("", None) or (key, value) == ("sequence", 0):
        return ""
    called = texts(f"journal.fact.{key}")
    return called if value is True else f"{called} {_shown(key, value, subject, texts)}"


def _shown(key: str, value: object, subject: str, texts: Texts) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    text = str(value)
    if key == "refused":
        return _reason(text, subject, texts)
    if key == "rewritten":
        return _places(text, texts)
    word = {"what": "journal.what", "role": "persons.role"}.get(key, "") + f".{text}"
    return texts(word) if texts.has(word) else text


def _reason(kept: str, subject: str, texts: Texts) -> str:
    """Why something was refused, as a person said it or the catalogue does; of its facts the subject alone is kept."""
    key = f"error.{kept}"
    if not texts.has(key):
        return kept
    names = {name for _, name, _, _ in Formatter().parse(texts.sentences[key]) if name}
    return texts(key, **{name: subject if name in ("path", "name") else "…" for name in names})


def _places(kept: str, texts: Texts) -> str:
    """Entries of chains, each kept by the chain and its number."""
    words = kept.split()
    return " ".join(texts(f"journal.place.{chain}", number=number)
                    for chain, number in zip(words[::2], words[1::2], strict=True))  # fmt: skip


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
