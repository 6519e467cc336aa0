"""The senders a desk expects returns from: those its scheme lists, those that were added here, and whoever has sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from survey.errors import SurveyError
from survey.persons import permit
from survey.received import ACCEPTED, listed
from survey.store import Store


@dataclass(frozen=True)
class Expected:
    """A sender on the list: whether a return of it stands, whether it ever sent one, whether the scheme lists it."""

    sender: str
    stands: bool
    sent: bool
    given: bool


def senders(store: Store, seen: Mapping[str, Iterable[object]]) -> list[str]:
    """Who has to send, the scheme's first; `seen` are the returns that came in by sender.

    Whoever was taken off the list is back on it where a return of it stands.
    """
    given = _given(store)
    rows = store.execute("SELECT sender, wanted FROM expected").fetchall()
    off = {sender for sender, wanted in rows if not wanted} - _standing(store)
    added = {sender for sender, wanted in rows if wanted} | set(seen)
    return [sender for sender in (*given, *sorted(added - set(given))) if sender not in off]


def on_list(store: Store) -> list[Expected]:
    """The list as it stands."""
    given, stands = _given(store), _standing(store)
    sent = {one.sender: [one] for one in listed(store, store.period)}
    return [Expected(one, one in stands, one in sent, one in given) for one in senders(store, sent)]


def any_expected(store: Store) -> bool:
    """Whether somebody has written into the list."""
    return store.execute("SELECT 1 FROM expected WHERE wanted LIMIT 1").fetchone() is not None


def add(store: Store, name: str) -> str:
    """Puts a sender on the list and gives it as it is kept: as its returns will name it.

    Raises SurveyError `not_city`, `expected_name` for none, `expected_known`, and at a city's desk, whose scheme lists
    the districts, `expected_district`.
    """
    permit(store, "merge")
    sender = _sender(store, name)
    if sender in {one.sender for one in on_list(store)}:
        raise SurveyError("expected_known", name=name.strip())
    _write(store, sender, wanted=True)
    return sender


def remove(store: Store, name: str) -> str:
    """Takes a sender off the list; raises SurveyError `expected_unknown`, and `expected_stands` where it has sent."""
    permit(store, "merge")
    sender = _sender(store, name)
    found = next((one for one in on_list(store) if one.sender == sender), None)
    if found is None:
        raise SurveyError("expected_unknown", name=name.strip())
    if found.stands:
        raise SurveyError("expected_stands", name=name.strip())
    _write(store, sender, wanted=False)
    return sender


def rename(store: Store, name: str, new: str) -> str:
    """Gives a sender another name, both or neither; one that has sent is called as its returns call it.

    Raises what adding and removing raise.
    """
    permit(store, "merge")
    with store.atomic():
        remove(store, name)
        return add(store, new)


def _sender(store: Store, name: str) -> str:
    """A sender as its returns name it."""
    if not store.takes_returns:
        raise SurveyError("not_city", path=store.path)
    kept = " ".join(name.split())
    # An officer who was called like a district's code would be shown as that district.
    if not kept or (not _given(store) and kept in store.scheme.districts.codes):
        raise SurveyError("expected_name")
    if not _given(store):
        return kept
    code = store.scheme.districts.find(kept)
    if code is None:
        raise SurveyError("expected_district", name=kept)
    return code


def _given(store: Store) -> list[str]:
    """The districts of a city as the scheme lists them; officers and cities are in no scheme."""
    return list(store.scheme.districts.codes) if store.is_city and not store.is_province else []


def _standing(store: Store) -> set[str]:
    return {one.sender for one in listed(store, store.period) if one.state == ACCEPTED}


def _write(store: Store, sender: str, *, wanted: bool) -> None:
    store.execute(
        "INSERT INTO expected VALUES (?, ?) ON CONFLICT (sender) DO UPDATE SET wanted = excluded.wanted",
        (sender, int(wanted)),
    )
