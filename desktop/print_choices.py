"""What is printed and how: forms, content, and the layout of each form, which is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.paper_options import MARGINS, ORIENTATIONS, SMALLEST, Options
from desktop.plain import Label, keyless
from desktop.settings import Settings
from survey.form import Form
from survey.scheme import Scheme
from survey.store import UnitRow
from survey.texts import Texts

_ROW = 27
_SHOWN = 5


@dataclass(frozen=True)
class Job:
    """What the person came to print: a form of a unit, forms of many, or blank ones where there is no unit.

    `forms` are those that may be printed; none named means all that units fill in.
    """

    period: str
    units: tuple[UnitRow, ...] = ()
    form: str = ""
    forms: tuple[str, ...] = ()
    blank: bool = False

    def offered(self, scheme: Scheme) -> list[Form]:
        """The forms to choose from, in the scheme's order."""
        return [one for one in scheme.forms if (one.id in self.forms if self.forms else one.respondent == "unit")]


class PrintChoices(QWidget):
    """The left side of the print dialog; `changed` after every choice."""

    changed = Signal()

    def __init__(self, job: Job, scheme: Scheme, texts: Texts, settings: Settings, outline: str) -> None:
        super().__init__()
        self._job = job
        self._scheme = scheme
        self._texts = texts
        self._settings = settings
        self._offered = job.offered(scheme)
        self._options = {form.id: self._remembered(form) for form in self._offered}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._add_forms(column)
        self._add_content(column)
        self._add_layout(column)
        column.addStretch(1)
        self._outline(outline)
        self._refresh()

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms to print."""
        if self.this.isChecked():
            return (self._job.form,)
        every = tuple(form.id for form in self._offered)
        if self.all.isChecked():
            return every
        return tuple(form for form, tick in zip(every, self.ticks, strict=True) if tick.isChecked())

    @property
    def blank(self) -> bool:
        return self.empty.isChecked()

    @property
    def options(self) -> dict[str, Options]:
        """How each form is printed."""
        return dict(self._options)

    # Parts

    def _add_forms(self, column: QVBoxLayout) -> None:
        texts = self._texts
        column.addWidget(self._heading("paper.dialog.forms"))
        self.this = QRadioButton(texts("paper.dialog.this", form=self._job.form))
        self.all = QRadioButton(texts("paper.dialog.all", count=len(self._offered)))
        self.chosen = QRadioButton(texts("paper.dialog.chosen"))
        self.ticks = [self._tick(form) for form in self._offered]
        self.this.setVisible(bool(self._job.form))
        (self.this if self._job.form else self.all).setChecked(True)
        self._group(column, {"thisForm": self.this, "allForms": self.all, "chosenForms": self.chosen})
        column.addWidget(self._ticked())

    def _tick(self, form: Form) -> QCheckBox:
        name = self._texts("paper.dialog.form", id=form.id, title=self._texts.pick(form.title, form.title_en))
        tick = QCheckBox(keyless(name))
        tick.setObjectName(f"tick_{form.id}")
        tick.setAccessibleName(name)
        tick.setChecked(form.id == (self._job.form or self._offered[0].id))
        tick.clicked.connect(self._refresh)
        return tick

    def _ticked(self) -> QScrollArea:
        """The forms to tick; many of them are scrolled through."""
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(18, 0, 0, 0)
        rows.setSpacing(2)
        for tick in self.ticks:
            rows.addWidget(tick)
        self._list = QScrollArea()
        self._list.setWidget(inside)
        self._list.setWidgetResizable(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setFixedHeight(min(_SHOWN, len(self.ticks)) * _ROW + 4)
        return self._list

    def _add_content(self, column: QVBoxLayout) -> None:
        column.addWidget(self._heading("paper.dialog.content"))
        self.full = QRadioButton(self._texts("paper.dialog.filled"))
        self.empty = QRadioButton(self._texts("paper.dialog.blank"))
        self.full.setEnabled(bool(self._job.units))
        (self.empty if self._job.blank or not self._job.units else self.full).setChecked(True)
        self._group(column, {"filledForms": self.full, "blankForms": self.empty})

    def _add_layout(self, column: QVBoxLayout) -> None:
        texts = self._texts
        column.addWidget(self._heading("paper.dialog.settings"))
        self.which, self.orientation, self.margins = QComboBox(), QComboBox(), QComboBox()
        for word in ORIENTATIONS:
            self.orientation.addItem(texts(f"paper.dialog.orientations.{word}"), word)
        for word in MARGINS:
            self.margins.addItem(texts(f"paper.dialog.margin.{word}"), word)
        rows = QFormLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        for name, box in (("of_form", self.which), ("orientation", self.orientation), ("margins", self.margins)):
            box.setObjectName(name)
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            label = Label(texts(f"paper.dialog.{name}"))
            label.setBuddy(box)
            box.setAccessibleName(_plain(label.text()))
            rows.addRow(label, box)
        column.addLayout(rows)
        self.before = QCheckBox(texts("paper.dialog.before"))
        self.fit = QCheckBox(texts("paper.dialog.fit", least=SMALLEST))
        for name, tick in (("before", self.before), ("fit", self.fit)):
            tick.setObjectName(name)
            tick.setAccessibleName(_plain(tick.text()))
            column.addWidget(tick)
            tick.clicked.connect(self._choose)
        self.which.activated.connect(self._show)
        self.orientation.activated.connect(self._choose)
        self.margins.activated.connect(self._choose)

    def _heading(self, key: str) -> QLabel:
        heading = Label(self._texts(key))
        heading.setProperty("kind", "section")
        return heading

    def _group(self, column: QVBoxLayout, buttons: dict[str, QRadioButton]) -> None:
        group = QButtonGroup(self)
        for name, button in buttons.items():
            button.setObjectName(name)
            button.setAccessibleName(_plain(button.text()))
            group.addButton(button)
            column.addWidget(button)
        group.buttonClicked.connect(self._refresh)

    def _outline(self, colour: str) -> None:
        """Gives boxes and rings an outline that is seen on a dark ground too: the style draws it from this role."""
        for widget in self.findChildren(QAbstractButton):
            palette = widget.palette()
            palette.setColor(QPalette.ColorRole.Window, QColor(colour))
            widget.setPalette(palette)

    # Choices

    def _remembered(self, form: Form) -> Options:
        return Options.from_texts(self._settings.print_choices(self._key(form.id)))

    def _key(self, form: str) -> str:
        return f"{self._scheme.id}/{form}"

    def _refresh(self, _what: object = None) -> None:
        """Other forms were chosen: their layouts can be set."""
        self._list.setEnabled(self.chosen.isChecked())
        before = self.which.currentData()
        self.which.clear()
        for form in self._offered:
            if form.id in self.forms:
                self.which.addItem(f"{form.id}  {self._texts.pick(form.title, form.title_en)}", form.id)
        self.which.setCurrentIndex(max(0, self.which.findData(before)))
        self._show()
        self.changed.emit()

    def _show(self, _at: int = 0) -> None:
        """The layout of the form that is being set."""
        form = self.which.currentData()
        options = self._options.get(form, Options())
        self.orientation.setCurrentIndex(self.orientation.findData(options.orientation))
        self.margins.setCurrentIndex(self.margins.findData(options.margins))
        self.before.setChecked(options.before)
        self.fit.setChecked(options.fit)
        self.before.setEnabled(form is not None and self._scheme.form(form).layout == "table")

    def _choose(self, _what: object = None) -> None:
        form = self.which.currentData()
        if form is None:
            return
        self._options[form] = replace(
            self._options[form],
            orientation=self.orientation.currentData(),
            margins=self.margins.currentData(),
            before=self.before.isChecked(),
            fit=self.fit.isChecked(),
        )
        self._settings.remember_print(self._key(form), self._options[form].to_texts())
        self.changed.emit()


def too_long(texts: Texts, papers: Sequence[tuple[str, int]]) -> list[str]:
    """Which forms were to fit a page and could not, with the pages they take."""
    return [texts("paper.dialog.too_long", form=form, least=SMALLEST, count=count) for form, count in papers]


def _plain(text: str) -> str:
    """A text without the mark of its key."""
    head, _, tail = text.partition("(&")
    return (head + tail[2:] if tail else head).replace("&", "").strip()
