"""Code lists and identity codes. Codes are text: a leading zero and the eighteenth digit count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import mul

USCC_LENGTH = 18
# Characters that nobody sees, as they stand in a class of a pattern: they come with what is copied from web pages.
UNSEEN = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_UNSEEN = re.compile(f"[{UNSEEN}]")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {letter: value for value, letter in enumerate(USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(USCC_LENGTH - 1))
_USCC_CHECKED = (*_USCC_WEIGHTS, 1)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUE = {letter: value for value, letter in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


@dataclass(frozen=True)
class Code:
    """One entry of a code list."""

    code: str
    label: str
    label_en: str = ""
    aliases: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict, hash=False)

    def within(self, outer: str) -> tuple[str, ...]:
        """The codes of another list that this one is listed under; none where it goes with all."""
        return tuple(part for part in self.extra.get(outer, "").split("|") if part)

    @property
    def tile(self) -> tuple[int, int] | None:
        """Where it lies on a schematic map, as column and row counted from 0: `3-1` in the list's column `tile`."""
        column, _, row = self.extra.get("tile", "").partition("-")
        return (int(column) - 1, int(row) - 1) if column.isdecimal() and row.isdecimal() else None


@dataclass(frozen=True)
class CodeList:
    """A list of codes in display order, found by code, by label or by another accepted spelling."""

    id: str
    codes: Mapping[str, Code]

    @cached_property
    def _spellings(self) -> dict[str, str]:
        spellings: dict[str, str] = {}
        for entry in self.codes.values():
            for spelling in (entry.code, entry.label, entry.label_en, *entry.aliases):
                if spelling:
                    spellings.setdefault(fold(spelling), entry.code)
        return spellings

    def find(self, text: str) -> str | None:
        """The code that a person's text means, or None; it may stand before its label, as in `3973 集成电路制造`."""
        if text in self.codes:
            return text
        found = self._spellings.get(fold(text))
        if found is None and " " in text:
            code, _, label = text.strip().partition(" ")
            entry = self.codes.get(code)
            if entry and fold(label) in map(fold, (entry.label, entry.label_en, *entry.aliases)):
                return code
        return found

    def choices(self, lang: str = "zh") -> dict[str, str]:
        """What stands for each code in a workbook: its label, or the code itself where its label means another one."""
        labels = {code: self.label(code, lang) for code in self.codes}
        return {code: label if self.find(label) == code else code for code, label in labels.items()}

    def label(self, code: object, lang: str = "zh") -> str:
        """The label of a code; a code that is not in the list stands for itself."""
        entry = self.codes.get(str(code))
        if entry is None:
            return str(code)
        return entry.label_en if lang == "en" and entry.label_en else entry.label


def fold(text: str) -> str:
    """A text as it is compared: half-width, no spaces, nothing unseen, lower case."""
    return _UNSEEN.sub("", "".join(unicodedata.normalize("NFKC", text).split())).lower()


def organisation_digit_ok(code: str) -> bool:
    """Whether the nine characters of an organisation code carry the right check digit (GB 11714)."""
    body = [_ORGANISATION_VALUE.get(letter, -1) for letter in code[:8]]
    if len(code) != len(_ORGANISATION_WEIGHTS) + 1 or min(body) < 0:
        return False
    rest = 11 - sum(weight * value for weight, value in zip(_ORGANISATION_WEIGHTS, body, strict=True)) % 11
    return code[8] == {10: "X", 11: "0"}.get(rest, str(rest))


@lru_cache(maxsize=1 << 17)
def valid_uscc(code: str) -> bool:
    """Whether a unified social credit code has 18 characters and its check character (GB 32100-2015)."""
    if len(code) != USCC_LENGTH:
        return False
    try:
        # The check character's weight is 1: a sound code's weighted total has no rest.
        total: int = sum(map(mul, _USCC_CHECKED, map(_USCC_VALUE.__getitem__, code)))
    except KeyError:
        return False
    return total % 31 == 0


def valid_orgcode(code: str) -> bool:
    """Whether characters 9 to 17 of a unified social credit code are a sound organisation code."""
    return len(code) == USCC_LENGTH and organisation_digit_ok(code[8:17])


def well_formed_uscc(code: str) -> bool:
    """Whether a text can be a unified social credit code at all, check character aside."""
    return len(code) == USCC_LENGTH and all(letter in _USCC_VALUE for letter in code)


def sound_neighbours(code: str) -> Iterator[str]:
    """The sound codes that one wrong character, or two that changed places, would have made this unsound one.

    The weights have inverses modulo 31, so at each place there is one character that makes the total right.
    """
    values = [_USCC_VALUE.get(letter, -1) for letter in code]
    strange = [at for at, value in enumerate(values) if value < 0]
    if len(code) != USCC_LENGTH or len(strange) > 1:
        return
    rest = sum(weight * max(value, 0) for weight, value in zip(_USCC_CHECKED, values, strict=True))
    for at in strange or range(USCC_LENGTH):
        value = (max(values[at], 0) - rest * pow(_USCC_CHECKED[at], -1, 31)) % 31
        if value != values[at]:
            yield code[:at] + USCC_ALPHABET[value] + code[at + 1 :]
    for at in range(USCC_LENGTH - 1):
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        if swapped != code and valid_uscc(swapped):
            yield swapped


def uscc_with_check(body: str) -> str:
    """The 18-character code of a 17-character body."""
    total = sum(weight * _USCC_VALUE[letter] for weight, letter in zip(_USCC_WEIGHTS, body, strict=True))
    return body + USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_code(body: str) -> str:
    """The nine-character organisation code of an eight-character body."""
    return next(body + digit for digit in "0123456789X" if organisation_digit_ok(body + digit))


def code_list(list_id: str, entries: Iterable[Code]) -> CodeList:
    """A code list of its entries, in their order."""
    return CodeList(list_id, {entry.code: entry for entry in entries})
