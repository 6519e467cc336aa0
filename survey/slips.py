"""The hand-over slip (交接单): which file changes hands, by name, number, time and hash, and what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from survey import receipts
from survey.errors import SurveyError
from survey.received import REJECTED
from survey.store import Store
from survey.texts import Texts

_CHECK = 8


@dataclass(frozen=True)
class Slip:
    """A file that is handed over: from whom to whom, what is in it.

    `received` is when the desk above took it in, '' on the slip of the one who sends it; `counts` are those of the
    cover (`units`, `due`, `reported`), `rows` records by form, `totals` control totals by `form.code`; `signer`
    is the public key that signed it, '' where none did.
    """

    giver: str
    taker: str
    period: str
    name: str
    sequence: int
    digest: str
    written: str
    received: str
    sha256: str
    units: int
    draft: bool
    rejected: bool
    counts: Mapping[str, int]
    rows: Mapping[str, int]
    totals: Mapping[str, float]
    signer: str = ""

    @property
    def check_code(self) -> str:
        """Eight characters of the hash, which two people can read to each other: `1A2B-3C4D`."""
        code = self.sha256[:_CHECK].upper()
        return f"{code[:4]}-{code[4:]}"


def of_last_return(store: Store, texts: Texts) -> Slip:
    """The slip that goes with the desk's last return; raises SurveyError `slip.none`, `slip.old`."""
    row = store.execute(
        "SELECT name, sequence, digest, at, facts FROM receipt WHERE direction = 'sent' AND period = ?"
        " ORDER BY id DESC LIMIT 1",
        (store.period,),
    ).fetchone()
    if row is None:
        raise SurveyError("slip.none", period=store.period)
    name, sequence, digest, at, text = row
    if not text:
        raise SurveyError("slip.old")
    facts = json.loads(text)
    totals = {f"{form}.{code}": total for form, one in facts["totals"].items() for code, total in one.items()}
    return Slip(
        store.place(texts.lang), _above(store, texts), store.period, name, sequence, digest, at, "", facts["sha256"],
        facts["units"], facts["draft"], False, facts["counts"], facts["rows"], totals, facts.get("signer", ""),
    )  # fmt: skip


def of_sender(store: Store, sender: str, texts: Texts) -> Slip:
    """The slip for a return that was taken in or sent back; raises SurveyError `receipt.none`."""
    one = receipts.of_return(store, sender, texts)
    return Slip(
        receipts.label(store, sender, texts.lang), one.maker, one.period, one.name, one.sequence, one.digest,
        one.written, one.received, one.sha256, one.units, one.draft,
        one.verdict == REJECTED, one.cover, one.forms, one.totals, _signer(store, sender, one.digest),
    )  # fmt: skip


def _signer(store: Store, sender: str, digest: str) -> str:
    row = store.execute(
        "SELECT signer FROM merge WHERE district = ? AND digest = ? ORDER BY id DESC LIMIT 1", (sender, digest)
    ).fetchone()
    return row[0] if row else ""


def _above(store: Store, texts: Texts) -> str:
    """Who takes an officer's return: the district; a district's and a city's goes to whoever makes the survey."""
    legal = store.scheme.legal
    if store.part and store.district:
        return store.scheme.districts.label(store.district, texts.lang)
    return texts.pick(legal.maker, legal.maker_en)
