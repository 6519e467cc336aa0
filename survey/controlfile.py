"""The city's decisions about checking as a small signed text file, whose digest shows whether a line was changed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from survey.checks import OFF
from survey.envelope import public_box
from survey.errors import SurveyError
from survey.form import CHECK_CLASSES, Ruling
from survey.plainjson import read_plain
from survey.record import valid_period
from survey.signing import Signed, SigningKey, verify

FORMAT = "census-desk-control"
FORMAT_VERSION = "1"
ACTIONS = (OFF, *CHECK_CLASSES)

# A list of every unit of a district stays far below; a larger file is none of ours.
_LARGEST_FILE = 20_000_000
_LARGEST_NUMBER = 1_000_000
LONGEST = 2000
# Signs without a shape of their own, those that turn the reading direction, and halves of characters.
UNWRITTEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


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


_HEAD = ("format", "format_version", "digest", "box", "signer", "signature")


def written(signed: ControlList, key: SigningKey) -> str:
    """The list as its file holds it."""
    box = public_box(key)
    signature = key.sign(_signed_text(signed.digest, box))
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "digest": signed.digest}
    head |= {"box": box, "signer": key.public, "signature": signature}
    return json.dumps({**head, **asdict(signed)}, ensure_ascii=False, indent=1) + "\n"


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


def signed_by(path: Path) -> Signed:
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
    return isinstance(found, str) and bool(found.strip()) and len(found) <= LONGEST and not UNWRITTEN.search(found)


def is_day(text: str) -> bool:
    """Whether a text is a day as `2026-01-31`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
