"""The receipt as a workbook: one sheet that a person reads at once, one that programs read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import xlsxwriter

from survey import heads, journal, receipts
from survey.enrolment import desk_key
from survey.files import filling, replacing, safe
from survey.persons import permit
from survey.plainbook import TEXTS_ONLY, lines_in, rows_aside
from survey.progress import Progress
from survey.receiptfile import ANSWER_COLUMN, KEY_COLUMN, SHEET, Receipt, sealed, shown_digest
from survey.returnbook import FONT, HEAD, INK, LINE, OPEN, hidden_sheet, print_setup
from survey.scheme import Scheme
from survey.sealing import as_kept, grouped
from survey.signing import SigningKey
from survey.store import Store
from survey.texts import Texts
from survey.totals import key_totals

_WIDTHS = (21, 27, 29, 15, 15, 50, 32)
_LAST, _PITCH, _LEAST = len(_WIDTHS) - 1, 15.5, 18.0
_MOST_CELLS = 3
_COLOURS = {"accepted": "#1B7F4B", "draft": "#9A6700", "rejected": "#B42318"}


@dataclass(frozen=True)
class Written:
    """A receipt that was written: where, for whom, what it says."""

    path: Path
    sender: str
    receipt: Receipt


def write(store: Store, sender: str, path: Path, texts: Texts, *, deadline: str = "", who: str = "") -> Written:
    """The receipt for a sender's last return; a file of that name is replaced only when done.

    Raises SurveyError as `receipts.of_sender` does, and `cannot_write`.
    """
    permit(store, "merge")
    receipt = receipts.of_sender(store, sender, texts, deadline=deadline, who=who)
    return _write(store, replace(receipt, heads=heads.of_file(store)), path, texts)


def _write(store: Store, receipt: Receipt, path: Path, texts: Texts) -> Written:
    sender = receipt.sender
    called = receipts.label(store, sender, texts.lang)
    # The receipt takes its place within the transaction that remembers it.
    remembered = journal.Remembering(store)
    with replacing(path, remembered) as beside, rows_aside() as rows:
        digest = _Book(beside, rows, store.scheme, called, texts, desk_key(store)).write(receipt)
        remembered.begin()
        _record(store, receipt, digest, path)
    return Written(path, sender, receipt)


def write_all(
    store: Store, folder: Path, texts: Texts, *, deadline: str = "", who: str = "", progress: Progress | None = None
) -> list[Written]:
    """A receipt for everybody who has sent a return; all are there in the end, or none.

    Raises SurveyError `cannot_write`, and Cancelled.
    """
    permit(store, "merge")
    written = []
    whole, told = receipts.senders(store, store.period), heads.of_file(store)
    remembered = journal.Remembering(store)
    with filling(folder, remembered) as beside:
        remembered.begin()
        for at, sender in enumerate(whole):
            if progress:
                progress(at, len(whole), "progress.receipts")
            name = file_name(store, sender, texts)
            receipt = receipts.of_sender(store, sender, texts, deadline=deadline, who=who)
            one = _write(store, replace(receipt, heads=told), beside / name, texts)
            written.append(Written(folder / name, sender, one.receipt))
    return written


def file_name(store: Store, sender: str, texts: Texts) -> str:
    """What the receipt for a sender is called."""
    called = receipts.label(store, sender, texts.lang)
    parts = [sender, *([called] if called != sender else []), store.period, texts("receipt.sheet")]
    return f"{safe('-'.join(parts))}.xlsx"


def _record(store: Store, receipt: Receipt, digest: str, path: Path) -> None:
    store.execute(
        "INSERT INTO receipt (direction, period, sequence, digest, at, sender, name) VALUES"
        " ('issued', ?, ?, ?, ?, ?, ?)",
        (receipt.period, receipt.sequence, digest, receipt.made, receipt.sender, path.name),
    )
    heads.tell(store, receipt.heads, path.name)
    journal.record(store, "exported", path.name, what="receipt", sender=receipt.sender, sequence=receipt.sequence)


class _Book:
    """A receipt being written, block by block; rows go to disk as they come."""

    def __init__(self, path: Path, rows: Path, scheme: Scheme, sender: str, texts: Texts, key: SigningKey) -> None:
        options = {"constant_memory": True, "tmpdir": str(rows), **TEXTS_ONLY}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._scheme = scheme
        self._sender = sender
        self._texts = texts
        self._key = key
        self._title = texts("receipt.sheet")
        self._sheet = self._book.add_worksheet(self._title)
        self._row = 0
        self._digests: dict[int, str] = {}

    def write(self, receipt: Receipt) -> str:
        """Writes it all; gives the digest by which the receipt is known."""
        self._looks = self._formats(receipt.verdict)
        self._set_up()
        self._head(receipt)
        self._pairs(self._facts(receipt))
        for name, rows in (
            ("counts", self._counts(receipt)), ("asked", self._asked(receipt)), ("corrected", self._corrected(receipt)),
            ("decided", self._decided(receipt)), ("shared", self._shared(receipt)), ("left_out", receipt.left_out),
            ("forms", self._forms(receipt)), ("totals", self._totals(receipt)),
        ):  # fmt: skip
            self._block(name, list(rows), receipt)
        lines = [*receipt.lines(), ("sheet", json.dumps(self._title, ensure_ascii=False))]
        lines += ((f"row.{row + 1}", json.dumps(one)) for row, one in self._digests.items())
        stamp = sealed(lines, self._key)
        hidden_sheet(self._book, SHEET, stamp)
        self._book.close()
        return stamp[-1][1]

    # The head

    def _set_up(self) -> None:
        sheet = self._sheet
        sheet.hide_gridlines(2)
        for at, width in enumerate(_WIDTHS):
            sheet.set_column(at, at, width)
        sheet.set_column(KEY_COLUMN, KEY_COLUMN, 4, None, {"hidden": True})
        print_setup(sheet, (0, 1))

    def _head(self, receipt: Receipt) -> None:
        texts, scheme = self._texts, self._scheme
        title = texts("receipt.title", title=texts.pick(scheme.title, scheme.title_en))
        self._across(title, "title", 34)
        self._across(texts("receipt.to", sender=self._sender, period=receipt.period, maker=receipt.maker), "line", 20)
        self._across(texts(f"receipt.verdict.{receipt.verdict}"), "verdict", 40)
        said = texts(f"receipt.said.{receipt.verdict}", reason=receipt.reason, **_counted(receipt))
        self._across(said, "said", _PITCH * lines_in(said, sum(_WIDTHS)) + 6)
        self._row += 1

    def _facts(self, receipt: Receipt) -> list[tuple[str, str]]:
        texts = self._texts
        facts = {
            "name": receipt.name,
            "sequence": str(receipt.sequence),
            "written": _moment(receipt.written),
            "received": _moment(receipt.received),
            "units": f"{receipt.units:,}",
            "due": texts("receipt.of_due", **_progress(receipt)) if "due" in receipt.cover else "—",
            "digest": receipt.digest[:16],
            "sha256": grouped(receipt.sha256),
            "made": _moment(receipt.made),
            "who": receipt.who or "—",
        }
        return [(texts(f"receipt.fact.{key}"), value) for key, value in facts.items()]

    # The blocks, each a list of rows

    def _counts(self, receipt: Receipt) -> list[Sequence[Any]]:
        return [tuple(receipt.counts.values())] if receipt.verdict != "rejected" else []

    def _asked(self, receipt: Receipt) -> Iterator[Sequence[Any]]:
        until = receipt.deadline or self._texts("receipt.next_return")
        for one in receipt.asked:
            text = f"{one.text}　[{one.check}]" if one.check else one.text
            yield one.uscc, one.name, self._first(one.items), self._first(one.values), until, text, "", one.origin

    def _first(self, lines: str) -> str:
        """Of a check over many cells those that decide; the question names them all."""
        shown = lines.split("\n")
        more = [self._texts("receipt.more", count=len(shown) - _MOST_CELLS)] if len(shown) > _MOST_CELLS else []
        return "\n".join([*shown[:_MOST_CELLS], *more])

    def _corrected(self, receipt: Receipt) -> Iterator[Sequence[Any]]:
        for one in receipt.corrected:
            by = self._texts("receipt.by", reason=one.reason or "—", who=one.who or "—", at=one.at)
            yield one.uscc, one.name, one.item, one.before, one.after, by

    def _decided(self, receipt: Receipt) -> Iterator[Sequence[Any]]:
        for one in receipt.decided:
            state = self._texts(f"receipt.state.{one.state}")
            yield one.uscc, one.name, one.item, one.offered, one.kept, f"{state}　{one.reason}".strip()

    def _shared(self, receipt: Receipt) -> Iterator[Sequence[Any]]:
        for one in receipt.shared:
            key = "receipt.decided" if one.decided else "receipt.undecided"
            yield one.uscc, one.name, "、".join(one.others), one.counted, "", self._texts(key)

    def _forms(self, receipt: Receipt) -> Iterator[Sequence[Any]]:
        for form_id, count in receipt.forms.items():
            form = self._scheme.form(form_id)
            yield form_id, self._texts.pick(form.title, form.title_en), count

    def _totals(self, receipt: Receipt) -> Iterator[Sequence[Any]]:
        """Those that people compare; the hidden sheet has all of them."""
        texts = self._texts
        for item, total in key_totals(self._scheme, receipt.totals):
            form = self._scheme.form(item.form)
            label = f"{item.code} {texts.pick(item.label, item.label_en)}"
            whole = int(total) if float(total).is_integer() else as_kept(total)
            title = texts.pick(form.title, form.title_en)
            yield form.id, title, label, whole, self._scheme.unit(item.unit, texts)

    # Rows

    def _block(self, name: str, rows: Sequence[Sequence[Any]], receipt: Receipt) -> None:
        texts = self._texts
        nothing = name == "asked" and receipt.verdict != "rejected"
        if not rows and not nothing:
            return
        self._row += 1
        self._across(texts(f"receipt.block.{name}", count=len(rows)), "block", 22)
        if not rows:
            self._across(texts("receipt.nothing_asked"), "said", 20)
            return
        if name == "asked":
            advice = texts("receipt.advice")
            self._across(advice, "said", _PITCH * lines_in(advice, sum(_WIDTHS)) + 4)
        self._line(texts(f"receipt.heads.{name}").split("|"), "head")
        for row in rows:
            self._line(row, "", asked=name == "asked")

    def _line(self, cells: Sequence[Any], look: str, *, asked: bool = False) -> None:
        lines = 1
        for at, cell in enumerate(cells):
            if isinstance(cell, str):
                parts = cell.split("\n")
                lines = max(lines, sum(lines_in(part, _WIDTHS[at] - 3) for part in parts) if at <= _LAST else 1)
        self._sheet.set_row(self._row, max(_LEAST, _PITCH * lines + 4))
        for at, cell in enumerate(cells):
            if at == KEY_COLUMN:
                self._sheet.write_string(self._row, at, cell)
            elif at == ANSWER_COLUMN and asked:
                self._sheet.write_blank(self._row, at, None, self._looks["open"])
            elif isinstance(cell, str):
                amount = at in (3, 4) and not look
                self._sheet.write_string(self._row, at, cell, self._looks[look or ("right" if amount else "text")])
            else:
                self._sheet.write_number(
                    self._row, at, cell, self._looks["count" if isinstance(cell, int) else "amount"]
                )
        self._done(cells)

    def _pairs(self, facts: Sequence[tuple[str, str]]) -> None:
        """Two facts a line, each beside its name."""
        looks = self._looks
        for at in range(0, len(facts), 2):
            (first, one), (second, other) = facts[at : at + 2]
            self._sheet.set_row(self._row, _LEAST)
            self._sheet.write_string(self._row, 0, first, looks["label"])
            self._sheet.write_string(self._row, 1, one, looks["text"])
            self._sheet.write_string(self._row, 2, second, looks["label"])
            self._sheet.merge_range(self._row, 3, self._row, _LAST, "", looks["text"])
            self._sheet.write_string(self._row, 3, other, looks["text"])
            self._done((first, one, second, other))

    def _across(self, text: str, look: str, height: float) -> None:
        """A text over the whole width."""
        self._sheet.set_row(self._row, height)
        self._sheet.merge_range(self._row, 0, self._row, _LAST, "", self._looks[look])
        self._sheet.write_string(self._row, 0, text, self._looks[look])
        self._done((text,))

    def _done(self, cells: Sequence[Any]) -> None:
        self._digests[self._row] = shown_digest(self._title, cells)
        self._row += 1

    def _formats(self, verdict: str) -> dict[str, Any]:
        base = {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "vcenter"}
        grid = base | {"border": 1, "border_color": LINE}
        cell = grid | {"text_wrap": True, "align": "left", "indent": 1}
        big = base | {"font_size": 24, "bold": True, "font_color": _COLOURS[verdict]}
        looks: dict[str, dict[str, Any]] = {
            "title": base | {"font_size": 16, "bold": True},
            "line": base,
            "verdict": big,
            "said": base | {"text_wrap": True, "font_color": "#52606D" if verdict == "accepted" else _COLOURS[verdict]},
            "block": base | {"font_size": 11, "bold": True},
            "label": grid | {"bg_color": HEAD, "align": "center", "font_size": 9},
            "head": grid | {"bg_color": HEAD, "bold": True, "text_wrap": True, "align": "center"},
            "text": cell,
            "right": cell | {"align": "right"},
            "open": cell | {"bg_color": OPEN, "num_format": "@"},
            "count": grid | {"indent": 1, "align": "right", "num_format": "#,##0"},
            "amount": grid | {"indent": 1, "align": "right", "num_format": "#,##0.00"},
        }
        return {name: self._book.add_format(look) for name, look in looks.items()}


def _counted(receipt: Receipt) -> dict[str, int]:
    return {"units": receipt.units, "asked": len(receipt.asked), "corrected": len(receipt.corrected)}


def _progress(receipt: Receipt) -> dict[str, int]:
    return {"due": receipt.cover["due"], "reported": receipt.cover.get("reported", 0)}


def _moment(at: str) -> str:
    return at[:19].replace("T", " ")
