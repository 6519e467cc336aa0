"""The figures that tables print: an edition takes them in, so that its tables can be written from it alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from indicators import localtable
from indicators.catalogue import TOGETHER, Catalogue
from indicators.tabledefinition import Definition, definitions
from survey.checks import OFF
from survey.control import exemptions, rulings
from survey.store import Store

# Behind an indicator's id: its figure of the period before, as formulas write it.
BEFORE = "@prev"
# An indicator, perhaps with BEFORE, and the dimensions it stands by, joined by `*`.
Pair = tuple[str, str]
_OF_BOTH = frozenset({"before", "growth"})


def every(store: Store, catalogue: Catalogue) -> list[Pair]:
    """All indicators as they are always listed, then what the scheme's tables and the desk's own print beside."""
    indicators = catalogue.indicators.values()
    listed = [(one.id, "") for one in indicators]
    listed += [(one.id, one.spread) for one in indicators if one.spread]
    tables = [*definitions(store.scheme, catalogue), *localtable.readable(store, catalogue)]
    return list(dict.fromkeys([*listed, *(pair for one in tables for pair in of_table(one, catalogue))]))


def of_table(wanted: Definition, catalogue: Catalogue) -> Iterator[Pair]:
    """What one table prints, the totals that its shares are of included."""
    whens = ("", BEFORE) if _OF_BOTH & set(wanted.compare) else ("",)
    for name in row_names(wanted, catalogue):
        for dimensions in _places(wanted, name):
            yield from ((name + when, TOGETHER.join(dimensions)) for when in whens)


def row_names(wanted: Definition, catalogue: Catalogue) -> tuple[str, ...]:
    """A table's indicators: those that are asked for, else all that stand for themselves."""
    if wanted.kind == "targets":
        known = (target.indicator for target in catalogue.targets)
        return tuple(name for name in known if name in catalogue.indicators)
    every = catalogue.indicators.values()
    return (
        wanted.columns
        or wanted.rows
        or tuple(one.id for one in every if not one.spread and not (wanted.across and one.whole_only))
    )


def _places(wanted: Definition, name: str) -> Iterator[tuple[str, ...]]:
    """By which dimensions an indicator stands in a table: the total and what is below it, and these across."""
    within = wanted.within.get(name, "")
    nested = [wanted.by[:depth] for depth in range(1, len(wanted.by) + 1)]
    below = nested if wanted.nested else [(one,) for one in wanted.by]
    for dimensions in [(), *below, *([(within,)] if within else [])]:
        yield dimensions
        if wanted.across:
            yield (*dimensions, wanted.across)


def decided(store: Store, period: str) -> Mapping[str, str | int]:
    """What the city has decided about checks and units, which goes out with the figures; empty where nothing."""
    ruled, exempted = rulings(store), exemptions(store, period)
    if not ruled and not exempted:
        return {}
    return {
        "off": sum(one.action == OFF for one in ruled), "held": sum(one.action != OFF for one in ruled),
        "units": len({one.uscc for one in exempted}), "number": store.desk.get("control_number", "—"),
        "official": store.desk.get("control_official", "—"), "day": store.desk.get("control_at", "—")[:10],
    }  # fmt: skip
