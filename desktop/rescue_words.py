"""What was saved of a damaged file, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from desktop.journal_words import break_line
from survey.form import Form
from survey.rescue import Rescue
from survey.salvage import LAST, Table
from survey.texts import Texts

_GAPS = 5
# Names that are not the program's may be anything.
_LONGEST = 40
_PERSONS = "person"
_FACTS = ("period", "district", "sequence")


def lines(found: Rescue, texts: Texts) -> Iterator[str]:
    """First what was saved, then what is wrong with it as a whole, then table by table what was not."""
    named = partial(table_name, forms={form.table: form for form in found.forms}, texts=texts)
    if found.copy:
        yield texts("rescue.done", path=found.target, read=found.read, filled=found.filled, copy=found.copy.name)
    else:
        yield texts("rescue.done_alone", path=found.target, read=found.read)
    if not found.damaged:
        yield texts("rescue.whole")
    yield from _as_a_whole(found, named, texts)
    for table in found.damaged:
        yield _damaged(table, named(table.name), texts)
    if found.damaged:
        yield texts("rescue.ask")


def _as_a_whole(found: Rescue, named: Callable[[str], str], texts: Texts) -> Iterator[str]:
    if found.failed:
        yield texts("rescue.pages", count=found.failed)
    if found.by_code:
        yield texts("rescue.by_code")
    yield from _persons(found, texts)
    if found.scheme:
        yield texts("rescue.scheme", path=found.scheme)
    if found.strange:
        yield texts("rescue.strange", tables=texts("rescue.and").join(named(one) for one in found.strange))
    if found.foreign:
        foreign = " ".join(name[:_LONGEST] for name in found.foreign[:_GAPS])
        yield texts("rescue.foreign", tables=foreign + "…" * (len(found.foreign) > _GAPS))
    if facts := _facts(found, texts):
        yield texts("rescue.told", facts="  ".join(facts))
    if found.orphans:
        yield texts("rescue.orphans", count=found.orphans)
    for one in found.breaks:
        yield texts("rescue.breaks", what=break_line(one, texts))


def table_name(name: str, forms: Mapping[str, Form], texts: Texts) -> str:
    """What a person calls a table of the file."""
    if form := forms.get(name):
        return texts("rescue.form", id=form.id, title=texts.pick(form.title, form.title_en))
    key = f"rescue.tables.{name}"
    return texts(key) if texts.has(key) else texts("rescue.other_table", name=name)


def _persons(found: Rescue, texts: Texts) -> Iterator[str]:
    """What became of the persons, where they are damaged: without any a file belongs to whoever opens it."""
    for table in found.damaged:
        if table.name == _PERSONS:
            count = table.read + table.filled
            yield texts("rescue.persons" if count else "rescue.no_persons", count=count)


def _damaged(table: Table, called: str, texts: Texts) -> str:
    """What became of a table."""
    key = "rescue.table" if table.filled else "rescue.table_alone"
    return texts(key, table=called, read=table.read, filled=table.filled, gaps=_gaps(table, texts))


def _facts(found: Rescue, texts: Texts) -> list[str]:
    """What the file says of itself by what else is in it."""
    told = [(key, found.told[key]) for key in _FACTS if key in found.told]
    return [texts("rescue.city" if fact == ("district", "") else f"rescue.{fact[0]}", value=fact[1]) for fact in told]


def _gaps(table: Table, texts: Texts) -> str:
    lost = table.due - table.read - table.filled if table.due is not None else 0
    count = [texts("rescue.missing", count=lost)] if lost > 0 else []
    parts = [_gap(low, high, texts) for low, high in table.gaps[:_GAPS] if high]
    more = "…" if len(table.gaps) > _GAPS else ""
    said = ", ".join([*count, *parts]) + more
    return said or texts("rescue.gap_all" if table.gaps else "rescue.doubtful")


def _gap(low: int, high: int, texts: Texts) -> str:
    return texts("rescue.gap_end", low=low) if high == LAST else texts("rescue.gap", low=low, high=high)
