"""What a scheme declares of disclosure control, read strictly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from survey.form import Disclosure
from survey.textfiles import TextFiles

_FILE = "scheme.toml"
_MOST = 1e6
# The least and the greatest that each number may be.
_RANGES: Mapping[str, tuple[float, float]] = {
    "threshold": (0, _MOST), "counts": (0, _MOST), "percent": (0, 100), "negative": (1, _MOST), "known": (0, _MOST),
}  # fmt: skip
_WHOLE = ("threshold", "counts")


def read_disclosure(texts: TextFiles, table: Mapping[str, Any]) -> Disclosure:
    """The rules of the table `[disclosure]`; those that are not declared are the usual ones, so that none is missed."""
    plain = Disclosure()
    texts.known_keys(_FILE, 0, table, [part.name for part in fields(Disclosure)])
    numbers = {
        key: table[key] if _in_range(texts, key, table[key], ends) else getattr(plain, key)
        for key, ends in _RANGES.items()
        if key in table
    }
    prior = table.get("prior", ())
    if prior and not (_is_pair(prior) and 0 < prior[0] < prior[1] <= 100):
        texts.add(_FILE, "prior =", "disclosure_prior")
        prior = ()
    dominance = table.get("dominance", ())
    if not (isinstance(dominance, list | tuple) and all(map(_is_dominance, dominance))):
        texts.add(_FILE, "dominance =", "disclosure_dominance")
        dominance = ()
    rules = Disclosure(prior=tuple(prior), dominance=tuple((one[0], float(one[1])) for one in dominance), **numbers)
    _together(texts, rules)
    return rules


def _in_range(texts: TextFiles, key: str, value: object, ends: tuple[float, float]) -> bool:
    """Whether a number is one that the key may have; where not, that is a problem."""
    kinds = (int,) if key in _WHOLE else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        texts.add(_FILE, f"{key} =", "wrong_type", key=key, wanted="int" if key in _WHOLE else "number")
        return False
    if not ends[0] <= value <= ends[1]:
        texts.add(_FILE, f"{key} =", "disclosure_range", key=key, least=f"{ends[0]:g}", most=f"{ends[1]:g}")
        return False
    return True


def _is_pair(found: object) -> bool:
    return (
        isinstance(found, Sequence)
        and len(found) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in found)
    )


def _is_dominance(found: Any) -> bool:
    return _is_pair(found) and isinstance(found[0], int) and found[0] >= 1 and 0 < found[1] < 100


def _together(texts: TextFiles, rules: Disclosure) -> None:
    """What the rules lack together."""
    if not (rules.threshold > 1 or rules.percent or rules.prior or rules.dominance):
        texts.add(_FILE, "[disclosure]", "disclosure_none")
    if rules.dominance and not (rules.percent or rules.prior) and all(count == 1 for count, _ in rules.dominance):
        texts.add(_FILE, "dominance =", "disclosure_alone")
    if rules.known <= rules.asked:
        texts.add(_FILE, "known =", "disclosure_known", known=f"{rules.known:g}", asked=f"{rules.asked:g}")
