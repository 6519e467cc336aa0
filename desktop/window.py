"""The window: navigation between pages, and where slow work and trouble are shown."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop.icons import Icons
from desktop.mending import put_back, ways_out
from desktop.menus import Menus
from desktop.presence import Presence
from desktop.protecting import protect_open_file, signed_in, unlocked
from desktop.settings import Settings
from desktop.sidebar import Sidebar
from desktop.start_page import StartPage
from desktop.status_bar import StatusBar
from desktop.theme import Colours
from desktop.trouble import Trouble, gives_up
from desktop.worker import Worker
from survey import keyring
from survey.errors import Cancelled, SurveyError
from survey.filemark import is_encrypted
from survey.progress import Progress
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.book import FilePages
    from desktop.pages import Desk
    from desktop.units_page import UnitsPage
    from survey.persons import Action
    from survey.store import Store

_NARROW = 1040
_COPIED_AT_ONCE = 128 << 20


@dataclass(frozen=True)
class Place:
    """Where a person is: the file, the page, the unit and form that is open (0: none)."""

    path: Path | None = None
    page: str = ""
    unit: int = 0
    form: int = 0


Restart = Callable[[Place, str], None]


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
        self._desk: Desk | None = None
        self._pages: FilePages | None = None
        self._trouble: Trouble | None = None
        self._presence: Presence | None = None
        self._focus: QWidget | None = None
        self._left = False
        self.worker = Worker(self)
        self.menus = Menus(texts, settings.theme, settings.enter)
        self.sidebar = Sidebar(texts, icons)
        self.status = StatusBar(texts)
        self._stack = QStackedWidget()
        self.setWindowIcon(icons.coloured("logo", colours.accent))
        self.setMinimumSize(QSize(880, 500))
        self.resize(1280, 760)
        self._lay_out()
        self._connect()
        self._show_start()

    @property
    def path(self) -> Path | None:
        """The open file."""
        return self._store.path if self._store else None

    @property
    def busy(self) -> bool:
        """Whether something is being worked on, or looked up for a page."""
        return self.worker.busy or bool(self._desk and self._desk.lookups.busy)

    def page(self, name: str) -> QWidget:
        """A page of the open file by its name in the sidebar. Raises KeyError where it has none of that name."""
        if not self._pages:
            raise KeyError(name)
        page = self._pages.page(name)
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        return page

    def open_file(self, path: Path) -> None:
        """Opens a survey file; trouble is said and what was open stays."""
        if not self._may_leave():
            return
        try:
            opened = unlocked(path, self._texts, self)
        except SurveyError as error:
            self.fail(error)
            return
        if opened is None:
            return
        if not signed_in(opened, self._texts, self):
            opened.close()
            keyring.forget(but=self.path)
            return
        self._settings.remember(path)
        opened = self._upgraded(opened)
        self._adopt(opened)
        self._warn()
        self._back_up(path)

    def _warn(self) -> None:
        """What the person should know before the first entry: another window, a clock that is wrong."""
        from survey.journal import check_clock

        assert self._store
        assert self._presence
        try:
            check_clock(self._store)
        except SurveyError as error:
            self.fail(error)
        if self._presence.elsewhere:
            self.fail(self._presence.elsewhere)

    def _upgraded(self, opened: Store) -> Store:
        """The file under the later version of its scheme that the program brings, where the person wants it."""
        from desktop.upgrade_offer import offer

        try:
            return offer(opened, self._texts, self._settings.who, self)
        except SurveyError as error:
            self.fail(error)
            return opened

    def _back_up(self, path: Path) -> None:
        """The day's copy: at once for a district's file, in the worker for a large one."""
        from survey.backup import back_up

        today = datetime.now().date()
        if path.stat().st_size > _COPIED_AT_ONCE:
            self.worker.start(lambda _progress: back_up(path, today), lambda _copy: None, self.fail)
            return
        try:
            back_up(path, today)
        except SurveyError as error:
            self.fail(error)

    def close_file(self, *, for_good: bool = True) -> bool:
        """Back to the start page; False where the person stays with the file.

        What opens it is forgotten, but where the program works on with the closed file, and opens it again.
        """
        from survey import identity

        left = self._may_leave()
        if left:
            self._show_start()
            identity.act_as(self._settings.who)
            if for_good:
                keyring.forget()
        return left

    def give_up(self, error: BaseException) -> None:
        """Work on a closed file came to nothing: that is said, and what opens it is forgotten."""
        keyring.forget(but=self.path)
        self.fail(error)

    def refuses(self, action: Action) -> bool:
        """Whether the person who works may not do something; then that is said."""
        from survey.persons import permit

        try:
            if self._store:
                permit(self._store, action)
        except SurveyError as error:
            self.fail(error)
            return True
        return False

    def fail(self, error: BaseException) -> None:
        """Says trouble; of several faults at once only the first, or they would cover the screen."""
        if isinstance(error, Cancelled):
            self.status.say(self._texts("error.cancelled"))
            return
        if self._trouble is None:
            self._trouble = Trouble(error, self._texts, self, ways_out(self, error, self._texts))
            self._trouble.destroyed.connect(self._trouble_seen)
            self._trouble.open()

    def go(self, name: str) -> None:
        """Brings a page to the front, fresh."""
        page = self.page(name)
        self.sidebar.mark(name)
        self._stack.setCurrentWidget(page)
        refresh = getattr(page, "refresh", None)
        if refresh:
            refresh()

    def place(self) -> Place:
        """Where the person is now."""
        name = self._pages.name_of(self._stack.currentWidget()) if self._pages else ""
        unit, form = self._units().place() if name == "units" else (0, 0)
        return Place(self.path, name, unit, form)

    def go_to(self, place: Place) -> None:
        """Back to where the person was."""
        if place.path:
            self.open_file(place.path)
        if self._pages and place.page in self._pages.names:
            self.go(place.page)
            if place.unit:
                self._units().open_unit(place.unit, form=place.form)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.sidebar.fold(narrow=self.width() < _NARROW)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self._left or self._all_saved()):
            event.ignore()
            return
        self.worker.close()
        self._drop()
        event.accept()

    # Layout

    def _lay_out(self) -> None:
        self.setMenuBar(self.menus)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._stack, 1)
        right.addWidget(self.status)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addLayout(right, 1)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        for signal, action in (
            (self.menus.new, self._new), (self.menus.opened, self._open), (self.menus.closed, self.close_file),
            (self.menus.left, self.close), (self.menus.mode, self._set_theme), (self.menus.lang, self._set_lang),
            (self.menus.about, self._about), (self.menus.who, self._ask_who), (self.menus.enter, self._set_enter),
            (self.menus.blank, self._print_blank), (self.menus.own_tables, self._own_tables),
            (self.menus.protect, self._protect), (self.menus.keys, self._keys),
            (self.menus.manual, self._manual), (self.menus.journal, self._journal),
            (self.menus.persons, self._persons), (self.menus.backups, self._backups),
            (self.sidebar.chosen, self.go),
            (self.status.cancelled, self.worker.cancel), (self.worker.started, self._busy),
            (self.worker.progressed, self.status.progress), (self.worker.finished, self._idle),
        ):  # fmt: skip
            signal.connect(action)

    # Files

    def _may_leave(self) -> bool:
        """Whether the open file can be left for another one: nothing runs on it, and nothing unsaved is lost."""
        return not self.worker.busy and self._all_saved()

    def _all_saved(self) -> bool:
        """Whether every cell is saved, or the person gives up what cannot be."""
        unsaved = self._pages.unsaved() if self._pages else []
        return not unsaved or gives_up(unsaved, self._texts, self)

    def _units(self) -> UnitsPage:
        return self.page("units")  # type: ignore[return-value]

    def _drop(self) -> None:
        if self._desk:
            self._desk.lookups.close()
        while self._stack.count():
            page = self._stack.widget(0)
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages = None
        self._desk = None
        if self._store:
            self._store.close()
            self._store = None
        if self._presence:
            self._presence.leave()
            self._presence = None

    def _show_start(self) -> None:
        self._drop()
        start = StartPage(self._texts, self._icons, self._settings.recent)
        start.new.connect(self._new)
        start.open.connect(self._open)
        start.sample.connect(self._sample)
        start.recent.connect(self.open_file)
        self._stack.addWidget(start)
        self.sidebar.show_pages(())
        self.sidebar.hide()
        self.menus.offer(file=False)
        self.status.say("")
        self.setWindowTitle(self._texts("window.title"))

    def _adopt(self, opened: Store) -> None:
        # Pages pull in what the first window must not wait for.
        from desktop.book import FilePages
        from desktop.pages import Desk, Nothing
        from survey import identity, journal
        from survey.persons import current

        self._drop()
        self._store = opened
        keyring.forget(but=opened.path)
        self._presence = Presence(opened.path)
        if not current(opened):
            identity.act_as(self._settings.who)
        journal.record_once(opened, "opened", opened.path.name)
        texts, icons, colours = self._texts, self._icons, self._colours
        desk = self._desk = Desk(
            opened, texts, icons, colours, self.worker, Worker(self), self._settings, self.fail, self._changed
        )
        pages = self._pages = FilePages(desk, self.go, self._open_unit)
        self._show_pages()
        place = opened.scheme.districts.label(opened.district, texts.lang) if opened.district else texts("table.city")
        desk_line = texts("window.desk", place=place, period=opened.period)
        self.sidebar.describe(desk_line, opened.path.name, str(opened.path))
        self.sidebar.show()
        self.menus.offer(file=True)
        self.setWindowTitle(texts("window.title_of", file=opened.path.name, desk=desk_line))
        self.status.say(self._where())
        offered = pages.offered()
        if offered:
            self.go(offered[0])
        else:
            nothing = Nothing(icons, "settings", texts("persons.nothing"), texts("persons.nothing_line"), "noPages")
            self._stack.addWidget(nothing)
            self._stack.setCurrentWidget(nothing)

    def _show_pages(self) -> None:
        """The way to every page that has something to show in this file."""
        self.sidebar.show_pages(self._pages.offered() if self._pages else ())
        self.sidebar.fold(narrow=self.width() < _NARROW)

    def _open_unit(self, unit: int, item: str, line: int = 0) -> None:
        assert self._store
        if self._store.kind_of(unit) != "unit":
            self.go("own")
            self.page("own").open_desk(unit, item, line)  # type: ignore[attr-defined]
            return
        self.go("units")
        # What is checked and computed is the survey's period, whichever the list shows.
        self._units().open_unit(unit, item, period=self._store.period, line=line)

    def _changed(self) -> None:
        """Answers have changed: figures and findings shown before are no longer true."""
        assert self._pages
        self._pages.outdate()
        name = self.place().page
        if set(self._pages.offered()) - set(self.sidebar.shown):
            self._show_pages()
            self.sidebar.mark(name)
        if name in ("units", "return"):
            self.page(name).refresh()  # type: ignore[attr-defined]

    def _new(self) -> None:
        from desktop.new_dialog import make_file

        try:
            made = make_file(self._settings.folder, self._texts, self)
        except SurveyError as error:
            self.fail(error)
            return
        if made:
            self.open_file(made)

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
        """While something runs, nothing else can be started, and the file stays open."""
        self._focus = self.focusWidget()
        for widget in (self._stack, self.sidebar, self.menus):
            widget.setEnabled(False)
        self.status.begin()

    def _idle(self) -> None:
        for widget in (self._stack, self.sidebar, self.menus):
            widget.setEnabled(True)
        if self._focus and isValid(self._focus):
            self._focus.setFocus()
        self.status.end(self._where())

    def _where(self) -> str:
        """Where the data is, and whether a thief could read it: nobody should have to ask."""
        if not self.path:
            return ""
        return self._texts("window.saved_locked" if is_encrypted(self.path) else "window.saved_in", path=self.path)

    def _trouble_seen(self) -> None:
        self._trouble = None

    # Choices

    def _set_theme(self, mode: str) -> None:
        self._settings.theme = mode
        self.restart()

    def _set_lang(self, lang: str) -> None:
        self._settings.lang = lang
        self.restart(lang)

    def _set_enter(self, way: str) -> None:
        self._settings.enter = way

    def _ask_who(self) -> None:
        """Whose name stands in the record of changes."""
        name, given = QInputDialog.getText(
            self, self._texts("window.who"), self._texts("window.who_line"), text=self._settings.who
        )
        if given:
            from survey import identity

            self._settings.who = name
            identity.act_as(self._settings.who)

    def _print_blank(self) -> None:
        from desktop.form_printing import print_blank

        if self._desk:
            print_blank(self._desk, self._desk.store.period, self)

    def _own_tables(self) -> None:
        from desktop.table_designer import TableDesigner

        if self._desk:
            TableDesigner(self._desk, self).open()

    def _protect(self) -> None:
        if self.path:
            protect_open_file(self, self.path, self._texts)

    def _keys(self) -> None:
        from desktop.keys_dialog import KeysDialog

        if self._desk:
            KeysDialog(self._desk, self).open()

    def restart(self, lang: str = "") -> None:
        """The same place in a window made anew, in its language or another."""
        if self._may_leave():
            self._left = True
            self._restart(self.place(), lang or self._texts.lang)

    def _persons(self) -> None:
        from desktop.persons_dialog import PersonsDialog

        if self._desk:
            dialog = PersonsDialog(self._desk, self)
            dialog.exec()
            if dialog.changed_any and self.path:
                # Who works now may be somebody whom the file knows no more, or does not know yet.
                self.open_file(self.path)

    def _journal(self) -> None:
        from desktop.journal_dialog import JournalDialog

        if self._desk:
            JournalDialog(self._desk, self).open()

    def _backups(self) -> None:
        if self.path:
            put_back(self, self.path, self._texts)

    def _manual(self) -> None:
        """The manual at the page that tells of what is in front."""
        from desktop.manual import PAGES

        name = self.place().page
        self._show_manual(name if name in PAGES else "index")

    def _show_manual(self, name: str) -> None:
        from desktop.manual import Manual
        from desktop.manual_window import ManualWindow

        window = ManualWindow(Manual(self._texts, self._store.scheme if self._store else None), self._texts, self)
        window.show_page(name)
        window.show()

    def _about(self) -> None:
        from desktop.about import AboutBox
        from desktop.manual import LICENCES

        box = AboutBox(self._texts, self)
        box.licences.clicked.connect(lambda _checked=False: self._show_manual(LICENCES))
        box.open()
