"""Whose work the program holds and under which licences, as its parts say it themselves wherever it runs."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from desktop import paths

PROGRAM = "census-desk"
_NAME = re.compile(r"[\w.-]+")
_SEPARATORS = re.compile(r"[-_.]+")
_LICENCE = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """A library, a font, a runtime; `licence` is an SPDX expression, `version` is empty where nobody says it."""

    name: str
    version: str
    licence: str
    sources: tuple[Path, ...]

    @cached_property
    def text(self) -> str:
        """What the licence says, as it came with the part; empty where it came without."""
        return "\n\n".join(path.read_text(encoding="utf-8", errors="replace").strip("\n") for path in self.sources)


def parts() -> list[Part]:
    """The program, then by name the libraries it asks for and what these and the bundle hold besides."""
    told = {row["part"]: row for row in rows()}
    libraries = [_library(name, one, told.get(name, {})) for name, one in distributions().items()]
    named = {one.name for one in libraries}
    others = [Part(name, "", row["licence"], _told_texts(row)) for name, row in told.items() if name not in named]
    return sorted([*libraries, *others], key=lambda one: (one.name != PROGRAM, one.name.casefold()))


def rows() -> list[dict[str, str]]:
    """What no library's own data tells: `part`, its SPDX `licence`, `texts` of it, `files` of a bundle (patterns)."""
    with (paths.assets() / "licences" / "parts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def distributions() -> dict[str, Distribution]:
    """The installed libraries that the program asks for, itself first, and all that these ask for, by plain names."""
    found: dict[str, Distribution] = {}
    asked = [PROGRAM]
    while asked:
        name = _SEPARATORS.sub("-", asked.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            # Asked for by another system or another Python only, or left out of the bundle.
            continue
        needs = found[name].requires or ()
        asked.extend(match[0] for one in needs if "extra ==" not in one and (match := _NAME.match(one)))
    return found


def _library(name: str, library: Distribution, told: dict[str, str]) -> Part:
    facts = library.metadata
    # Newer data has an expression, older the licence's name; some has neither.
    said = next((facts[field] for field in ("License-Expression", "License") if field in facts), "")
    beside = [one for one in library.files or () if _LICENCE.search(str(one)) and ".dist-info" in str(one)]
    texts = tuple(Path(str(one.locate())) for one in beside)
    return Part(
        name, library.version, told.get("licence") or said, tuple(filter(Path.is_file, texts)) or _told_texts(told)
    )


def _told_texts(told: dict[str, str]) -> tuple[Path, ...]:
    return tuple(paths.assets() / one for one in told.get("texts", "").split())
