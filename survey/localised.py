"""Where the errors of one unit may be: its answers as the localiser reads them, and its suggestion in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey import cells, peers
from survey.checks import CheckSet
from survey.control import exempt_checks
from survey.formulas import readable
from survey.localisation import Localisation, Localiser
from survey.record import previous_period, show_value
from survey.scalar import Value
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

_SHOWN = 5


def of_record(store: Store, checks: CheckSet, unit: int, base: str, line: int = 0) -> Localisation:
    """The fewest cells of a unit's answers, or of a line of a list form, whose change lets every hard check hold."""
    period = checks.period
    now, before = cells.read(store, unit, period), cells.read(store, unit, previous_period(period))
    beside = peers.beside(store, checks, peers.kept(store, checks, base), unit, now, before)
    values: dict[str, Value] = {**readable(now, before, checks.columns(base)), **beside}
    if checks.of_lines(base):
        values.update(now.lines.get(base, {}).get(line, {}))
    return Localiser(checks, base).localise(values, exempt=exempt_checks(store, unit, period))


def told(found: Localisation, scheme: Scheme, texts: Texts) -> str:
    """The suggestion in words, a line a set of cells; what it does not cover is said."""
    return "\n".join(_lines(found, scheme, texts))


def _lines(found: Localisation, scheme: Scheme, texts: Texts) -> Iterator[str]:
    if not found.failed:
        yield texts("localised.none")
        return
    if found.conflict:
        yield texts("localised.conflict", checks=" ".join(found.conflict))
    if found.proposals:
        yield texts("localised.fewest", count=len(found.proposals[0].cells), failed=len(found.failed))
    for one in found.proposals[:_SHOWN]:
        named = (_cell(name, one.evidence, scheme, texts) for name in one.cells)
        yield texts("localised.set", cells=texts("check.and").join(named))
    if len(found.proposals) > _SHOWN or not found.complete:
        yield texts("localised.more")
    if found.missing:
        blank = texts("check.and").join(_label(name, scheme, texts) for name in found.missing)
        yield texts("localised.missing", cells=blank)
    if found.not_covered:
        yield texts("localised.not_covered", checks=" ".join(found.not_covered))
    if not found.proven:
        yield texts("localised.not_proven")


def _label(name: str, scheme: Scheme, texts: Texts) -> str:
    return f"{scheme.label(name, texts.lang)}（{scheme.item(name).key}）"


def _cell(name: str, evidence: Mapping[str, float], scheme: Scheme, texts: Texts) -> str:
    """A cell with a value that would do."""
    label, item = _label(name, scheme, texts), scheme.item(name)
    if name not in evidence:
        return label
    value = evidence[name]
    shown = show_value(item, int(value) if value.is_integer() else value, scheme.lists, texts.lang)
    return texts("localised.cell", label=label, value=shown)
