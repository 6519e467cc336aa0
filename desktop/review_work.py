"""What the check page does away from the window's thread: checking, counting, and finding whom to ask first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from survey import reviewbook
from survey import store as stores
from survey.checks import CheckSet, Finding, compile_checks
from survey.form import RESPONDENTS
from survey.involvement import Involvement, ItemCount, UnitCount
from survey.listing import Listing, Wanted
from survey.magnitude import detect
from survey.priority import Priority, priorities
from survey.progress import Progress
from survey.proposal import Proposal
from survey.results import Results, Tally
from survey.review import Review
from survey.store import Store, UnitRow
from survey.texts import Texts

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Outcome:
    """What the last check found: the counts by check, item and unit, and how many units fail how many checks.

    `units` are all that were checked; `at` is when, and `touched` how many have changed since.
    """

    checks: CheckSet
    at: str
    touched: int
    units: int
    tallies: Mapping[str, Tally]
    items: Sequence[ItemCount]
    failing: Sequence[tuple[UnitCount, UnitRow]]
    distribution: Mapping[int, int]

    def failed(self, category: str = "") -> int:
        """Failures of a class, or of all."""
        return sum(one.failed for one in self.tallies.values() if category in ("", one.category))

    def answered(self, category: str) -> int:
        """Of these, how many are explained or exempted."""
        return sum(one.answered for one in self.tallies.values() if one.category == category)

    @property
    def not_evaluated(self) -> int:
        return sum(one.not_evaluated for one in self.tallies.values())


def check(file: Path, progress: Progress, *, anew: bool = False) -> Outcome:
    """Brings the stored outcome of the file's period up to date."""
    with closing(stores.open(file)) as store:
        review = Review(store, store.period, progress)
        review.run(anew=anew)
        return outcome(store, review.checks)


def kept(file: Path) -> Outcome | None:
    """The outcome as it is stored; None where the present checks have never been run."""
    with closing(stores.open(file, readonly=True)) as store:
        checks = compile_checks(store.scheme, store.period)
        return outcome(store, checks) if Results(store, store.period).rules == checks.digest else None


def outcome(store: Store, checks: CheckSet) -> Outcome:
    """The stored outcome of a period, counted."""
    results = Results(store, checks.period)
    records = results.records()
    units = sum(records.get(base, 0) for base in RESPONDENTS)
    involved = Involvement(checks, results.failures([one.check.code for one in checks.compiled]))
    counted = involved.units()
    known = store.units_of([one.response for one in counted])
    return Outcome(
        checks, results.at, len(results.touched()), units, results.tallies(checks), involved.items(),
        [(one, known[one.response]) for one in counted if one.response in known], involved.distribution(units),
    )  # fmt: skip


def report(file: Path, target: Path, texts: Texts, progress: Progress) -> dict[str, object]:
    """Checks the file without touching it and writes the report; gives what was written."""
    with closing(stores.open(file, readonly=True)) as store:
        review = Review(store, store.period, progress)
        reviewbook.write(store, review, review.findings(not_evaluated=False), target, texts)
        failed = sum(tally.failed for tally in review.tallies.values())
        return {"path": target, "failed": f"{failed:,}", "units": f"{len(review.statuses):,}"}


def first_to_ask(file: Path, checks: CheckSet, progress: Progress) -> list[Priority]:
    """The units whose open findings weigh most on the indicators, the weightiest first."""
    with closing(stores.open(file, readonly=True)) as store:
        return priorities(store, checks.period, _open(store, checks, progress))


def _open(store: Store, checks: CheckSet, progress: Progress) -> Iterator[Finding]:
    listing = Listing(store, checks, Wanted(state="open"))
    for start in range(0, len(listing), _AT_ONCE):
        progress(start, len(listing), "progress.priority")
        yield from (one.finding for one in listing.page(start, _AT_ONCE) if not one.gone)


def wrong_units(file: Path, progress: Progress) -> list[Proposal]:
    """Amounts in a wrong unit of measure or of the wrong sign."""
    with closing(stores.open(file, readonly=True)) as store:
        return detect(store, store.period, progress)
