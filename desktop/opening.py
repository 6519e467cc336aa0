"""A survey file on its way to the window: asked for, unlocked, signed in to, brought up to date, copied for the day."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from survey import keyring
from survey.errors import SurveyError
from survey.progress import Progress
from survey.texts import Texts

if TYPE_CHECKING:
    from desktop.settings import Settings
    from desktop.window import Window
    from survey.store import Store

_COPIED_AT_ONCE = 128 << 20


def opened(path: Path, texts: Texts, settings: Settings, window: Window) -> Store | None:
    """The file, for somebody who may work with it; None where the person gave up. Raises SurveyError as `open` does."""
    from desktop.upgrade_offer import offer

    found = _unlocked(path, texts, window)
    if found is None:
        return None
    if not signed_in(found, texts, window):
        found.close()
        keyring.forget(but=window.path)
        return None
    settings.remember(path)
    try:
        return offer(found, texts, settings.who, window)
    except SurveyError as error:
        window.fail(error)
        return found


def _unlocked(path: Path, texts: Texts, parent: QWidget) -> Store | None:
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


def back_up_for_today(path: Path, window: Window) -> None:
    """The day's copy: at once for a district's file, in the worker for a large one."""
    from survey.backup import back_up

    today = datetime.now().date()
    if path.stat().st_size > _COPIED_AT_ONCE:
        window.worker.start(lambda _progress: back_up(path, today), lambda _copy: None, window.fail)
        return
    try:
        back_up(path, today)
    except SurveyError as error:
        window.fail(error)


def ask_for_new(texts: Texts, settings: Settings, window: Window) -> None:
    """A new survey file, opened once it is made."""
    from desktop.new_dialog import make_file

    try:
        made = make_file(settings.folder, texts, window)
    except SurveyError as error:
        window.fail(error)
        return
    if made:
        window.open_file(made)


def ask_for_file(texts: Texts, settings: Settings, window: Window) -> None:
    """Another survey file."""
    name, _ = QFileDialog.getOpenFileName(
        window, texts("window.menu.open"), str(settings.folder), texts("window.files")
    )
    if name:
        window.open_file(Path(name))


def make_sample(texts: Texts, window: Window) -> None:
    """A city's file of synthetic units, to try the program with."""
    folder = Path(tempfile.mkdtemp(prefix="census-desk-"))

    def work(progress: Progress) -> Path:
        from desktop import demo

        progress(0, 0, "progress.sample")
        return demo.city_file(folder, texts)

    window.worker.start(work, window.open_file, window.fail)
