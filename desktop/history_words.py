"""What the record of changes says, in words."""

from __future__ import annotations

from survey.history import Event
from survey.texts import Texts

_KNOWN = ("undo", "redo", "block", "magnitude", "query", "import", "conflict")


def reason_of(event: Event, texts: Texts) -> str:
    """Why a cell was changed: the program's own reasons in words, a person's as it was given."""
    kind, *facts = event.reason.split(":")
    if kind not in _KNOWN:
        return event.reason
    reason = texts(f"entry.reason.{kind}")
    # After a query's number stands the file that the answer came in.
    return f"{reason}　{facts[1]}" if kind == "query" and len(facts) > 1 else reason


def moment(at: str, who: str = "") -> str:
    """When, to the minute, and by whom."""
    return f"{at[:16].replace('T', ' ')}　{who}".rstrip()
