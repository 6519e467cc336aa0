"""Every sentence of the window is in both catalogues, with the same facts; every icon it shows is there."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from conftest import ROOT

from desktop.book import CITY, DISTRICT
from survey.texts import LANGUAGES, load

_SOURCES = sorted((ROOT / "desktop").glob("*.py"))
_KEY = re.compile(r"""(?:texts|_texts)\(\s*"([a-z_]+\.[a-z_.A-D]+)\"""")


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_the_window_asks_for_is_in_the_catalogue(assets: Path, lang: str) -> None:
    catalogue = load(assets / "i18n", lang)
    asked = {key for source in _SOURCES for key in _KEY.findall(source.read_text(encoding="utf-8"))}
    assert len(asked) > 100
    assert sorted(key for key in asked if not catalogue.has(key)) == []


def test_both_languages_say_the_same_things_with_the_same_facts(assets: Path) -> None:
    zh, en = (load(assets / "i18n", lang).sentences for lang in ("zh", "en"))
    assert sorted(zh) == sorted(en)
    assert [key for key in zh if _facts(zh[key]) != _facts(en[key])] == []


def test_no_sentence_of_the_window_is_left_over(assets: Path) -> None:
    """A sentence nobody asks for is a sentence nobody keeps true."""
    code = "\n".join(source.read_text(encoding="utf-8") for source in _SOURCES)
    own = ("window", "start", "units", "entry", "import", "review", "send", "merge", "indicators", "new",
           "board", "conflicts", "received", "level")  # fmt: skip
    keys = [key for key in load(assets / "i18n", "zh").sentences if key.partition(".")[0] in own]
    # A key is asked for whole, by its last word, or by its beginning where the rest is put together.
    begun = tuple(set(re.findall(r"""["']([a-z]+\.[a-z_.]*)(?:\{|["'] \+)""", code)))
    left = [
        key
        for key in keys
        if key not in code
        and f'"{key.rpartition(".")[2]}"' not in code
        and not key.startswith(begun)
        and f'"{key.rpartition(".")[0]}"' not in code
    ]
    assert left == []


def test_every_page_has_its_icon(assets: Path) -> None:
    asked = {name for source in _SOURCES for name in re.findall(r'icons?\.(?:icon|coloured|picture)\("(\w+)"',
             source.read_text(encoding="utf-8"))}  # fmt: skip
    wanted = asked | set(CITY) | set(DISTRICT) | {"earlier", "later", "back", "new", "open", "sample", "down", "done"}
    assert sorted(name for name in wanted if not (assets / "icons" / f"{name}.svg").is_file()) == []
