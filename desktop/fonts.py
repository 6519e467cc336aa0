"""The fonts the program brings, so that Chinese looks and prints alike on every machine."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

from desktop import paths

FAMILY = "Noto Sans SC"


def load_fonts() -> None:
    """Makes the fonts known to Qt, once."""
    if FAMILY not in QFontDatabase.families():
        for font in sorted((paths.assets() / "fonts").glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(font))
