"""The open file under another passphrase: it is closed, written anew in the worker, and opened where one was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from survey.connection import Key
from survey.errors import SurveyError
from survey.filemark import is_encrypted
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.window import Window
    from survey.store import Store


def unlocked(path: Path, texts: Texts, parent: QWidget) -> Store | None:
    """A survey file, its passphrase asked for where it has one; None where the person gave up.

    Raises SurveyError as `store.open` does, and what was wrong with the last passphrase where one was tried.
    """
    from survey import store

    try:
        return store.open(path)
    except SurveyError as error:
        if error.code not in ("passphrase_needed", "wrong_passphrase"):
            raise
    from desktop.passphrase_dialog import UnlockDialog

    dialog = UnlockDialog(path, texts, parent)
    try:
        if dialog.exec():
            return store.open(path)
        if dialog.refused:
            # Its passphrase may be right and its beginning damaged: the person is shown the copies.
            raise dialog.refused
        return None
    finally:
        dialog.deleteLater()


def signed_in(opened: Store, texts: Texts, parent: QWidget) -> bool:
    """Whether somebody works with an opened file who may: asked for where the file has persons."""
    from survey.persons import current, persons

    if not persons(opened) or current(opened):
        return True
    from desktop.sign_in_dialog import SignInDialog

    dialog = SignInDialog(opened, texts, parent)
    try:
        return bool(dialog.exec())
    finally:
        dialog.deleteLater()


def protect_open_file(window: Window, path: Path, texts: Texts) -> None:
    """Asks for the passphrase to come, and writes the file under it; the person sees the recovery code."""
    if window.refuses("keep"):
        return
    from desktop.passphrase_dialog import ProtectDialog
    from survey.encryption import protect
    from survey.identity import acting

    dialog = ProtectDialog(path, texts, window, protected=is_encrypted(path))
    word = dialog.word if dialog.exec() else None
    dialog.deleteLater()
    place = window.place()
    if word is None:
        return
    who = acting()
    if not window.close_file(for_good=False):
        return
    left: list[Path] = []

    def done(key: Key | None) -> None:
        window.go_to(place)
        if left:
            window.fail(SurveyError("copies_left", paths="\n".join(map(str, left))))
        if key:
            from desktop.recovery_dialog import RecoveryDialog

            RecoveryDialog(key.code, path, texts, window).exec()

    def failed(error: BaseException) -> None:
        window.go_to(place)
        window.fail(error)

    window.worker.start(lambda progress: protect(path, word, progress, left.append, who=who), done, failed)
