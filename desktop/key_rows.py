"""Whose signature is known: a row a sender, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from desktop.merge_facts import sender_name
from desktop.moments import moment
from survey.enrolment import ABOVE, Enrolled, enrolled, seen
from survey.signing import fingerprint
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.store import Store

State = Literal["enrolled", "other", "unknown", "unsigned"]


@dataclass(frozen=True)
class KeyRow:
    """A sender, what is known of its key, the one enrolled, and the public key seen last, '' where none was."""

    sender: str
    called: str
    state: State
    known: Enrolled | None
    last: str

    def cells(self, texts: Texts) -> tuple[str, str, str, str]:
        """The sender, its state, the fingerprint of its last file, and who has enrolled it when.

        Before it is enrolled the fingerprint is not shown: whoever could copy it would compare nothing.
        """
        by = f"{moment(self.known.at)}  {self.known.who}" if self.known else ""
        last = texts("keys.hidden") if self.last else ""
        shown = fingerprint(self.last) if self.state == "enrolled" else last
        return self.called, texts(f"keys.state.{self.state}"), shown, by


def key_rows(store: Store, texts: Texts) -> list[KeyRow]:
    """Every sender that has sent something or is enrolled; those to be looked at first."""
    known, last = enrolled(store), seen(store)
    rows = []
    for sender in dict.fromkeys((*last, *known)):
        key, used = known.get(sender), last.get(sender, "")
        state: State = "unsigned" if not used and not key else "unknown" if not key else "enrolled"
        if key and used and used != key.public:
            state = "other"
        called = texts("keys.above") if sender == ABOVE else sender_name(store, sender, texts)
        rows.append(KeyRow(sender, called, state, key, used))
    order: list[State] = ["other", "unknown", "unsigned", "enrolled"]
    return sorted(rows, key=lambda row: (order.index(row.state), row.sender))
