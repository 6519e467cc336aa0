"""The copies of a file as they are listed."""

from __future__ import annotations

from desktop.moments import moment
from survey.backup import Copy
from survey.texts import Texts

_MEGABYTE = 1 << 20
# Of a copy that is encrypted, and sound for all that is known.
_LOCKED = {"passphrase_needed": "backups.locked", "wrong_passphrase": "backups.other_passphrase"}


def cells(copy: Copy, changes: int, texts: Texts) -> list[str]:
    """A line of the list: kind, time, size, units, changes since, the last change, the file's name."""
    kind, size = texts("backups.daily" if copy.daily else "backups.before"), f"{copy.size / _MEGABYTE:,.1f} MB"
    if copy.trouble:
        why = texts(_LOCKED.get(copy.trouble, "backups.unreadable"))
        # Where the last change stands there is room for words in either language.
        return [kind, moment(copy.at), size, "", "", why, copy.path.name]
    return [
        kind, moment(copy.at), size, f"{copy.units:,}", f"{copy.behind(changes):,}", last(copy, texts), copy.path.name
    ]  # fmt: skip


def last(copy: Copy, texts: Texts) -> str:
    """When and by whom a copy was changed last."""
    return texts("backups.last", at=moment(copy.last_change), who=copy.last_who).strip() if copy.last_change else ""
