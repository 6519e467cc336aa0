"""Whether a return is as it was written, to the row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from survey.errors import SurveyError
from survey.manifest import ControlTotals, Manifest, order_digest, total_digest
from survey.returnfile import FormPart, SheetPart
from survey.scheme import Scheme
from survey.sealing import DIGITS, Seal, seal_of
from survey.taking import Key

_ROWS_NAMED = 20

# How many rows have come, of how many.
Told = Callable[[int, int], None]


class Verification:
    """The parts of a return as they come, held against its manifest."""

    def __init__(self, scheme: Scheme, manifest: Manifest, path: Path, told: Told) -> None:
        self._manifest = manifest
        self._path = path
        self._told = told
        self._digests: list[str] = []
        self._broken: list[tuple[str, int]] = []
        self._counts = dict.fromkeys(manifest.rows, 0)
        self._sums = {form.id: ControlTotals(form) for form in scheme.forms}
        self._seen: dict[str, set[tuple[Key, int]]] = defaultdict(set)
        self._enclosed = dict.fromkeys(manifest.enclosed, 0)
        self._tables: dict[str, Seal] = {}
        self._by_form: dict[str, list[str]] = defaultdict(list)

    def add(self, part: FormPart) -> None:
        """Some rows more; raises SurveyError `digest_twice`: a record stands in a return once."""
        self._once(part)
        period = self._manifest.period
        self._sums[part.form].add_columns(part.columns, [when == period for _, when in part.keys])
        digests = self._counted(part.digests)
        self._digests += digests
        if part.form in self._manifest.order:
            self._by_form[part.form] += digests
        self._broken += [(part.form, row) for row in part.broken]
        self._counts[part.form] = self._counts.get(part.form, 0) + len(part.keys)
        self._told(len(self._digests), max(sum(self._manifest.rows.values()), 1))

    def add_sheet(self, part: SheetPart) -> None:
        """A sheet beside those of the forms."""
        self._broken += [(part.sheet, row) for row in part.broken]
        if part.sheet in self._manifest.enclosed:
            self._digests += self._counted(part.digests)
            self._enclosed[part.sheet] = len(part.digests)
        elif part.sheet in self._manifest.tables:
            self._tables[part.sheet] = seal_of(self._counted(part.digests))

    def _counted(self, digests: Sequence[str]) -> Sequence[str]:
        """What seals are over: whole digests, or what rows carry of them."""
        return [digest[:DIGITS] for digest in digests] if self._manifest.short else digests

    def _once(self, part: FormPart) -> None:
        places = list(zip(part.keys, part.lines or [0] * len(part.rows), strict=True))
        seen, fresh = self._seen[part.form], set(places)
        if len(fresh) < len(places) or not seen.isdisjoint(fresh):
            twice = []
            for row, place in zip(part.rows, places, strict=True):
                if place in seen:
                    twice.append(f"{part.form} {row}")
                seen.add(place)
            rows = "  ".join(twice[:_ROWS_NAMED])
            raise SurveyError("digest_twice", path=self._path, count=len(twice), rows=rows)
        seen |= fresh

    def finish(self) -> None:
        """Refuses what is not as it was written, and says where."""
        manifest, counts = self._manifest, self._counts
        if self._broken:
            rows = "  ".join(f"{form} {row}" for form, row in self._broken[:_ROWS_NAMED])
            raise SurveyError("digest_rows", path=self._path, count=len(self._broken), rows=rows)
        wanted = {**manifest.rows, **manifest.enclosed, **{one: seal.count for one, seal in manifest.tables.items()}}
        found = {**counts, **self._enclosed, **{one: seal.count for one, seal in self._tables.items()}}
        differing = [f"{sheet} {count}→{found[sheet]}" for sheet, count in wanted.items() if found[sheet] != count]
        if differing:
            raise SurveyError("digest_counts", path=self._path, rows="  ".join(differing))
        whole = set(counts) == set(manifest.rows) and self._tables == dict(manifest.tables)
        if not whole or total_digest(self._digests) != manifest.digest:
            raise SurveyError("digest", path=self._path, sheets="  ".join(self._differing()) or "—")
        totals = [f"{form}.{code}" for form, one in self._sums.items() for code in one.differing(self._claimed(form))]
        if totals:
            raise SurveyError("control_totals", path=self._path, items="  ".join(totals[:_ROWS_NAMED]))

    def _differing(self) -> list[str]:
        """The sheets that do not come to what the manifest has of them; every row may be sound in itself."""
        tables = [one for one, seal in self._manifest.tables.items() if self._tables.get(one) != seal]
        return [*self.reordered(), *tables]

    def reordered(self) -> list[str]:
        """The sheets whose rows, all there and none changed, stand in another order than they were written in."""
        return [form for form, order in self._manifest.order.items() if order_digest(self._by_form[form]) != order]

    def _claimed(self, form: str) -> Mapping[str, float]:
        return self._manifest.totals.get(form, {})
