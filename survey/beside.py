"""What lies beside a survey file: the copies of it, told by their names."""

from __future__ import annotations

import re
from pathlib import Path

_DAY, _MOMENT = r"-\d{4}-\d\d-\d\d", r"-\d{8}-\d{6}(?:-\d+)?"


def folder_of(path: Path) -> Path:
    """Where the daily copies of a survey file are."""
    return path.parent / f"{path.stem}-backup"


def copies_of(path: Path) -> list[Path]:
    """Every copy that the program has made of a survey file: of the days, and before it was changed as a whole."""
    wanted = re.compile(rf"{re.escape(path.stem)}(?:{_DAY}|{_MOMENT}){re.escape(path.suffix)}\.bak")
    beside = (one for one in path.parent.glob("*.bak") if wanted.fullmatch(one.name))
    return sorted([*daily(path), *beside])


def daily(path: Path) -> list[Path]:
    """The copies of the days, the first one first."""
    wanted = re.compile(rf"{re.escape(path.stem)}{_DAY}{re.escape(path.suffix)}")
    return sorted(one for one in folder_of(path).glob(f"*{path.suffix}") if wanted.fullmatch(one.name))


def kept_name(path: Path, at: str) -> Path:
    """A free name beside a survey file for a copy of what it was at a moment, as `now` tells it."""
    stamp = re.sub(r"[-:]", "", at[:19]).replace("T", "-")
    names = (f"{path.stem}-{stamp}{more}{path.suffix}.bak" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(found for found in map(path.with_name, names) if not found.exists())
