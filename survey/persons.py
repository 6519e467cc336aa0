"""Who may do what with a file: persons with a role each, who sign in with a secret of their own.

This keeps honest people from mistakes and says who did what; it is no lock against somebody who has the passphrase and
another tool. A file without persons belongs to whoever opens it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey import identity, journal
from survey.errors import SurveyError
from survey.store import Store

Role = Literal["officer", "reviewer", "editor", "publisher", "keeper"]
Action = Literal["view", "edit", "decide", "merge", "return", "export", "publish", "keep"]
# The matrix of conventions: who publishes sees no unit, who keeps keys and persons sees no data at all.
PERMITTED: Mapping[Role, frozenset[Action]] = {
    "officer": frozenset({"view", "edit", "decide", "return", "export"}),
    "reviewer": frozenset({"view", "decide", "export"}),
    "editor": frozenset({"view", "edit", "decide", "merge", "return", "export"}),
    "publisher": frozenset({"publish"}),
    "keeper": frozenset({"keep"}),
}
ROLES: tuple[Role, ...] = ("officer", "reviewer", "editor", "publisher", "keeper")
LEAST = 6
"""Characters of a person's secret at least."""
_COST = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in."""

    name: str
    role: Role


def persons(store: Store) -> list[Person]:
    """Everybody who may sign in, by role, then by name."""
    rows = store.execute("SELECT name, role FROM person ORDER BY name").fetchall()
    return sorted((Person(*row) for row in rows), key=lambda one: ROLES.index(one.role))


def add(store: Store, name: str, role: Role, secret: str) -> None:
    """A new person, or another role and secret for one that is known; the first one is a keeper.

    Raises SurveyError `person_nameless`, `person_secret`, `person_first`, `person_last`, and as `permit` does.
    """
    permit(store, "keep")
    kept = " ".join(name.split())
    if not kept:
        raise SurveyError("person_nameless")
    if len(secret) < LEAST:
        raise SurveyError("person_secret", least=LEAST)
    others = [one for one in persons(store) if one.name != kept]
    if role != "keeper" and not any(one.role == "keeper" for one in others):
        raise SurveyError("person_last" if others else "person_first")
    salt = secrets.token_bytes(16)
    with store.atomic():
        store.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?)", (kept, role, salt, _verifier(secret, salt)))
        journal.record(store, "keys", kept, role=role)


def remove(store: Store, name: str) -> None:
    """Somebody who may sign in no more. Raises SurveyError `no_person`, `person_last`, and as `permit` does."""
    permit(store, "keep")
    found = persons(store)
    if name not in {one.name for one in found}:
        raise SurveyError("no_person", name=name)
    left = [one for one in found if one.name != name]
    if left and not any(one.role == "keeper" for one in left):
        raise SurveyError("person_last")
    with store.atomic():
        store.execute("DELETE FROM person WHERE name = ?", (name,))
        journal.record(store, "keys", name, removed=True)


def sign_in(store: Store, name: str, secret: str) -> Person:
    """This person works with the file from now on. Raises SurveyError `person_wrong`; the attempt is told."""
    row = store.execute("SELECT role, salt, verifier FROM person WHERE name = ?", (name,)).fetchone()
    if row is None or not hmac.compare_digest(_verifier(secret, row[1]), row[2]):
        journal.record(store, "keys", name, refused="person_wrong")
        raise SurveyError("person_wrong", name=name)
    identity.act_as(name, (store.path.resolve(), row[0]))
    return Person(name, row[0])


def current(store: Store) -> Person | None:
    """Who has signed in to this file; None where nobody has.

    Raises SurveyError `person_unproven` where a name was given beforehand and no secret, and as `sign_in` does.
    """
    offered = identity.offered()
    if offered and identity.signed_in() is None and store.execute("SELECT 1 FROM person LIMIT 1").fetchone():
        if not offered[1]:
            raise SurveyError("person_unproven", path=store.path, name=offered[0])
        return sign_in(store, *offered)
    signed = identity.signed_in()
    if signed is None or signed[0] != store.path.resolve():
        return None
    row = store.execute("SELECT name, role FROM person WHERE name = ?", (identity.acting(),)).fetchone()
    return Person(*row) if row else None


def may(store: Store, action: Action) -> bool:
    """Whether whoever works now may do something; where the file has no persons, everybody may do everything."""
    person = current(store)
    if person:
        return action in PERMITTED[person.role]
    return not store.execute("SELECT 1 FROM person LIMIT 1").fetchone()


def permit(store: Store, *actions: Action) -> None:
    """Whoever works may do one of these things.

    Raises SurveyError `person_needed` where nobody has signed in, `person_may_not.<action>`, naming the first, where
    the role may do none.
    """
    if any(may(store, one) for one in actions):
        return
    person = current(store)
    if person is None:
        raise SurveyError("person_needed", path=store.path)
    raise SurveyError(f"person_may_not.{actions[0]}", name=person.name)


def _verifier(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, **_COST)
