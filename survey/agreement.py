"""How far two units say the same of themselves, part by part, with a weight a person can follow.

The weights are those of Fellegi and Sunter (A Theory for Record Linkage, JASA 64, 1969): the logarithm to base 2 of how
much more often two entries of one unit agree in a part than two entries of different units. They are set by hand,
lowered where a value is common in the file, and held to a labelled set by the tests. What the sum suggests is capped
where two sound codes and a differing name speak for two units.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2
from types import MappingProxyType

from rapidfuzz.distance import OSA, Indel

from survey.firmname import FirmName, same_form

BANDS = ("sure", "likely", "possible", "not")
# What two units can be to one another that are no duplicates; `first` is this of `second`.
BRANCH, MOVED, SUCCESSOR, CHILD = "branch_of", "moved_from", "successor_of", "child_of"
_SURE, _LIKELY, LEAST = 13.0, 7.0, 3.5
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "name_same": 9, "stem_same": 7, "stem_near": 5, "core_short": 5, "core_same": 3, "core_near": 2,
        "name_differs": -6, "trade_differs": -4, "region_differs": -3, "form_differs": -2, "number_differs": -12,
        "branch_differs": -12,
        "code_slip": 9, "code_organisation": 8, "code_near": 4, "code_differs": -4,
        "phone_same": 5, "phone_differs": -1, "address_same": 4, "address_near": 2, "address_differs": -1,
        "person_same": 4, "person_differs": -2, "figures_same": 6, "figures_differ": -1,
        "district_differs": 0,
    }
)  # fmt: skip
_LEAST_AGREEING = 1.0
_NEAR_ADDRESS = 0.85
_LEAST_STEM = 4
_TELLING_APART = {"number_differs", "branch_differs"}
_PARTS = ("phone", "address", "person")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Known:
    """What the file knows of a unit, as it is compared; blank where it says nothing.

    `phones` are the last eight digits, `figures` the key items where enough of them are told, `sound` is whether the
    code carries its check character.
    """

    id: int
    uscc: str
    name: FirmName
    district: str
    phones: tuple[str, ...] = ()
    address: str = ""
    person: str = ""
    parent: str = ""
    figures: tuple[float, ...] = ()
    sound: bool = True


@dataclass(frozen=True, slots=True)
class Reason:
    """A part that speaks for or against one unit; the part is a key of WEIGHTS."""

    part: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two units that may be one, by code; `relation` is what the first probably is of the second instead, or ''."""

    first: str
    second: str
    score: float
    band: str
    relation: str
    reasons: tuple[Reason, ...]


@dataclass
class Commonness:
    """How many units of the file share a stem, a phone, an address, a person."""

    stem: Counter[str] = field(default_factory=Counter)
    phone: Counter[str] = field(default_factory=Counter)
    address: Counter[str] = field(default_factory=Counter)
    person: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, units: Iterable[Known]) -> Commonness:
        found = cls()
        for unit in units:
            found.stem[unit.name.stem] += 1
            found.phone.update(unit.phones)
            if unit.address:
                found.address[unit.address] += 1
            if unit.person:
                found.person[unit.person] += 1
        return found


def compare(one: Known, other: Known, common: Commonness) -> Pair | None:
    """Two units weighed against each other, the older first; None where nothing suggests that they are one."""
    first, second = (one, other) if one.id < other.id else (other, one)
    reasons = _reasons(first, second, common)
    score = sum(reason.weight for reason in reasons)
    parts = {reason.part for reason in reasons}
    tied = _relation(first, second, parts)
    if tied:
        first, second, relation = tied
        return Pair(first.uscc, second.uscc, score, _band(score, parts), relation, tuple(reasons))
    band = _band(score, parts)
    return None if band == "not" else Pair(first.uscc, second.uscc, score, band, "", tuple(reasons))


def _reasons(one: Known, other: Known, common: Commonness) -> list[Reason]:
    found = [*_names(one.name, other.name, common), _codes(one, other)]
    if one.phones and other.phones:
        shared = set(one.phones) & set(other.phones)
        found.append(_same("phone", min((common.phone[phone] for phone in shared), default=0)))
    if one.address and other.address:
        found.append(_addresses(one.address, other.address, common))
    if one.person and other.person:
        found.append(_same("person", common.person[one.person] if one.person == other.person else 0))
    if one.figures and other.figures:
        found.append(_plain("figures_same" if one.figures == other.figures else "figures_differ"))
    if one.district and other.district and one.district != other.district:
        found.append(_plain("district_differs"))
    return found


def _plain(part: str) -> Reason:
    return Reason(part, WEIGHTS[part])


def _shared(part: str, holders: int) -> Reason:
    """An agreement; it counts for less the more units share the value."""
    return Reason(part, max(_LEAST_AGREEING, WEIGHTS[part] - log2(max(holders - 1, 1))))


def _same(part: str, holders: int) -> Reason:
    return _shared(f"{part}_same", holders) if holders else _plain(f"{part}_differs")


def _names(one: FirmName, other: FirmName, common: Commonness) -> list[Reason]:
    if one.whole == other.whole:
        return [_shared("name_same", common.stem[one.stem])]
    part = _stems(one, other)
    found = [_shared(part, common.stem[one.stem]) if WEIGHTS[part] > 0 else _plain(part)]
    if part == "core_same":
        found.append(_plain("trade_differs"))
    if one.regions and other.regions and _elsewhere(one.regions, other.regions):
        found.append(_plain("region_differs"))
    if not same_form(one.form, other.form):
        found.append(_plain("form_differs"))
    if one.numbers != other.numbers:
        found.append(_plain("number_differs"))
    if one.branch != other.branch and OSA.distance(one.branch, other.branch) > (
        1 if one.branch and other.branch else 0
    ):
        found.append(_plain("branch_differs"))
    return found


def _stems(one: FirmName, other: FirmName) -> str:
    """How the trade names and lines of business of two names agree."""
    if one.stem == other.stem:
        return "stem_same"
    if one.core == other.core:
        short, long = sorted((one.trade, other.trade), key=len)
        if not short:
            return "core_short"
        return "stem_near" if OSA.distance(short, long, score_cutoff=1) <= 1 and len(short) > 1 else "core_same"
    if min(len(one.stem), len(other.stem)) < _LEAST_STEM or OSA.distance(one.stem, other.stem, score_cutoff=1) > 1:
        return "name_differs"
    return "core_near" if _prefix(one.stem, other.stem) < min(len(one.core), len(other.core)) else "stem_near"


def _prefix(one: str, other: str) -> int:
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def _elsewhere(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether neither name's regions are among the other's: 深圳 and 深圳龙岗 may be one place."""
    return not (set(one) <= set(other) or set(other) <= set(one))


def _codes(one: Known, other: Known) -> Reason:
    if one.uscc[8:17] == other.uscc[8:17] and (one.uscc[:8] == other.uscc[:8] or not (one.sound and other.sound)):
        return _plain("code_organisation")
    if one.sound and other.sound:
        return _plain("code_organisation" if one.uscc[8:17] == other.uscc[8:17] else "code_differs")
    distance = OSA.distance(one.uscc, other.uscc, score_cutoff=2)
    return (
        Reason("code_slip", WEIGHTS["code_slip"])
        if distance == 1
        else (_plain("code_near") if distance == 2 else Reason("code_differs", WEIGHTS["code_differs"] / 4))
    )


def _addresses(one: str, other: str, common: Commonness) -> Reason:
    if one == other:
        return _shared("address_same", common.address[one])
    near = Indel.normalized_similarity(one, other, score_cutoff=_NEAR_ADDRESS) > 0
    return _plain("address_near" if near and _DIGITS.findall(one) == _DIGITS.findall(other) else "address_differs")


def _relation(one: Known, other: Known, parts: set[str]) -> tuple[Known, Known, str] | None:
    """Two units that are known to belong together without being one: who is what of whom."""
    for child, parent in ((one, other), (other, one)):
        if child.name.branch and not parent.name.branch and _parent_of(parent.name, child.name):
            return child, parent, BRANCH
        if child.parent and child.parent == parent.uscc:
            return child, parent, BRANCH if child.name.branch else CHILD
    agreeing = {part for part in _PARTS if f"{part}_same" in parts}
    if not (one.sound and other.sound) or "code_organisation" in parts or "figures_same" in parts:
        return None
    against = _TELLING_APART & parts
    if parts & {"name_same", "stem_same"} and not against:
        moved = {"district_differs", "address_differs"} <= parts and agreeing & {"phone", "person"}
        return (other, one, MOVED) if moved else None
    renamed = "name_differs" in parts and len(agreeing) == len(_PARTS) and not against
    return (other, one, SUCCESSOR) if renamed else None


def _parent_of(parent: FirmName, branch: FirmName) -> bool:
    return parent.whole == branch.parent or (
        parent.core == branch.core and parent.trade == branch.trade and same_form(parent.form, branch.form)
    )


def _band(score: float, parts: set[str]) -> str:
    """How likely it is that two units are one."""
    if score < LEAST:
        # No register gives one name twice, and hardly any unsound code is one slip from a stranger's.
        return "possible" if parts & {"name_same", "code_slip"} and not parts & _TELLING_APART else "not"
    band = "sure" if score >= _SURE else "likely" if score >= _LIKELY else "possible"
    if "code_differs" in parts and not parts & {"name_same", "stem_same"}:
        # Two sound codes and another name are two units, as firms of one owner are; only near spellings may be slips.
        near = parts & {"stem_near", "core_near", "core_short"} and len(_agreeing(parts)) > 1
        return "likely" if near and band != "possible" else "possible"
    return band


def _agreeing(parts: set[str]) -> set[str]:
    return parts & {"phone_same", "address_same", "address_near", "person_same", "figures_same"}
