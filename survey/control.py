"""The city's control of checking: checks switched off or held to another class from a day on, and units exempted.

What the city decides holds in its own file at once. Signed off, it travels to the districts as a small text
file, whose digest shows whether a line was changed on the way; a district adopts it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from survey import journal
from survey.checks import every_check
from survey.controlfile import (
    ACTIONS,
    LONGEST,
    UNWRITTEN,
    ControlList,
    Exemption,
    is_day,
    read,
    signed_by,
    written,
)
from survey.enrolment import ABOVE, admit_signature, desk_key, note
from survey.errors import SurveyError
from survey.explanations import Explanation, check_text
from survey.files import replacing
from survey.form import Ruling
from survey.persons import permit
from survey.record import valid_period
from survey.store import Store, now
from survey.texts import Texts


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


def exemption_texts(store: Store, period: str, texts: Texts) -> dict[tuple[str, str], Explanation]:
    """What is said of each exemption, by the unit's code and the check."""
    return {
        (one.uscc, one.check): Explanation(texts("control.exempt", **asdict(one)), one.official, one.at)
        for one in exemptions(store, period)
    }


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

    Raises SurveyError `control_city`, `unknown_check`, `official_missing`, `ruling_action`, `day`, `control_long`,
    and for a reason that says nothing.
    """
    permit(store, "merge")
    _admit(store, check, official)
    if action not in ACTIONS:
        raise SurveyError("ruling_action", found=action, wanted=", ".join(ACTIONS))
    if not is_day(valid_from):
        raise SurveyError("day", found=valid_from)
    with store.atomic():
        store.execute(
            "INSERT OR REPLACE INTO ruling (check_code, action, valid_from, official, reason, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (check, action, valid_from, _kept(official), check_text(_kept(reason)), now()),
        )
    store.reload_rules()


def lift(store: Store, check: str, valid_from: str) -> None:
    """Takes a ruling back."""
    permit(store, "merge")
    _must_be_city(store)
    with store.atomic():
        store.execute("DELETE FROM ruling WHERE check_code = ? AND valid_from = ?", (check, valid_from))
    store.reload_rules()


def exempt(store: Store, uscc: str, check: str, period: str, *, official: str, reason: str) -> None:
    """Lets a unit's answers of a period fail a check.

    Raises SurveyError `control_city`, `unknown_check`, `official_missing`, `period`, `unknown_unit`, `control_long`,
    and for a reason that says nothing.
    """
    permit(store, "merge")
    _admit(store, check, official)
    if not valid_period(period):
        raise SurveyError("period", period=period)
    if store.find_unit(uscc) is None:
        raise SurveyError("unknown_unit", uscc=uscc)
    with store.atomic():
        _put_exemptions(store, [Exemption(uscc, check, period, _kept(official), check_text(_kept(reason)), now())])
        _touch(store, [uscc])


def unexempt(store: Store, uscc: str, check: str, period: str) -> None:
    """Takes an exemption back."""
    permit(store, "merge")
    _must_be_city(store)
    with store.atomic():
        store.execute("DELETE FROM exemption WHERE uscc = ? AND check_code = ? AND period = ?", (uscc, check, period))
        _touch(store, [uscc])


def sign_off(store: Store, path: Path, *, official: str) -> ControlList:
    """Writes the city's decisions for the districts, under the next number; a file there is replaced when it is whole.

    Raises SurveyError `control_city`, `official_missing`, `control_long`, `cannot_write`; the number is then unused.
    """
    permit(store, "merge")
    _must_be_city(store)
    _must_be_signed(official)
    # The list takes its place within the transaction that takes the number.
    remembered = journal.Remembering(store)
    with replacing(path, remembered) as beside:
        remembered.begin()
        number = int(store.desk.get("control_number", "0")) + 1
        signed = ControlList(
            store.scheme.id, number, _kept(official), now(), tuple(rulings(store)), tuple(exemptions(store))
        )
        _remember(store, signed)
        journal.record(store, "exported", path.name, what="control", number=number)
        beside.write_text(written(signed, desk_key(store)), encoding="utf-8")
    return signed


def adopt(store: Store, path: Path, *, who: str = "") -> ControlList:
    """Takes the city's list over in place of the one before.

    Raises SurveyError: `no_file`, `not_a_control_list`, `control_newer`, `control_changed`, `control_scheme`,
    `control_older`, and as `admit_signature` does.
    """
    permit(store, "edit")
    found, signed = read(path), signed_by(path)
    admit_signature(store, ABOVE, signed, name=path.name)
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
        note(store, ABOVE, signed)
        store.add_source(path.name, "control", found.digest, who)
        journal.record(store, "imported", path.name, what="control", number=found.number)
    store.reload_rules()
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
    _must_be_signed(official)


def _must_be_signed(official: str) -> None:
    if not UNWRITTEN.sub("", official).strip():
        raise SurveyError("official_missing")


def _kept(text: str) -> str:
    """A text on one line, without signs that cannot be shown; raises SurveyError `control_long`."""
    kept = UNWRITTEN.sub("", " ".join(text.split())).strip()
    if len(kept) > LONGEST:
        raise SurveyError("control_long", most=LONGEST)
    return kept


def _must_be_city(store: Store) -> None:
    if not store.is_city:
        raise SurveyError("control_city", path=store.path)
