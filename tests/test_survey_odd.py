"""Returns and receipts whose hidden lines say what no program writes, under a signature that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from senders import A, B, P, Sender
from tampering import manifest_of, resealed

from survey import receiptbook, receipts, receipttaking, signing
from survey.chains import Head, read_heads
from survey.errors import SurveyError
from survey.manifest import Manifest
from survey.merge import merge
from survey.receiptfile import read_receipt
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

HUGE = 10**30
_DIGEST = "ab" * 32
Lines = list[tuple[str, str]]


def head(number: object, digest: object = _DIGEST) -> dict[str, object]:
    return {"heads": (SimpleNamespace(chain="journal", number=number, hash=digest),)}


def totals(manifest: Manifest, value: float) -> dict[str, dict[str, float]]:
    return {form: dict.fromkeys(one, value) for form, one in manifest.totals.items()}


ODD: dict[str, Callable[[Manifest], dict[str, Any]]] = {
    "a head beyond all numbers": lambda _: head(HUGE),
    "a head below all numbers": lambda _: head(-5),
    "a head before the first": lambda _: head(0),
    "a head written otherwise": lambda _: head("01"),
    "a head without a hash": lambda _: head(3, ""),
    "a head with words": lambda _: head(3, "汉字"),
    "a number beyond all numbers": lambda _: {"sequence": HUGE},
    "a number before the first": lambda _: {"sequence": 0},
    "units beyond all numbers": lambda _: {"units": HUGE},
    "rows beyond all numbers": lambda one: {"rows": dict.fromkeys(one.rows, HUGE)},
    "a count beyond all numbers": lambda _: {"facts": {"units": HUGE}},
    "totals that are no numbers": lambda one: {"totals": totals(one, float("nan"))},
    "totals without end": lambda one: {"totals": totals(one, float("inf"))},
}


@pytest.fixture
def two(tmp_path: Path, small: Scheme, texts: Texts, sender: Sender) -> Iterator[tuple[Path, Path]]:
    """Returns of two districts."""
    other = Sender(tmp_path / "other", small, A, texts)
    yield sender.says({1: 10}), other.says({2: 20})
    other.store.close()


def test_a_return_that_says_what_none_says_is_refused_and_the_next_one_taken(
    two: tuple[Path, Path], tmp_path: Path, city: Store
) -> None:
    bad, good = two
    key, said = signing.new_key(), manifest_of(bad)
    odd = [resealed(bad, tmp_path / f"{name}.xlsx", change(said), key) for name, change in ODD.items()]
    reports = merge(city, [*odd, good])
    assert {one.path.stem: one.error and one.error.code for one in reports[:-1]} == dict.fromkeys(ODD, "not_a_return")
    assert reports[-1].error is None
    assert city.response_count(P) == 1


def test_a_count_that_is_called_as_a_total_is_does_no_harm(two: tuple[Path, Path], tmp_path: Path, city: Store) -> None:
    bad, good = two
    [form, *_] = (form for form, one in manifest_of(bad).totals.items() if one)
    code = next(iter(manifest_of(bad).totals[form]))
    odd = {"facts": {**manifest_of(bad).facts, f"total.{form}.{code}": 99}}
    reports = merge(city, [resealed(bad, tmp_path / "odd.xlsx", odd, signing.new_key()), good])
    assert [one.error for one in reports] == [None, None]
    kept = city.execute("SELECT value FROM merge_fact WHERE merge = 1 AND key = ?", (f"total.{form}.{code}",))
    assert kept.fetchone()[0] == manifest_of(bad).totals[form][code]


@pytest.mark.parametrize("number", ["x", "01", "+1", "1_0", "１", "-1", "0", str(2**63), "9" * 5000])
def test_the_number_of_a_head_is_digits_that_a_file_can_hold(number: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_heads({f"journal.{number}": "aa"})
    assert read_heads({f"journal.{2**63 - 1}": "aa"}) == (Head("journal", 2**63 - 1, "aa"),)


@pytest.fixture
def lines(sender: Sender, city: Store, texts: Texts) -> Lines:
    """What a receipt tells."""
    merge(city, [sender.says({1: 10})])
    return list(receipts.of_sender(city, B, texts).lines())


def instead(lines: Lines, key: str, text: str) -> Lines:
    """Lines that say something else; of what is listed they say one thing more."""
    listed = key in ("heads", "seen", "asked", "left_out", "shared")
    return [*(one for one in lines if listed or one[0] != key), (key, text)]


RECEIPTS: dict[str, tuple[str, str]] = {
    "a head with a list for a number": ("heads", '["journal", [1], "aa"]'),
    "a head without a number": ("heads", '["journal", null, "aa"]'),
    "a head that is true": ("seen", '["journal", true, "aa"]'),
    "a head beyond all numbers": ("heads", f'["journal", {HUGE}, "aa"]'),
    "a head with a list for a hash": ("seen", '["journal", 1, ["aa"]]'),
    "a head of half a character": ("heads", '["journal", 1, "\\ud800"]'),
    "a number beyond all numbers": ("sequence", str(HUGE)),
    "a number that is a text": ("sequence", '"xxxxxxxxxx"'),
    "a moment that is a number": ("made", "5"),
    "a maker of half a character": ("maker", '"\\ud800"'),
    "a verdict that nobody gives": ("verdict", '"perhaps"'),
    "counts that are texts": ("counts", '{"new": "1"}'),
    "totals in a list": ("totals", "[1]"),
    "a query that is a number": ("asked", '["o", "u", "n", "i", "v", "c", "f", 7]'),
    "a unit left out without a name": ("left_out", '["u", null]'),
    "a unit shared with nobody": ("shared", '["u", "n", 5, "c", true]'),
}


@pytest.mark.parametrize("odd", RECEIPTS)
def test_a_receipt_that_says_what_none_says_is_none(odd: str, lines: Lines, tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match=r"receipt\.other"):
        read_receipt(instead(lines, *RECEIPTS[odd]), tmp_path)


def test_a_receipt_with_a_chain_that_nobody_knows_yet_is_read(lines: Lines, tmp_path: Path) -> None:
    later = [*lines, ("seen", '["weather", 1, "aa"]')]
    assert read_receipt(later, tmp_path) == read_receipt(lines, tmp_path)


def test_a_signed_receipt_with_an_odd_head_is_refused_in_words(
    city: Store, sender: Sender, lines: Lines, tmp_path: Path, texts: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = instead(lines, *RECEIPTS["a head beyond all numbers"])
    monkeypatch.setattr(receiptbook.Receipt, "lines", lambda _: odd)
    path = receiptbook.write(city, B, tmp_path / "receipt.xlsx", texts).path
    with pytest.raises(SurveyError, match=r"receipt\.other"):
        receipttaking.take(sender.store, path)
