"""The pages of an open file: which ones a district has, which ones the city."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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

DISTRICT = ("units", "own", "import", "check", "rules", "second", "duplicates", "return", "indicators")
# A district whose officers have parts of it; the board and the conflicts show once one of them has sent something.
PARTS = ("merge", "board", "conflicts")
CITY = ("board", "merge", "conflicts", "duplicates", "units", "own", "import", "check", "rules", "indicators")
_KINDS: dict[str, Callable[[Desk], QWidget]] = {
    "units": UnitsPage, "import": ImportPage, "check": ReviewPage, "return": ReturnPage, "merge": MergePage,
    "indicators": IndicatorsPage, "own": OwnPage, "second": SecondPage, "rules": RulesPage, "board": BoardPage,
    "conflicts": ConflictsPage, "duplicates": DuplicatesPage,
}  # fmt: skip


def pages_of(desk: Desk, go: Callable[[str], None], open_unit: Callable[[int, str], None]) -> dict[str, QWidget]:
    """The pages by their names in the sidebar, in its order; those that lead elsewhere are told how."""
    names: tuple[str, ...] = CITY if desk.store.is_city else DISTRICT
    if desk.store.takes_returns and not desk.store.is_city:
        names += PARTS
    if all(form.respondent == "unit" for form in desk.store.scheme.forms):
        names = tuple(name for name in names if name != "own")
    pages = {name: _KINDS[name](desk) for name in names}
    for page in pages.values():
        if isinstance(page, ReviewPage | IndicatorsPage):
            page.chosen.connect(open_unit)
        if isinstance(page, ReturnPage):
            page.settle.connect(go)
        if isinstance(page, UnitsPage):
            page.wanted.connect(go)
    second, units, review = (pages.get(name) for name in ("second", "units", "check"))
    if isinstance(second, SecondPage) and isinstance(units, UnitsPage):
        second.settled.connect(units.entry.session.reread)
    if isinstance(review, ReviewPage) and isinstance(units, UnitsPage):
        review.changed.connect(units.entry.session.reread_open)
    board, merge = pages.get("board"), pages.get("merge")
    if isinstance(board, BoardPage) and isinstance(merge, MergePage):
        _lead_to_merge(board, merge, go, open_unit)
    if isinstance(units, UnitsPage):
        _tell_of_returns(pages, units)
    rules = pages.get("rules")
    if isinstance(rules, RulesPage):
        _tell_of_rules(rules, pages)
    return pages


def _lead_to_merge(
    board: BoardPage, merge: MergePage, go: Callable[[str], None], open_unit: Callable[[int, str], None]
) -> None:
    """Returns that are dropped on the board are looked at on the page of the merge."""

    def look_at(paths: list[Path]) -> None:
        go("merge")
        merge.look_at(paths)

    def choose() -> None:
        go("merge")
        merge.ask()

    board.dropped.connect(look_at)
    board.wanted.connect(choose)
    board.chosen.connect(open_unit)
    board.go.connect(go)
    board.received.connect(board.refresh)
    board.received.connect(merge.outdate)


def _tell_of_returns(pages: dict[str, QWidget], units: UnitsPage) -> None:
    """Returns and decisions about them write answers of the unit that is open, too."""
    for page in pages.values():
        if isinstance(page, MergePage | BoardPage):
            page.received.connect(units.reread)
        if isinstance(page, ConflictsPage):
            page.changed.connect(units.reread)


def _tell_of_rules(rules: RulesPage, pages: dict[str, QWidget]) -> None:
    """Where checks have changed, what was found by the former ones is no longer true."""
    for page in pages.values():
        if isinstance(page, ReviewPage):
            rules.rules_changed.connect(page.outdate)
        if isinstance(page, UnitsPage):
            rules.rules_changed.connect(page.entry.session.rules_changed)
        if isinstance(page, OwnPage):
            rules.rules_changed.connect(page.rules_changed)
