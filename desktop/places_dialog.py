"""Where every file is: the survey file, its copies, the returns that came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from desktop.file_actions import copy_path, open_folder
from desktop.fitting import resize_within
from desktop.merge_facts import sender_name
from desktop.moments import moment
from desktop.pages import Desk, hint
from desktop.rows_model import RowsModel, table_view
from survey.beside import folder_of
from survey.received import listed

_HEADS = ("kind", "name", "at", "size", "path")
_MEGABYTE = 1 << 20


class PlacesDialog(QDialog):
    """One row a file; Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        texts = desk.texts
        self._desk = desk
        self.setObjectName("placesDialog")
        self.setWindowTitle(texts("board.place.title"))
        resize_within(self, 1020, 480)
        self.model = RowsModel([texts(f"board.place_head.{name}") for name in _HEADS], right=(3,))
        self.view = table_view(self.model, "places", texts("board.place.title"), (150, 220, 130, 80, 300), 4)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._enable())
        buttons = QDialogButtonBox()
        self._buttons = []
        for name, action in (("folder", open_folder), ("copy", copy_path)):
            button = QPushButton(texts(f"received.{name}"))
            button.setObjectName(f"place_{name}")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, action=action: action(self._path()))
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            self._buttons.append(button)
        buttons.addButton(texts("received.close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(hint(texts("board.place.hint")))
        column.addWidget(self.view, 1)
        column.addWidget(buttons)
        rows = list(self._rows())
        self.model.set_rows(rows, [row[-1] for row in rows])
        self.view.setCurrentIndex(self.model.index(0, 0))
        self._enable()

    def _path(self) -> str:
        return str(self.model.object(self.view.currentIndex()))

    def _enable(self) -> None:
        for button in self._buttons:
            button.setEnabled(self.view.currentIndex().isValid())

    def _rows(self) -> Iterator[Sequence[str]]:
        store, texts = self._desk.store, self._desk.texts
        yield self._row(texts("board.place.file"), store.path.resolve())
        for one in listed(store, store.period):
            if one.path:
                kind = f"{texts('board.place.return')} {sender_name(store, one.sender, texts)}"
                yield self._row(kind, Path(one.path), moment(one.at))
        for copy in sorted(folder_of(store.path.resolve()).glob(f"*{store.path.suffix}"), reverse=True):
            yield self._row(texts("board.place.backup"), copy)

    def _row(self, kind: str, path: Path, at: str = "") -> Sequence[str]:
        if not path.is_file():
            return kind, path.name, at, self._desk.texts("board.place.missing"), str(path)
        facts = path.stat()
        when = at or moment(datetime.fromtimestamp(facts.st_mtime, tz=UTC).astimezone().isoformat())
        return kind, path.name, when, f"{max(facts.st_size / _MEGABYTE, 0.1):,.1f} MB", str(path)
