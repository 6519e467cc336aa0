"""What was found of an edition that was computed again, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from desktop.cli_parts import SHOWN
from survey.scheme import Scheme
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.edition import Revised, Verified


def verdict(
    number: int, found: Verified, catalogue: Catalogue, scheme: Scheme, texts: Texts, most: int = SHOWN
) -> Iterator[str]:
    """What was found of an edition, in sentences; of the figures that differ the first ones."""
    yield texts("edition.reproduced" if found.reproduced else "edition.differs", number=number)
    for name in ("data", "scheme", "program"):
        if not getattr(found, name):
            yield texts(f"edition.other.{name}")
    for one in found.revised[:most]:
        yield _revision(one, catalogue, scheme, texts)
    if len(found.revised) > most:
        yield texts("edition.more", count=len(found.revised) - most)


def figure_name(indicator_id: str, dimensions: str, by: str, catalogue: Catalogue, scheme: Scheme, texts: Texts) -> str:
    """A figure as it is called: number, label, group."""
    indicator = catalogue.indicators.get(indicator_id)
    label = texts.pick(indicator.label, indicator.label_en) if indicator else ""
    known = by and all(name in catalogue.dimensions for name in dimensions.split("*"))
    group = f" [{catalogue.group_label(scheme, dimensions, by, texts)}]" if known else ""
    return f"{indicator_id:8} {label}{group}"


def _revision(one: Revised, catalogue: Catalogue, scheme: Scheme, texts: Texts) -> str:
    from indicators.tables import Figure

    indicator = catalogue.indicators.get(one.id)
    digits = indicator.digits if indicator else 0
    before, now = (Figure(value, digits).text() for value in (one.before, one.now))
    return f"{figure_name(one.id, one.dimensions, one.by, catalogue, scheme, texts)}  {before} → {now}"
