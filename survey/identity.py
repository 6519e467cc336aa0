"""Who works with the program now: the name that the record of what was done bears."""

from __future__ import annotations

import getpass
from pathlib import Path

_acting = ""
_signed: tuple[Path, str] | None = None
_offered: tuple[str, str] | None = None


def act_as(name: str, signed: tuple[Path, str] | None = None) -> None:
    """From now on this person works; '' is whoever has signed in to the computer.

    `signed` is the file that the person has signed in to, and in which role.
    """
    global _acting, _signed
    _acting, _signed = name, signed


def offer(name: str, secret: str) -> None:
    """With this a file is signed in to that wants it; '' for nobody, or where no secret was given."""
    global _offered  # noqa: PLW0603 - one person sits before the program
    _offered = (name, secret) if name else None


def offered() -> tuple[str, str] | None:
    """The name and the secret that were given beforehand."""
    return _offered


def acting() -> str:
    """The person who works; never empty."""
    try:
        return _acting or getpass.getuser()
    except (OSError, KeyError):
        # A computer may know nobody by the number that runs the program.
        return "?"


def signed_in() -> tuple[Path, str] | None:
    """The file that the person has signed in to, and the role there."""
    return _signed
