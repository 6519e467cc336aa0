"""What a public edition withholds, in words: one row a figure, to be shown, copied and saved. For the city alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.edition_words import figure_name
from indicators import goalwords
from survey.csvguard import guarded, pasted
from survey.files import Told, replacing
from survey.scheme import Scheme
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Edition
    from indicators.withheld import Key, Withheld

_HEADS = ("figure", "status", "value", "range", "reason")
VALUE, RANGE = _HEADS.index("value"), _HEADS.index("range")


@dataclass(frozen=True)
class Line:
    """A withheld figure as a row of texts; `status` is `primary` or `complementary`."""

    cells: tuple[str, ...]
    status: str


def heads(texts: Texts) -> list[str]:
    """What stands above the columns."""
    return [texts(f"withheld.head.{name}") for name in _HEADS]


def lines(one: Edition, catalogue: Catalogue, scheme: Scheme, texts: Texts) -> list[Line]:
    """Every figure that an edition withholds: first those that are sensitive, in the order of the edition."""

    def called(key: Key) -> str:
        return " ".join(figure_name(key, catalogue, scheme, texts).split())

    def line(key: Key, found: Withheld) -> Line:
        indicator = catalogue.indicators.get(key[0].partition("@")[0])
        digits = indicator.digits if indicator else 2
        unit = texts.pick(indicator.unit, indicator.unit_en) if indicator else ""
        status = found.reason.status
        shown = (
            called(key), texts(f"withheld.status.{status}"), goalwords.figure(found.value, digits, unit),
            _range(found, digits, texts), found.text(texts, called),
        )  # fmt: skip
        return Line(shown, status)

    every = [line(key, found) for key, found in one.withheld.items()]
    return sorted(every, key=lambda one: one.status != "primary")


def _range(found: Withheld, digits: int, texts: Texts) -> str:
    if found.lower is None or found.upper is None:
        return "—"
    ends = (goalwords.figure(end, digits) for end in (found.lower, found.upper))
    return texts("withheld.between", **dict(zip(("lower", "upper"), ends, strict=True)))


def as_text(one: Edition, shown: Sequence[Line], texts: Texts) -> str:
    """Some rows with their heads, cells separated by tabs, and above them that they are for nobody outside."""
    rows = [[texts("withheld.internal", number=one.id)], heads(texts), *(line.cells for line in shown)]
    return "\n".join("\t".join(map(pasted, row)) for row in rows)


def write(one: Edition, shown: Sequence[Line], path: Path, texts: Texts, told: Told) -> None:
    """The same as a CSV that a double-click opens; raises SurveyError `cannot_write`."""
    rows = [[texts("withheld.internal", number=one.id)], heads(texts), *(line.cells for line in shown)]
    with replacing(path, told) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows([guarded(cell) for cell in row] for row in rows)
