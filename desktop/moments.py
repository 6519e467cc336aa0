"""Moments as people read them."""

from __future__ import annotations


def moment(at: str) -> str:
    """A moment to the minute."""
    return at[:16].replace("T", " ")
