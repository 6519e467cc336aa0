"""What the program is, its version, and the way to the licences of what it is made of."""

from __future__ import annotations

from importlib.metadata import version

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop import paths
from survey.texts import Texts

_LOGO = 64


class AboutBox(QMessageBox):
    """Closes itself; whoever opens it follows the button `licences`."""

    def __init__(self, texts: Texts, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(texts("window.menu.about"))
        self.setText(texts("window.about", version=version("census-desk")))
        self.setIconPixmap(QIcon(str(paths.assets() / "icons" / "logo.png")).pixmap(_LOGO))
        self.licences = self.addButton(texts("window.licences"), QMessageBox.ButtonRole.ActionRole)
        self.licences.setObjectName("aboutLicences")
        self.setDefaultButton(self.addButton(QMessageBox.StandardButton.Ok))
