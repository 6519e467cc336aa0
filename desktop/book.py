"""The pages of an open file: which ones a district has, which ones the city."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QWidget

from desktop.board_page import BoardPage
from desktop.conflicts_page import ConflictsPage
from desktop.duplicates_page import DuplicatesPage
from desktop.import_page import ImportPage
from desktop.indicators_page import IndicatorsPage
from desktop.merge_page import MergePage
from desktop.own_page import OwnPage
from desktop.pages import Desk
from desktop.return_page import ReturnPage
from desktop.review_page import ReviewPage
from desktop.rules_page import RulesPage
from desktop.second_page import SecondPage
from desktop.units_page import UnitsPage
from survey.expected import any_expected
from survey.persons import Action, may
from survey.store import Store

DISTRICT = ("units", "own", "import", "check", "rules", "second", "duplicates", "return", "indicators")
# A district whose officers have parts of it; the board and the conflicts show once one of them has sent something.
PARTS = ("merge", "board", "conflicts")
CITY = ("board", "merge", "conflicts", "duplicates", "units", "own", "import", "check", "rules", "indicators")
_KINDS: dict[str, Callable[[Desk], QWidget]] = {
    "units": UnitsPage, "import": ImportPage, "check": ReviewPage, "return": ReturnPage, "merge": MergePage,
    "indicators": IndicatorsPage, "own": OwnPage, "second": SecondPage, "rules": RulesPage, "board": BoardPage,
    "conflicts": ConflictsPage, "duplicates": DuplicatesPage,
}  # fmt: skip
P = TypeVar("P", bound=QWidget)


class FilePages:
    """The pages by their names in the sidebar, in its order; a page is drawn when it is first wanted.

    What happens on a page is told to those that are drawn: one that is not reads the file when it is.
    """

    def __init__(self, desk: Desk, go: Callable[[str], None], open_unit: Callable[..., None]) -> None:
        self._desk = desk
        self._go = go
        self._open_unit = open_unit
        self._drawn: dict[str, QWidget] = {}
        self.names = _names(desk.store)

    def offered(self) -> list[str]:
        """The names of the pages that have something to show in this file."""
        store = self._desk.store
        sent_to = store.is_city or _anything_received(store)
        of_use = {"board": sent_to or any_expected(store), "conflicts": sent_to}
        return [name for name in self.names if of_use.get(name, True) and _allowed(store, name)]

    def page(self, name: str) -> QWidget:
        """A page, drawn now where it is not yet. Raises KeyError where the file has none of that name."""
        if name not in self.names:
            raise KeyError(name)
        if name not in self._drawn:
            page = self._drawn[name] = _KINDS[name](self._desk)
            self._connect(page)
        return self._drawn[name]

    def drawn(self, kind: type[P]) -> Iterator[P]:
        """The page of a kind, where it has been drawn."""
        return (page for page in self._drawn.values() if isinstance(page, kind))

    def unsaved(self) -> list[str]:
        """The labels of cells whose text could not be saved."""
        return [
            cell
            for page in self._drawn.values()
            if isinstance(page, UnitsPage | OwnPage | SecondPage)
            for cell in page.unsaved()
        ]

    def outdate(self) -> None:
        """Answers have changed: what is shown of them on the other pages is no longer true."""
        for page in self._drawn.values():
            match page:
                case ReviewPage() | IndicatorsPage():
                    page.outdate()
                case UnitsPage() | OwnPage():
                    page.reread()
                case MergePage():
                    page.doubt()

    def name_of(self, page: QWidget) -> str:
        """The name of a page that has been drawn; '' where it is none of them."""
        return next((name for name, drawn in self._drawn.items() if drawn is page), "")

    # What is told to whom

    def _connect(self, page: QWidget) -> None:
        match page:
            case ReviewPage() | IndicatorsPage():
                page.chosen.connect(self._open_unit)
            case ReturnPage():
                page.settle.connect(self._go)
            case UnitsPage():
                page.wanted.connect(self._go)
            case RulesPage():
                page.rules_changed.connect(self._judge_anew)
            case BoardPage():
                self._connect_board(page)

    def _connect_board(self, board: BoardPage) -> None:
        """Returns that are dropped on the board are looked at on the page of the merge."""
        board.dropped.connect(self._look_at)
        board.wanted.connect(self._choose)
        board.chosen.connect(self._open_unit)
        board.go.connect(self._go)
        board.received.connect(board.refresh)
        board.received.connect(self._outdate_merge)

    def _look_at(self, paths: list[Path]) -> None:
        self._go("merge")
        for merge in self.drawn(MergePage):
            merge.look_at(paths)

    def _choose(self) -> None:
        self._go("merge")
        for merge in self.drawn(MergePage):
            merge.ask()

    def _outdate_merge(self) -> None:
        for merge in self.drawn(MergePage):
            merge.outdate()

    def _judge_anew(self) -> None:
        """Where checks have changed, what was found by the former ones is no longer true."""
        for review in self.drawn(ReviewPage):
            review.outdate()
        for units in self.drawn(UnitsPage):
            units.entry.session.rules_changed()
        for own in self.drawn(OwnPage):
            own.rules_changed()


# What somebody must be allowed to do, any of it, to have a page; the others are for whoever may look at units.
_FOR: dict[str, tuple[Action, ...]] = {
    "import": ("edit",), "second": ("edit",), "return": ("return",), "merge": ("merge",), "board": ("merge",),
    "conflicts": ("merge",), "duplicates": ("merge", "edit"), "indicators": ("view", "publish"),
}  # fmt: skip


def _allowed(store: Store, name: str) -> bool:
    return any(may(store, action) for action in _FOR.get(name, ("view",)))


def _names(store: Store) -> tuple[str, ...]:
    names: tuple[str, ...] = CITY if store.is_city else DISTRICT
    if store.takes_returns and not store.is_city:
        names += PARTS
    if all(form.respondent == "unit" for form in store.scheme.forms):
        names = tuple(name for name in names if name != "own")
    return names


def _anything_received(store: Store) -> bool:
    """Whether a return has ever come in here."""
    return store.execute("SELECT 1 FROM merge LIMIT 1").fetchone() is not None
