"""Where every file is: the survey file, its copies, the returns that came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QWidget

from desktop.file_actions import copy_path, open_folder
from desktop.list_dialog import ListDialog
from desktop.merge_facts import sender_name
from desktop.moments import moment
from desktop.pages import Desk, hint
from survey.beside import folder_of
from survey.received import listed

_MEGABYTE = 1 << 20


class PlacesDialog(ListDialog):
    """One row a file."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk.texts, parent, "places", (1020, 480))
        self._desk = desk
        self.table((150, 220, 130, 80, 300), 4, right=(3,))
        self._buttons = (
            self.action("folder", lambda: open_folder(self._path())),
            self.action("copy", lambda: copy_path(self._path())),
        )
        self.lay_out(hint(desk.texts("places.hint")), self.view)
        rows = list(self._rows())
        self.model.set_rows(rows, [row[-1] for row in rows])
        self.view.setCurrentIndex(self.model.index(0, 0))

    def enable(self) -> None:
        for button in self._buttons:
            button.setEnabled(self.view.currentIndex().isValid())

    def _path(self) -> str:
        return str(self.model.object(self.view.currentIndex()))

    def _rows(self) -> Iterator[Sequence[str]]:
        store, texts = self._desk.store, self._desk.texts
        yield self._row(texts("places.file"), store.path.resolve())
        for one in listed(store, store.period):
            if one.path:
                kind = f"{texts('places.return')} {sender_name(store, one.sender, texts)}"
                yield self._row(kind, Path(one.path), moment(one.at))
        for copy in sorted(folder_of(store.path.resolve()).glob(f"*{store.path.suffix}"), reverse=True):
            yield self._row(texts("places.backup"), copy)

    def _row(self, kind: str, path: Path, at: str = "") -> Sequence[str]:
        if not path.is_file():
            return kind, path.name, at, self._desk.texts("places.missing"), str(path)
        facts = path.stat()
        when = at or moment(datetime.fromtimestamp(facts.st_mtime, tz=UTC).astimezone().isoformat())
        return kind, path.name, when, f"{max(facts.st_size / _MEGABYTE, 0.1):,.1f} MB", str(path)
