"""Whose signature is known: the desk's own key, and keys of senders that people compared before they enrolled them."""

from __future__ import annotations

from dataclasses import dataclass

from survey import journal
from survey.errors import SurveyError
from survey.identity import acting
from survey.persons import permit
from survey.signing import Signed, SigningKey, fingerprint, new_key, same_fingerprint
from survey.store import Store, now

ABOVE = "^"
"""By this the desk above is known, which signs receipts."""


@dataclass(frozen=True)
class Enrolled:
    """A sender's public key and what one seals with for it, in hexadecimal digits, and who compared it when."""

    sender: str
    public: str
    box: str
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
    return {
        row[0]: Enrolled(*row) for row in store.execute("SELECT sender, public, box, at, who FROM known_key ORDER BY 1")
    }


def note(store: Store, sender: str, signed: Signed) -> None:
    """Keeps the key that came with a sender's last file, until a person compares it."""
    store.execute(
        "INSERT INTO seen_key VALUES (?, ?, ?, ?) ON CONFLICT (sender) DO UPDATE SET public = excluded.public,"
        " box = excluded.box, at = excluded.at WHERE (public, box) <> (excluded.public, excluded.box)",
        (sender, signed.signer, signed.box, now()),
    )


def seen(store: Store) -> dict[str, str]:
    """The public key that signed the last file of each sender; '' where none did."""
    return dict(store.execute("SELECT sender, public FROM seen_key").fetchall())


def enrol(store: Store, sender: str, typed: str, *, who: str = "") -> None:
    """From now on only what the key of its last file signed is taken from a sender.

    `typed` is the fingerprint as a person read it elsewhere: on the slip, or on the telephone. Raises SurveyError
    `fingerprint_differs`.
    """
    permit(store, "keep")
    row = store.execute("SELECT public, box FROM seen_key WHERE sender = ?", (sender,)).fetchone()
    if row is None or not same_fingerprint(typed, row[0]):
        raise SurveyError("fingerprint_differs", sender=sender)
    with store.atomic():
        store.execute("INSERT OR REPLACE INTO known_key VALUES (?, ?, ?, ?, ?)", (sender, *row, now(), who or acting()))
        journal.record(store, "keys", sender, enrolled=fingerprint(row[0]))


def box_above(store: Store) -> str:
    """What is sealed with for the desk above; raises SurveyError `no_box` where its key is not enrolled."""
    known = enrolled(store).get(ABOVE)
    if known is None or not known.box:
        raise SurveyError("no_box")
    return known.box


def withdraw(store: Store, sender: str) -> None:
    """A key is known no more: it was lost, or the desk has got another file. Raises SurveyError `no_key`."""
    permit(store, "keep")
    with store.atomic():
        if not store.execute("DELETE FROM known_key WHERE sender = ?", (sender,)).rowcount:
            raise SurveyError("no_key", sender=sender)
        journal.record(store, "keys", sender, withdrawn=True)


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
