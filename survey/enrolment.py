"""Whose signature is known: the desk's own key, and keys of senders that people compared before they enrolled them."""

from __future__ import annotations

from dataclasses import dataclass

from survey.errors import SurveyError
from survey.signing import Signed, SigningKey, new_key, same_fingerprint
from survey.store import Store, now

ABOVE = "^"
"""By this the desk above is known, which signs receipts."""


@dataclass(frozen=True)
class Enrolled:
    """A sender's public key in hexadecimal digits, and who compared it when."""

    sender: str
    public: str
    at: str
    who: str


def desk_key(store: Store) -> SigningKey:
    """The desk's own key, made when it is first wanted; it never leaves the file."""
    row = store.execute("SELECT seed FROM desk_key").fetchone()
    if row:
        return SigningKey(row[0])
    made = new_key()
    store.execute("INSERT INTO desk_key VALUES (1, ?, ?)", (made.seed, now()))
    return made


def enrolled(store: Store) -> dict[str, Enrolled]:
    """The keys that are known, by sender."""
    return {row[0]: Enrolled(*row) for row in store.execute("SELECT sender, public, at, who FROM known_key ORDER BY 1")}


def seen(store: Store) -> dict[str, str]:
    """The public key that signed the last return of each sender, and the last receipt; '' where none did."""
    found = dict(store.execute("SELECT district, signer FROM merge ORDER BY id"))
    for row in store.execute("SELECT signer FROM receipt WHERE direction = 'received' ORDER BY id DESC LIMIT 1"):
        found[ABOVE] = row[0]
    return found


def enrol(store: Store, sender: str, public: str, typed: str, *, who: str = "") -> None:
    """From now on only what this key signed is taken from a sender.

    `typed` is the fingerprint as a person read it elsewhere: on the slip, or on the telephone. Raises SurveyError
    `fingerprint_differs`.
    """
    if not same_fingerprint(typed, public):
        raise SurveyError("fingerprint_differs", sender=sender)
    store.execute("INSERT OR REPLACE INTO known_key VALUES (?, ?, ?, ?)", (sender, public, now(), who))


def withdraw(store: Store, sender: str) -> None:
    """A key is known no more: it was lost, or the desk has got another file. Raises SurveyError `no_key`."""
    if not store.execute("DELETE FROM known_key WHERE sender = ?", (sender,)).rowcount:
        raise SurveyError("no_key", sender=sender)


def admit_signature(store: Store, sender: str, signed: Signed, *, name: str) -> None:
    """Refuses what is not signed as it has to be.

    Raises SurveyError `signature_broken` where the signature does not fit, `signature_missing` and `signature_other`
    where the sender's key is enrolled and it is not this one.
    """
    if signed.signer and not signed.genuine:
        raise SurveyError("signature_broken", name=name)
    known = enrolled(store).get(sender)
    if known is None or known.public == signed.signer:
        return
    raise SurveyError(
        "signature_other" if signed.signer else "signature_missing", name=name, at=known.at[:10], who=known.who
    )
