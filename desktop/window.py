"""The window: navigation between pages, and where slow work and trouble are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from desktop.errands import Errands
from desktop.icons import Icons
from desktop.mending import ways_out
from desktop.menus import Menus
from desktop.opening import back_up_for_today, opened
from desktop.presence import Presence
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
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.book import FilePages
    from desktop.pages import Desk
    from desktop.units_page import UnitsPage
    from survey.persons import Action
    from survey.store import Store

_NARROW = 1040


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
        self.desk: Desk | None = None
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
        self._errands = Errands(self, self.menus, texts, settings)
        self._show_start()

    @property
    def path(self) -> Path | None:
        """The open file."""
        return self.desk.path if self.desk else None

    @property
    def busy(self) -> bool:
        """Whether something is being worked on, or looked up for a page."""
        return self.worker.busy or bool(self.desk and self.desk.lookups.busy)

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
            found = opened(path, self._texts, self._settings, self)
        except SurveyError as error:
            self.fail(error)
            return
        if found is not None:
            self._adopt(found)
            self._warn(found)
            back_up_for_today(path, self)

    def _warn(self, store: Store) -> None:
        """What the person should know before the first entry: another window, a clock that is wrong."""
        from survey.journal import check_clock

        assert self._presence
        try:
            check_clock(store)
        except SurveyError as error:
            self.fail(error)
        if self._presence.elsewhere:
            self.fail(self._presence.elsewhere)

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
            if self.desk:
                permit(self.desk.store, action)
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

    def restart(self, lang: str = "") -> None:
        """The same place in a window made anew, in its language or another."""
        if self._may_leave():
            self._left = True
            self._restart(self.place(), lang or self._texts.lang)

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
            (self.sidebar.chosen, self.go), (self.status.cancelled, self.worker.cancel),
            (self.worker.started, self._busy), (self.worker.progressed, self.status.progress),
            (self.worker.finished, self._idle),
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
        desk, self.desk = self.desk, None
        if desk:
            desk.lookups.close()
        while self._stack.count():
            page = self._stack.widget(0)
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages = None
        if desk:
            desk.store.close()
        if self._presence:
            self._presence.leave()
            self._presence = None

    def _show_start(self) -> None:
        self._drop()
        start = StartPage(self._texts, self._icons, self._settings.recent)
        start.new.connect(self._errands.new)
        start.open.connect(self._errands.open)
        start.sample.connect(self._errands.sample)
        start.recent.connect(self.open_file)
        self._stack.addWidget(start)
        self.sidebar.show_pages(())
        self.sidebar.hide()
        self.menus.offer(file=False)
        self.status.say("")
        self.setWindowTitle(self._texts("window.title"))

    def _adopt(self, store: Store) -> None:
        # Pages pull in what the first window must not wait for.
        from desktop.book import FilePages
        from desktop.pages import Desk, Nothing
        from survey import identity, journal
        from survey.persons import current

        self._drop()
        keyring.forget(but=store.path)
        self._presence = Presence(store.path)
        if not current(store):
            identity.act_as(self._settings.who)
        journal.record_once(store, "opened", store.path.name)
        texts, icons, colours = self._texts, self._icons, self._colours
        desk = self.desk = Desk(
            store, texts, icons, colours, self.worker, Worker(self), self._settings, self.fail, self._changed
        )
        pages = self._pages = FilePages(desk, self.go, self._open_unit)
        self._show_pages()
        place = store.scheme.districts.label(store.district, texts.lang) if store.district else texts("table.city")
        desk_line = texts("window.desk", place=place, period=store.period)
        self.sidebar.describe(desk_line, store.path.name, str(store.path))
        self.sidebar.show()
        self.menus.offer(file=True)
        self.setWindowTitle(texts("window.title_of", file=store.path.name, desk=desk_line))
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
        assert self.desk
        if self.desk.store.kind_of(unit) != "unit":
            self.go("own")
            self.page("own").open_desk(unit, item, line)  # type: ignore[attr-defined]
            return
        self.go("units")
        # What is checked and computed is the survey's period, whichever the list shows.
        self._units().open_unit(unit, item, period=self.desk.store.period, line=line)

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
