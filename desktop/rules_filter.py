"""The line above the checks: which of them are shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from desktop.pages import Desk, class_name, hint
from desktop.rules_model import Shown
from survey.form import CHECK_CLASSES, FAMILIES

_NAMES = ("class", "family", "form", "origin")
_ORIGINS = ("scheme", "item", "local")
_WIDEST = 210


class RulesFilter(QWidget):
    """A text, a class, a family, a form, an origin; `changed` says that another choice was made."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        texts = desk.texts
        self._texts = texts
        self._text = QLineEdit()
        self._text.setObjectName("rulesSearch")
        self._text.setPlaceholderText(texts("rules.search"))
        self._text.setAccessibleName(texts("rules.search"))
        self._text.setClearButtonEnabled(True)
        self._text.textChanged.connect(self.changed)
        self._boxes = {name: self._box(name) for name in _NAMES}
        self._count = hint("")
        self._count.setObjectName("rulesCount")
        self._count.setWordWrap(False)
        self._offer(desk)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._text, 1)
        for box in self._boxes.values():
            line.addWidget(box)
        line.addWidget(self._count)

    def shown(self) -> Shown:
        """Which checks are wanted."""
        category, family, form, origin = (str(box.currentData()) for box in self._boxes.values())
        return Shown(category, family, form, origin, self._text.text())

    def clear(self) -> None:
        """All checks are wanted again."""
        self._text.clear()
        for box in self._boxes.values():
            box.setCurrentIndex(0)

    def tell(self, shown: int, count: int) -> None:
        """How many of all are shown."""
        self._count.setText(self._texts("rules.count", shown=shown, count=count))

    def _offer(self, desk: Desk) -> None:
        texts = desk.texts
        for one in CHECK_CLASSES:
            badge = desk.icons.badge(one, desk.colours.of_class(one), desk.colours.field)
            self._boxes["class"].addItem(badge, class_name(texts, one), one)
        for one in FAMILIES:
            self._boxes["family"].addItem(texts(f"check.family.{one}"), one)
        for form in desk.store.scheme.forms:
            self._boxes["form"].addItem(f"{form.id}  {texts.pick(form.title, form.title_en)}", form.id)
        for one in _ORIGINS:
            self._boxes["origin"].addItem(texts(f"rules.origin.{one}"), one)

    def _box(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"rulesBy_{name}")
        box.setAccessibleName(self._texts(f"rules.head.{name}"))
        box.addItem(self._texts(f"rules.every.{name}"), "")
        box.setMaximumWidth(_WIDEST)
        box.currentIndexChanged.connect(self.changed)
        return box
