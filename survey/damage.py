"""What spreadsheets and typing do to identity codes: how a code was spoilt, told from what is left of it."""

from __future__ import annotations

import re
import unicodedata

from survey.codes import UNSEEN, USCC_LENGTH, valid_uscc, well_formed_uscc

# Kinds of damage. The certain ones change no character of the code and are put right without a word asked.
CASE, WIDTH, SPACES = "case", "width", "spaces"
CERTAIN = (CASE, WIDTH, SPACES)
NUMBER, SCIENTIFIC, ZEROS, LOST_ZERO, SHORT = "number", "scientific", "zeros", "lost_zero", "short"
LETTERS, CHECK, TWO_CELLS, LENGTH, CHARACTERS = "letters", "check", "two_cells", "length", "characters"
KINDS = (*CERTAIN, NUMBER, SCIENTIFIC, ZEROS, LOST_ZERO, SHORT, LETTERS, CHECK, TWO_CELLS, LENGTH, CHARACTERS)

# Letters the standard leaves out, because they are taken for these.
TAKEN_FOR = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_SPACES = re.compile(rf"[\s\-{UNSEEN}]")
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?E\+?\d+")


def plain(raw: object) -> str:
    """A code as it is compared: half-width, capitals, no spaces and hyphens."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", str(raw))).upper()


def certain(raw: str) -> list[str]:
    """What was put right in a code that could be read."""
    half = unicodedata.normalize("NFKC", raw)
    found = {CASE: half.upper() != half, WIDTH: half != raw, SPACES: bool(_SPACES.search(half))}
    return [kind for kind, so in found.items() if so]


def kind_of(raw: object) -> str:
    """How a code was spoilt; '' where nothing speaks against it."""
    text = plain(raw)
    if isinstance(raw, int | float):
        return NUMBER
    if _SCIENTIFIC.fullmatch(text):
        return SCIENTIFIC
    if valid_uscc(text):
        return ""
    if well_formed_uscc(text):
        return ZEROS if text.isdecimal() and text.endswith("000") else CHECK
    if not re.fullmatch(r"[0-9A-Z]+", text):
        return CHARACTERS
    if len(text) == USCC_LENGTH:
        return LETTERS
    if len(text) == USCC_LENGTH - 1:
        return LOST_ZERO if valid_uscc("0" + text) else SHORT
    return LENGTH


def joined(left: object, cell: object, right: object) -> str:
    """The sound code that a cell makes together with the one beside it, '' where neither does."""
    text = plain(cell)
    for whole in (text + plain(right or ""), plain(left or "") + text):
        if whole != text and valid_uscc(whole):
            return whole
    return ""
