"""How the summary's workbook looks: its named styles, colours and number formats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indicators.table import Figure

FONT = "Noto Sans SC"
INK, MUTED, LINE, HEAD, TOTAL, BAR = "#1F2933", "#6B7785", "#B8C2CC", "#EEF2F6", "#F7F9FB", "#2F6DB5"
_TONES = {"met": "#1B7F4D", "on_track": BAR, "behind": "#B54708", "qualitative": MUTED, "no_data": MUTED, "part": MUTED}
_BASE: Mapping[str, Any] = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
_GRID = {**_BASE, "border": 1, "border_color": LINE}
_SUM = {"bold": True, "bg_color": TOTAL}
_SIDE = {**_BASE, "font_color": MUTED, "font_size": 9}
_MOST_DIGITS = 6
# Room at the right edge: an indent there is not drawn alike by all programs.
_PAD = "_ "


def looks_of(book: Any) -> Mapping[str, Any]:
    """The styles of a workbook by their names."""
    left, right, center = ({**_GRID, "align": one} for one in ("left", "right", "center"))
    looks = {
        "title": {**_BASE, "font_size": 16, "bold": True, "align": "center"},
        "subtitle": {**_BASE, "align": "center", "font_color": MUTED},
        "side": _SIDE,
        "side_right": {**_SIDE, "align": "right"},
        "head": {**center, "bold": True, "bg_color": HEAD, "text_wrap": True},
        "letter": {**center, "font_size": 9, "font_color": MUTED},
        "left": {**left, "indent": 1, "text_wrap": True},
        "inner": {**left, "indent": 3, "text_wrap": True},
        "right": {**right, "num_format": "@" + _PAD, "text_wrap": True},
        "center": center,
        "link": {**left, "indent": 1, "font_color": BAR, "underline": 1},
        "section": {**_BASE, "bold": True, "align": "left", "indent": 1, "top": 1, "bottom": 1, "border_color": LINE},
        "total": {**left, **_SUM, "indent": 1, "text_wrap": True},
        "total_right": {**right, **_SUM, "num_format": "@" + _PAD},
        "note": {**_SIDE, "text_wrap": True, "valign": "top"},
    }
    for digits in range(_MOST_DIGITS + 1):
        looks[f"number{digits}"] = number_properties(digits)
        looks[f"sum{digits}"] = number_properties(digits, total=True)
    for tone, colour in _TONES.items():
        looks[f"tone_{tone}"] = {**center, "font_color": colour, "bold": True}
    return {name: book.add_format(look) for name, look in looks.items()}


def number_properties(digits: int, *, total: bool = False) -> dict[str, Any]:
    """How a number with so many digits looks."""
    number = "#,##0" + ("." + "0" * digits if digits else "")
    return {**_GRID, **(_SUM if total else {}), "num_format": number + _PAD, "align": "right"}


def number_look(looks: Mapping[str, Any], figure: Figure, *, total: bool = False) -> Any:
    """The style of a figure."""
    return looks[f"{'sum' if total else 'number'}{figure.digits}"]
