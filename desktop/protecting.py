"""The open file under another passphrase: it is closed, written anew in the worker, and opened where one was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from survey.connection import Key
from survey.errors import SurveyError
from survey.filemark import is_encrypted
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.window import Window


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
