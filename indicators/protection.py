"""The public edition: which figures of a publication are withheld, and whether what is left discloses anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from indicators import disclosure
from indicators.buildup import Buildup, Earlier
from indicators.computation import Computation
from indicators.disclosure import Protected, Reason, Status
from indicators.linked import Cell, Ratio
from indicators.printed import Pair
from indicators.suppression import UnprotectedError
from indicators.withheld import Key, Withheld
from survey.errors import SurveyError
from survey.progress import Progress


@dataclass(frozen=True)
class Publication:
    """The status of every figure that was asked for, what is withheld of them and why, and the audit."""

    statuses: Mapping[Key, Status]
    withheld: Mapping[Key, Withheld]
    protected: Protected

    @property
    def publishable(self) -> bool:
        """Whether the audit is clean; otherwise nothing may be published."""
        return self.protected.publishable


def protect(
    computation: Computation,
    period: str,
    wanted: Iterable[Pair],
    progress: Progress | None = None,
    already: Mapping[Key, float | None] | None = None,
    earlier: Sequence[Earlier] = (),
) -> Publication:
    """Decides what is withheld of some indicators, each by some dimensions (joined by `*`, '' for the whole).

    An indicator's id may have BEFORE behind it. `already` are figures that are public: they are published again, the
    revised ones among them, unless they have become sensitive. With `earlier` editions of the period what these
    withheld is not given away either. Raises SurveyError as `disclosure.protect` does,
    `disclosure_published` and `disclosure_pinned` where what is public leaves no protection, and Cancelled.
    """
    buildup = Buildup(computation, period)
    for name, dimensions in dict.fromkeys(wanted):
        buildup.add(name, tuple(dimensions.split("*")) if dimensions else ())
    buildup.tie()
    for one in earlier:
        buildup.remember(one)
    buildup.keep(already or {})
    rules = computation.store.scheme.disclosure
    try:
        found = disclosure.protect(
            buildup.cells.values(), buildup.relations, rules, list(buildup.ratios.values()), progress=progress
        )
    except UnprotectedError as error:
        raise _told(buildup, error, already or {}, computation) from None
    return _outcome(buildup, found)


def _told(
    buildup: Buildup, error: UnprotectedError, already: Mapping[Key, float | None], computation: Computation
) -> SurveyError:
    """The error with figures instead of cells, where what is public stands in the way of protection."""
    figures: list[Cell | Ratio] = [*buildup.cells.values(), *buildup.ratios.values()]
    if not any(one.standing == "kept" for one in figures):
        return error
    catalogue, scheme = computation.catalogue, computation.store.scheme
    published = error.code == "disclosure_kept"
    keys = dict.fromkeys(key for one in error.cells for key in buildup.figures_of(one))
    if published:
        keys = dict.fromkeys(key for key in already if set(buildup.behind.get(key, ())) & set(error.cells))
    zh, en = (
        "; ".join(f"{key[0]} {catalogue.figure_label(scheme, key, lang)}" for key in keys) or "; ".join(error.cells)
        for lang in ("zh", "en")
    )
    return SurveyError("disclosure_published" if published else "disclosure_pinned", label=zh, label_en=en)


def _outcome(buildup: Buildup, found: Protected) -> Publication:
    """The status of every figure, and what is to be told of those that are withheld."""
    statuses: dict[Key, Status] = {}
    withheld: dict[Key, Withheld] = {}
    for key, ids in buildup.behind.items():
        hidden = [one for one in ids if found.statuses[one] not in ("published", "unshown")]
        reason = found.reasons[hidden[0]] if hidden else buildup.refused.get(key)
        statuses[key] = reason.status if reason else "published"
        if reason:
            withheld[key] = _withheld(buildup, key, reason, found)
    return Publication(statuses, withheld, found)


def _withheld(buildup: Buildup, key: Key, reason: Reason, found: Protected) -> Withheld:
    keys = dict.fromkeys(key for one in reason.protects for key in buildup.figures_of(one) or [("", "", one)])
    # A ratio is not said to be made of itself, where it alone shows one of its sums.
    protects = tuple(one for one in keys if one != key) or tuple(keys)
    reason = replace(reason, protects=tuple("|".join(one) for one in protects))
    factor, constant = buildup.scales.get(key, (0.0, 0.0))
    interval = found.audit.intervals.get(buildup.behind[key][0]) if factor else None
    if interval is None:
        return Withheld(reason, protects, buildup.values[key])
    lower, upper = sorted(end * factor + constant for end in (interval.lower, interval.upper))
    return Withheld(reason, protects, buildup.values[key], lower, upper, abs(factor) * interval.protection)
