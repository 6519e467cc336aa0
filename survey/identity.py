"""Who works with the program now: the name that the record of what was done bears."""

from __future__ import annotations

import getpass

_acting = ""


def act_as(name: str) -> None:
    """From now on this person works; '' is whoever has signed in to the computer."""
    global _acting  # noqa: PLW0603 - one person sits before the program
    _acting = name


def acting() -> str:
    """The person who works; never empty."""
    try:
        return _acting or getpass.getuser()
    except (OSError, KeyError):
        # A computer may know nobody by the number that runs the program.
        return "?"
