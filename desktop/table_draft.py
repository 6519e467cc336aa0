"""An own table as a person puts it together, and the small file it becomes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from indicators.localtable import as_toml

# What a person can choose to see of an indicator, in the order of the columns.
SHOWN = ("now", "before", "growth", "share")
# Rows that are no groups of a dimension.
INDICATORS = ""
_OWN = (
    "id", "kind", "title", "title_en", "by", "across", "columns", "rows", "heads", "sections", "compare", "order",
    "total",
)  # fmt: skip
# What labels stand over, and below which key: rows of indicators, or columns where rows are groups.
_HEADED = {False: ("sections", "rows"), True: ("heads", "columns")}


@dataclass(frozen=True)
class TableDraft:
    """`by` are the dimensions of the rows, none where indicators are; `rest` is what only the file can say.

    `heads` are labels over columns, or over rows where these are indicators.
    """

    title: str = ""
    title_en: str = ""
    by: tuple[str, ...] = ()
    across: str = ""
    names: tuple[str, ...] = ()
    compare: tuple[str, ...] = ("now",)
    order: str = ""
    total: str = "first"
    heads: tuple[Mapping[str, Any], ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The table as TOML, under an id of its own while it has none."""
        table: dict[str, Any] = {
            "id": "L-0", "kind": "breakdown" if self.by else "indicators",
            "title": self.title.strip() or "—", "title_en": self.title_en.strip(), "by": list(self.by),
            "across": self.across, "compare": list(self.compare), "total": self.total,
        }  # fmt: skip
        if self.by:
            table["order"] = self.order
        outer, inner = _HEADED[bool(self.by)]
        # Heads stand as they were while what is below them does.
        if self.heads and [name for head in self.heads for name in head.get(inner, ())] == list(self.names):
            table[outer] = list(self.heads)
        else:
            table[inner] = list(self.names)
        within = {name: of for name, of in self.rest.get("within", {}).items() if name in self.names and not self.by}
        return as_toml({**table, **self.rest, "within": within})


def draft_of(text: str) -> TableDraft:
    """The draft that a kept own table comes from."""
    [table] = tomllib.loads(text)["table"]
    by = table.get("by", [])
    outer, inner = _HEADED[bool(by)]
    heads = tuple(table.get(outer, ()))
    names = [*table.get(inner, ()), *(name for head in heads for name in head[inner])]
    return TableDraft(
        title=table["title"], title_en=table.get("title_en", ""), by=(by,) if isinstance(by, str) else tuple(by),
        across=table.get("across", ""), names=tuple(names), compare=tuple(table.get("compare", ("now",))),
        order=table.get("order", ""), total=table.get("total", "first"),
        heads=() if table.get(inner) else heads,
        rest={key: value for key, value in table.items() if key not in _OWN},
    )  # fmt: skip
