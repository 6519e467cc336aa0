"""The offer to take a file to the later version of its scheme that the program brings."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from desktop import paths
from desktop.plain import Box
from survey import scheme as schemes
from survey import store as stores
from survey.persons import may
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts
from survey.upgrade import later, upgrade


def offer(opened: Store, texts: Texts, who: str, parent: QWidget) -> Store:
    """Asks who may write, upgrades, reports; gives the store to go on with. Raises SurveyError where it fails."""
    scheme = _shipped(opened) if may(opened, "edit") else None
    if scheme is None or not _wanted(opened, scheme, texts, parent):
        return opened
    report = upgrade(opened, scheme, who=who)
    opened.close()
    told = _box(texts, "\n".join(report.lines(texts, scheme)[:2]), parent)
    told.setDetailedText("\n".join(report.lines(texts, scheme)))
    told.exec()
    return stores.open(opened.path)


def _shipped(opened: Store) -> Scheme | None:
    """The scheme the program brings, where it is a later version of the file's."""
    folder = paths.schemes() / opened.scheme.id
    if not (folder / "scheme.toml").is_file():
        return None
    scheme = schemes.load(folder)
    return scheme if later(opened, scheme) else None


def _wanted(opened: Store, scheme: Scheme, texts: Texts, parent: QWidget) -> bool:
    box = _box(texts, texts("upgrade.offer", before=opened.scheme.version, after=scheme.version), parent)
    now = box.addButton(texts("upgrade.now"), QMessageBox.ButtonRole.AcceptRole)
    later_ = box.addButton(texts("upgrade.later"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(now)
    box.setEscapeButton(later_)
    box.exec()
    return box.clickedButton() is now


def _box(texts: Texts, text: str, parent: QWidget) -> Box:
    box = Box(parent, texts("upgrade.title"), text, QMessageBox.Icon.NoIcon)
    box.setObjectName("upgradeBox")
    return box
