"""What the city says to a return (回执): what was taken, what it corrected, who is counted, what it still asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from survey import cells, claims, conflicts, heads, queries, received
from survey.controlfile import is_day
from survey.errors import SurveyError
from survey.queries import Block, cell_label, origin_of
from survey.receiptfile import AskedLine, Corrected, Decided, Receipt, Shared, Verdict
from survey.received import ACCEPTED, REJECTED, Received
from survey.record import show_value
from survey.scalar import Value
from survey.store import Store, now, place_of
from survey.texts import Texts
from survey.words import RETURN, Words

_MOST_CELLS = 20
_Count = TypeVar("_Count", int, float)

# Reasons that the program gives itself, with what ties the cells of one step together.
_OWN_REASONS = ("undo", "redo", "block", "magnitude", "query", "import", "conflict")


def senders(store: Store, period: str) -> list[str]:
    """Whoever has sent a return that was accepted or rejected, in the order of the districts."""
    order = {code: at for at, code in enumerate(store.scheme.districts.codes)}
    found = {one.sender for one in received.listed(store, period) if one.state in (ACCEPTED, REJECTED)}
    return sorted(found, key=lambda one: (order.get(one, len(order)), one))


def label(store: Store, sender: str, lang: str = "zh") -> str:
    """What a sender is called: a district by its name, everybody else as they are."""
    districts = store.scheme.districts
    return districts.label(sender, lang) if sender in districts.codes else sender


def latest(store: Store, sender: str, period: str) -> Received:
    """The return of a sender that was accepted or rejected last; raises SurveyError `receipt.none`."""
    for one in received.listed(store, period):
        if one.sender == sender and one.state in (ACCEPTED, REJECTED):
            return one
    raise SurveyError("receipt.none", sender=label(store, sender), period=period)


def of_sender(store: Store, sender: str, texts: Texts, *, deadline: str = "", who: str = "") -> Receipt:
    """The receipt for a sender's last return; `deadline` is the ISO day until which its queries wait.

    Raises SurveyError `receipt.none`, `receipt.deadline`.
    """
    if deadline and not is_day(deadline):
        raise SurveyError("receipt.deadline", found=deadline)
    last = latest(store, sender, store.period)
    plain = _plain(store, last, deadline, who, texts)
    if last.state == REJECTED:
        return plain
    return replace(
        plain,
        decided=tuple(_decided(store, sender, texts)),
        shared=tuple(_shared(store, sender, texts)),
        corrected=tuple(_corrected(store, sender, texts)),
        left_out=tuple(_left_out(store, last)),
        asked=tuple(_asked(store, sender, texts)),
    )


def of_return(store: Store, sender: str, texts: Texts) -> Receipt:
    """What a receipt for a sender's last return says of the file alone; raises SurveyError `receipt.none`."""
    return _plain(store, latest(store, sender, store.period), "", "", texts)


def _plain(store: Store, last: Received, deadline: str, who: str, texts: Texts) -> Receipt:
    """What a receipt says of the file; its lists are empty."""
    scheme, legal = store.scheme, store.scheme.legal
    verdict: Verdict = "rejected" if last.state == REJECTED else "draft" if last.draft else "accepted"
    facts: dict[str, Any] = dict(store.execute("SELECT key, value FROM merge_fact WHERE merge = ?", (last.id,)))
    records: dict[str, int] = dict(store.execute("SELECT form, records FROM merge_form WHERE merge = ?", (last.id,)))
    totals = {key.removeprefix("total."): value for key, value in facts.items() if key.startswith("total.")}
    names = ("new", "changed", "identical", "withdrawn", "left_out", "conflicts")
    maker = store.place(texts.lang) if store.sends else texts.pick(legal.maker, legal.maker_en)
    return Receipt(
        scheme.id, scheme.version, last.period, last.sender, store.district or "", maker, now(), who, verdict,
        last.reason, deadline, last.name, last.sequence, last.digest, last.created, last.at, last.sha256,
        last.units, bool(last.draft),
        {name: getattr(last, name) for name in names},
        {key: int(value) for key, value in facts.items() if not key.startswith("total.")},
        _in_order([form.id for form in scheme.forms], records),
        _in_order([f"{form.id}.{item.code}" for form in scheme.forms for item in form.items], totals),
        sender_key=last.signer, seen=heads.seen_of(store, last.sender, last.signer),
    )  # fmt: skip


def _in_order(keys: Iterable[str], found: Mapping[str, _Count]) -> dict[str, _Count]:
    """What was found in the order in which the scheme has it."""
    return {key: found[key] for key in keys if key in found}


class _Values:
    """Cells as they are called and shown."""

    def __init__(self, store: Store, texts: Texts) -> None:
        self._scheme = store.scheme
        self._texts = texts

    def item(self, name: str, line: int) -> str:
        item = self._scheme.item(name)
        return f"{item.key} {cell_label(item, line, self._texts)}"

    def text(self, name: str, value: Value) -> str:
        return show_value(self._scheme.item(name), value, self._scheme.lists, self._texts.lang)


def _decided(store: Store, sender: str, texts: Texts) -> Iterator[Decided]:
    values = _Values(store, texts)
    for one in (*conflicts.listed(store), *conflicts.listed(store, settled=True)):
        if one.sender == sender:
            kept = one.kept if one.state == conflicts.OPEN else one.value
            yield Decided(
                one.uscc, one.name, values.item(one.item, one.line), values.text(one.item, one.offered),
                values.text(one.item, kept), one.state, one.reason,
            )  # fmt: skip


def _shared(store: Store, sender: str, texts: Texts) -> Iterator[Shared]:
    for one in claims.listed(store, store.period):
        all_ = [claim.sender for claim in one.claims]
        if sender in all_:
            others = tuple(label(store, other, texts.lang) for other in all_ if other != sender)
            yield Shared(one.uscc, one.name, others, label(store, one.counted, texts.lang), one.decided)


def _left_out(store: Store, last: Received) -> list[tuple[str, str]]:
    rows = store.execute(
        "SELECT l.uscc, coalesce(u.name, '') FROM merge_left_out l LEFT JOIN unit u ON u.uscc = l.uscc"
        " WHERE l.merge = ? ORDER BY 1",
        (last.id,),
    )
    return [(uscc, name) for uscc, name in rows]


def _corrected(store: Store, sender: str, texts: Texts) -> Iterator[Corrected]:
    """The cells that are not as the sender said last, because somebody here has written them."""
    values, words = _Values(store, texts), Words(store)
    rows = store.execute(
        "SELECT DISTINCT u.id, u.uscc, u.name, c.period FROM change c JOIN unit u ON u.id = c.unit WHERE u.sender = ?"
        " AND c.form <> '' AND (c.source IS NULL OR c.source NOT IN (SELECT id FROM source WHERE kind = ?))"
        " ORDER BY 2, 4 DESC",
        (sender, RETURN),
    ).fetchall()
    for unit, uscc, name, period in rows:
        present = cells.read(store, unit, period)
        for place, said in words.of(unit, period).items():
            key, line = place_of(place)
            item = store.scheme.items.get(key)
            if item is None or item.computed:
                continue
            held = present.get(key, line, item.form)
            if held != said:
                which = values.item(key, line) if period == store.period else f"{values.item(key, line)}（{period}）"
                yield Corrected(
                    uscc, name, which, values.text(key, said), values.text(key, held),
                    *_writer(store, unit, period, place, texts),
                )  # fmt: skip


def _writer(store: Store, unit: int, period: str, place: str, texts: Texts) -> tuple[str, str, str]:
    """Why, by whom and when a cell was written last."""
    found = store.execute(
        "SELECT reason, who, at FROM change WHERE unit = ? AND period = ? AND item = ? ORDER BY id DESC LIMIT 1",
        (unit, period, place),
    ).fetchone()
    # What a file brought that was here before the return is no change.
    reason, who, at = found or ("", "", "")
    kind = reason.partition(":")[0]
    return texts(f"receipt.why.{kind}") if kind in _OWN_REASONS else reason, who, at[:10]


def _asked(store: Store, sender: str, texts: Texts) -> Iterator[AskedLine]:
    """The queries to the sender's units that wait for an answer."""
    rows = store.execute(
        "SELECT DISTINCT u.id FROM query q JOIN response r ON r.id = q.response JOIN unit u ON u.id = r.unit"
        " WHERE r.period = ? AND u.sender = ? AND u.kind <> 'withdrawn' ORDER BY u.uscc",
        (store.period, sender),
    )
    units = [row[0] for row in rows]
    for one in queries.open_queries(store, units, store.period):
        for block in one.blocks:
            yield _line(store, one.uscc, one.name, block, texts)


def _line(store: Store, uscc: str, name: str, block: Block, texts: Texts) -> AskedLine:
    query, scheme = block.query, store.scheme
    # The question names them all; a line of the hidden sheet must fit one cell.
    cells_ = block.cells[:_MOST_CELLS]
    items = "\n".join(f"{cell.item.key} {cell.label(texts)}" for cell in cells_)
    values = "\n".join(show_value(cell.item, cell.now, scheme.lists, texts.lang) or "—" for cell in cells_)
    origin = origin_of(query.id, query.mark)
    return AskedLine(origin, uscc, name, items, values, query.check, query.facts, query.text(scheme, texts))
