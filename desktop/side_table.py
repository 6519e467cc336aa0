"""Units side by side, a field a row: what differs is marked, what is the same is quiet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont
from PySide6.QtWidgets import QHeaderView, QTableView

from desktop.fitting import lower
from desktop.plain import quoted
from desktop.rows_model import HeadedModel, Index, table_view
from desktop.theme import Colours
from survey import cells
from survey.record import show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store, place_of, place_text
from survey.texts import Texts

DIFFERS = "≠"
_BLANK = "—"
_LABEL, _TIGHT_LABEL = 190, 150
_LEAST, _TIGHT_LEAST = 150, 120


@dataclass(frozen=True)
class SideRow:
    """A field of several units; an empty text is a blank. A row that is `fixed` is shown whether it differs or not."""

    label: str
    texts: tuple[str, ...]
    fixed: bool = False

    @property
    def differs(self) -> bool:
        return len(set(self.texts)) > 1


@dataclass(frozen=True)
class Side:
    """What stands in one column: its head, facts beside the answers, and the answers by place (`revenue[2]`)."""

    head: str
    facts: Mapping[str, str]
    answers: Mapping[str, Value]


def side_rows(scheme: Scheme, sides: Sequence[Side], texts: Texts, first: Collection[str] = ()) -> list[SideRow]:
    """The facts, then the answers in the order of the forms; the items named `first` lead and are always shown."""
    rows = [SideRow(label, tuple(side.facts[label] for side in sides), fixed=True) for label in sides[0].facts]
    places = {place for side in sides for place in side.answers}
    order = {name: at for at, name in enumerate(scheme.items)}
    leading = {name: at for at, name in enumerate(first)}

    def rank(place: str) -> tuple[int, int, int]:
        name, line = place_of(place)
        return leading.get(name, len(leading)), order[name], line

    for place in sorted((place for place in places if place_of(place)[0] in scheme.items), key=rank):
        name, line = place_of(place)
        item = scheme.items[name]
        label = texts.pick(item.label, item.label_en)
        shown = tuple(
            "" if side.answers.get(place) is None else show_value(item, side.answers[place], scheme.lists, texts.lang)
            for side in sides
        )
        rows.append(SideRow(f"{label} [{line}]" if line else label, shown, fixed=name in leading))
    return rows


def answers_of(store: Store, unit: int, period: str) -> dict[str, Value]:
    """The answers of a unit by place, list forms line by line."""
    held = cells.read(store, unit, period)
    found = dict(held.values)
    for lines in held.lines.values():
        for line, values in lines.items():
            found |= {place_text(name, line): value for name, value in values.items()}
    return found


def telling(scheme: Scheme) -> tuple[str, ...]:
    """The items that tell units apart, and the key items, as far as the scheme names them."""
    roles = scheme.roles
    named = ("uscc", "name", "district", *roles.phones, roles.address, roles.person, roles.parent)
    return tuple(name for name in (*named, *scheme.checking.key_items) if name in scheme.items)


class SideModel(HeadedModel):
    """The fields of some units; where `all_rows` is off those that are the same are left out."""

    def __init__(self, texts: Texts, colours: Colours) -> None:
        super().__init__([texts("lookalike.side.field")])
        self._texts = texts
        self._colours = colours
        self._rows: list[SideRow] = []
        self._shown: list[SideRow] = []
        self._out: set[int] = set()
        self.all_rows = False

    def set_sides(self, heads: Sequence[str], rows: Sequence[SideRow]) -> None:
        """Other units."""
        self.beginResetModel()
        self._heads = [self._texts("lookalike.side.field"), *heads]
        self._rows = list(rows)
        self._out = set()
        self._choose()
        self.endResetModel()

    def show_all(self, *, everything: bool) -> None:
        """Whether fields that are the same are shown too."""
        self.beginResetModel()
        self.all_rows = everything
        self._choose()
        self.endResetModel()

    def leave_out(self, columns: Collection[int]) -> None:
        """Units, by their place, that are shown faintly: they take no part in what is decided."""
        self.beginResetModel()
        self._out = set(columns)
        self.endResetModel()

    def _choose(self) -> None:
        self._shown = [row for row in self._rows if self.all_rows or row.fixed or row.differs]

    @property
    def differing(self) -> int:
        """How many fields differ."""
        return sum(row.differs for row in self._rows)

    @property
    def fields(self) -> int:
        return len(self._rows)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._shown[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole if column == 0:
                return f"{DIFFERS} {row.label}" if row.differs else f"   {row.label}"
            case Qt.ItemDataRole.DisplayRole:
                return row.texts[column - 1] or _BLANK
            case Qt.ItemDataRole.ToolTipRole:
                return quoted(row.texts[column - 1] if column else row.label)
            case Qt.ItemDataRole.ForegroundRole:
                return QBrush(QColor(self._colour(row, column)))
            case Qt.ItemDataRole.FontRole if column and row.differs and column - 1 not in self._out:
                font = QFont()
                font.setBold(True)
                return font
        return None

    def _colour(self, row: SideRow, column: int) -> str:
        if column - 1 in self._out:
            return self._colours.faint
        if column == 0:
            return self._colours.warn if row.differs else self._colours.muted
        return self._colours.ink if row.texts[column - 1] else self._colours.faint


def side_view(model: SideModel, name: str, label: str) -> QTableView:
    """The table of a model; the units share the width that the labels leave."""
    view = table_view(model, name, label, (_LABEL,))
    view.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
    model.modelReset.connect(lambda: _share(view))
    return view


def fit_sides(view: QTableView, *, tight: bool) -> None:
    """Lower rows, narrower labels and units where there is little room."""
    lower((view,), tight=tight)
    view.setProperty("tight", tight)
    _share(view)


def _share(view: QTableView) -> None:
    header = view.horizontalHeader()
    tight = bool(view.property("tight"))
    header.setMinimumSectionSize(_TIGHT_LEAST if tight else _LEAST)
    for at in range(header.count()):
        mode = QHeaderView.ResizeMode.Stretch if at else QHeaderView.ResizeMode.Interactive
        header.setSectionResizeMode(at, mode)
    if header.count():
        header.resizeSection(0, _TIGHT_LABEL if tight else _LABEL)
