"""A new survey file: which scheme, which period, whose desk, where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import paths
from desktop.pages import restyle
from desktop.plain import Label
from survey.record import valid_period
from survey.scheme import Scheme
from survey.texts import Texts

_PROVINCE = "province"


def make_file(folder: Path, texts: Texts, parent: QWidget) -> Path | None:
    """Asks, and makes the file; None where the person thought better of it.

    Raises SurveyError where a shipped scheme or the place cannot be used.
    """
    from survey import scheme, store

    folders = paths.shipped()
    known = {found.id: found for found in (scheme.load(folder) for folder in folders)}
    dialog = NewDialog(known, str(datetime.now().year - 1), folder, texts, parent)
    try:
        if not dialog.exec():
            return None
        chosen = dialog.chosen()
    finally:
        dialog.deleteLater()
    store.create(
        chosen.path, chosen.scheme, chosen.period, chosen.district, part=chosen.part, level=chosen.level
    ).close()
    return chosen.path


@dataclass(frozen=True)
class NewFile:
    """What the person chose; `district` None is the city, or with `level` a province. `part` is as a store has it."""

    path: Path
    scheme: Scheme
    period: str
    district: str | None
    part: str = ""
    level: str = ""


class NewDialog(QDialog):
    """Asks for what a new file needs; OK stays off until all of it is there."""

    def __init__(
        self, schemes: Mapping[str, Scheme], period: str, folder: Path, texts: Texts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("newDialog")
        self.setWindowTitle(texts("new.title"))
        self.setMinimumWidth(520)
        self._schemes = schemes
        self._texts = texts
        self._folder = folder
        self.scheme = QComboBox()
        self.period = QLineEdit(period)
        self.district = QComboBox()
        self.part = QLineEdit()
        self.path = QLineEdit()
        self._own_path = False
        for name, widget in (
            ("scheme", self.scheme),
            ("period", self.period),
            ("district", self.district),
            ("part", self.part),
            ("path", self.path),
        ):
            widget.setObjectName(f"new_{name}")
            widget.setAccessibleName(texts(f"new.{name}"))
        self._part_label = Label()
        self._problem = Label()
        self._problem.setProperty("kind", "hint")
        self._problem.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setObjectName("create")
        self._ok.setText(texts("new.create"))
        restyle(self._ok, "primary")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(texts("window.cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(22, 20, 22, 16)
        outer.setSpacing(14)
        outer.addLayout(self._rows())
        outer.addWidget(self._problem)
        outer.addWidget(buttons)
        for scheme in schemes.values():
            self.scheme.addItem(f"{texts.pick(scheme.title, scheme.title_en)} {scheme.version}", scheme.id)
        self.scheme.currentIndexChanged.connect(self._fill_districts)
        self.district.currentIndexChanged.connect(self._check)
        self.part.textChanged.connect(self._check)
        self.period.textChanged.connect(self._check)
        self.path.textEdited.connect(self._typed_path)
        self._fill_districts()

    def _rows(self) -> QFormLayout:
        browse = QPushButton(self._texts("new.browse"))
        browse.clicked.connect(self._browse)
        where = QHBoxLayout()
        where.addWidget(self.path, 1)
        where.addWidget(browse)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow(self._texts("new.scheme"), self.scheme)
        form.addRow(self._texts("new.period"), self.period)
        form.addRow(self._texts("new.district"), self.district)
        form.addRow(self._part_label, self.part)
        form.addRow(self._texts("new.path"), where)
        return form

    def chosen(self) -> NewFile:
        """What was chosen, once the dialog was accepted."""
        level = _PROVINCE if self.district.currentData() == _PROVINCE else ""
        return NewFile(
            Path(self.path.text()),
            self._scheme(),
            self.period.text().strip(),
            None if level else self.district.currentData() or None,
            "" if level else self._part(),
            level,
        )

    def _part(self) -> str:
        return " ".join(self.part.text().split())

    def _scheme(self) -> Scheme:
        return self._schemes[str(self.scheme.currentData())]

    def _fill_districts(self) -> None:
        self.district.clear()
        for code, entry in self._scheme().districts.codes.items():
            self.district.addItem(f"{code}  {self._texts.pick(entry.label, entry.label_en)}", code)
        self.district.addItem(self._texts("new.city"), "")
        self.district.addItem(self._texts("new.province"), _PROVINCE)
        self._check()

    def _typed_path(self) -> None:
        self._own_path = True
        self._check()

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self._texts("new.title"), self.path.text(), self._texts("window.files")
        )
        if name:
            self._own_path = True
            self.path.setText(name if name.endswith(".census") else name + ".census")
            self._check()

    def _check(self) -> None:
        period = self.period.text().strip()
        chosen = self.district.currentData() or ""
        self.part.setEnabled(chosen != _PROVINCE)
        self.part.setPlaceholderText(self._texts("new.part_none") if chosen else "")
        self._part_label.setText(self._texts("new.part" if chosen else "new.city_part"))
        if not self._own_path:
            place = self._scheme().districts.label(chosen, self._texts.lang) if chosen else self._texts("table.city")
            place = self._texts("new.province_file") if chosen == _PROVINCE else place + self._part()
            self.path.setText(str(self._folder / f"{place}-{period}.census"))
        problem = ""
        if not valid_period(period):
            problem = self._texts("error.period", period=period)
        elif Path(self.path.text()).exists():
            problem = self._texts("error.exists", path=self.path.text())
        elif not Path(self.path.text()).parent.is_dir():
            problem = self._texts("new.no_folder")
        self._problem.setText(problem)
        self._ok.setEnabled(not problem)
