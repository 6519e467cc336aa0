"""The findings of the whole file as rows, read a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon

from desktop.page_cache import PageCache
from desktop.pages import class_name
from desktop.plain import SAID, as_said
from desktop.rows_model import HeadedModel, Index
from survey.checks import sentence
from survey.listing import Listed, Listing
from survey.scheme import Scheme
from survey.texts import Texts

HEADS = ("class", "uscc", "name", "check", "state", "message")
MESSAGE = HEADS.index("message")


class FindingsModel(HeadedModel):
    """A listing with its sentences; what is not looked at is not read."""

    def __init__(self, texts: Texts, badges: Mapping[str, QIcon]) -> None:
        super().__init__([texts(f"review.head.{head}") for head in HEADS])
        self._texts = texts
        self._badges = badges
        self._scheme: Scheme | None = None
        self._listing: Listing | None = None
        self._rows: PageCache[Listed] = PageCache(self._read)

    def show(self, scheme: Scheme, listing: Listing) -> None:
        """Other findings."""
        self.beginResetModel()
        self._scheme, self._listing = scheme, listing
        self._rows.clear()
        self.endResetModel()

    def listed(self, index: Index) -> Listed | None:
        """The finding of a row; None where there is none."""
        return self._rows.row(index.row()) if 0 <= index.row() < self.rowCount() else None

    def rowCount(self, parent: Index | None = None) -> int:
        nothing = self._listing is None or (parent is not None and parent.isValid())
        return 0 if nothing else len(self._listing)  # type: ignore[arg-type]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        listed = self.listed(index)
        if listed is None:
            return None
        if role in SAID:
            return as_said(self.texts_of(listed)[index.column()], role)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._badges[listed.finding.category]
        return None

    def texts_of(self, listed: Listed) -> tuple[str, ...]:
        """A finding as it is read: class, code and name of the unit, check, whether it is answered, the sentence."""
        assert self._scheme
        one, texts = listed.finding, self._texts
        state = texts("review.state.answered") if listed.answered else ""
        told = texts("review.gone") if listed.gone else sentence(one, self._scheme, texts)
        return class_name(texts, one.category), one.unit, one.name, one.check, state, told

    def _read(self, start: int, count: int) -> list[Listed]:
        assert self._listing
        return self._listing.page(start, count)
