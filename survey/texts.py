"""The sentences a person reads: one catalogue for each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LANGUAGES = ("zh", "en")
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Texts:
    """The catalogue of one language: `texts("error.not_ours", path=…)` gives the sentence."""

    lang: str
    sentences: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, /, **facts: object) -> str:
        """The sentence of `key` with its facts filled in; an unknown key raises KeyError."""
        return self.sentences[key].format(**{name: _shown(fact) for name, fact in facts.items()})

    def has(self, key: str) -> bool:
        return key in self.sentences

    def pick(self, zh: str, en: str) -> str:
        """The label that fits the language; Chinese where the English one is missing."""
        return en if self.lang == "en" and en else zh


def measured(figure: str, unit: str) -> str:
    """A figure with its unit; one that begins with a number is multiplied: 2,479.33 × 100 million yuan."""
    return f"{figure} × {unit}" if unit[:1].isdigit() else f"{figure} {unit}".rstrip()


def visible(text: str) -> str:
    """A text in which each sign that would turn the reading direction, or steer a terminal, shows as one itself."""
    return _STEERING.sub("\ufffd", text)


def _shown(fact: object) -> object:
    """A fact as it stands in a sentence; what an enterprise or a file is called must not disarrange the rest."""
    return visible(str(fact)) if isinstance(fact, str | Path | BaseException) else fact


def load(folder: Path, lang: str) -> Texts:
    """Reads the catalogue `folder/<lang>/*.toml`; a key is `<file>.<table>.<name>`.

    Raises FileNotFoundError where the language has no folder.
    """
    sentences: dict[str, str] = {}
    files = sorted((folder / lang).glob("*.toml"))
    if not files:
        raise FileNotFoundError(folder / lang)
    for file in files:
        _flatten(tomllib.loads(file.read_text(encoding="utf-8")), file.stem, sentences)
    return Texts(lang, sentences)


def _flatten(table: Mapping[str, object], prefix: str, into: dict[str, str]) -> None:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            _flatten(value, key, into)
        else:
            into[key] = str(value)
