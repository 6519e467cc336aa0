"""Returns and receipts are signed: what was changed on the way is found and named, by whomever it was changed.

TAMPERINGS is how many random cells are changed, each in a copy of its own.
"""

from __future__ import annotations

import os
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from senders import B, P, Sender, only
from tampering import FIRST, NS, cells_of, resealed, rewritten, sheets, tampered, with_lines

from survey import cells, enrolment, files, officelock, receiptbook, receiptfile, receipttaking, returns, signing
from survey import manifest as manifests
from survey import store as stores
from survey.enrolment import ABOVE, desk_key, enrol, enrolled
from survey.errors import SurveyError
from survey.merge import merge
from survey.mergereport import MergeReport
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

TRIES = int(os.environ.get("TAMPERINGS", "60"))


@pytest.fixture
def sent(sender: Sender) -> Path:
    return sender.says({number: 1000 + number for number in range(12)})


def test_any_changed_value_is_found(city: Store, sent: Path, tmp_path: Path, texts: Texts) -> None:
    dice = random.Random(7)
    places = [("T-01", FIRST), ("T-02", FIRST), (manifests.SHEET, 1)]
    made = {}
    for number in range(TRIES):
        sheet, first = dice.choice(places)
        attempt = tampered(sent, tmp_path / f"t{number}.xlsx", dice, sheet, first)
        made[attempt.path] = attempt.named[0]
    reports = merge(city, list(made), dry_run=True)
    assert [made[report.path] for report in reports if report.error is None] == []
    for report in reports:
        if not made[report.path].startswith(manifests.SHEET):
            assert made[report.path] in report.reason(texts)


def test_the_cover_is_covered_too(city: Store, sent: Path, tmp_path: Path) -> None:
    dice = random.Random(3)
    with zipfile.ZipFile(sent) as book:
        tree = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert len(cells_of(tree, 1)) > 20
    copies = [tampered(sent, tmp_path / f"c{at}.xlsx", dice, "封面", 1).path for at in range(10)]
    reports = merge(city, copies, dry_run=True)
    assert {report.error.code for report in reports if report.error} <= {"digest_rows"}
    # Where people sign, and the notes below, nothing is counted.
    assert sum(report.error is not None for report in reports) >= 7


def code_of_error(report: MergeReport) -> str:
    return report.error.code if report.error else ""


def test_who_forges_a_return_needs_the_key_of_its_sender(
    city: Store, sender: Sender, sent: Path, tmp_path: Path
) -> None:
    public = desk_key(sender.store).public
    enrolment.note(city, B, signing.Signed(public))
    enrol(city, B, signing.fingerprint(public), who="市")
    thief = signing.new_key()
    forged = resealed(sent, tmp_path / "forged.xlsx", {"created": "2027-01-01T00:00:00"}, thief)
    bare = resealed(sent, tmp_path / "bare.xlsx", {"created": "2027-01-01T00:00:00"}, None)
    with_name = resealed(sent, tmp_path / "name.xlsx", {"created": "2027-01-01T00:00:00"}, thief)
    claimed = _claiming(with_name, tmp_path / "claimed.xlsx", public)
    codes = [code_of_error(report) for report in merge(city, [forged, bare, claimed, sent], dry_run=True)]
    assert codes == ["signature_other", "signature_missing", "manifest_changed", ""]


def _claiming(path: Path, target: Path, public: str) -> Path:
    """The same with another signer's name in it."""
    part = sheets(path)[manifests.SHEET]
    with zipfile.ZipFile(path) as book:
        xml = book.read(part).decode()
    at = xml.index("<t>signer</t>")
    start = xml.index("<t>", at + 5) + 3
    return rewritten(path, target, {part: (xml[:start] + public + xml[xml.index("</t>", start) :]).encode()})


def test_a_signature_of_somebody_else_under_the_senders_name_is_broken(
    city: Store, sender: Sender, sent: Path, tmp_path: Path
) -> None:
    public, thief = desk_key(sender.store).public, signing.new_key()

    class Claiming(signing.SigningKey):
        @property
        def public(self) -> str:
            return public

    claimed = resealed(sent, tmp_path / "claimed.xlsx", {"units": 12}, Claiming(thief.seed))
    assert [code_of_error(report) for report in merge(city, [claimed], dry_run=True)] == ["signature_broken"]


def test_without_an_enrolled_key_a_signed_and_an_unsigned_return_are_taken(
    city: Store, sent: Path, tmp_path: Path
) -> None:
    bare = resealed(sent, tmp_path / "bare.xlsx", {}, None)
    signed, unsigned = merge(city, [sent, bare], dry_run=True)
    assert (code_of_error(signed), len(signed.signer)) == ("", 64)
    assert (code_of_error(unsigned), unsigned.signer) == ("", "")


def test_rows_in_another_order_are_told_and_taken(city: Store, sent: Path, tmp_path: Path) -> None:
    part = sheets(sent)["T-02"]
    with zipfile.ZipFile(sent) as book:
        tree = etree.fromstring(book.read(part))
    rows = [row for row in tree.iterfind(".//m:row", NS) if int(row.get("r")) in (9, 11)]
    for row, number in zip(rows, ("11", "9"), strict=True):
        row.set("r", number)
        for cell in row:
            cell.set("r", cell.get("r").rstrip("0123456789") + number)
    first, second = (row.getparent().index(row) for row in rows)
    parent = rows[0].getparent()
    parent.insert(second, rows[0])
    parent.insert(first, rows[1])
    sorted_one = rewritten(sent, tmp_path / "sorted.xlsx", {part: etree.tostring(tree)})
    report = only(city, sorted_one)
    assert report.reordered == ["T-02"]
    assert report.new == 12


def test_an_old_return_sent_again_is_superseded(city: Store, sender: Sender, sent: Path) -> None:
    later = sender.says({number: 2000 + number for number in range(12)})
    only(city, later)
    report = only(city, sent)
    assert report.superseded
    assert report.sequence == 1


def test_the_key_is_made_once_and_stays_with_the_file(sender: Sender) -> None:
    first = desk_key(sender.store)
    assert desk_key(sender.store) == first
    path = sender.store.path
    sender.store.close()
    sender.store = stores.open(path)
    assert desk_key(sender.store) == first
    assert first.seed.hex() not in repr(first)


def test_a_key_is_enrolled_by_its_fingerprint_only_and_withdrawn(city: Store) -> None:
    key, other = signing.new_key(), signing.new_key()
    enrolment.note(city, B, signing.Signed(key.public))
    for wrong in ("", signing.fingerprint(other.public), signing.fingerprint(key.public)[:-1], key.public):
        with pytest.raises(SurveyError, match="fingerprint_differs"):
            enrol(city, B, wrong)
    assert enrolled(city) == {}
    typed = signing.fingerprint(key.public).lower().replace("-", " ").replace("0", "o")
    enrol(city, B, typed, who="市")
    assert enrolled(city)[B].public == key.public
    enrolment.withdraw(city, B)
    with pytest.raises(SurveyError, match="no_key"):
        enrolment.withdraw(city, B)
    with pytest.raises(SurveyError, match="fingerprint_differs"):
        enrol(city, "SZDP00", signing.fingerprint(key.public))


def test_a_receipt_is_signed_and_the_key_of_the_desk_above_is_held_to(
    city: Store, sender: Sender, sent: Path, tmp_path: Path, texts: Texts
) -> None:
    only(city, sent)
    receipt = receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts, who="市").path
    assert not receipttaking.take(sender.store, receipt).repeated
    enrol(sender.store, ABOVE, signing.fingerprint(desk_key(city).public))
    receipttaking.take(sender.store, receipt, dry_run=True)
    other = signing.new_key().public
    enrolment.note(sender.store, ABOVE, signing.Signed(other))
    enrol(sender.store, ABOVE, signing.fingerprint(other))
    with pytest.raises(SurveyError, match="signature_other"):
        receipttaking.take(sender.store, receipt)


@pytest.fixture
def sealed(city: Store, sender: Sender, sent: Path, tmp_path: Path, texts: Texts) -> Path:
    """The next return, sealed for the city."""
    only(city, sent)
    receipttaking.take(sender.store, receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts, who="市").path)
    enrol(sender.store, ABOVE, signing.fingerprint(desk_key(city).public))
    cells.write(sender.store, 1, P, "revenue", 7777)
    return returns.write(sender.store, tmp_path / "next.sealed", texts).path


def test_a_sealed_return_is_opened_by_the_desk_above_alone(
    city: Store, sealed: Path, tmp_path: Path, small: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(files, "_MEMORY", memory)
    raw = sealed.read_bytes()
    assert b"PK\x03\x04" not in raw
    assert b"_manifest" not in raw
    other = stores.create(tmp_path / "other.census", small, P, None)
    [refused] = merge(other, [sealed])
    assert code_of_error(refused) == "sealed_other"
    other.close()
    report = only(city, sealed)
    assert report.changed == 1
    assert city.execute("SELECT path FROM source ORDER BY id DESC").fetchone()[0] == str(sealed.resolve())
    assert list(memory.iterdir()) == []


def test_sealed_and_plain_returns_are_merged_in_their_order(
    city: Store, sent: Path, sealed: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.sealed"
    broken.write_bytes(sealed.read_bytes()[:-1] + b"!")
    reports = merge(city, [broken, sent, sealed, tmp_path / "gone.sealed"])
    assert [code_of_error(report) for report in reports] == ["sealed_broken", "", "", "no_file"]
    assert [report.path for report in reports] == [broken, sent, sealed, tmp_path / "gone.sealed"]
    assert reports[0].reason is not None


def test_any_changed_byte_of_a_sealed_return_is_found(city: Store, sealed: Path, tmp_path: Path) -> None:
    raw, dice = sealed.read_bytes(), random.Random(5)
    spoilt = []
    for number in range(TRIES):
        at = dice.randrange(len(raw))
        spoilt.append(tmp_path / f"s{number}.sealed")
        spoilt[-1].write_bytes(raw[:at] + bytes([raw[at] ^ (1 << dice.randrange(8))]) + raw[at + 1 :])
    assert [report.path.name for report in merge(city, spoilt, dry_run=True) if report.error is None] == []


def test_a_return_under_a_password_is_opened_by_it_alone(
    city: Store, sender: Sender, sent: Path, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(officelock, "_passwords", [])
    locked = returns.write(sender.store, tmp_path / "locked.xlsx", texts, password="河套 2025 abc").path
    assert b"_manifest" not in locked.read_bytes()
    assert [code_of_error(one) for one in merge(city, [locked, sent], dry_run=True)] == ["password", ""]
    officelock.remember("another")
    assert [code_of_error(one) for one in merge(city, [locked], dry_run=True)] == ["password"]
    officelock.remember("河套 2025 abc")
    assert only(city, locked).new == 12
    raw = locked.read_bytes()
    spoilt = tmp_path / "spoilt.xlsx"
    spoilt.write_bytes(raw[: len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1 :])
    assert merge(city, [spoilt], dry_run=True)[0].error is not None


def test_nothing_is_sealed_for_a_desk_whose_key_nobody_has_compared(
    sender: Sender, sent: Path, tmp_path: Path, texts: Texts
) -> None:
    with pytest.raises(SurveyError, match="no_box"):
        returns.write(sender.store, tmp_path / "next.sealed", texts)
    assert not (tmp_path / "next.sealed").exists()


@pytest.mark.parametrize("kind", ["sealed", "password"])
def test_a_locked_return_is_nowhere_readable_while_it_is_written(
    sender: Sender, sealed: Path, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    seen: list[str] = []
    target = tmp_path / "out" / ("next.sealed" if kind == "sealed" else "next.xlsx")
    target.parent.mkdir()

    def look(content: bytes, *_: str) -> bytes:
        seen.extend(path.name for path in target.parent.rglob("*") if path.is_file() and path.stat().st_size)
        return b"locked"

    monkeypatch.setattr(returns, "seal" if kind == "sealed" else "lock", look)
    returns.write(sender.store, target, texts, password="" if kind == "sealed" else "open sesame 8")
    assert seen == []
    assert target.read_bytes() == b"locked"


def _forged(receipt: Path, target: Path, more: list[tuple[str, str]], at: int) -> Path:
    """A receipt with lines put in, all digests and the seal fitting."""
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(receipt)).get_sheet_by_name(receiptfile.SHEET).to_python()
    lines = [(str(row[0]), str(row[1])) for row in rows[:-1]]
    lines[len(lines) + at : len(lines) + at] = more
    made = [receiptfile._line(*line) for line in lines]
    made.append(receiptfile._line(receiptfile.SEAL, receiptfile.receipt_digest(made)))
    return with_lines(receipt, target, made, receiptfile.SHEET)


@pytest.mark.parametrize("at", [0, -1, -2, -3, -9])
@pytest.mark.parametrize("line", [("verdict", '"rejected"'), ("reason", '"x"'), ("asked", "{}"), ("signature", "00")])
def test_nothing_is_put_into_a_signed_receipt(
    city: Store, sender: Sender, sent: Path, tmp_path: Path, texts: Texts, at: int, line: tuple[str, str]
) -> None:
    only(city, sent)
    receipt = receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts, who="市").path
    with pytest.raises(SurveyError, match=r"signature_broken|receipt\.other|receipt\.changed"):
        receipttaking.take(sender.store, _forged(receipt, tmp_path / "forged.xlsx", [line], at))


@given(st.binary(max_size=40), st.text(max_size=130), st.text(max_size=130))
def test_nothing_but_a_signature_is_one(text: bytes, public: str, signature: str) -> None:
    assert not signing.verify(public, text, signature)
    key = signing.new_key()
    assert signing.verify(key.public, text, key.sign(text))
    assert not signing.verify(key.public, text + b".", key.sign(text))
    assert not signing.verify(key.public, text, signature)
