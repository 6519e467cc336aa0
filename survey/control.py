"""The city's control of checking: checks switched off or held to another class from a day on, and units exempted.

What the city decides holds in its own file at once. Signed off, it travels to the districts as a small text
file, whose digest shows whether a line was changed on the way; a district adopts it as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from survey.checks import OFF, every_check
from survey.errors import SurveyError
from survey.explanations import check_text
from survey.files import replacing
from survey.form import CHECK_CLASSES, Ruling
from survey.store import Store, now
from survey.texts import Texts

FORMAT = "census-desk-control"
FORMAT_VERSION = "1"
ACTIONS = (OFF, *CHECK_CLASSES)


@dataclass(frozen=True)
class Exemption:
    """A unit whose answers need not pass a check in a period: who allowed it, why, and when."""

    uscc: str
    check: str
    period: str
    official: str
    reason: str
    at: str


@dataclass(frozen=True)
class ControlList:
    """The city's decisions as they were signed off: the scheme they are for, their number, official and time."""

    scheme: str
    number: int
    official: str
    at: str
    rulings: tuple[Ruling, ...]
    exemptions: tuple[Exemption, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over everything the list says."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def rulings(store: Store) -> list[Ruling]:
    """Every ruling of the file, those not yet in force included."""
    rows = store.execute(
        "SELECT check_code, action, valid_from, official, reason, at FROM ruling ORDER BY check_code, valid_from"
    )
    return [Ruling(*row) for row in rows]


def exemptions(store: Store, period: str = "") -> list[Exemption]:
    """The exemptions of a period, or of all."""
    rows = store.execute(
        "SELECT uscc, check_code, period, official, reason, at FROM exemption WHERE ? IN ('', period)"
        " ORDER BY period, uscc, check_code",
        (period,),
    )
    return [Exemption(*row) for row in rows]


def exempt_checks(store: Store, unit: int, period: str) -> frozenset[str]:
    """The checks that a unit need not pass in a period."""
    rows = store.execute(
        "SELECT e.check_code FROM exemption e JOIN unit u ON u.uscc = e.uscc WHERE u.id = ? AND e.period = ?",
        (unit, period),
    )
    return frozenset(row[0] for row in rows)


def exemption_texts(store: Store, period: str, texts: Texts) -> dict[tuple[str, str], str]:
    """What is said of each exemption, by the unit's code and the check."""
    return {(one.uscc, one.check): texts("control.exempt", **asdict(one)) for one in exemptions(store, period)}


CONTROL_WIDTHS = (22, 18, 16, 14, 60, 22)


def control_rows(ruled: Iterable[Ruling], exempted: Iterable[Exemption], texts: Texts) -> list[tuple[str, ...]]:
    """What the city has decided, under `control.heads`: unit, check, decision, day, reason, official."""
    return [
        *(("", one.check, texts(f"control.action.{one.action}"), one.valid_from, one.reason, one.official)
          for one in ruled),
        *((one.uscc, one.check, texts("control.action.exempt"), one.at[:10], one.reason, one.official)
          for one in exempted),
    ]  # fmt: skip


def rule(store: Store, check: str, action: str, valid_from: str, *, official: str, reason: str) -> None:
    """Switches a check off, or gives it another class, from a day on.

    Raises SurveyError `not_city`, `unknown_check`, `day`, `official_missing`, and for a reason that says nothing.
    """
    _admit(store, check, official)
    if action not in ACTIONS or not _is_day(valid_from):
        raise SurveyError("day", found=valid_from)
    with store.atomic():
        store.execute(
            "INSERT OR REPLACE INTO ruling (check_code, action, valid_from, official, reason, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (check, action, valid_from, official.strip(), check_text(reason), now()),
        )
    store.reload_rules()


def lift(store: Store, check: str, valid_from: str) -> None:
    """Takes a ruling back."""
    _must_be_city(store)
    with store.atomic():
        store.execute("DELETE FROM ruling WHERE check_code = ? AND valid_from = ?", (check, valid_from))
    store.reload_rules()


def exempt(store: Store, uscc: str, check: str, period: str, *, official: str, reason: str) -> None:
    """Lets a unit's answers of a period fail a check.

    Raises SurveyError `not_city`, `unknown_check`, `unknown_unit`, `official_missing`, and for an empty reason.
    """
    _admit(store, check, official)
    if store.find_unit(uscc) is None:
        raise SurveyError("unknown_unit", uscc=uscc)
    with store.atomic():
        _put_exemptions(store, [Exemption(uscc, check, period, official.strip(), check_text(reason), now())])
        _touch(store, [uscc])


def unexempt(store: Store, uscc: str, check: str, period: str) -> None:
    """Takes an exemption back."""
    _must_be_city(store)
    with store.atomic():
        store.execute("DELETE FROM exemption WHERE uscc = ? AND check_code = ? AND period = ?", (uscc, check, period))
        _touch(store, [uscc])


def sign_off(store: Store, path: Path, *, official: str) -> ControlList:
    """Writes the city's decisions for the districts, under the next number; a file there is replaced when it is whole.

    Raises SurveyError `not_city`, `official_missing`, `cannot_write`.
    """
    _must_be_city(store)
    if not official.strip():
        raise SurveyError("official_missing")
    number = int(store.desk.get("control_number", "0")) + 1
    signed = ControlList(
        store.scheme.id, number, official.strip(), now(), tuple(rulings(store)), tuple(exemptions(store))
    )
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "digest": signed.digest}
    with replacing(path) as beside:
        beside.write_text(json.dumps({**head, **asdict(signed)}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with store.atomic():
        _remember(store, signed)
    return signed


def adopt(store: Store, path: Path, *, who: str = "") -> ControlList:
    """Takes the city's list over in place of the one before.

    Raises SurveyError: `no_file`, `not_a_control_list`, `control_newer`, `control_changed`, `control_scheme`,
    `control_older`.
    """
    found = read(path)
    if found.scheme != store.scheme.id:
        raise SurveyError("control_scheme", path=path, found=found.scheme, wanted=store.scheme.id)
    present = int(store.desk.get("control_number", "0"))
    if found.number < present or (found.number == present and found.digest != store.desk.get("control_digest")):
        raise SurveyError("control_older", path=path, found=found.number, present=present)
    with store.atomic():
        affected = {one.uscc for one in exemptions(store)} | {one.uscc for one in found.exemptions}
        store.execute("DELETE FROM ruling")
        store.execute("DELETE FROM exemption")
        store.executemany(
            "INSERT INTO ruling (check_code, action, valid_from, official, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
            [(one.check, one.action, one.valid_from, one.official, one.reason, one.at) for one in found.rulings],
        )
        _put_exemptions(store, found.exemptions)
        _touch(store, affected)
        _remember(store, found)
        store.add_source(path.name, "control", found.digest, who)
    store.reload_rules()
    return found


def read(path: Path) -> ControlList:
    """The list in a file; raises SurveyError as `adopt` does."""
    if not path.is_file():
        raise SurveyError("no_file", path=path)
    try:
        facts = json.loads(path.read_text(encoding="utf-8-sig"))
        if facts["format"] != FORMAT:
            raise SurveyError("not_a_control_list", path=path)
        if facts["format_version"] != FORMAT_VERSION:
            raise SurveyError("control_newer", path=path)
        found = ControlList(
            str(facts["scheme"]), int(facts["number"]), str(facts["official"]), str(facts["at"]),
            tuple(Ruling(**one) for one in facts["rulings"]),
            tuple(Exemption(**one) for one in facts["exemptions"]),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SurveyError("not_a_control_list", path=path) from None
    if found.digest != facts.get("digest"):
        raise SurveyError("control_changed", path=path)
    return found


@dataclass(frozen=True)
class Changes:
    """What a list would change: decisions that come in, and present ones that it does not hold."""

    new_rulings: tuple[Ruling, ...]
    gone_rulings: tuple[Ruling, ...]
    new_exemptions: tuple[Exemption, ...]
    gone_exemptions: tuple[Exemption, ...]


def changes(store: Store, found: ControlList) -> Changes:
    """What taking a list over would change."""
    ruled, exempted = rulings(store), exemptions(store)
    return Changes(
        tuple(one for one in found.rulings if one not in ruled),
        tuple(one for one in ruled if one not in found.rulings),
        tuple(one for one in found.exemptions if one not in exempted),
        tuple(one for one in exempted if one not in found.exemptions),
    )


def _remember(store: Store, signed: ControlList) -> None:
    facts: dict[str, Any] = {"number": signed.number, "digest": signed.digest, "official": signed.official}
    for key, value in facts.items():
        store.set_desk(f"control_{key}", str(value))
    store.set_desk("control_at", signed.at)


def _put_exemptions(store: Store, found: Iterable[Exemption]) -> None:
    store.executemany(
        "INSERT OR REPLACE INTO exemption (uscc, check_code, period, official, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
        [(one.uscc, one.check, one.period, one.official, one.reason, one.at) for one in found],
    )


def _touch(store: Store, units: Iterable[str]) -> None:
    """What was found of these units is graded anew the next time the file is checked."""
    for uscc in sorted(units):
        store.execute(
            "INSERT INTO touched SELECT r.id, (SELECT coalesce(max(at), 0) + 1 FROM touched)"
            " FROM response r JOIN unit u ON u.id = r.unit WHERE u.uscc = ?"
            " ON CONFLICT (response) DO UPDATE SET at = excluded.at",
            (uscc,),
        )


def _admit(store: Store, check: str, official: str) -> None:
    _must_be_city(store)
    if check not in {one.code for one in every_check(store.scheme, store.period)}:
        raise SurveyError("unknown_check", found=check)
    if not official.strip():
        raise SurveyError("official_missing")


def _must_be_city(store: Store) -> None:
    if not store.is_city:
        raise SurveyError("control_city", path=store.path)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
