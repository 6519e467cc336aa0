"""One form for one unit, as it is to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from desktop.paper_block import Align, Block, words
from desktop.paper_options import LARGEST, Options, Paper
from desktop.paper_type import Typeface
from survey import cells
from survey.form import Form, Item
from survey.record import previous_period, show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

Line = Mapping[str, Value]


@dataclass(frozen=True)
class Filled:
    """What a unit answered: this period, the one before, and the lines of its list forms by form.

    A `blank` one says only whose form it is.
    """

    uscc: str
    name: str
    period: str
    now: Mapping[str, Value] = field(default_factory=dict)
    before: Mapping[str, Value] = field(default_factory=dict)
    lines: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    blank: bool = False

    def emptied(self) -> Filled:
        """The same unit's blank form: only what the register knows is filled in."""
        known = {"uscc": self.uscc or None, "name": self.name or None}
        return Filled(self.uscc, self.name, self.period, known, blank=True)


NOBODY = Filled("", "", "", blank=True)


def filled(store: Store, uscc: str, name: str, unit: int, period: str) -> Filled:
    """A unit's answers as the survey file holds them."""
    now, before = cells.read(store, unit, period), cells.read(store, unit, previous_period(period))
    lines = {form: [found[line] for line in sorted(found)] for form, found in now.lines.items()}
    return Filled(uscc, name, period, now.values, before.values, lines)


@dataclass(frozen=True)
class Copy:
    """A form, whose it is, and how it is set.

    `points` is the size of its text, `panels` tables stand abreast, `tight` rows are no higher than they must be.
    """

    form: Form
    scheme: Scheme
    texts: Texts
    face: Typeface
    filled: Filled
    options: Options
    paper: Paper
    points: float = LARGEST
    panels: int = 1
    tight: bool = False

    @property
    def em(self) -> float:
        """The width of a Chinese character."""
        return self.points * 10

    @property
    def pad(self) -> float:
        return self.em * 0.45

    @property
    def tall(self) -> float:
        """The least height of a row; a blank one is written on by hand, where there is room for it."""
        return self.em * (1.95 if self.filled.blank and not self.tight else 1.7)

    def width(self, text: str, *, bold: bool = False) -> float:
        return self.face.width(text, self.points, bold)

    def words(self, text: str, width: float, *, bold: bool = False, align: Align = "left", key: str = "") -> Block:
        """A text in the size of the form."""
        return words(self.face, text, width, self.points, bold=bold, align=align, key=key)

    def label(self, item: Item) -> str:
        return self.texts.pick(item.label, item.label_en)

    def unit(self, item: Item) -> str:
        return self.scheme.unit(item.unit, self.texts)

    def show(self, item: Item, value: Value) -> str:
        return show_value(item, value, self.scheme.lists, self.texts.lang)

    def period(self) -> str:
        """The period as a form's head says it; open where it is not known."""
        year, _, quarter = self.filled.period.partition("Q")
        if not year:
            return self.texts("paper.period_open")
        return self.texts("paper.quarter" if quarter else "paper.year", year=year, quarter=quarter)
