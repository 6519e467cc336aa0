"""The code lists of a questionnaire workbook: where they stand, what a cell may choose, which code a cell means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xlsxwriter.utility import xl_range_abs

from survey.codes import CodeList
from survey.form import Item
from survey.questionnairefile import CODES
from survey.scheme import Scheme
from survey.texts import Texts

# Longer lists stand on a sheet to read in, and their drop-downs narrow to what is typed.
_LONG = 40
# Heads of the sheet of long lists stand in the row before.
FIRST = 3
_OUTER_LABEL, _CODE, _LABEL, _CHOICE, _OUTER = 1, 2, 3, 4, 5


@dataclass(frozen=True)
class Place:
    """Where a list stands: its sheet, first and last row, and the columns of choices, codes, labels, outer codes."""

    sheet: str
    first: int
    last: int
    choice: int
    code: int
    label: int = -1
    outer: int = -1

    def column(self, column: int) -> str:
        return f"'{self.sheet}'!{xl_range_abs(self.first, column, self.last, column)}"

    def above(self, column: int) -> str:
        """The cell just above the list: offsets count from it."""
        return f"'{self.sheet}'!{xl_range_abs(self.first - 1, column, self.first - 1, column)}"


@dataclass(frozen=True)
class Entry:
    """A code with what a cell holds for it; `outer` is the code it is listed under."""

    code: str
    label: str
    choice: str
    outer: str = ""
    outer_label: str = ""


class Codes:
    """The lists of the items of some forms."""

    def __init__(self, scheme: Scheme, items: Sequence[Item], texts: Texts) -> None:
        self._scheme = scheme
        self._texts = texts
        self._items: dict[str, Item] = {}
        for item in items:
            if item.type == "code":
                self._items.setdefault(item.list, item)
        self._outer = {name: self._outer_list(item) for name, item in self._items.items()}
        self.sheet = texts("questionnaire.codes")

    @cached_property
    def entries(self) -> Mapping[str, tuple[Entry, ...]]:
        """The codes of each list in the order in which they stand."""
        return {name: tuple(self._entries(self._scheme.lists[name])) for name in self._items}

    @cached_property
    def places(self) -> Mapping[str, Place]:
        found: dict[str, Place] = {}
        row, column = FIRST, 0
        for name, entries in self.entries.items():
            if len(entries) > _LONG:
                outer = _OUTER if self._outer[name] else -1
                found[name] = Place(self.sheet, row, row + len(entries) - 1, _CHOICE, _CODE, _LABEL, outer)
                row += len(entries)
            else:
                found[name] = Place(CODES, 0, len(entries) - 1, column, column + 1)
                column += 2
        return found

    @cached_property
    def _choices(self) -> Mapping[str, Mapping[str, str]]:
        return {name: {one.code: one.choice for one in entries} for name, entries in self.entries.items()}

    def shown(self, item: Item, code: str) -> str:
        """What a cell holds for a code; one that no list has stands for itself."""
        return self._choices[item.list].get(code, code)

    def long(self, item: Item) -> bool:
        return self.places[item.list].sheet == self.sheet

    def source(self, item: Item, cell: str, outer: str = "") -> str:
        """What the drop-down of a cell offers; `outer` is the cell with the code that narrows it."""
        place = self.places[item.list]
        every = place.column(place.choice)
        if not self.long(item):
            return f"={every}"
        if place.outer >= 0 and outer:
            return f"={_block(place, place.outer, outer, every)}"
        if self.entries[item.list][0].choice.startswith(self.entries[item.list][0].code):
            return "=" + _block(place, place.choice, cell + '&"*"', every)
        return f"={every}"

    def code_formula(self, item: Item, cell: str) -> str:
        """The code that a cell means, from its choice, code or label; '' where it means none."""
        place = self.places[item.list]
        codes = place.column(place.code)
        formula = '""'
        for column in (place.label, place.code, place.choice):
            if column >= 0:
                formula = f"IFERROR(INDEX({codes},MATCH({cell},{place.column(column)},0)),{formula})"
        return f'IF({cell}="","",{formula})'

    def _outer_list(self, item: Item) -> str:
        """The list within which every code of this one belongs to one code; '' where there is none."""
        if not item.within:
            return ""
        outer = self._scheme.item(item.within).list
        codes = self._scheme.lists[item.list].codes.values()
        return outer if all(len(code.within(outer)) == 1 for code in codes) else ""

    def _entries(self, codes: CodeList) -> Iterator[Entry]:
        """In order; those of one outer code together, digits by their value so that beginnings stand together."""
        lang, outer = self._texts.lang, self._outer[codes.id]
        plain = codes.choices(lang)
        numbered = len(plain) > _LONG and all(code.isdecimal() for code in plain)
        found = []
        for code, choice in plain.items():
            within = codes.codes[code].within(outer)[0] if outer else ""
            label = codes.label(code, lang)
            whose = self._scheme.lists[outer].label(within, lang) if outer else ""
            found.append(Entry(code, label, f"{code} {label}" if numbered else choice, within, whose))
        if outer:
            order = {code: at for at, code in enumerate(self._scheme.lists[outer].codes)}
            found.sort(key=lambda one: order.get(one.outer, len(order)))
        elif numbered:
            found.sort(key=lambda one: one.code)
        yield from found

    @property
    def long_lists(self) -> Iterator[tuple[str, Sequence[Entry]]]:
        """The long lists under the label of the item that is answered from them."""
        for name, item in self._items.items():
            if self.long(item):
                yield self._texts.pick(item.label, item.label_en), self.entries[name]


def _block(place: Place, column: int, wanted: str, every: str) -> str:
    """The choices in whose row a column holds what is wanted; all of them where none does."""
    among = place.column(column)
    count = f"COUNTIF({among},{wanted})"
    return f"IF({count}=0,{every},OFFSET({place.above(place.choice)},MATCH({wanted},{among},0),0,{count},1))"
