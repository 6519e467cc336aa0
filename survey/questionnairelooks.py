"""How a questionnaire workbook looks: the formats of its cells by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.form import Item
from survey.returnbook import FONT, HEAD, INK, LINE, OPEN, SHUT

RED, AMBER, GREEN, MUTED, LINK = "#B42318", "#8A5A00", "#1E7B4F", "#7B8794", "#1F5FA8"
FIGURES = {"integer": "#,##0", "decimal": "#,##0.00##"}
# A truth as it is worked out: held, failed, or open.
VERDICT = '[=1]"√";[=0]"×";"—"'


def looks(book: Any) -> Mapping[str, Any]:
    """The formats of a workbook."""
    base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
    grid = base | {"border": 1, "border_color": LINE}
    wrapped = grid | {"text_wrap": True, "align": "left", "indent": 1}
    head = grid | {"bg_color": HEAD, "bold": True, "text_wrap": True, "align": "center"}
    centre = grid | {"align": "center", "text_wrap": True}
    figure = grid | {"align": "right", "indent": 1}
    free = {"bg_color": OPEN, "locked": False}
    found: dict[str, dict[str, Any]] = {
        "title": base | {"font_size": 16, "bold": True, "align": "center"},
        "line": base,
        "right": base | {"align": "right"},
        "legal": base | {"font_size": 9},
        "note": base | {"font_size": 9, "text_wrap": True, "valign": "top"},
        "prose": base | {"text_wrap": True, "valign": "top"},
        "prose_bold": base | {"bold": True, "font_size": 11},
        "head": head,
        "letter": centre | {"font_size": 9, "font_color": MUTED},
        "section": wrapped | {"bold": True, "bg_color": HEAD},
        "centre": centre,
        "text": wrapped,
        "shut": grid | {"bg_color": SHUT},
        "before_text": wrapped | {"font_color": MUTED},
        "open_text": wrapped | free | {"num_format": "@"},
        "open_choice": wrapped | free | {"num_format": "@"},
        "says": base | {"font_color": RED, "font_size": 9, "text_wrap": True, "indent": 1},
        "signer": base | {"locked": False, "text_wrap": True},
        "verdict": grid | {"num_format": VERDICT, "align": "center", "bold": True},
        "link": grid | {"indent": 1, "align": "left"} | {"font_color": LINK, "underline": 1},
        "small": wrapped | {"font_size": 9, "font_color": MUTED},
        "count": grid | {"num_format": "#,##0", "align": "center"},
        "swatch_open": grid | {"bg_color": OPEN},
        "swatch_skip": grid | {"bg_color": "#D5DAE0"},
        "skip": {"bg_color": "#D5DAE0", "font_color": MUTED},
        "failed": {"font_color": RED, "bg_color": "#FDECEA"},
        "held": {"font_color": GREEN},
    }
    for name, form in FIGURES.items():
        found[f"open_{name}"] = figure | free | {"num_format": form}
        found[f"computed_{name}"] = figure | {"num_format": form, "bg_color": SHUT}
        found[f"before_{name}"] = figure | {"num_format": form, "font_color": MUTED}
        found[f"total_{name}"] = figure | {"num_format": form, "bg_color": HEAD, "bold": True}
    for at in range(6):
        found[f"label_{at}"] = wrapped | {"indent": at + 1}
    return {name: book.add_format(look) for name, look in found.items()}


def kind(item: Item) -> str:
    """The last part of the name of an item's formats."""
    return item.type if item.type in FIGURES else "text"
