"""How the program looks: own colours, light and dark, over Qt's Fusion."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop.fonts import FAMILY, load_fonts

MODES = ("system", "light", "dark")


@dataclass(frozen=True)
class Colours:
    """The colours of one mode by what they are for."""

    ground: str
    side: str
    raised: str
    field: str
    stripe: str
    line: str
    grid: str
    handle: str
    hover: str
    select: str
    ink: str
    muted: str
    faint: str
    accent: str
    accent_deep: str
    on_accent: str
    bad: str
    bad_ground: str
    warn: str
    warn_ground: str
    good: str

    def of_class(self, category: str) -> str:
        """The colour of a class of findings; its letter says the same without colour."""
        return {"A": self.bad, "B": self.warn, "C": self.accent}.get(category, self.muted)


LIGHT = Colours(
    ground="#f6f8fa", side="#eef2f6", raised="#ffffff", field="#ffffff", stripe="#f9fbfc", line="#d0d8e0",
    grid="#e4e9ee", handle="#b9c4cf", hover="#e4ebf2", select="#dbe8f6", ink="#1f2933", muted="#55626f",
    faint="#98a4b0", accent="#245fa6", accent_deep="#1b4c87", on_accent="#ffffff", bad="#b3261e",
    bad_ground="#fdecea", warn="#9c5d0a", warn_ground="#fdf3e0", good="#1b7f4d",
)  # fmt: skip
DARK = Colours(
    ground="#171b20", side="#1d2329", raised="#232a31", field="#1b2127", stripe="#1f252c", line="#39434d",
    grid="#2b333b", handle="#4a5662", hover="#28313a", select="#27405d", ink="#e5eaef", muted="#a3afbb",
    faint="#6f7b87", accent="#78b0ef", accent_deep="#98c3f4", on_accent="#0e1a27", bad="#ff9c92",
    bad_ground="#432524", warn="#f0b45c", warn_ground="#3d3018", good="#6fcf97",
)  # fmt: skip


def is_dark(mode: str) -> bool:
    """Whether a mode means dark; `system` asks the desktop."""
    if mode == "system":
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return mode == "dark"


def apply(application: QApplication, mode: str, style: Path) -> Colours:
    """Gives the whole program its fonts, palette and style sheet; returns the colours for own drawing."""
    load_fonts()
    colours = DARK if is_dark(mode) else LIGHT
    application.setStyle("Fusion")
    font = QFont(FAMILY)
    font.setPixelSize(13)
    application.setFont(font)
    application.setPalette(_palette(colours))
    sheet = style.read_text(encoding="utf-8").replace("@icons", (style.parent.parent / "icons").as_posix())
    # Longest names first: @accent_deep must not be read as @accent.
    for name, colour in sorted(asdict(colours).items(), key=lambda pair: -len(pair[0])):
        sheet = sheet.replace(f"@{name}", colour)
    application.setStyleSheet(sheet)
    return colours


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, colours.ground), (role.Base, colours.field), (role.AlternateBase, colours.stripe),
        (role.Button, colours.raised), (role.WindowText, colours.ink), (role.Text, colours.ink),
        (role.ButtonText, colours.ink), (role.ToolTipBase, colours.raised), (role.ToolTipText, colours.ink),
        (role.Highlight, colours.accent), (role.HighlightedText, colours.on_accent),
        (role.PlaceholderText, colours.faint), (role.Link, colours.accent),
    ):  # fmt: skip
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.faint))
    return palette
