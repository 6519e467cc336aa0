"""The record of changes in words."""

from __future__ import annotations

from survey.history import BLOCK, CONFLICT, IMPORT, MAGNITUDE, QUERY, REDO, UNDO
from survey.texts import Texts

_KNOWN = (UNDO, REDO, BLOCK, MAGNITUDE, QUERY, CONFLICT, IMPORT)


def reason(text: str, texts: Texts) -> str:
    """Why a cell was changed: what a person gave, or what the program says of its own steps."""
    kind, *facts = text.split(":")
    if kind not in _KNOWN:
        return text
    told = texts(f"entry.reason.{kind}")
    # The query's number, then the file the answer came in.
    return f"{told}　{facts[1]}" if kind == QUERY and len(facts) > 1 else told
