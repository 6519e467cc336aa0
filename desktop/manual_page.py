"""The manual as one web page that needs nothing else: pictures are inside it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from PySide6.QtGui import QTextDocument

from desktop.manual import Manual
from desktop.printing import ready_to_draw
from survey.files import UNTOLD, replacing
from survey.scheme import Scheme
from survey.texts import Texts

_STYLE = (
    "body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;line-height:1.6}"
    "table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #b8c2cc;padding:.3em .6em;vertical-align:top}"
    "img{max-width:100%}code{background:#eef2f6}"
)


def write(path: Path, texts: Texts, scheme: Scheme) -> None:
    """One file; raises SurveyError `cannot_write`."""
    ready_to_draw()
    manual = Manual(texts, scheme)
    names = *manual.names(whole=True), *manual.licence_texts()
    body = "".join(f'<section id="{_anchor(name)}">{_html(manual, name)}</section>' for name in names)
    page = (
        f'<!DOCTYPE html><html lang="{texts.lang}"><head><meta charset="utf-8"><title>{texts("manual.title")}</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )
    with replacing(path, UNTOLD) as beside:
        beside.write_text(page, encoding="utf-8")


def _anchor(name: str) -> str:
    return name.replace("/", "-")


def _html(manual: Manual, name: str) -> str:
    """What Qt makes of a page, without the looks that it gives it, with links inside the one file."""
    document = QTextDocument()
    document.setMarkdown(manual.text(name))
    inside = re.search(r"<body[^>]*>(.*)</body>", document.toHtml(), re.DOTALL)
    assert inside
    bare = re.sub(r" (style|border|cellspacing|cellpadding|width|align|dir)=\"[^\"]*\"", "", inside[1])
    bare = re.sub(r"</?(span|font)[^>]*>", "", bare)
    linked = re.sub(r'href="([\w/.-]+)"', lambda found: f'href="#{_anchor(found[1])}"', bare)
    return re.sub(r'src="([\w-]+\.png)"', lambda found: f'src="{_inlined(manual.pictures / found[1])}"', linked)


def _inlined(picture: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"
