"""Tables with margins for tests of disclosure control, of numbers or of invented respondents (演示数据)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Iterable, Mapping, Sequence

from indicators.linked import Cell, Relation
from indicators.sensitivity import Kind, Share

Tables = tuple[list[Cell], list[Relation]]


def crossed(
    dimensions: Sequence[int], values: Mapping[tuple[int, ...], Iterable[Share]], kind: Kind = "magnitude"
) -> Tables:
    """A table of any dimensions with all margins, from the shares of its inner cells; margins are called T.

    A cell is called by its codes with slashes between, `2/0/T`.
    """
    levels = [["T", *map(str, range(size))] for size in dimensions]
    cells = []
    for key in itertools.product(*levels):
        shares = tuple(
            share
            for at, given in values.items()
            if all(code in ("T", str(place)) for code, place in zip(key, at, strict=True))
            for share in given
        )
        cells.append(Cell("/".join(key), sum(share.value for share in shares), shares, kind))
    relations = []
    for axis, level in enumerate(levels):
        for key in itertools.product(*(["T"] if at == axis else codes for at, codes in enumerate(levels))):
            parts = ["/".join((*key[:axis], code, *key[axis + 1 :])) for code in level[1:]]
            relations.append(Relation.total(f"{axis}:{'/'.join(key)}", "/".join(key), parts))
    return cells, relations


def invented(
    dimensions: Sequence[int], units: int, seed: int, holdings: int = 0, kind: Kind = "magnitude", *, full: bool = False
) -> Tables:
    """Units of a skewed size in a table where some places are crowded; with `holdings` a quarter of them are owned.

    Where it is to be `full` no inner cell is left empty.
    """
    dice = random.Random(seed)
    places = [tuple(min(int(dice.expovariate(2 / size)), size - 1) for size in dimensions) for _ in range(units)]
    if full:
        places += sorted(set(itertools.product(*map(range, dimensions))) - set(places))
    values: dict[tuple[int, ...], list[Share]] = {}
    for unit, at in enumerate(places):
        owner = f"h{dice.randrange(holdings)}" if holdings and dice.random() < 0.25 else ""
        amount = 1.0 if kind == "count" else float(round(dice.lognormvariate(9, 2)) + 1)
        values.setdefault(at, []).append(Share(f"u{unit}", amount, owner))
    return crossed(dimensions, values, kind)


def square(rows: Mapping[str, Mapping[str, float]], withheld: Collection[str]) -> Tables:
    """A table of two dimensions whose margins are published, and inner cells withheld on request or published."""
    columns = list(next(iter(rows.values())))
    cells = [
        Cell(row + column, value, standing="withheld" if row + column in withheld else "open", upper=1e9)
        for row, line in rows.items()
        for column, value in line.items()
    ]
    cells += [Cell(row, sum(line.values()), standing="kept") for row, line in rows.items()]
    cells += [Cell(column, sum(line[column] for line in rows.values()), standing="kept") for column in columns]
    relations = [Relation.total(row, row, [row + column for column in columns]) for row in rows]
    relations += [Relation.total(column, column, [row + column for row in rows]) for column in columns]
    return cells, relations
