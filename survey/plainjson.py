"""JSON from elsewhere, read so that it can mean one thing only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_plain(path: Path, largest: int) -> object:
    """What a JSON file of at most `largest` bytes says.

    Raises ValueError for a larger file, which is not read, and for everything that is no strict JSON: keys that
    stand twice, numbers that are none, objects nested beyond reason. Raises OSError where the file cannot be read.
    """
    if path.stat().st_size > largest:
        raise ValueError(largest)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError(path.name) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A key that stands twice would be read one way here and another way elsewhere.
    if len(dict(pairs)) < len(pairs):
        raise ValueError(len(pairs))
    return dict(pairs)


def _no_number(name: str) -> float:
    raise ValueError(name)
