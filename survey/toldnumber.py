"""Numbers as files of others tell them: no others than a survey file can hold."""

from __future__ import annotations

import re
from math import isfinite

_MOST = 2**63 - 1
_DIGITS = re.compile("0|[1-9][0-9]{0,18}")


def is_whole(value: object, least: int = 0) -> bool:
    """Whether a value is a whole number from `least` on; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST


def is_number(value: object) -> bool:
    """Whether a value is a number of any kind and sign."""
    return is_whole(value, -_MOST) or (isinstance(value, float) and isfinite(value))


def whole(text: str, least: int = 0) -> int:
    """The whole number that digits alone tell; raises ValueError."""
    if not _DIGITS.fullmatch(text) or not is_whole(int(text), least):
        raise ValueError(text[:100])
    return int(text)


def finite(text: str) -> float:
    """The number that a text tells; raises ValueError, for what cannot be added up too."""
    if not isfinite(found := float(text)):
        raise ValueError(text[:100])
    return found
