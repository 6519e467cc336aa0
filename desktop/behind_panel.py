"""The records behind a figure: listed away from the window's thread, and the way to each of them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.pages import Desk, hint
from desktop.rows_model import RowsModel, fit_heads, table_view
from survey import journal
from survey.persons import may
from survey.progress import Progress

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.computation import Behind, Contribution

# So many units behind a figure are listed; the command line gives them all.
_MOST = 2_000
_PLAIN = 3

# An indicator, and the dimensions and the codes of a group.
Wanted: TypeAlias = tuple[str, str | None, str | None]


class BehindPanel(QWidget):
    """`chosen` is a respondent, the item and the line to open it at."""

    chosen = Signal(int, str, int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        texts = desk.texts
        self._desk = desk
        self._catalogue: Catalogue | None = None
        # The figure whose units are being listed, or are to be next.
        self._wanted: Wanted | None = None
        self.line = hint(texts("indicators.choose"))
        self.line.setObjectName("behindLine")
        self.units = RowsModel([])
        self.view = table_view(self.units, "behind", texts("indicators.units"))
        self.view.activated.connect(self._unit_chosen)
        self.view.doubleClicked.connect(self._unit_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.view, 1)

    def show_units(self, catalogue: Catalogue, wanted: Wanted) -> None:
        """Looks the units up; of figures passed over in the meantime only the last is listed."""
        self._catalogue = catalogue
        waiting, self._wanted = self._wanted is not None, wanted
        if not may(self._desk.store, "view"):
            self.show_nothing(self._desk.texts("persons.no_units"))
            return
        if not waiting:
            self.line.setText(self._desk.texts("indicators.listing", label=self._label(wanted[0])))
            self._desk.lookups.start(self._behind_wanted, self._show_wanted, self._not_listed)

    def show_nothing(self, text: str) -> None:
        """There are no units, and why."""
        self.units.set_rows([], heads=[])
        self.line.setText(text)

    def _behind_wanted(self, _progress: Progress) -> tuple[Wanted, Behind]:
        from indicators import computation
        from survey import store

        assert self._catalogue is not None
        assert self._wanted is not None
        wanted = indicator_id, by, code = self._wanted
        with closing(store.open(self._desk.path, readonly=True)) as opened:
            found = computation.units(opened, self._catalogue, indicator_id, opened.period, by, code, most=_MOST)
            return wanted, found

    def _show_wanted(self, result: tuple[Wanted, Behind]) -> None:
        shown, found = result
        journal.record_once(self._desk.store, "viewed", " ".join(filter(None, shown)))
        wanted, self._wanted = self._wanted, None
        self._show(shown[0], found)
        if wanted is not None and wanted != shown and self._catalogue is not None:
            self.show_units(self._catalogue, wanted)

    def _not_listed(self, error: BaseException) -> None:
        self._wanted = None
        self._desk.fail(error)

    def _show(self, indicator_id: str, behind: Behind) -> None:
        texts, scheme = self._desk.texts, self._desk.store.scheme
        found = behind.units
        names = list(found[0].values) if found else []
        lined = any(one.line for one in found)
        heads = [texts("units.head.name"), texts("units.head.uscc"), texts("units.head.district")]
        heads += [self._head(name) for name in names]
        rows = [
            (
                f"{one.name} [{one.line}]" if lined else one.name, one.uscc,
                scheme.districts.label(one.district, texts.lang), *(_plain(one.values[name]) for name in names),
            )
            for one in found
        ]  # fmt: skip
        self.units.set_rows(rows, found, heads=heads, right=range(_PLAIN, len(heads)))
        for at, width in enumerate((280, 180, 110, *(130 for _ in names))):
            self.view.horizontalHeader().resizeSection(at, width)
        fit_heads(self.view)
        key = "behind" if behind.count == len(found) else "behind_first"
        facts = {"label": self._label(indicator_id), "count": f"{behind.count:,}", "first": f"{len(found):,}"}
        self.line.setText(texts(f"indicators.{key}", **facts))

    def _head(self, key: str) -> str:
        """What a value is called: an item's label, or what is computed of lines as it is written."""
        if not self._item(key):
            return key
        prev = self._desk.texts("check.prev") if key.endswith("@prev") else ""
        return self._desk.store.scheme.label(key, self._desk.texts.lang) + prev

    def _item(self, key: str) -> str:
        name = key.partition("@")[0]
        return name if name in self._desk.store.scheme.items else ""

    def _label(self, indicator_id: str) -> str:
        indicator = self._catalogue.indicators[indicator_id] if self._catalogue else None
        return self._desk.texts.pick(indicator.label, indicator.label_en) if indicator else indicator_id

    def _unit_chosen(self, index: QModelIndex) -> None:
        """Opens the record at the item whose column was chosen; who is not in this file is named."""
        one: Contribution | None = self.units.object(index)
        if one is None or not self.isVisible():
            return
        unit = self._desk.store.find_unit(one.uscc)
        if unit is None:
            self.line.setText(self._desk.texts("goal.not_here", name=one.name, code=one.uscc))
            return
        names = [self._item(name) for name in one.values]
        first = next((name for name in names if name), "") if one.line else ""
        at = index.column() - _PLAIN
        self.chosen.emit(unit, (names[at] if at >= 0 else "") or first, one.line)


def _plain(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)
