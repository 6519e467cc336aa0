"""The public edition: which figures of a publication are withheld, and whether what is left discloses anybody.

Every figure is taken apart into the sums behind it. A sum that is the same of the same units is one cell, wherever it
stands; groups add up to their whole, and a part of other units' figures is their difference where that tells too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from indicators import disclosure
from indicators.catalogue import UNIT, Aggregate, Catalogue, Indicator
from indicators.computation import Computation
from indicators.cube import Group
from indicators.disclosure import Protected, Reason, Status
from indicators.linked import Cell, Ratio, Relation
from indicators.query import Query, resolves, respondent
from indicators.sensitivity import Share, primary
from indicators.shape import Affine, Mixed, Quotient, Shape, Sum, shape_of
from survey.expression import Number, write
from survey.progress import Progress
from survey.record import previous_period
from survey.sql import literal

# A figure: indicator, dimensions joined by `*`, codes of the group ('' for the whole).
Key = tuple[str, str, str]
# Figures that are no sums are made of at least so many contributors: a median is the very answer of one.
LEAST_BEHIND = 10
_WHOLE: Group = ()


@dataclass(frozen=True)
class Publication:
    """The status of every figure that was asked for, with the reason of each that is withheld, and the audit.

    Reasons and audit name cells; `called` has the figure that each is known by.
    """

    statuses: Mapping[Key, Status]
    reasons: Mapping[Key, Reason]
    protected: Protected
    called: Mapping[str, Key]

    @property
    def publishable(self) -> bool:
        """Whether the audit is clean; otherwise nothing may be published."""
        return self.protected.publishable


def protect(
    computation: Computation,
    period: str,
    wanted: Iterable[tuple[str, str]],
    progress: Progress | None = None,
) -> Publication:
    """Decides what is withheld of some indicators, each by some dimensions (joined by `*`, '' for the whole).

    Raises SurveyError as `disclosure.protect` does, and Cancelled.
    """
    builder = _Builder(computation, period)
    for indicator_id, dimensions in dict.fromkeys(wanted):
        builder.add(indicator_id, tuple(dimensions.split("*")) if dimensions else ())
    builder.tie()
    rules = computation.store.scheme.disclosure
    found = disclosure.protect(
        builder.cells.values(), builder.relations, rules, list(builder.ratios.values()), progress=progress
    )
    statuses: dict[Key, Status] = {}
    reasons: dict[Key, Reason] = {}
    for key, ids in builder.behind.items():
        worst = next((found.statuses[one] for one in ids if found.statuses[one] not in ("published", "unshown")), None)
        why = builder.refused.get(key)
        statuses[key] = worst or (why.status if why else "published")
        if statuses[key] != "published":
            told = (found.reasons[one] for one in ids if found.statuses[one] == worst)
            reasons[key] = next(told, why or Reason("withheld"))
    return Publication(statuses, reasons, found, builder.called)


class _Builder:
    """The cells, relations and ratios of a publication, as figures are added."""

    def __init__(self, computation: Computation, period: str) -> None:
        self._computation = computation
        self._catalogue: Catalogue = computation.catalogue
        self._scheme = computation.store.scheme
        self._period = period
        self._records = _Records(computation)
        self.cells: dict[str, Cell] = {}
        self.relations: list[Relation] = []
        self.ratios: dict[str, Ratio] = {}
        # Of each figure the cells and ratios whose statuses are its own; those that are refused whatever these are.
        self.behind: dict[Key, tuple[str, ...]] = {}
        self.refused: dict[Key, Reason] = {}
        # What a cell is called by: the first figure that shows it.
        self.called: dict[str, Key] = {}
        # One id for one set of contributions; which sums are there by which dimensions in which period.
        self._same: dict[object, str] = {}
        self._placed: dict[tuple[Sum, str, tuple[str, ...]], dict[Group, str]] = {}

    def add(self, indicator_id: str, dimensions: tuple[str, ...]) -> None:
        """An indicator by the groups of some dimensions."""
        indicator = self._catalogue.indicators[indicator_id]
        shape = shape_of(self._catalogue, indicator)
        for value in self._computation.listed(self._period, dimensions, [indicator]):
            group = tuple((value.by or "").split("*")) if dimensions else _WHOLE
            key = (indicator_id, value.dimensions, value.by or "")
            self.behind[key] = tuple(self._figure(indicator, shape, dimensions, group, key))

    def _figure(
        self, indicator: Indicator, shape: Shape, dimensions: tuple[str, ...], group: Group, key: Key
    ) -> Iterable[str]:
        rounding = 10.0**-indicator.digits
        match shape:
            case Quotient():
                numerator = self._cell(shape.numerator, dimensions, group)
                denominator = self._cell(shape.denominator, dimensions, group)
                if numerator and denominator and numerator != denominator and self.cells[denominator].value:
                    name = f"{key[0]} {key[1]} {key[2]}".strip()
                    self.ratios[name] = Ratio(name, numerator, denominator, rounding, shape.scale, shape.offset)
                    for cell in (numerator, denominator):
                        self.called.setdefault(cell, key)
                    yield name
            case Affine(terms):
                for one, factor in terms.items():
                    if cell := self._cell(one, dimensions, group):
                        self._show(cell, rounding / abs(factor), key)
                        yield cell
            case Mixed(sums, ordered):
                for one in sorted(sums, key=_name):
                    if cell := self._cell(one, dimensions, group):
                        # Whoever is told something of it may come to know it.
                        self._show(cell, 0.0, key)
                        yield cell
                        behind = len(self.cells[cell].contributors)
                        if ordered and 0 < behind < LEAST_BEHIND:
                            self.refused[key] = Reason("primary", "few", behind)
                if not self._top_is_safe(indicator, dimensions, group):
                    self.refused[key] = Reason("primary", "top")

    def _show(self, cell: str, rounding: float, key: Key) -> None:
        """A cell that stands in a table, as finely as any of its figures tells."""
        self.called.setdefault(cell, key)
        found = self.cells[cell]
        finest = rounding if found.standing == "unshown" else min(found.rounding, rounding)
        self.cells[cell] = replace(found, standing="open", rounding=finest)

    def _top_is_safe(self, indicator: Indicator, dimensions: tuple[str, ...], group: Group) -> bool:
        """Whether what the largest bring together tells too much of one of them."""
        for aggregate in indicator.aggregates.values():
            if aggregate.function != "largest" or respondent(self._scheme, aggregate.base) != UNIT:
                continue
            number = aggregate.arguments[1]
            assert isinstance(number, Number)
            whole = replace(aggregate, function="total", arguments=aggregate.arguments[:1])
            cell = self._cell(Sum(whole, indicator.scope, indicator.needs), dimensions, group)
            sizes = self.cells[cell].contributors if cell else {}
            ordered = sorted(sizes.items(), key=lambda one: -abs(one[1]))
            top, rest = dict(ordered[: int(number.value)]), dict(ordered[int(number.value) :])
            if any(primary(part, self._scheme.disclosure) for part in (top, rest)):
                return False
        return True

    # Cells

    def _cell(self, one: Sum, dimensions: tuple[str, ...], group: Group) -> str:
        """The cell of a sum in a group; '' where there is none."""
        period = previous_period(self._period) if one.at == "prev" else self._period
        if one.at and one.at != "prev":
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
            self.cells[name] = Cell(name, value, kept, "count" if one.counts else "magnitude", standing="unshown")
        return name

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
        secret = [cell for cell in self.cells.values() if cell.shares and cell.standing != "unshown"]
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
                if frozenset((large.id, small.id, name)) not in tied:
                    self._add_up(large.id, [small.id, name])


class _Records:
    """What each unit brings to each sum, read once a period and dimensions."""

    def __init__(self, computation: Computation) -> None:
        self._computation = computation
        self._store = computation.store
        self._holdings: dict[str, dict[str, str]] = {}
        self._found: dict[tuple[Sum, str, tuple[str, ...]], dict[Group, tuple[Share, ...]]] = {}

    def shares(self, one: Sum, period: str, dimensions: tuple[str, ...]) -> dict[Group, tuple[Share, ...]]:
        """The contributions by group; those of records without a group stand under None."""
        key = (one, period, dimensions)
        if key not in self._found:
            self._found[key] = self._read(one, period, dimensions)
        return self._found[key]

    def _read(self, one: Sum, period: str, dimensions: tuple[str, ...]) -> dict[Group, tuple[Share, ...]]:
        computation, store = self._computation, self._store
        base = one.aggregate.base
        named = [computation.catalogue.dimensions[name] for name in dimensions]
        if not all(resolves(store.scheme, dimension, base) for dimension in named):
            return {}
        asked = Indicator("x", "", "", "", "", "", 0, "", Number(0.0), {"x": one.aggregate}, {}, one.scope, one.needs)
        query = Query(store.scheme, computation.catalogue, period, base, [asked], named, computation.engine)
        holdings = self._of_period(period)
        found: dict[Group, dict[str, float]] = {} if dimensions else {_WHOLE: {}}
        for uscc, group, value in query.contributions(asked, "x"):
            own = found.setdefault(group, {})
            own[uscc] = own.get(uscc, 0.0) + value
        return {
            group: tuple(Share(uscc, value, holdings.get(uscc, "")) for uscc, value in own.items() if value)
            for group, own in found.items()
        }

    def _of_period(self, period: str) -> dict[str, str]:
        """Who belongs to whom: the parent's code, where the scheme says which item holds it."""
        if period not in self._holdings:
            parent, scheme = self._store.scheme.roles.parent, self._store.scheme
            self._holdings[period] = {}
            if parent:
                table = scheme.form_of(parent).table
                self._holdings[period] = dict(
                    self._store.execute(
                        f'SELECT u.uscc, f."{parent}" FROM {table} f JOIN response r ON r.id = f.response'
                        f' JOIN unit u ON u.id = r.unit WHERE r.period = {literal(period)} AND f."{parent}" IS NOT NULL'
                    ).fetchall()
                )
        return self._holdings[period]


def _name(one: Sum) -> str:
    aggregate: Aggregate = one.aggregate
    parts = [f"{aggregate.function}({', '.join(write(part) for part in aggregate.arguments)})", aggregate.base]
    parts += [write(one.scope)] if one.scope else []
    parts += [column.key for column in one.needs]
    return " ".join(parts)
