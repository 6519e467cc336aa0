"""Chains that were written anew after others were told of them are found, by those others and in the file itself."""

from __future__ import annotations

import random
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner
from senders import B, P, Sender, only
from tampering import resealed

from desktop.cli import main
from survey import cells, heads, journal, merge, receiptbook, receipttaking, returns, signing
from survey import manifest as manifests
from survey import store as stores
from survey.backup import back_up
from survey.chains import CHAINS, Chain, Head, link, read_heads
from survey.enrolment import ABOVE, desk_key, enrol
from survey.errors import SurveyError
from survey.journal import Break
from survey.migrations import MIGRATIONS
from survey.restoration import restore
from survey.store import Store
from survey.texts import Texts

_KEPT = {"journal": ("journal_kept", "journal_stays"), "change": ("change_kept", "change_stays")}
_FRESH = count(1)
_SAID = {"journal": "subject", "change": "reason"}


def rewritten(store: Store, chain: Chain, number: int, *, told: bool = False) -> None:
    """What somebody does who can write the file: an entry says something else, and all that follows fits again.

    With `told` what the file has told of its chains is made to fit, too.
    """
    for trigger in _KEPT[chain]:
        store.execute(f"DROP TRIGGER {trigger}")
    store.execute(f"UPDATE {chain} SET {_SAID[chain]} = 'rewritten' WHERE id = ?", (number,))
    previous, last = "", 0
    for last, _, *facts in store.execute(journal._ROWS[chain]).fetchall():
        previous = link(previous, facts)
        store.execute(f"UPDATE {chain} SET hash = ? WHERE id = ?", (previous, last))
        if told:
            store.execute("UPDATE told_head SET hash = ? WHERE chain = ? AND number = ?", (previous, chain, last))
    store.anchor(chain, last, previous)


def ends(store: Store) -> dict[str, int]:
    return {one.chain: one.number for one in heads._last(heads.of_file(store))}


def busy(sender: Sender, rounds: int = 1) -> list[Path]:
    """Returns with something done before each."""
    sent = []
    for at in range(rounds):
        for number in range(3):
            journal.record(sender.store, "viewed", f"{at}-{number}")
        first = 1000 * next(_FRESH)
        sent.append(sender.says({number: first + number for number in range(4)}))
    return sent


@pytest.mark.parametrize("chain", CHAINS)
def test_a_chain_that_was_written_anew_holds_but_is_not_what_was_told(sender: Sender, chain: Chain) -> None:
    [sent] = busy(sender)
    last = ends(sender.store)[chain] - (chain == "journal")
    assert heads.breaks(sender.store) == []
    rewritten(sender.store, chain, 2)
    assert journal.verify(sender.store) == []
    assert heads.breaks(sender.store) == [Break(chain, last, told=sent.name)]


@pytest.mark.parametrize("chain", CHAINS)
def test_the_desk_above_finds_with_the_next_return_what_was_written_anew(
    city: Store, sender: Sender, chain: Chain
) -> None:
    first, second = busy(sender, 2)
    for path in (first, second):
        assert only(city, path).rewritten == []
    told = [row[0] for row in sender.store.execute("SELECT number FROM told_head WHERE chain = ?", (chain,))]
    # Between the two returns: of the first nothing is said, of the second it no longer fits.
    rewritten(sender.store, chain, told[0] + 1, told=True)
    assert (journal.verify(sender.store), heads.breaks(sender.store)) == ([], [])
    [third] = busy(sender)
    report = only(city, third)
    assert report.rewritten == [Break(chain, told[1], told=second.name)]
    assert report.error is None
    assert f'"rewritten": "{chain} {told[1]}"' in journal.entries(city, "merged")[0].facts
    # It was told; what stands now is held on to.
    [fourth] = busy(sender)
    assert only(city, fourth).rewritten == []
    assert journal.verify(city) == []


def test_wherever_it_was_written_anew_it_is_found_up_to_the_last_return_and_no_further(
    city: Store, sender: Sender
) -> None:
    dice, found, harmless = random.Random(23), 0, 0
    for path in busy(sender, 3):
        only(city, path)
    last = dict(city.execute("SELECT chain, max(number) FROM seen_head GROUP BY 1").fetchall())
    for at in range(6):
        journal.record(sender.store, "viewed", f"later {at}")
        cells.write(sender.store, 1, P, "revenue", 90 + at)
    now = ends(sender.store)
    for _ in range(60):
        chain = dice.choice(CHAINS)
        number = dice.randrange(1, now[chain] + 1)
        sender.store.execute("SAVEPOINT before")
        rewritten(sender.store, chain, number, told=True)
        given = heads.of_file(sender.store)
        sender.store.execute("ROLLBACK TO before")
        broken = heads.compare(city, B, desk_key(sender.store).public, given)
        assert [one.chain for one in broken] == ([chain] if number <= last[chain] else [])
        assert all(one.number >= number for one in broken)
        found, harmless = found + bool(broken), harmless + (not broken)
    assert found > 20
    assert harmless > 3


def test_what_was_altered_without_fitting_hashes_is_told_above_too(city: Store, sender: Sender) -> None:
    [first] = busy(sender)
    only(city, first)
    sender.store.execute("DROP TRIGGER change_kept")
    sender.store.execute("UPDATE change SET reason = 'x' WHERE id = 3")
    [second] = busy(sender)
    assert [one.chain for one in only(city, second).rewritten] == ["change"]


def test_honest_returns_in_any_order_break_nothing(city: Store, sender: Sender) -> None:
    sent = busy(sender, 5)
    for at in (1, 0, 4, 2, 4, 3):
        assert only(city, sent[at]).rewritten == []
    assert city.execute("SELECT count(DISTINCT number) FROM seen_head WHERE chain = 'journal'").fetchone()[0] == 5


def test_a_return_that_says_nothing_new_still_tells_its_heads(city: Store, sender: Sender) -> None:
    again = {1: 1000}
    for _ in range(2):
        journal.record(sender.store, "viewed", "x")
        only(city, sender.says(again))
    seen = city.execute("SELECT count(*) FROM seen_head WHERE chain = 'journal'").fetchone()[0]
    assert (seen, only(city, sender.says(again)).repeated) == (2, True)


def test_an_unchanged_return_that_was_written_before_the_one_that_is_here_accuses_nobody(
    city: Store, sender: Sender, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, texts: Texts
) -> None:
    sender.says({1: 1000})
    sent = []
    for minute in (0, 1, 2, 3):
        journal.record(sender.store, "viewed", "x")
        monkeypatch.setattr(returns, "now", lambda minute=minute: f"2026-01-01T08:0{minute}:00+08:00")
        sent.append(returns.write(sender.store, tmp_path / f"{minute}.xlsx", texts).path)
    for at in (1, 3, 2, 0, 2):
        report = only(city, sent[at])
        assert (report.sequence, report.rewritten) == (1, [])
    # Moments are told to the second.
    monkeypatch.setattr(returns, "now", lambda: "2026-01-01T08:04:00+08:00")
    twice = [returns.write(sender.store, tmp_path / f"{name}.xlsx", texts).path for name in "ab"]
    assert [only(city, path).rewritten for path in reversed(twice)] == [[], []]


def test_an_unchanged_return_of_a_chain_that_was_cut_is_told(
    city: Store, sender: Sender, monkeypatch: pytest.MonkeyPatch, texts: Texts
) -> None:
    monkeypatch.setattr(returns, "now", lambda: "2026-01-01T08:00:00+08:00")
    sent = sender.says({1: 1000})
    journal.record(sender.store, "viewed", "x")
    told = ends(sender.store)["journal"]
    sender.store.execute("SAVEPOINT before")
    only(city, returns.write(sender.store, sent, texts).path)
    sender.store.execute("ROLLBACK TO before")
    for trigger in _KEPT["journal"]:
        sender.store.execute(f"DROP TRIGGER {trigger}")
    sender.store.execute("DELETE FROM journal WHERE id = ?", (told,))
    monkeypatch.setattr(returns, "now", lambda: "2026-01-01T08:01:00+08:00")
    report = only(city, returns.write(sender.store, sent, texts).path)
    assert (report.sequence, report.rewritten) == (1, [Break("journal", told, told=sent.name)])


@pytest.mark.parametrize("how", ["undone", "rejected"])
def test_a_return_that_comes_late_accuses_nobody_though_the_later_one_no_longer_stands(
    city: Store, sender: Sender, how: str
) -> None:
    first, second = busy(sender, 2)
    if how == "undone":
        only(city, second)
        merge.undo(city, city.execute("SELECT max(id) FROM merge").fetchone()[0])
    else:
        merge.reject(city, second, "数字不对", who="市")
    report = only(city, first)
    assert (report.superseded, report.rewritten) == (False, [])


def test_a_backup_that_was_put_back_is_told_once(city: Store, sender: Sender) -> None:
    [first] = busy(sender)
    only(city, first)
    path = sender.store.path
    copy = back_up(path, date(2026, 1, 1))
    assert copy
    [second] = busy(sender)
    only(city, second)
    sender.store.close()
    restore(path, copy)
    sender.store = stores.open(path)
    assert heads.breaks(sender.store) == []
    for again in (True, False):
        sender.store.set_desk("sequence", str(int(sender.store.desk["sequence"]) + 1))
        [next_one] = busy(sender)
        assert bool(only(city, next_one).rewritten) is again


def test_of_another_file_of_the_same_sender_nothing_is_known_and_its_other_key_is_told(
    city: Store, sender: Sender
) -> None:
    first, again = busy(sender, 2)
    assert [only(city, path).other_key for path in (first, again)] == ["", ""]
    sender.store.execute("DELETE FROM desk_key")
    rewritten(sender.store, "journal", 2, told=True)
    second, third = busy(sender, 2)
    report = only(city, second)
    assert (report.rewritten, report.other_key) == ([], again.name)
    assert f'"other_key": "{again.name}"' in journal.entries(city, "merged")[0].facts
    # A late one of the former file says nothing new, and of the present one the key is known by now.
    late = only(city, first)
    assert (late.superseded, late.other_key) == (True, "")
    assert only(city, third).other_key == ""


def test_the_key_that_was_known_before_is_told_of_though_a_return_without_any_came_between(
    city: Store, sender: Sender, tmp_path: Path
) -> None:
    first, second = busy(sender, 2)
    only(city, first)
    bare = only(city, resealed(second, tmp_path / "bare.xlsx", {"heads": ()}, None))
    assert (bare.signer, bare.other_key) == ("", first.name)
    sender.store.execute("DELETE FROM desk_key")
    [third] = busy(sender)
    assert only(city, third, dry_run=True).other_key == first.name


def test_a_return_that_was_undone_is_nobodys_last(city: Store, sender: Sender, tmp_path: Path) -> None:
    first, second, third = busy(sender, 3)
    only(city, first)
    assert only(city, resealed(second, tmp_path / "x.xlsx", {}, signing.new_key())).other_key == first.name
    merge.undo(city, city.execute("SELECT max(id) FROM merge").fetchone()[0])
    assert only(city, third).other_key == ""


def test_a_return_that_is_not_accepted_has_been_seen_all_the_same(city: Store, sender: Sender) -> None:
    first, second = busy(sender, 2)
    merge.reject(city, first, "数字不对", who="市")
    assert len(heads.seen_of(city, B, desk_key(sender.store).public)) == 2
    rewritten(sender.store, "journal", 1, told=True)
    [third] = busy(sender)
    assert [one.told for one in only(city, third).rewritten] == [first.name]
    assert second.is_file()


def test_a_return_that_tells_no_heads_any_more_is_told(city: Store, sender: Sender) -> None:
    first, _ = busy(sender, 2)
    only(city, first)
    public = desk_key(sender.store).public
    assert [one.chain for one in heads.compare(city, B, public, ())] == ["journal", "change"]
    assert heads.compare(city, B, public, (), older=True) == []


def receipt(city: Store, folder: Path, texts: Texts, name: str = "receipt.xlsx") -> Path:
    return receiptbook.write(city, B, folder / name, texts, who="市").path


def test_what_the_city_wrote_anew_is_found_by_its_districts(
    city: Store, sender: Sender, tmp_path: Path, texts: Texts
) -> None:
    only(city, busy(sender)[0])
    report = receipttaking.take(sender.store, receipt(city, tmp_path, texts))
    assert (report.rewritten, report.own) == ([], [])
    number = ends(city)["journal"] - 1
    rewritten(city, "journal", 1, told=True)
    later = receipttaking.take(sender.store, receipt(city, tmp_path, texts, "later.xlsx"))
    assert later.rewritten == [Break("journal", number, told="receipt.xlsx")]
    assert '"rewritten": "journal' in journal.entries(sender.store, "imported")[0].facts


def test_a_receipt_tells_a_district_what_the_city_has_seen_of_it_once_its_key_is_enrolled(
    city: Store, sender: Sender, tmp_path: Path, texts: Texts
) -> None:
    only(city, busy(sender)[0])
    number = ends(sender.store)["change"]
    rewritten(sender.store, "change", 2, told=True)
    assert heads.breaks(sender.store) == []
    assert receipttaking.take(sender.store, receipt(city, tmp_path, texts)).own == []
    enrol(sender.store, ABOVE, signing.fingerprint(desk_key(city).public))
    report = receipttaking.take(sender.store, receipt(city, tmp_path, texts), dry_run=True)
    assert report.own == [Break("change", number)]
    done = CliRunner().invoke(main, ["receive", str(sender.store.path), str(tmp_path / "receipt.xlsx"), "--dry-run"])
    assert f"本文件的修改记录第 {number} 条" in done.output


def test_receipts_for_all_tell_one_head_each(city: Store, sender: Sender, tmp_path: Path, texts: Texts) -> None:
    only(city, busy(sender)[0])
    for at in range(3):
        receiptbook.write_all(city, tmp_path / str(at), texts)
    assert city.execute("SELECT count(*) FROM told_head WHERE chain = 'journal'").fetchone()[0] == 3
    for at in (2, 0, 1):
        [path] = (tmp_path / str(at)).iterdir()
        report = receipttaking.take(sender.store, path)
        assert (report.rewritten, report.own) == ([], [])
    assert heads.breaks(city) == []


def test_a_return_that_was_kept_elsewhere_convicts_its_own_file(
    city: Store, sender: Sender, tmp_path: Path, texts: Texts
) -> None:
    [sent] = busy(sender)
    only(city, sent)
    public, number = desk_key(sender.store).public, ends(sender.store)["change"]
    assert heads.against(sender.store, sent, public) == []
    given = receipt(city, tmp_path, texts)
    assert heads.against(city, given, desk_key(city).public) == []
    with pytest.raises(SurveyError, match="head_not_own"):
        heads.against(city, sent, desk_key(city).public)
    with pytest.raises(SurveyError, match="head_not_own"):
        heads.against(sender.store, given, public)
    rewritten(sender.store, "change", 2, told=True)
    assert heads.against(sender.store, sent, public) == [Break("change", number, told=sent.name)]
    said = CliRunner().invoke(main, ["journal", str(sender.store.path), "--against", str(sent)])
    assert said.exit_code == 1
    assert f"修改记录第 {number} 条与“{sent.name}”里报出的不符" in said.output
    whole = CliRunner().invoke(main, ["journal", str(sender.store.path), "--verify"])
    assert whole.exit_code == 0


def test_older_programs_read_what_tells_heads_and_later_chains_harm_nobody(sender: Sender, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    [sent] = busy(sender)
    rows = CalamineWorkbook.from_path(str(sent)).get_sheet_by_name(manifests.SHEET).to_python()
    found = manifests.read_manifest(rows, sent)
    assert (found.altered, found.signed.genuine) == ((), True)
    assert {one.chain for one in found.heads} == set(CHAINS)
    key = signing.new_key()
    plain = replace(found, heads=(), signed=signing.Signed(key.public))
    again = manifests.read_manifest(manifests.lines_of(plain, key.sign), sent)
    assert (again.heads, again.altered, again.signed.genuine) == ((), (), True)
    assert read_heads({"weather.3": "ff", "journal.12": "aa", "journal.2": "bb"}) == (
        Head("journal", 2, "bb"), Head("journal", 12, "aa"),
    )  # fmt: skip


def test_a_file_of_before_tells_heads_from_its_next_return_on(city: Store, sender: Sender, tmp_path: Path) -> None:
    only(city, busy(sender)[0])
    path = sender.store.path
    for table in ("told_head", "seen_head"):
        sender.store.execute(f"DROP TABLE {table}")
    sender.store.execute("DELETE FROM _sqlite_migrations WHERE name = 'm010_heads'")
    sender.store.close()
    shutil.copy(path, tmp_path / "before.census")
    with closing(stores.open(tmp_path / "before.census")) as store:
        assert [one.name for one in MIGRATIONS.pending(store.database)] == []
        assert heads.breaks(store) == []
        assert len(heads.of_file(store)) == 2
    sender.store = stores.open(path)
    assert {one.chain for one in heads.of_file(sender.store)} == set(CHAINS)
