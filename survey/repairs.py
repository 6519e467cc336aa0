"""What a spoilt code may have been: proposals with their evidence.

A proposal is never taken by itself: it is shown with its evidence, and a person accepts it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from survey.codes import USCC_LENGTH, fold, uscc_with_check, valid_orgcode, valid_uscc, well_formed_uscc
from survey.damage import TAKEN_FOR, plain

EVIDENCE = ("cells", "letters", "zero", "check", "alike", "missing", "digits", "name")
# A spreadsheet keeps fifteen digits of a number.
_KEPT_DIGITS = 15
_LEAST_PREFIX = 8
_ALIKE = 14
# More codes than this with the same digits are no evidence for any of them.
_MOST = 5
_LETTERS = str.maketrans(TAKEN_FOR)
# Characters that are allowed and still mistaken for one another.
_MISTAKEN = {
    "0": "DQ",
    "D": "0",
    "Q": "0",
    "8": "B",
    "B": "8",
    "1": "L",
    "L": "1",
    "6": "G",
    "G": "6",
    "U": "5",
    "5": "U",
}


@dataclass(frozen=True)
class Proposal:
    """A code that a spoilt one may have been, and why: one of `EVIDENCE`."""

    code: str
    evidence: str


class Repairs:
    """Proposals from the code itself and from the register's units, given as (code, name, district)."""

    def __init__(self, units: Iterable[tuple[str, str, str]]) -> None:
        self._by_name: dict[str, list[tuple[str, str]]] = {}
        codes = []
        for code, name, district in units:
            codes.append(code)
            self._by_name.setdefault(fold(name), []).append((code, district))
        self._codes = sorted(codes)

    def propose(self, found: str, name: str = "", district: str = "", joined: str = "") -> list[Proposal]:
        """What a spoilt code may have been, the surest first; none where there is no evidence."""
        text = plain(found)
        # Where the register has a unit of this name with such a code, no other unit's code is meant.
        named = list(self._from_name(text, name, district))
        proposals = [
            *([Proposal(joined, "cells")] if joined else []),
            *self._from_itself(text),
            *(named or [*self._from_missing(text), *self._from_digits(text)]),
        ]
        first: dict[str, Proposal] = {}
        for one in proposals:
            first.setdefault(one.code, one)
        return list(first.values())

    def _from_itself(self, text: str) -> Iterator[Proposal]:
        replaced = text.translate(_LETTERS)
        if replaced != text and _sound(replaced):
            yield Proposal(replaced, "letters")
        if len(text) == USCC_LENGTH - 1 and well_formed_uscc(text + "0"):
            if _sound("0" + text):
                yield Proposal("0" + text, "zero")
            whole = uscc_with_check(text)
            if valid_orgcode(whole):
                yield Proposal(whole, "check")
        if well_formed_uscc(text) and not valid_uscc(text):
            for at, letter in enumerate(text):
                for other in _MISTAKEN.get(letter, ""):
                    changed = text[:at] + other + text[at + 1 :]
                    if _sound(changed):
                        yield Proposal(changed, "alike")

    def _from_missing(self, text: str) -> Iterator[Proposal]:
        """The register's codes that are this one and a character more."""
        if len(text) != USCC_LENGTH - 1:
            return
        for at in range(USCC_LENGTH):
            for code in self._beginning(text[:at]) if at >= _LEAST_PREFIX else ():
                if code[:at] + code[at + 1 :] == text:
                    yield Proposal(code, "missing")

    def _from_digits(self, text: str) -> Iterator[Proposal]:
        """The register's codes that begin with the digits a number kept."""
        digits = _kept_digits(text)
        if len(digits) >= _LEAST_PREFIX:
            for code in self._beginning(digits):
                yield Proposal(code, "digits")

    def _from_name(self, text: str, name: str, district: str) -> Iterator[Proposal]:
        """The register's unit of the same name in the same district, where the code is like enough."""
        digits = _kept_digits(text)
        for code, place in self._by_name.get(fold(name), ()) if name else ():
            alike = sum(a == b for a, b in zip(code, text, strict=False))
            here = not district or not place or district == place
            if here and ((digits and code.startswith(digits)) or alike >= _ALIKE):
                yield Proposal(code, "name")

    def _beginning(self, prefix: str) -> list[str]:
        """The register's codes with a beginning; none where they are too many to mean anything."""
        start = bisect_left(self._codes, prefix)
        end = bisect_left(self._codes, prefix + "\uffff", start)
        return self._codes[start:end] if end - start <= _MOST else []


def _sound(code: str) -> bool:
    return valid_uscc(code) and valid_orgcode(code)


def _kept_digits(text: str) -> str:
    """The leading digits of a code that was kept as a number, '' where it was not."""
    # As a spreadsheet shows it. Larger exponents are no code's, and their digits would not end.
    if not re.fullmatch(r"\d+(\.\d+)?(E\+?\d{1,2})?", text):
        return ""
    digits = f"{Decimal(text):f}".partition(".")[0]
    if len(digits) != USCC_LENGTH:
        return ""
    if "E" in text:
        mantissa = text.partition("E")[0].replace(".", "")
        return digits[: min(len(mantissa), _KEPT_DIGITS)].rstrip("0")
    # Zeros in the last three places are what a number leaves of a code.
    return digits[:_KEPT_DIGITS] if digits.endswith("000") else ""
