"""What the program is, its version, and the way to the licences of what it is made of."""

from __future__ import annotations

from importlib.metadata import version

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop import paths
from desktop.plain import Box
from survey.texts import Texts

_LOGO = 64


class AboutBox(Box):
    """Closes itself; whoever opens it follows the button `licences`."""

    def __init__(self, texts: Texts, parent: QWidget) -> None:
        told = texts("window.about", version=version("census-desk"))
        super().__init__(parent, texts("window.menu.about"), told, QMessageBox.Icon.NoIcon)
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIconPixmap(QIcon(str(paths.assets() / "icons" / "logo.png")).pixmap(_LOGO))
        self.licences = self.addButton(texts("window.licences"), QMessageBox.ButtonRole.ActionRole)
        self.licences.setObjectName("aboutLicences")
        self.setDefaultButton(self.addButton(QMessageBox.StandardButton.Ok))
