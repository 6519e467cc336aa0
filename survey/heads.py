"""Where the chains of this file stood when other desks were told, and where those of others stood when they told it.

A return and a receipt tell, under their signature, the heads of the journal and of the record of changes, and what now
stands at the numbers that were told before. Whoever takes them in keeps that: a chain that was written anew since no
longer comes to the same hashes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from survey import journal, receiptfile, returnfile
from survey.book import OwnBook
from survey.chains import CHAINS, Chain, Head
from survey.errors import SurveyError
from survey.journal import Break
from survey.reader import Reader
from survey.signing import Signed
from survey.store import Store, now


def of_file(store: Store) -> tuple[Head, ...]:
    """What stands now at every number that was told, and where the chains end: computed from what the entries say."""
    return _standing(store, _told(store))


def tell(store: Store, heads: Sequence[Head], name: str) -> None:
    """Keeps where the chains stood when the file of this name was written."""
    store.executemany(
        "INSERT OR IGNORE INTO told_head VALUES (?, ?, ?, ?, ?)",
        [(one.chain, one.number, one.hash, name, now()) for one in _last(heads)],
    )


def breaks(store: Store) -> list[Break]:
    """The chains of this file that are not what others were told: the first number that no longer fits, of each."""
    return _first(_told(store), of_file(store))


def seen_of(store: Store, sender: str, signer: str) -> tuple[Head, ...]:
    """Where the chains of a sender's file, known by its public key, stood when it last told."""
    seen = _seen(store, sender, signer)
    return _last([Head(chain, number, digest) for (chain, number), (digest, _) in seen.items()])


def compare(store: Store, sender: str, signer: str, heads: Sequence[Head], *, older: bool = False) -> list[Break]:
    """The chains of a sender's file that were written anew since it told of them.

    Of a file that is `older` than what has been seen nothing is said of later numbers. What another key signed is
    another file's, and nothing is known of its chains.
    """
    seen = _seen(store, sender, signer)
    if older:
        ends = {one.chain: one.number for one in _last(heads)}
        seen = {place: facts for place, facts in seen.items() if place[1] <= ends.get(place[0], 0)}
    return _first(seen, heads)


def older(store: Store, sender: str, signer: str, heads: Sequence[Head], made: str) -> bool:
    """Whether a file was made no later than what has been seen of its sender's, and its chains end no further.

    Moments are told to the second.
    """
    ends = {one.chain: one.number for one in seen_of(store, sender, signer)}
    if any(one.number > ends.get(one.chain, 0) for one in heads):
        return False
    last = store.execute("SELECT max(at) FROM seen_head WHERE sender = ? AND signer = ?", (sender, signer)).fetchone()
    return made <= (last[0] or "")


def fit(store: Store, heads: Sequence[Head]) -> list[Break]:
    """What another desk has seen of this file's chains, held against what stands there now."""
    return _held(store, heads, "") if heads else []


def against(store: Store, path: Path, own: str) -> list[Break]:
    """This file's chains held against what a return or a receipt tells that it has sent, wherever that was kept.

    `own` is this file's public key. Raises SurveyError `head_not_own` where that key has not signed it, and what
    reading raises.
    """
    heads, signed = _signed_heads(store, path)
    if not signed.genuine or signed.signer != own:
        raise SurveyError("head_not_own", path=path)
    return _held(store, heads, path.name)


def _signed_heads(store: Store, path: Path) -> tuple[Sequence[Head], Signed]:
    known = (store.scheme.forms, dict(store.scheme.lists))
    try:
        with Reader(known, OwnBook) as reader, reader.read(path, returnfile.decode) as parts:
            manifest = next(parts)
            return manifest.heads, manifest.signed
    except SurveyError as error:
        if error.code != "not_a_return":
            raise
    with Reader() as reader, reader.read(path, receiptfile.decode) as parts:
        receipt, _, signed = next(parts)
        return receipt.heads, signed


def keep(store: Store, sender: str, signer: str, heads: Sequence[Head], name: str, made: str) -> None:
    """Keeps what a sender's file tells that was `made` then; what no longer fits has been told of, and gives place."""
    if not signer or not heads:
        return
    ends = {one.chain: one.number for one in _last(heads)}
    told = {(one.chain, one.number) for one in heads}
    for chain, number in _seen(store, sender, signer):
        if number <= ends.get(chain, 0) and (chain, number) not in told:
            store.execute(
                "DELETE FROM seen_head WHERE sender = ? AND signer = ? AND chain = ? AND number = ?",
                (sender, signer, chain, number),
            )
    store.executemany(
        "INSERT INTO seen_head VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sender, signer, chain, number)"
        " DO UPDATE SET hash = excluded.hash, name = excluded.name, at = excluded.at WHERE hash <> excluded.hash",
        [(sender, signer, one.chain, one.number, one.hash, name, made) for one in heads],
    )


_Places = dict[tuple[Chain, int], tuple[str, str]]


def _standing(store: Store, wanted: Collection[tuple[Chain, int]]) -> tuple[Head, ...]:
    """What stands at some numbers, and where each chain ends."""
    return tuple(
        head
        for chain in CHAINS
        for head, last in _with_last(journal.links(store, chain))
        if last or (chain, head.number) in wanted
    )


def _told(store: Store) -> _Places:
    """The hash at every number that others were told, and in which file."""
    rows = store.execute("SELECT chain, number, hash, name FROM told_head ORDER BY chain, number")
    return {(chain, number): (digest, name) for chain, number, digest, name in rows}


def _seen(store: Store, sender: str, signer: str) -> _Places:
    rows = store.execute(
        "SELECT chain, number, hash, name FROM seen_head WHERE sender = ? AND signer = ? ORDER BY chain, number",
        (sender, signer),
    )
    return {(chain, number): (digest, name) for chain, number, digest, name in rows}


def _held(store: Store, heads: Sequence[Head], name: str) -> list[Break]:
    """What stands in this file held against heads that were told in a file of this name."""
    places = {(one.chain, one.number): (one.hash, name) for one in heads}
    return _first(places, _standing(store, places))


def _first(known: _Places, heads: Sequence[Head]) -> list[Break]:
    """Of each chain the first number that was known otherwise than it stands, and in which file it was told."""
    found = {(one.chain, one.number): one.hash for one in heads}
    wrong = [place for place in sorted(known) if found.get(place) != known[place][0]]
    firsts = [next((place for place in wrong if place[0] == chain), None) for chain in CHAINS]
    return [Break(*place, told=known[place][1]) for place in firsts if place]


def _last(heads: Sequence[Head]) -> tuple[Head, ...]:
    """Where each chain ends."""
    ends = {one.chain: one for one in sorted(heads, key=lambda one: one.number)}
    return tuple(ends[chain] for chain in CHAINS if chain in ends)


def _with_last(heads: Iterator[Head]) -> Iterator[tuple[Head, bool]]:
    """Each with whether it is the last."""
    before: Head | None = None
    for one in heads:
        if before:
            yield before, False
        before = one
    if before:
        yield before, True
