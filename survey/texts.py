"""The sentences a person reads: one catalogue for each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Texts:
    """The catalogue of one language: `texts("error.not_ours", path=…)` gives the sentence."""

    lang: str
    sentences: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, /, **facts: object) -> str:
        """The sentence of `key` with its facts filled in; an unknown key raises KeyError."""
        return self.sentences[key].format(**facts)

    def has(self, key: str) -> bool:
        return key in self.sentences

    def pick(self, zh: str, en: str) -> str:
        """The label that fits the language; Chinese where the English one is missing."""
        return en if self.lang == "en" and en else zh


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
