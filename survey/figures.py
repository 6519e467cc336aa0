"""Numbers as people and programs write them: what is certain is read, what is likely is only proposed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from survey.codes import UNSEEN, fold
from survey.damage import SPACES, WIDTH

# What was put right in a number without a doubt, beside full width and spaces.
SEPARATORS, UNIT_WORD, QUOTE = "separators", "unit_word", "quote"
CERTAIN = (WIDTH, SPACES, SEPARATORS, UNIT_WORD, QUOTE)

_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000,
           "亿": 100_000_000, "十亿": 1_000_000_000, "百亿": 10_000_000_000}  # fmt: skip
_SCALED = re.compile(
    r"(十|百|千|万|百万|千万|亿|十亿|百亿)?(元|人民币元|平方米|立方米|公顷|人|个|件|吨|台|片|套|颗|只)?"
)
_SAME_BASE = {"人民币元": "元", "人民币": "元", "rmb": "元"}
_PLAIN = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_BY_THREE = re.compile(r"[+-]?\d{1,3}(?:([, ])\d{3})(?:\1\d{3})*(?:\.\d*)?")
_WORD = re.compile(r"([+-]?[\d., ]*\d\.?)\s*([^\d\s.,+\-()]{1,8})")
_ABOUT = re.compile(r"^(约|大约|近|约为|≈|~)|(左右|余|多|以上|以下|不到)$")


@dataclass(frozen=True)
class Figure:
    """A number in plain digits, and what was put right to read it."""

    digits: str
    mended: tuple[str, ...] = ()


def factor_between(written: str, unit: str) -> Decimal | None:
    """By what a number in one unit of measure is multiplied to be one in another: 万元 to 千元 is 10.

    None where they measure different things, or are not known.
    """
    one, other = _measure(written), _measure(unit)
    if one is None or other is None or (one[1] and one[1] != other[1]):
        return None
    return Decimal(one[0]) / Decimal(other[0])


@lru_cache(maxsize=1024)
def _measure(unit: str) -> tuple[int, str] | None:
    """The scale and the base of a unit of measure: 万元 is ten thousand of 元."""
    folded = fold(unit)
    match = _SCALED.fullmatch(_SAME_BASE.get(folded, folded))
    if not folded or match is None:
        return None
    return _SCALES[match[1] or ""], _SAME_BASE.get(match[2], match[2]) if match[2] else ""


def certain(text: str, unit: str = "") -> Figure | None:
    """The number a text is without a doubt, None where there is one; `unit` is the item's."""
    if _PLAIN.fullmatch(text):
        return Figure(text)
    half = unicodedata.normalize("NFKC", text)
    mended = [WIDTH] if half.replace(" ", "") != re.sub(r"\s", "", text) else []
    mended += [SPACES] if re.search(rf"[{UNSEEN}]|[^\S ]", text) else []
    bare = re.sub(rf"[{UNSEEN}]", "", half).strip()
    if bare[:1] in ("'", "‘", "’", "`"):
        bare = bare[1:].strip()
        mended.append(QUOTE)
    word = _WORD.fullmatch(bare)
    if word and unit and fold(word[2]) == fold(unit):
        bare = word[1].strip()
        mended.append(UNIT_WORD)
    bare = re.sub(r"^[−–—]\s*(?=[\d.])", "-", bare)
    if bare[:1] == "(" and bare[-1:] == ")":
        bare = "-" + bare[1:-1].strip()
    grouped = _BY_THREE.fullmatch(bare)
    if grouped:
        mended.append(SPACES if grouped[1] == " " else SEPARATORS)
        bare = bare.replace(grouped[1], "")
    bare = re.sub(r"^([+-])\s+", r"\1", bare)
    return Figure(bare, tuple(dict.fromkeys(mended))) if _NUMBER.fullmatch(bare) else None


def likely(text: str, unit: str = "") -> str:
    """The number a text probably is, in the item's unit and plain digits; '' where nothing is likely."""
    bare = unicodedata.normalize("NFKC", re.sub(rf"[{UNSEEN}]", "", text)).strip().replace("。", ".")
    bare = _ABOUT.sub("", bare).strip()
    scale = Decimal(1)
    sign = re.match(r"^(?:人民币|rmb|cny|¥|￥)\s*", bare, re.IGNORECASE)
    if sign:
        bare = bare[sign.end() :]
        scale = factor_between("元", unit) or scale
    word = _WORD.fullmatch(bare)
    if word:
        factor = Decimal("0.01") if word[2] == "%" and not unit else factor_between(word[2], unit)
        if factor is None:
            return ""
        bare, scale = word[1], factor
    digits = _digits(bare.strip())
    # Large numbers are no proposal anybody could check.
    return f"{(Decimal(digits) * scale).normalize():f}" if digits and len(digits) < 20 else ""


def _digits(bare: str) -> str:
    """The digits of a number in the notations of other countries, or with spaces that do not belong there."""
    figure = certain(bare)
    if figure:
        return figure.digits if _PLAIN.fullmatch(figure.digits) else ""
    if re.fullmatch(r"-?\d{1,3}([. ']\d{3})+,\d+", bare):
        return re.sub(r"[. ']", "", bare).replace(",", ".")
    if re.fullmatch(r"-?\d{1,3}([.']\d{3}){2,}|-?\d{1,4}(,\d{4})+|-?\d{1,3}('\d{3})+", bare):
        return re.sub(r"[.',]", "", bare)
    closed = re.sub(r"\s", "", bare)
    return closed if " " in bare and _PLAIN.fullmatch(closed) else ""


def mended_in(raws: Iterable[object], unit: str) -> Counter[str]:
    """What is put right in the numbers of a column, by kind."""
    found: Counter[str] = Counter()
    for raw in raws:
        if raw.__class__ is str and raw and not _PLAIN.fullmatch(raw):
            figure = certain(raw, unit)
            found.update(figure.mended if figure else ())
    return found
