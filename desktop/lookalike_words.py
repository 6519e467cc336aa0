"""Look-alikes in words: why two units may be one, and what was decided about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from survey.duplicates import Decision
from survey.store import Store, UnitRow
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.agreement import Pair
    from survey.lookalikes import Group


def units_by_code(store: Store, codes: list[str]) -> dict[str, UnitRow]:
    """Some units by code, whatever their kind; a code that the file has no longer is missing."""
    found: dict[str, UnitRow] = {}
    for start in range(0, len(codes), 500):
        part = codes[start : start + 500]
        rows = store.execute(
            f"SELECT id, uscc, name, district, kind FROM unit WHERE uscc IN ({', '.join('?' * len(part))})", part
        )
        found.update((row[1], UnitRow(*row)) for row in rows)
    return found


def reasons(pair: Pair, texts: Texts) -> str:
    """What speaks for and against, the weightiest first: 字号相同、电话相同、所在区不同."""
    ordered = sorted(pair.reasons, key=lambda reason: -reason.weight)
    return texts("lookalike.and").join(texts(f"lookalike.reason.{reason.part}") for reason in ordered)


def weighed(pair: Pair, texts: Texts) -> str:
    """The same with the weight of each part: 字号相同 +7、电话不同 -1."""
    ordered = sorted(pair.reasons, key=lambda reason: -reason.weight)
    return texts("lookalike.and").join(
        f"{texts(f'lookalike.reason.{reason.part}')} {reason.weight:+.3g}".removesuffix(" +0").replace("-", "−")
        for reason in ordered
    )


def relation(pair: Pair, names: Mapping[str, str], texts: Texts) -> str:
    """What two units may be to one another instead of duplicates; '' where nothing says so."""
    if not pair.relation:
        return ""
    return texts(
        f"lookalike.relation.{pair.relation}",
        first=names.get(pair.first) or pair.first,
        second=names.get(pair.second) or pair.second,
    )


def band(group: Group, texts: Texts) -> str:
    """How likely a group is; ties have a word of their own."""
    return texts(f"lookalike.band.{'tie' if group.relation else group.band}")


def facts(found: list[Group]) -> dict[str, int]:
    """How many groups there are of each band, and ties."""
    groups = [group for group in found if not group.relation]
    counts = {band: sum(group.band == band for group in groups) for band in ("sure", "likely", "possible")}
    return {"groups": len(groups), "ties": len(found) - len(groups), **counts}


def decided(decision: Decision, texts: Texts) -> str:
    """A decision in one line: 同一单位: which units, who decided it, why."""
    marked = (
        f"{uscc} {name}{'*' if uscc == decision.kept else ''}".strip()
        for uscc, name in zip(decision.units, decision.names, strict=True)
    )
    return texts(
        "lookalike.decided_line",
        at=decision.at[:16].replace("T", " "),
        verdict=texts(f"lookalike.verdict.{decision.verdict}"),
        units=" / ".join(marked),
        who=decision.who,
        reason=decision.reason,
    ).rstrip()


def rows(groups: list[Group], units: Mapping[str, UnitRow], store: Store, texts: Texts) -> Iterator[list[str]]:
    """One row a pair, as the list is written for Excel."""
    names = {uscc: unit.name for uscc, unit in units.items()}
    for at, group in enumerate(groups, 1):
        for pair in group.pairs:
            sides = []
            for uscc in (pair.first, pair.second):
                unit = units.get(uscc)
                place = store.scheme.districts.label(unit.district, texts.lang) if unit and unit.district else ""
                sides += [uscc, names.get(uscc, ""), place]
            tied = relation(pair, names, texts)
            yield [str(at), band(group, texts), f"{pair.score:.1f}", *sides, tied, reasons(pair, texts)]
