"""Signed returns that were tampered with: every attempt is found, and what was done is named.

`make faults` makes 1,000 attempts with values, 200 with the manifest, 100 of each other kind, and prints how many
were found and named; what the suite does is a sample of that.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from senders import B, P, Sender, only
from tampering import KINDS, Attempt, Sent, sheets, tampered

from survey import cells, enrolment, explanations, notes, queries, receiptbook, receipttaking, signing
from survey import store as stores
from survey.enrolment import ABOVE, desk_key, enrol
from survey.errors import SurveyError
from survey.merge import merge
from survey.mergereport import MergeReport
from survey.review import Review
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

TRIES = int(os.environ.get("TRIES", "42"))
ALL = 1050
SHARES = {"a value": 1000, "a line of the manifest": 200}
OTHER, LEAST, AT_ONCE = 100, 5, 100


@dataclass(frozen=True)
class Gate:
    """A city that knows the sender's key and has taken all its returns but the last."""

    city: Store
    district: Path
    sent: Sent
    texts: Texts

    def judge(self, attempts: list[Attempt]) -> list[tuple[bool, bool]]:
        """Of each attempt whether it was found, and whether what was done is named."""
        reports = merge(self.city, [one.path for one in attempts], dry_run=True)
        return [
            (_found(report), _found(report) and any(name in _said(report, self.texts) for name in one.named))
            for one, report in zip(attempts, reports, strict=True)
        ]


def _found(report: MergeReport) -> bool:
    return report.error is not None or report.superseded or bool(report.reordered)


def _said(report: MergeReport, texts: Texts) -> str:
    """What is said of a return without its own name, and the code of the sentence."""
    code = report.error.code if report.error else "superseded" if report.superseded else ""
    said = report.reason(texts).replace(str(report.path), "").replace(report.path.name, "")
    return f"{code} {said} {' '.join(report.reordered)}"


def _beside(store: Store) -> None:
    """What goes with the answers: explanations, notes of the desk, units set aside, a query and its answer."""
    review = Review(store, P)
    for finding in list(review.findings(not_evaluated=False)):
        unit = store.find_unit(finding.unit)
        if unit and finding.category in explanations.EXPLAINABLE:
            explanations.explain(store, unit, finding, "演示数据：已向企业核实无误")
    notes.add(store, 1, P, "演示数据")
    asked = queries.ask_freely(store, 2, P, "演示数据：请核实")
    queries.answer(store, asked, "演示数据：属实", by="演示员")


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, small: Scheme, texts: Texts) -> Iterator[Gate]:
    folder = tmp_path_factory.mktemp("tampering")
    sender = Sender(folder / "sender", small, B, texts)
    with closing(sender.store), closing(stores.create(folder / "city.census", small, P, None)) as city:
        said = [{number: 1000 * round_ + number for number in range(12)} for round_ in range(1, 5)]
        sent = [sender.says(one, _beside) for one in said]
        public = desk_key(sender.store).public
        enrolment.note(city, B, signing.Signed(public))
        enrol(city, B, signing.fingerprint(public), who="演示员")
        for path in sent[:-1]:
            only(city, path)
        assert only(city, sent[-1], dry_run=True).changed == 12
        only(city, sent[-1])
        yield Gate(city, sender.store.path, Sent(tuple(sent), folder, signing.new_key()), texts)


def test_whoever_tampers_with_a_signed_receipt_is_found_out(
    gate: Gate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = receiptbook.write(gate.city, B, tmp_path / "receipt.xlsx", gate.texts).path
    dice, wanted = random.Random(5), max(LEAST, OTHER * TRIES // ALL)
    found = named = 0
    with closing(stores.open(gate.district)) as district:
        receipttaking.take(district, receipt)
        enrol(district, ABOVE, signing.fingerprint(desk_key(gate.city).public))
        for number in range(wanted):
            attempt = tampered(receipt, tmp_path / f"{number}.xlsx", dice, dice.choice(list(sheets(receipt))), 1)
            with pytest.raises(SurveyError) as caught:
                receipttaking.take(district, attempt.path, dry_run=True)
            found += 1
            said = f"{caught.value.code} {caught.value.facts.get('lines', '')}"
            named += any(one in said for one in (*attempt.named, "receipt.other", "receipt.newer", "return_sheet"))
    _tell("a cell of a receipt", wanted, found, named, capsys)
    assert (found, named) == (wanted, wanted)


def _tell(kind: str, tries: int, found: int, named: int, capsys: pytest.CaptureFixture[str]) -> None:
    if TRIES >= ALL:
        with capsys.disabled():
            print(f"\n{kind:26} tries {tries:5}  found {found:5}  named {named:5}", end="")


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_tampers_with_a_signed_return_is_found_out(
    gate: Gate, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(kind)
    wanted = max(LEAST, SHARES.get(kind, OTHER) * TRIES // ALL)
    attempts = [KINDS[kind](gate.sent, dice) for _ in range(wanted)]
    judged: list[tuple[bool, bool]] = []
    for at in range(0, wanted, AT_ONCE):
        judged += gate.judge(attempts[at : at + AT_ONCE])
    found, named = (sum(one[which] for one in judged) for which in (0, 1))
    _tell(kind, wanted, found, named, capsys)
    assert [one.path.name for one, (was, _) in zip(attempts, judged, strict=True) if not was] == []
    assert [one.named for one, (_, called) in zip(attempts, judged, strict=True) if not called] == []
    assert cells.read(gate.city, 1, P).values["revenue"] == 4000
