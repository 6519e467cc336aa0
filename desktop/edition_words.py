"""What was found of an edition that was computed again, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from desktop.cli_parts import SHOWN
from survey.scheme import Scheme
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Revised, Verified
    from indicators.withheld import Key


def verdict(
    number: int, found: Verified, catalogue: Catalogue, scheme: Scheme, texts: Texts, most: int = SHOWN
) -> Iterator[str]:
    """What was found of an edition, in sentences; of the figures that differ the first ones."""
    yield texts("edition.reproduced" if found.reproduced else "edition.differs", number=number)
    for name in ("data", "scheme", "program"):
        if not getattr(found, name):
            yield texts(f"edition.other.{name}")
    yield from changes(found.revised, catalogue, scheme, texts, most)


def figure_name(key: Key, catalogue: Catalogue, scheme: Scheme, texts: Texts) -> str:
    """A figure as it is called: number, label, group, and whether it is of the period before."""
    name, dimensions, by = key
    if not name:
        return by
    number, _, before = name.partition("@")
    label = catalogue.figure_label(scheme, (number, dimensions, by), texts.lang)
    return f"{number:8} {label}" + (texts("edition.before") if before else "")


def changes(found: Sequence[Revised], catalogue: Catalogue, scheme: Scheme, texts: Texts, most: int) -> Iterator[str]:
    """What a public edition tells otherwise than the one before it, a sentence each, the first ones."""
    for one in found[:most]:
        yield _revision(one, catalogue, scheme, texts)
    if len(found) > most:
        yield texts("edition.more", count=len(found) - most)


def _revision(one: Revised, catalogue: Catalogue, scheme: Scheme, texts: Texts) -> str:
    from indicators.tables import Figure

    indicator = catalogue.indicators.get(one.id.partition("@")[0])
    digits = indicator.digits if indicator else 0
    before, now = (Figure(value, digits).text() for value in (one.before, one.now))
    return f"{figure_name((one.id, one.dimensions, one.by), catalogue, scheme, texts)}  {before} → {now}"
