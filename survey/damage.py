"""What spreadsheets and typing do to identity codes, and what a spoilt code may have been.

A proposal is never taken by itself: it is shown with its evidence, and a person accepts it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from survey.codes import USCC_LENGTH, fold, uscc_with_check, valid_orgcode, valid_uscc, well_formed_uscc

# Letters the standard leaves out, because they are taken for these.
_TAKEN_FOR = str.maketrans({"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"})
# A spreadsheet keeps fifteen digits of a number.
_KEPT_DIGITS = 15
_LEAST_PREFIX = 8
_ALIKE = 14


@dataclass(frozen=True)
class Proposal:
    """A code that a spoilt one may have been; `evidence` is why: letters, check, digits or name."""

    code: str
    evidence: str


class Repairs:
    """Proposals from the code itself and from the register's units, given as (code, name)."""

    def __init__(self, units: Iterable[tuple[str, str]]) -> None:
        self._codes: list[str] = []
        self._by_name: dict[str, list[str]] = {}
        for code, name in units:
            self._codes.append(code)
            self._by_name.setdefault(fold(name), []).append(code)

    def propose(self, found: str, name: str = "") -> list[Proposal]:
        """What a spoilt code may have been, the surest first; none where there is no evidence."""
        text = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", found)).upper()
        proposals = [*self._from_itself(text), *self._from_digits(text), *self._from_name(text, name)]
        first: dict[str, Proposal] = {}
        for one in proposals:
            first.setdefault(one.code, one)
        return list(first.values())

    def _from_itself(self, text: str) -> Iterable[Proposal]:
        plain = text.translate(_TAKEN_FOR)
        if plain != text and valid_uscc(plain) and valid_orgcode(plain):
            yield Proposal(plain, "letters")
        if len(text) == USCC_LENGTH - 1 and well_formed_uscc(text + "0"):
            whole = uscc_with_check(text)
            if valid_orgcode(whole):
                yield Proposal(whole, "check")

    def _from_digits(self, text: str) -> Iterable[Proposal]:
        """The register's codes that begin with the digits a number kept."""
        digits = _kept_digits(text)
        if len(digits) >= _LEAST_PREFIX:
            for code in self._codes:
                if code.startswith(digits):
                    yield Proposal(code, "digits")

    def _from_name(self, text: str, name: str) -> Iterable[Proposal]:
        """The register's unit of the same name, where the code is like enough."""
        digits = _kept_digits(text)
        for code in self._by_name.get(fold(name), ()) if name else ():
            alike = sum(a == b for a, b in zip(code, text, strict=False))
            if (digits and code.startswith(digits)) or alike >= _ALIKE:
                yield Proposal(code, "name")


def _kept_digits(text: str) -> str:
    """The leading digits of a code that was kept as a number, '' where it was not."""
    if not re.fullmatch(r"\d+(\.\d+)?(E\+?\d+)?", text):
        return ""
    try:
        digits = f"{Decimal(text):f}".partition(".")[0]
    except InvalidOperation:
        return ""
    if len(digits) != USCC_LENGTH:
        return ""
    if "E" in text:
        mantissa = text.partition("E")[0].replace(".", "")
        return digits[: min(len(mantissa), _KEPT_DIGITS)].rstrip("0")
    # Zeros in the last three places are what a number leaves of a code.
    return digits[:_KEPT_DIGITS] if digits.endswith("000") else ""
