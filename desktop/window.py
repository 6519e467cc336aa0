"""The window: navigation between pages, the progress of slow work, and saying what went wrong."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import paths
from desktop.icons import Icons
from desktop.settings import Settings
from desktop.start_page import StartPage
from desktop.theme import MODES, Colours
from desktop.worker import Progress, Worker
from survey.errors import Cancelled, SurveyError, sentence
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.pages import Desk, Page
    from survey.store import Store

_DISTRICT_PAGES = ("units", "import", "check", "return", "indicators")
_CITY_PAGES = ("merge", "units", "import", "check", "indicators")
Restart = Callable[[Path | None], None]


class Window(QMainWindow):
    """One survey file at a time."""

    def __init__(self, texts: Texts, icons: Icons, colours: Colours, settings: Settings, restart: Restart) -> None:
        super().__init__()
        self._texts = texts
        self._icons = icons
        self._colours = colours
        self._settings = settings
        self._restart = restart
        self._store: Store | None = None
        self._pages: dict[str, QWidget] = {}
        self.worker = Worker(self)
        self.setWindowTitle(texts("window.title"))
        self.setWindowIcon(icons.coloured("logo", colours.accent))
        self.setMinimumSize(QSize(960, 600))
        self.resize(1280, 760)
        self._stack = QStackedWidget()
        self._side = QVBoxLayout()
        self._group = QButtonGroup(self)
        self._lay_out()
        self._menus()
        self.worker.started.connect(self._busy)
        self.worker.progressed.connect(self._progress)
        self.worker.finished.connect(self._idle)
        self.close_file()

    @property
    def path(self) -> Path | None:
        """The open file."""
        return self._store.path if self._store else None

    def page(self, name: str) -> QWidget:
        """A page of the open file by its name in the sidebar."""
        return self._pages[name]

    def open_file(self, path: Path) -> None:
        """Opens a survey file; trouble is said and what was open stays."""
        from survey import store

        try:
            opened = store.open(path)
        except SurveyError as error:
            self.fail(error)
            return
        self._settings.remember(path)
        self._adopt(opened)

    def close_file(self) -> None:
        """Back to the start page."""
        self._drop()
        start = StartPage(self._texts, self._icons, self._settings.recent)
        start.new.connect(self._new)
        start.open.connect(self._open)
        start.sample.connect(self._sample)
        start.recent.connect(self.open_file)
        self._stack.addWidget(start)
        self._pages["home"] = start
        self._navigation(())
        self._note.setText("")
        self._desk_label.setText(self._texts("window.no_file"))
        self.setWindowTitle(self._texts("window.title"))

    def fail(self, error: BaseException) -> None:
        """Says trouble in plain words; a fault of the program with its trace for the report."""
        if isinstance(error, Cancelled):
            self._note.setText(self._texts("error.cancelled"))
            return
        known = isinstance(error, SurveyError)
        box = QMessageBox(self)
        box.setObjectName("trouble")
        box.setWindowTitle(self._texts("window.trouble"))
        box.setIcon(QMessageBox.Icon.Warning if known else QMessageBox.Icon.Critical)
        box.setText(sentence(error, self._texts) if isinstance(error, SurveyError) else self._texts("window.fault"))
        if not known:
            box.setDetailedText("".join(traceback.format_exception(error)))
        box.addButton(self._texts("window.understood"), QMessageBox.ButtonRole.AcceptRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def go(self, name: str) -> None:
        """Brings a page to the front, fresh."""
        page = self._pages[name]
        for button in self._group.buttons():
            button.setChecked(button.objectName() == f"go_{name}")
        self._stack.setCurrentWidget(page)
        refresh = getattr(page, "refresh", None)
        if refresh:
            refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.worker.close()
        self._drop()
        event.accept()

    # Layout

    def _lay_out(self) -> None:
        side = QWidget()
        side.setObjectName("sidebar")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(212)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 10)
        column.setSpacing(0)
        brand = QLabel(self._texts("window.brand"))
        brand.setObjectName("brand")
        self._desk_label = QLabel()
        self._desk_label.setObjectName("desk")
        self._desk_label.setWordWrap(True)
        column.addWidget(brand)
        column.addWidget(self._desk_label)
        column.addLayout(self._side)
        column.addStretch(1)
        self._status = QWidget()
        self._status.setObjectName("status")
        self._status.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar = QHBoxLayout(self._status)
        bar.setContentsMargins(16, 6, 16, 6)
        self._note = QLabel()
        self._note.setObjectName("hint")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(260)
        self._stop = QPushButton(self._texts("window.cancel"))
        self._stop.setObjectName("cancel")
        self._stop.clicked.connect(self.worker.cancel)
        bar.addWidget(self._note, 1)
        bar.addWidget(self._bar)
        bar.addWidget(self._stop)
        self._bar.hide()
        self._stop.hide()
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(self._status)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addLayout(right, 1)
        self.setCentralWidget(whole)

    def _menus(self) -> None:
        texts = self._texts
        files = self.menuBar().addMenu(texts("window.menu.file"))
        for name, action, keys in (
            ("new", self._new, "Ctrl+N"), ("open", self._open, "Ctrl+O"), ("close", self.close_file, "Ctrl+W"),
            ("quit", self.close, "Ctrl+Q"),
        ):  # fmt: skip
            entry = QAction(texts(f"window.menu.{name}"), self)
            entry.setShortcut(keys)
            entry.triggered.connect(lambda _checked=False, act=action: act())
            files.addAction(entry)
        view = self.menuBar().addMenu(texts("window.menu.view"))
        self._choices(view, MODES, self._settings.theme, "window.theme", self._set_theme)
        view.addSeparator()
        self._choices(view, ("zh", "en"), texts.lang, "window.lang", self._set_lang)
        about = QAction(texts("window.menu.about"), self)
        about.triggered.connect(self._about)
        self.menuBar().addMenu(texts("window.menu.help")).addAction(about)

    def _choices(self, menu: object, names: tuple[str, ...], now: str, key: str, choose: Callable[[str], None]) -> None:
        group = QActionGroup(self)
        for name in names:
            entry = QAction(self._texts(f"{key}.{name}"), self, checkable=True)
            entry.setObjectName(f"{key}.{name}")
            entry.setChecked(name == now)
            entry.triggered.connect(lambda _checked=False, which=name: choose(which))
            group.addAction(entry)
            menu.addAction(entry)  # type: ignore[attr-defined]

    def _navigation(self, names: tuple[str, ...]) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._side.removeWidget(button)
            button.hide()
            button.deleteLater()
        for name in names:
            button = QToolButton()
            button.setObjectName(f"go_{name}")
            button.setText(self._texts(f"window.go.{name}"))
            button.setIcon(self._icons.icon(name))
            button.setIconSize(QSize(20, 20))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, which=name: self.go(which))
            self._group.addButton(button)
            self._side.addWidget(button)

    # Files

    def _drop(self) -> None:
        while self._stack.count():
            page = self._stack.widget(0)
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages = {}
        if self._store:
            self._store.close()
            self._store = None

    def _adopt(self, opened: Store) -> None:
        from desktop.pages import Desk

        self._drop()
        self._store = opened
        desk = Desk(
            opened, self._texts, self._icons, self._colours, self.worker, self._settings, self.fail, self._changed
        )
        names = _CITY_PAGES if opened.is_city else _DISTRICT_PAGES
        for name in names:
            self._pages[name] = self._make(name, desk)
            self._stack.addWidget(self._pages[name])
        self._navigation(names)
        texts = self._texts
        place = opened.scheme.districts.label(opened.district, texts.lang) if opened.district else texts("table.city")
        self._desk_label.setText(texts("window.desk", place=place, period=opened.period, file=opened.path.name))
        self._desk_label.setToolTip(str(opened.path))
        self.setWindowTitle(texts("window.title_of", file=opened.path.name))
        self._note.setText(self._where())
        self.go(names[0])

    def _make(self, name: str, desk: Desk) -> Page | QWidget:
        # Pages pull in what the first window must not wait for.
        from desktop.import_page import ImportPage
        from desktop.indicators_page import IndicatorsPage
        from desktop.merge_page import MergePage
        from desktop.return_page import ReturnPage
        from desktop.review_page import ReviewPage
        from desktop.units_page import UnitsPage

        if name == "check":
            review = ReviewPage(desk)
            review.chosen.connect(self._open_unit)
            return review
        kinds: dict[str, Callable[[Desk], QWidget]] = {
            "units": UnitsPage, "import": ImportPage, "return": ReturnPage, "merge": MergePage,
            "indicators": IndicatorsPage,
        }  # fmt: skip
        return kinds[name](desk)

    def _open_unit(self, unit: int, item: str) -> None:
        from desktop.units_page import UnitsPage

        self.go("units")
        page = self._pages["units"]
        if isinstance(page, UnitsPage):
            page.open_unit(unit, item)

    def _changed(self) -> None:
        page = self._stack.currentWidget()
        if page in (self._pages.get("units"), self._pages.get("return")):
            page.refresh()  # type: ignore[attr-defined]

    def _new(self) -> None:
        from datetime import datetime

        from desktop.new_dialog import NewDialog
        from survey import scheme, store

        try:
            folders = sorted(path.parent for path in paths.schemes().glob("*/scheme.toml"))
            known = {found.id: found for found in (scheme.load(folder) for folder in folders)}
            dialog = NewDialog(known, str(datetime.now().year - 1), self._settings.folder, self._texts)
            if dialog.exec():
                chosen = dialog.chosen()
                store.create(chosen.path, chosen.scheme, chosen.period, chosen.district).close()
                self.open_file(chosen.path)
        except SurveyError as error:
            self.fail(error)

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._texts("window.menu.open"), str(self._settings.folder), self._texts("window.files")
        )
        if name:
            self.open_file(Path(name))

    def _sample(self) -> None:
        folder, texts = Path(tempfile.mkdtemp(prefix="census-desk-")), self._texts

        def work(progress: Progress) -> Path:
            from desktop import demo

            progress(0, 0, "progress.sample")
            return demo.city_file(folder, texts)

        self.worker.start(work, self.open_file, self.fail)

    # Slow work

    def _busy(self) -> None:
        self._bar.setRange(0, 0)
        self._bar.show()
        self._stop.show()
        self._note.setText(self._texts("window.working"))
        self._stack.setEnabled(False)

    def _progress(self, done: int, total: int, label: str) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._note.setText(f"{self._texts(label)}  {done:,} / {total:,}" if total else self._texts(label))

    def _idle(self) -> None:
        self._bar.hide()
        self._stop.hide()
        self._note.setText(self._where())
        self._stack.setEnabled(True)

    def _where(self) -> str:
        """Where the data is: nobody should have to ask."""
        return self._texts("window.saved_in", path=self.path) if self.path else ""

    # Choices

    def _set_theme(self, mode: str) -> None:
        self._settings.theme = mode
        self._restart(self.path)

    def _set_lang(self, lang: str) -> None:
        self._settings.lang = lang
        self._restart(self.path)

    def _about(self) -> None:
        QMessageBox.about(self, self._texts("window.menu.about"), self._texts("window.about"))
