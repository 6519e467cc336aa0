"""Returns in words: what a merge would do or did, what undoing takes back, how a return stands in the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from desktop.journal_words import told_lines
from desktop.moments import moment
from survey.record import show_value
from survey.scalar import Value
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.mergereport import MergeReport
    from survey.received import Received
    from survey.scheme import Scheme
    from survey.store import Store
    from survey.undoing import UndoReport

DIGITS = 12


def own_name(store: Store, texts: Texts) -> str:
    """What kind of desk this is: 省, 市 or 区."""
    return texts(f"level.own.{_level(store)}")


def below_name(store: Store, texts: Texts) -> str:
    """What kind of desk sends to this one: 市, 区 or 片."""
    return texts(f"level.below.{_level(store)}")


def _level(store: Store) -> str:
    return "province" if store.is_province else "city" if store.is_city else "district"


def sender_name(store: Store, sender: str, texts: Texts) -> str:
    """A sender as a person calls it: a district by its name, a part by its own."""
    return store.scheme.districts.label(sender, texts.lang)


def item_name(scheme: Scheme, item: str, line: int, texts: Texts) -> str:
    """An item with its code, and the line on list forms."""
    label = f"{scheme.item(item).key} {scheme.label(item, texts.lang)}"
    return label + (texts("merge.on_line", line=line) if line else "")


def shown(scheme: Scheme, item: str, value: Value, texts: Texts) -> str:
    """A value as a person reads it; a blank is called so, it is no 0."""
    return show_value(scheme.item(item), value, scheme.lists, texts.lang) or texts("merge.blank")


def warnings(one: MergeReport, store: Store, texts: Texts) -> list[str]:
    """What must be known before a return is accepted, the gravest first."""
    from survey.enrolment import enrolled

    facts = {"below": below_name(store, texts), "sequence": one.sequence}
    found = told_lines(one.rewritten, (), texts)
    if one.other_key:
        found.append(texts("merge.warn.other_key" if one.signer else "merge.warn.no_key", told=one.other_key))
    if one.superseded:
        found.append(texts("merge.warn.superseded", **facts))
    if one.withdrawn:
        found.append(texts("merge.warn.withdrawn", count=one.withdrawn, **facts))
    if one.draft:
        found.append(texts("merge.warn.draft", **facts))
    if one.gap:
        found.append(texts("merge.warn.gap", **facts))
    if one.accepted and not one.signer and not one.other_key:
        found.append(texts("merge.warn.unsigned", **facts))
    elif one.accepted and one.signer and one.district not in enrolled(store):
        found.append(texts("merge.warn.unknown_key"))
    if one.reordered:
        found.append(texts("merge.warn.reordered", forms=" ".join(one.reordered)))
    if one.contests:
        found.append(texts("merge.warn.contested", count=len(one.contests), **facts))
    if one.conflicts:
        found.append(texts("merge.warn.conflicts", count=len(one.conflicts), own=own_name(store, texts), **facts))
    if any(vars(one.enclosed).values()):
        found.append(texts("receipt.cli.enclosed", **vars(one.enclosed)))
    return found


def facts(one: MergeReport, texts: Texts) -> dict[str, Any]:
    """A report for another program."""
    from survey.signing import fingerprint

    return {
        "file": one.file, "district": one.district, "period": one.period, "sequence": one.sequence,
        "accepted": one.accepted, "draft": one.draft, "reason": one.reason(texts),
        "new": one.new, "changed": one.changed, "identical": one.identical,
        "withdrawn": one.withdrawn, "left_out": one.left_out, "superseded": one.superseded,
        "repeated": one.repeated, "gap": one.gap, "signer": fingerprint(one.signer), "other_key": one.other_key,
        "reordered": one.reordered,
        "rewritten": [f"{broken.chain} {broken.number}" for broken in one.rewritten],
        "conflicts": len(one.conflicts), "cells": one.cell_count,
        "conflict_list": [vars(conflict) for conflict in one.conflicts],
        "contests": [vars(contest) for contest in one.contests], "enclosed": vars(one.enclosed),
    }  # fmt: skip


def undo_counts(report: UndoReport, received: Received, store: Store, texts: Texts) -> dict[str, object]:
    """What undoing a return counts, as the sentences name it."""
    return {
        "name": received.name, "sender": sender_name(store, received.sender, texts), "sequence": received.sequence,
        "restored": report.restored, "units": report.units, "responses": report.responses,
    }  # fmt: skip


def undo_lines(key: str, report: UndoReport, received: Received, store: Store, texts: Texts, most: int) -> list[str]:
    """What undoing a return does or did, line by line: `key` is `ask`, `would` or `did`."""
    told = [texts(f"merge.undo.{key}", **undo_counts(report, received, store, texts))]
    if report.sent and store.sends:
        told.append(texts("merge.undo.sent", count=report.sent))
    if report.lost:
        told.append(texts("merge.undo.lost", count=report.lost))
    if report.passed:
        told.append(texts("merge.undo.passed", files="、".join(report.passed)))
    if report.kept:
        told.append(texts("merge.undo.kept", count=len(report.kept)))
    for one in report.kept[:most]:
        item = item_name(store.scheme, one.item, one.line, texts)
        told.append(f"  {one.uscc} {one.name}  {item}  {shown(store.scheme, one.item, one.now, texts)}")
    return told


def state(one: Received, texts: Texts) -> str:
    """What became of a return, in a word."""
    word = texts(f"received.state.{one.state}")
    return word + (texts("received.draft") if one.draft else "")


def register_row(one: Received, store: Store, texts: Texts) -> Sequence[str]:
    """A return as the register shows it."""
    counts = (one.units, one.new, one.changed, one.withdrawn, one.left_out, one.conflicts)
    return (
        str(one.id), sender_name(store, one.sender, texts), str(one.sequence), state(one, texts),
        *(f"{count:,}" for count in counts), moment(one.created), moment(one.at), one.who or "—",
        one.name, one.digest[:DIGITS], one.parent[:DIGITS] or "—", one.reason,
    )  # fmt: skip


REGISTER_HEADS = (
    "number", "sender", "sequence", "state", "units", "new", "changed", "withdrawn", "left_out", "conflicts",
    "created", "at", "who", "name", "digest", "parent", "reason",
)  # fmt: skip
