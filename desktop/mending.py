"""A file put back from a copy, or what can be read of a damaged one saved: what the window does in its worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop.plain import Box
from survey.errors import SurveyError
from survey.identity import acting
from survey.texts import Texts, visible

if TYPE_CHECKING:
    from desktop.window import Window
    from survey.rescue import Rescue


_LINES = 12


def ways_out(window: Window, error: BaseException, texts: Texts) -> Mapping[str, Callable[[], None]]:
    """What a person can do about a file that is damaged, or may be, by the text that offers it."""
    code = error.code if isinstance(error, SurveyError) else ""
    path = error.facts.get("path") if isinstance(error, SurveyError) else None
    if code not in ("damaged", "wrong_passphrase") or not isinstance(path, Path):
        return {}
    ways: dict[str, Callable[[], None]] = {"rescue.open_backups": lambda: put_back(window, path, texts)}
    if code == "damaged":
        ways["rescue.button"] = lambda: save_what_can_be_read(window, path, texts)
    return ways


def put_back(window: Window, path: Path, texts: Texts) -> None:
    """Shows the copies of a file; the one that is chosen takes its place, and is opened."""
    from desktop.backups_dialog import BackupsDialog
    from survey.restoration import restore

    dialog = BackupsDialog(path, texts, window)
    chosen = dialog.chosen if dialog.exec() else None
    dialog.deleteLater()
    if chosen is None or not _permitted(window, path, chosen, texts):
        return
    who = acting()
    if not window.close_file(for_good=False):
        return

    def done(kept: Path) -> None:
        window.open_file(path)
        window.status.say(texts("backups.restored", name=chosen.name, kept=kept.name))

    window.worker.start(lambda _progress: restore(path, chosen, who=who), done, window.give_up)


def _permitted(window: Window, path: Path, copy: Path | None, texts: Texts) -> bool:
    """Whether the person may deal with the file as a whole; who that is is asked where persons decide."""
    from desktop.opening import signed_in
    from survey.persons import permit
    from survey.restoration import decider

    try:
        opened = decider(path, copy)
        if opened is None:
            return True
        with closing(opened):
            if not signed_in(opened, texts, window):
                return False
            permit(opened, "keep")
    except SurveyError as error:
        window.fail(error)
        return False
    return True


def save_what_can_be_read(window: Window, path: Path, texts: Texts) -> None:
    """Asks for a new file, and tells what was saved into it and what was not."""
    from desktop.paths import shipped
    from survey.rescue import rescue

    if not _permitted(window, path, None, texts):
        return
    proposal = path.with_name(texts("rescue.name", stem=path.stem) + path.suffix)
    name, _ = QFileDialog.getSaveFileName(window, texts("rescue.title"), str(proposal), texts("rescue.files"))
    who = acting()
    if not name or not window.close_file(for_good=False):
        return

    def done(found: Rescue) -> None:
        _tell(window, found, texts)
        window.open_file(found.target)

    others = shipped()
    window.worker.start(lambda progress: rescue(path, Path(name), progress, others, who=who), done, window.give_up)


def _tell(window: Window, found: Rescue, texts: Texts) -> None:
    from desktop.rescue_words import lines

    said = list(lines(found, texts))
    box = Box(window, texts("rescue.title"), said[0], QMessageBox.Icon.Information)
    box.setObjectName("rescued")
    # Of a file that is cut off, dozens of tables are told.
    box.setInformativeText(visible("\n".join(said[1 : _LINES + 1])))
    if len(said) > _LINES + 1:
        box.setDetailedText(visible("\n".join(said)))
    box.addButton(texts("window.understood"), QMessageBox.ButtonRole.AcceptRole)
    box.exec()
