"""What stands behind the sums of a publication: what each unit brings, and whom it belongs to."""

from __future__ import annotations

from indicators.catalogue import Indicator
from indicators.computation import Computation
from indicators.cube import Group
from indicators.query import Query, resolves
from indicators.sensitivity import Share
from indicators.shape import Sum
from survey.expression import Number
from survey.sql import literal

WHOLE: Group = ()


class Contributions:
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
        found: dict[Group, dict[str, float]] = {} if dimensions else {WHOLE: {}}
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
