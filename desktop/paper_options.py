"""How a person wants a form printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

ORIENTATIONS = ("auto", "portrait", "landscape")
MARGINS = ("narrow", "normal", "wide")
_MARGIN = {"narrow": 360.0, "normal": 510.0, "wide": 720.0}
_SHORT, _LONG = 5953.0, 8419.0
LARGEST, SMALLEST = 9.0, 6.5


@dataclass(frozen=True)
class Options:
    """Orientation, fit to one page, last year's column, margins."""

    orientation: str = "auto"
    fit: bool = False
    before: bool = True
    margins: str = "normal"

    def to_texts(self) -> dict[str, str]:
        """The choices as they are remembered."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_texts(cls, remembered: Mapping[str, str]) -> Options:
        """Remembered choices; what is missing or unknown is as it was meant to be."""
        plain = cls()
        known = {"orientation": ORIENTATIONS, "fit": ("True", "False"), "before": ("True", "False"), "margins": MARGINS}
        texts = {
            field.name: remembered[field.name]
            for field in fields(cls)
            if remembered.get(field.name) in known[field.name]
        }
        return cls(
            texts.get("orientation", plain.orientation),
            texts.get("fit", str(plain.fit)) == "True",
            texts.get("before", str(plain.before)) == "True",
            texts.get("margins", plain.margins),
        )

    def paper(self, *, landscape: bool) -> Paper:
        """The sheet to print on; `landscape` is what the form asks for where the person leaves it open."""
        turned = landscape if self.orientation == "auto" else self.orientation == "landscape"
        return Paper(turned, _MARGIN[self.margins])


@dataclass(frozen=True)
class Paper:
    """A4 in tenths of a point."""

    landscape: bool = False
    margin: float = _MARGIN["normal"]

    @property
    def width(self) -> float:
        return _LONG if self.landscape else _SHORT

    @property
    def height(self) -> float:
        return _SHORT if self.landscape else _LONG

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin

    @property
    def room(self) -> float:
        """The height between the margins, above the page number."""
        return self.height - 2 * self.margin - 200
