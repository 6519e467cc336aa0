"""Conflicts in words: where the value stands in the return, what was decided, what the cell panel says."""

from __future__ import annotations

from desktop.history_words import reason
from desktop.merge_facts import below_name, item_name, own_name, sender_name, shown
from desktop.moments import moment
from survey.conflicts import OPEN, OpenConflict, base, writer
from survey.manifest import cell_of
from survey.scalar import Value
from survey.store import Store
from survey.texts import Texts


def cell(one: OpenConflict, store: Store) -> str:
    """Where the offered value stands in its return: `IC-02!AB17`; '' where the row is not on record."""
    return cell_of(store.scheme.form_of(one.item), one.item, one.row) if one.row else ""


def choice(one: OpenConflict, store: Store, texts: Texts) -> str:
    """What was decided, in a word; '' where nothing was."""
    if one.state == OPEN:
        return ""
    return texts(f"conflicts.choice.{one.state}", below=below_name(store, texts), own=own_name(store, texts))


def cell_line(one: OpenConflict, store: Store, texts: Texts) -> str:
    """A conflict as it is told beside its cell."""

    def said(value: Value) -> str:
        return shown(store.scheme, one.item, value, texts)

    return texts(
        "conflicts.cell_open" if one.state == OPEN else "conflicts.cell_settled",
        sender=sender_name(store, one.sender, texts), offered=said(one.offered), file=one.file, cell=cell(one, store),
        kept=said(one.kept), choice=choice(one, store, texts), value=said(one.value), who=one.who,
        at=moment(one.decided), reason=one.reason,
    ).rstrip()  # fmt: skip


def detail(one: OpenConflict, store: Store, texts: Texts) -> str:
    """A conflict in full: what was sent before, who wrote what is kept, where the other value stands."""
    wrote = writer(store, one)
    facts = (wrote.who, moment(wrote.at), reason(wrote.reason, texts)) if wrote else ()
    sides = {"base": base(store, one), "kept": one.kept, "offered": one.offered}
    values = {name: shown(store.scheme, one.item, value, texts) for name, value in sides.items()}
    told = texts(
        "conflicts.detail", name=one.name, uscc=one.uscc, item=item_name(store.scheme, one.item, one.line, texts),
        writer="　".join(filter(None, facts)) or texts("conflicts.nobody"), file=one.file, cell=cell(one, store),
        at=moment(one.at), own=own_name(store, texts), **values,
    )  # fmt: skip
    if one.state == OPEN:
        return told
    value = shown(store.scheme, one.item, one.value, texts)
    parts = (choice(one, store, texts), value, one.who, moment(one.decided), one.reason)
    return f"{told}\n{texts('conflicts.decided')}{'　'.join(filter(None, parts))}"
