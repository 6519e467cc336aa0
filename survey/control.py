"""The city's control of checking: checks switched off or held to another class from a day on, and units exempted.

What the city decides holds in its own file at once. Signed off, it travels to the districts as a small text
file, whose digest shows whether a line was changed on the way; a district adopts it as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from survey import journal
from survey.checks import OFF, every_check
from survey.enrolment import ABOVE, admit_signature, desk_key, note
from survey.envelope import public_box
from survey.errors import SurveyError
from survey.explanations import Explanation, check_text
from survey.files import replacing
from survey.form import CHECK_CLASSES, Ruling
from survey.persons import permit
from survey.plainjson import read_plain
from survey.record import valid_period
from survey.signing import Signed, SigningKey, verify
from survey.store import Store, now
from survey.texts import Texts

FORMAT = "census-desk-control"
FORMAT_VERSION = "1"
ACTIONS = (OFF, *CHECK_CLASSES)

# A list of every unit of a district stays far below; a larger file is none of ours.
_LARGEST_FILE = 20_000_000
_LARGEST_NUMBER = 1_000_000
_LONGEST = 2000
# Signs without a shape of their own, those that turn the reading direction, and halves of characters.
_UNWRITTEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


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


_HEAD = ("format", "format_version", "digest", "box", "signer", "signature")


def sign_off(store: Store, path: Path, *, official: str) -> ControlList:
    """Writes the city's decisions for the districts, under the next number; a file there is replaced when it is whole.

    Raises SurveyError `control_city`, `official_missing`, `control_long`, `cannot_write`; the number is then unused.
    """
    permit(store, "merge")
    _must_be_city(store)
    _must_be_signed(official)
    # The list takes its place within the transaction that takes the number.
    remembered = journal.Remembering(store)
    with _desk_of_before(store), replacing(path, remembered) as beside:
        remembered.begin()
        number = int(store.desk.get("control_number", "0")) + 1
        signed = ControlList(
            store.scheme.id, number, _kept(official), now(), tuple(rulings(store)), tuple(exemptions(store))
        )
        _remember(store, signed)
        journal.record(store, "exported", path.name, what="control", number=number)
        beside.write_text(_written(signed, desk_key(store)), encoding="utf-8")
    return signed


def _written(signed: ControlList, key: SigningKey) -> str:
    """The list as its file holds it."""
    box = public_box(key)
    signature = key.sign(_signed_text(signed.digest, box))
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "digest": signed.digest}
    head |= {"box": box, "signer": key.public, "signature": signature}
    return json.dumps({**head, **asdict(signed)}, ensure_ascii=False, indent=1) + "\n"


def adopt(store: Store, path: Path, *, who: str = "") -> ControlList:
    """Takes the city's list over in place of the one before.

    Raises SurveyError: `no_file`, `not_a_control_list`, `control_newer`, `control_changed`, `control_scheme`,
    `control_older`, and as `admit_signature` does.
    """
    permit(store, "edit")
    found, signed = read(path), _signed_by(path)
    admit_signature(store, ABOVE, signed, name=path.name)
    if found.scheme != store.scheme.id:
        raise SurveyError("control_scheme", path=path, found=found.scheme, wanted=store.scheme.id)
    present = int(store.desk.get("control_number", "0"))
    if found.number < present or (found.number == present and found.digest != store.desk.get("control_digest")):
        raise SurveyError("control_older", path=path, found=found.number, present=present)
    with _all_or_nothing(store):
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


def read(path: Path) -> ControlList:
    """The list in a file; raises SurveyError as `adopt` does."""
    if not path.is_file():
        raise SurveyError("no_file", path=path)
    try:
        facts = _facts(path)
        if facts["format_version"] != FORMAT_VERSION:
            raise SurveyError("control_newer", path=path)
        digest, found = facts["digest"], _control_list(facts)
    except (ValueError, TypeError, KeyError, OSError):
        raise SurveyError("not_a_control_list", path=path) from None
    if found.digest != digest:
        raise SurveyError("control_changed", path=path)
    return found


def _signed_by(path: Path) -> Signed:
    """Who signed the list in a file that can be read; nobody did in earlier versions."""
    facts = _facts(path)
    digest, box, signer, signature = (str(facts.get(one, "")) for one in ("digest", "box", "signer", "signature"))
    return Signed(signer, genuine=verify(signer, _signed_text(digest, box), signature), box=box)


def _signed_text(digest: str, box: str) -> bytes:
    return f"{FORMAT}\x1f{digest}\x1f{box}".encode()


def _facts(path: Path) -> dict[str, Any]:
    """What a file says that calls itself a control list, of whatever version; raises ValueError, KeyError, OSError."""
    facts = read_plain(path, _LARGEST_FILE)
    if not isinstance(facts, dict) or facts["format"] != FORMAT or not isinstance(facts["format_version"], str):
        raise ValueError
    return facts


def _control_list(facts: dict[str, Any]) -> ControlList:
    """The list of a file's facts; raises ValueError, TypeError or KeyError for anything `sign_off` does not write."""
    said = {key: value for key, value in facts.items() if key not in _HEAD}
    found = ControlList(**(said | {
        "rulings": tuple(Ruling(**one) for one in _rows(said["rulings"])),
        "exemptions": tuple(Exemption(**one) for one in _rows(said["exemptions"])),
    }))  # fmt: skip
    texts = [found.scheme, found.official, found.at]
    texts += [text for ruling in found.rulings for text in asdict(ruling).values()]
    texts += [text for exemption in found.exemptions for text in asdict(exemption).values()]
    ruled = [(one.check, one.valid_from) for one in found.rulings]
    exempted = [(one.uscc, one.check, one.period) for one in found.exemptions]
    sound = (
        all(map(_is_text, texts))
        and type(found.number) is int
        and 1 <= found.number <= _LARGEST_NUMBER
        and all(one.action in ACTIONS and is_day(one.valid_from) for one in found.rulings)
        and all(valid_period(one.period) for one in found.exemptions)
        and len(set(ruled)) == len(ruled)
        and len(set(exempted)) == len(exempted)
    )
    if not sound:
        raise ValueError
    return found


def _rows(found: object) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise TypeError
    return found


def _is_text(found: object) -> bool:
    """Whether it is a text that says something and can be shown on a line."""
    return isinstance(found, str) and bool(found.strip()) and len(found) <= _LONGEST and not _UNWRITTEN.search(found)


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


@contextmanager
def _all_or_nothing(store: Store) -> Iterator[None]:
    """A transaction; where it fails, what the open file knows of its desk is as before too."""
    with _desk_of_before(store), store.atomic():
        yield


@contextmanager
def _desk_of_before(store: Store) -> Iterator[None]:
    """Where it fails, what the open file knows of its desk is as before."""
    before = dict(store.desk)
    try:
        yield
    except BaseException:
        store.desk = before
        raise


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
    if not _UNWRITTEN.sub("", official).strip():
        raise SurveyError("official_missing")


def _kept(text: str) -> str:
    """A text on one line, without signs that cannot be shown; raises SurveyError `control_long`."""
    kept = _UNWRITTEN.sub("", " ".join(text.split())).strip()
    if len(kept) > _LONGEST:
        raise SurveyError("control_long", most=_LONGEST)
    return kept


def _must_be_city(store: Store) -> None:
    if not store.is_city:
        raise SurveyError("control_city", path=store.path)


def is_day(text: str) -> bool:
    """Whether a text is a day as `2026-01-31`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
