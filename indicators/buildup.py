"""Figures of a publication taken apart into the sums behind them: cells, what ties them, and ratios.

A sum that is the same of the same units is one cell, wherever it stands; groups add up to their whole, and a part of
other units' figures is their difference where that tells too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose

from indicators.catalogue import TOGETHER, UNIT, Aggregate, Catalogue, Indicator
from indicators.computation import Computation
from indicators.concentration import squares
from indicators.contributions import WHOLE, Contributions
from indicators.cube import Group
from indicators.disclosure import Reason
from indicators.linked import Cell, Ratio, Relation, Standing
from indicators.printed import BEFORE
from indicators.query import respondent
from indicators.sensitivity import Kind, Primary, Share, primary
from indicators.shape import Affine, Mixed, Quotient, Shape, Sum, shape_of
from indicators.withheld import Key, Withheld
from survey.expression import Number, write
from survey.record import previous_period

# Where a sum is taken: period, dimensions and group.
_Place = tuple[str, tuple[str, ...], Group]
# Figures that are no sums are made of at least so many contributors: a median is the very answer of one.
LEAST_BEHIND = 10
# Summing in another order may cost so much.
_NEAR = 5e-14
# So many contributors stand for those that are not known any more.
_CROWD = 20
# Figures that were divided and multiplied again add up but for so much.
_ADDED = 1e-10


@dataclass(frozen=True)
class Earlier:
    """A public edition of the same period that went out before: what it told, and what it withheld."""

    number: int
    figures: Mapping[Key, float | None]
    withheld: Mapping[Key, Withheld]


class Buildup:
    """The cells, relations and ratios of a publication, as figures are added."""

    def __init__(self, computation: Computation, period: str) -> None:
        self._computation = computation
        self._catalogue: Catalogue = computation.catalogue
        self._scheme = computation.store.scheme
        self._period = period
        self._records = Contributions(computation)
        self.cells: dict[str, Cell] = {}
        self.relations: list[Relation] = []
        self.ratios: dict[str, Ratio] = {}
        # Of each figure its value, the cells and ratios whose statuses are its own, and what multiple of one cell it
        # is, beside a constant; those that are refused whatever these are.
        self.values: dict[Key, float | None] = {}
        self.behind: dict[Key, tuple[str, ...]] = {}
        self.scales: dict[Key, tuple[float, float]] = {}
        self.refused: dict[Key, Reason] = {}
        # What a cell is called by: the first figure that shows it; of what no figure shows the two it is between.
        self.called: dict[str, Key] = {}
        self._between: dict[str, tuple[str, str]] = {}
        # One id for one set of contributions; which sums are there by which dimensions in which period.
        self._same: dict[object, str] = {}
        self._placed: dict[tuple[Sum, str, tuple[str, ...]], dict[Group, str]] = {}

    def add(self, name: str, dimensions: tuple[str, ...]) -> None:
        """An indicator by the groups of some dimensions; what the catalogue does not have is nothing."""
        indicator = self._catalogue.indicators.get(name.removesuffix(BEFORE))
        if indicator is None or not set(dimensions) <= set(self._catalogue.dimensions):
            return
        period = previous_period(self._period) if name.endswith(BEFORE) else self._period
        shape = shape_of(self._catalogue, indicator)
        if not self._computation.has(period):
            return
        for value in self._computation.listed(period, dimensions, [indicator]):
            group = tuple((value.by or "").split("*")) if dimensions else WHOLE
            key = (name, value.dimensions, value.by or "")
            self.values[key] = value.value
            self.behind[key] = tuple(self._figure(indicator, shape, (period, dimensions, group), key))

    def _figure(self, indicator: Indicator, shape: Shape, place: _Place, key: Key) -> Iterable[str]:
        match shape:
            case Quotient():
                numerator, denominator = self._cell(shape.numerator, place), self._cell(shape.denominator, place)
                if numerator and denominator and numerator != denominator and self.cells[denominator].value:
                    name = " ".join(key).strip()
                    self.ratios[name] = Ratio(name, numerator, denominator, 0.0, shape.scale, shape.offset)
                    self.called[name] = key
                    for cell in (numerator, denominator):
                        self.called.setdefault(cell, key)
                    yield name
            case Affine(terms, constant):
                for one, factor in terms.items():
                    if cell := self._cell(one, place):
                        self._show(cell, key)
                        if len(terms) == 1:
                            self.scales[key] = (factor, constant)
                        yield cell
            case Mixed():
                yield from self._mixed(indicator, shape, place, key)

    def _mixed(self, indicator: Indicator, shape: Mixed, place: _Place, key: Key) -> Iterable[str]:
        for one in sorted(shape.sums, key=_name):
            if cell := self._cell(one, place):
                # Whoever is told something of it may come to know it.
                self._show(cell, key)
                yield cell
                behind = len(self.cells[cell].contributors)
                if shape.ordered and 0 < behind < LEAST_BEHIND:
                    self.refused[key] = Reason("primary", "few", behind)
        if not self._top_is_safe(indicator, place):
            self.refused[key] = Reason("primary", "top")
        for other, there in self._measured(indicator, place):
            yield from self._figure(other, shape_of(self._catalogue, other), there, self._key(other, there))

    def _measured(self, indicator: Indicator, place: _Place) -> Iterator[tuple[Indicator, _Place]]:
        """The figures by groups that a figure comes to, of which it would tell what is withheld of one."""
        period, dimensions, group = place
        for one in indicator.measures.values():
            measured = self._catalogue.indicators[one.indicator]
            # Two of the measures compare the groups within a group with those of the whole.
            for named, codes in dict.fromkeys([(dimensions, group), ((), WHOLE)]):
                finer = (*named, one.dimension)
                for value in self._computation.listed(period, finer, [measured]):
                    found = tuple((value.by or "").split(TOGETHER))
                    if one.dimension not in named and found[: len(codes)] == codes:
                        yield measured, (period, finer, found)
        for column in indicator.others:
            if not column.at:
                yield from self._measured(self._catalogue.indicators[column.name], place)

    def _key(self, indicator: Indicator, place: _Place) -> Key:
        """What a figure is called."""
        period, dimensions, group = place
        when = "" if period == self._period else BEFORE
        return indicator.id + when, TOGETHER.join(dimensions), TOGETHER.join(code or "" for code in group)

    def figures_of(self, cell: str) -> list[Key]:
        """The figures that a cell is told by: its own, or those whose difference it is."""
        if cell in self.called:
            return [self.called[cell]]
        return [key for one in self._between.get(cell, ()) for key in self.figures_of(one)]

    def _show(self, cell: str, key: Key) -> None:
        """A cell that stands in a table: whoever has the workbook has it unrounded."""
        self.called.setdefault(cell, key)
        self.cells[cell] = replace(self.cells[cell], standing="open")

    def _top_is_safe(self, indicator: Indicator, place: _Place) -> bool:
        """Whether what the largest bring together tells too much of one of them."""
        for aggregate in indicator.aggregates.values():
            if aggregate.function != "largest" or respondent(self._scheme, aggregate.base) != UNIT:
                continue
            number = aggregate.arguments[1]
            assert isinstance(number, Number)
            whole = replace(aggregate, function="total", arguments=aggregate.arguments[:1])
            cell = self._cell(Sum(whole, indicator.scope, indicator.needs), place)
            sizes = self.cells[cell].contributors if cell else {}
            ordered = sorted(sizes.items(), key=lambda one: -abs(one[1]))
            top, rest = dict(ordered[: int(number.value)]), dict(ordered[int(number.value) :])
            if any(primary(part, self._scheme.disclosure) for part in (top, rest)):
                return False
        return True

    # Cells

    def _cell(self, one: Sum, place: _Place) -> str:
        """The cell of a sum in a group; '' where there is none."""
        period, dimensions, group = place
        if one.at == "prev":
            period = previous_period(period)
        elif one.at:
            kept = [(name, code) for name, code in zip(dimensions, group, strict=True) if name == one.at]
            dimensions, group = tuple(name for name, _ in kept), tuple(code for _, code in kept)
        return self._placed_cells(replace(one, at=""), period, dimensions).get(group, "")

    def _placed_cells(self, one: Sum, period: str, dimensions: tuple[str, ...]) -> dict[Group, str]:
        place = (one, period, dimensions)
        if place not in self._placed:
            shares = self._records.shares(one, period, dimensions)
            self._placed[place] = {
                group: self._new(one, period, dimensions, group, found) for group, found in shares.items()
            }
        return self._placed[place]

    def _new(self, one: Sum, period: str, dimensions: tuple[str, ...], group: Group, shares: tuple[Share, ...]) -> str:
        """A cell, unless it is the same figure as one that is there: the same of the same contributors."""
        value = sum(share.value for share in shares)
        secret = respondent(self._scheme, one.aggregate.base) == UNIT
        name = " ".join([_name(one), period, "*".join(dimensions), "*".join(code or "—" for code in group)]).strip()
        if secret:
            contents = (one.counts, tuple(sorted((share.respondent, share.value) for share in shares)))
            name = self._same.setdefault(contents, name)
        if name not in self.cells:
            kept = shares if secret else ()
            kind: Kind = "count" if one.counts else "magnitude"
            asked = squares(self._catalogue, one, kept, self._scheme.disclosure)
            self.cells[name] = Cell(name, value, kept, kind, standing="unshown", asked=asked)
        return name

    # What is public, and what comes of it

    def keep(self, already: Mapping[Key, float | None]) -> None:
        """Figures that are public stay so; one that was revised and is sensitive now need not."""
        for key, before in already.items():
            same = near(before, self.values.get(key))
            for one in self.behind.get(key, ()):
                if one in self.ratios:
                    ratio = self.ratios[one]
                    if same or not any(map(self._sensitive, (ratio.numerator, ratio.denominator))):
                        self.ratios[one] = replace(ratio, standing="kept")
                elif same or not self._sensitive(one):
                    self.cells[one] = replace(self.cells[one], standing="kept")

    def remember(self, one: Earlier) -> None:
        """Figures that have changed since an earlier edition are cells of their own, tied as they were then.

        What has not changed is the same cell then and now, so that it cannot be told now and give away what was
        withheld then. A sensitive figure asks for the protection that it did; who was behind figures is not known any
        more.
        """
        values = {**one.figures, **{key: found.value for key, found in one.withheld.items()}}
        known = {key: value for key, value in values.items() if key in self.scales and key in self.values}
        then = {key: self._then(one, key, value) for key, value in known.items() if value}
        sums: dict[tuple[Key, str], list[str]] = {}
        for (name, dimensions, by), cell in then.items():
            named, codes = dimensions.split("*"), by.split("*")
            for at, dimension in enumerate(named if dimensions else ()):
                whole = (name, "*".join(named[:at] + named[at + 1 :]), "*".join(codes[:at] + codes[at + 1 :]))
                sums.setdefault((whole, dimension), []).append(cell)
        for (whole, _), parts in sums.items():
            if whole in then:
                self._as_then(then[whole], parts)

    def _then(self, one: Earlier, key: Key, value: float) -> str:
        """The cell of a figure as an edition had it."""
        (cell,) = self.behind[key]
        if near(value, self.values[key]):
            return cell
        factor, constant = self.scales[key]
        amount, hidden = (value - constant) / factor, one.withheld.get(key)
        name = f"{cell} {amount!r} @{one.number}"
        shares = tuple(Share(f"{name} {at}", amount / _CROWD) for at in range(_CROWD))
        asked = None
        if hidden and hidden.protection:
            asked = Primary(hidden.reason.rule, hidden.reason.contributors, hidden.protection / abs(factor))
        standing: Standing = "unshown" if hidden else "kept"
        self.cells.setdefault(name, Cell(name, amount, shares, self.cells[cell].kind, standing=standing, asked=asked))
        self.called.setdefault(name, key)
        return name

    def _as_then(self, whole: str, parts: Sequence[str]) -> None:
        """A relation between cells of then, where they added up; what has not changed adds up now."""
        gap = sum(self.cells[part].value for part in parts) - self.cells[whole].value
        changed = any(" @" in name for name in (whole, *parts))
        if changed and whole not in parts and abs(gap) <= _ADDED * abs(self.cells[whole].value):
            self.relations.append(Relation.total(f"r{len(self.relations)}", whole, parts))

    def _sensitive(self, name: str) -> bool:
        cell = self.cells[name]
        return bool(cell.asked) or primary(cell.contributors, self._scheme.disclosure, cell.kind) is not None

    # What ties them

    def tie(self) -> None:
        """Groups add up to their whole; of cells of which one is a part of another the rest counts where it tells."""
        for (one, period, dimensions), groups in list(self._placed.items()):
            for name in dimensions:
                fewer = tuple(other for other in dimensions if other != name)
                at = [dimensions.index(other) for other in fewer]
                parts: dict[Group, list[str]] = {}
                for group, cell in groups.items():
                    parts.setdefault(tuple(group[place] for place in at), []).append(cell)
                wholes = self._placed_cells(one, period, fewer)
                for group, cells in parts.items():
                    self._add_up(wholes.get(group, ""), cells)
        self._differences()

    def _add_up(self, whole: str, parts: Sequence[str]) -> None:
        """A relation, but where it says nothing: one part that is the whole."""
        kept = [part for part in parts if self.cells[part].value or self.cells[part].shares]
        if whole and kept and kept != [whole] and whole not in kept:
            self.relations.append(Relation.total(f"r{len(self.relations)}", whole, kept))

    def _differences(self) -> None:
        """Where a figure is of some of another's units, the others are the difference: it is a cell if it tells."""
        secret = [cell for cell in self.cells.values() if cell.shares]
        sized = sorted(secret, key=lambda cell: len(cell.shares))
        known = [(cell, {(share.respondent, share.value) for share in cell.shares}) for cell in sized]
        tied = {frozenset(name for name, _ in relation.terms) for relation in self.relations}
        for at, (small, own) in enumerate(known):
            for large, every in known[at + 1 :]:
                if small.kind != large.kind or len(own) == len(every) or not own < every:
                    continue
                rest = tuple(share for share in large.shares if (share.respondent, share.value) not in own)
                cell = replace(large, value=sum(share.value for share in rest), shares=rest, standing="unshown")
                if not primary(cell.contributors, self._scheme.disclosure, cell.kind):
                    continue
                name = self._same.setdefault(
                    (cell.kind == "count", tuple(sorted((share.respondent, share.value) for share in rest))),
                    f"{large.id} − {small.id}",
                )
                self.cells.setdefault(name, replace(cell, id=name))
                self._between.setdefault(name, (large.id, small.id))
                if frozenset((large.id, small.id, name)) not in tied:
                    self._add_up(large.id, [small.id, name])


def near(one: float | None, other: float | None) -> bool:
    """Whether two figures are the same, but for the order in which sums were made."""
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)


def _name(one: Sum) -> str:
    aggregate: Aggregate = one.aggregate
    parts = [f"{aggregate.function}({', '.join(write(part) for part in aggregate.arguments)})", aggregate.base]
    parts += [write(one.scope)] if one.scope else []
    parts += [column.key for column in one.needs]
    return " ".join(parts)
