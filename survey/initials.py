"""Pinyin initials, by which officers find a unit or a code: 深圳 → sz."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache


@cache
def _tables() -> tuple[Mapping[int, str], frozenset[str]]:
    """The initial of each character that has only one, and the characters that have several."""
    from pypinyin.pinyin_dict import pinyin_dict

    plain: dict[int, str] = {}
    several = set()
    for code, readings in pinyin_dict.items():
        letters = {_letter(reading) for reading in readings.split(",")}
        if len(letters) == 1:
            plain[code] = letters.pop()
        else:
            several.add(chr(code))
    return plain, frozenset(several)


def _letter(reading: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFD", reading)[0].lower()


def initials(text: str) -> str:
    """The initials of a text in lower case, letters and digits as they are; 重庆 is cq, 重点 zd."""
    plain, several = _tables()
    letters = [
        _in_context(text[max(at - 1, 0) : at + 2], min(at, 1)) if letter in several else letter
        for at, letter in enumerate(text)
    ]
    return "".join(letters).translate(plain).lower()


@lru_cache(maxsize=1 << 15)
def _in_context(words: str, at: int) -> str:
    """The initial of a character with several, read in its words."""
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(words, style=Style.FIRST_LETTER, errors=list)  # type: ignore[arg-type] # each sign by itself
    return str(found[at]) if len(found) == len(words) else words[at]
