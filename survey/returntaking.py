"""One return taken into the survey file of the desk above, inside an open transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import compress
from pathlib import Path

from survey import batches, claim, claims, conflicts, duplicates, enclosures, enclosuretaking, heads
from survey.admission import admit, record_content
from survey.claim import WITHDRAWN, ClaimRow
from survey.claims import Claims
from survey.enclosure import Enclosed
from survey.enrolment import note
from survey.errors import SurveyError
from survey.intake import Intake
from survey.manifest import Manifest
from survey.mergereport import MOST_FIELDS, CellChange, Conflict, Contest, MergeReport, UnitKind, UnitOutcome
from survey.reader import sha256_of
from survey.received import ACCEPTED, SUPERSEDED, Received, current, last_signed, listed
from survey.returnfile import FormPart, Part, SheetPart
from survey.returnverification import Told, Verification
from survey.store import Store, now, place_text
from survey.taking import Rows
from survey.words import RETURN, Words


class UnchangedError(Exception):
    """The return stands already and brings nothing: there is nothing to record."""


class ReturnTaking:
    """A return, from its manifest to what becomes of its units."""

    def __init__(
        self, store: Store, path: Path, report: MergeReport, who: str, left_out: Collection[str], told: Told
    ) -> None:
        self._store = store
        self._path = path
        self._report = report
        self._who = who
        self._left_out = frozenset(left_out)
        self._told = told
        self._beside: dict[str, Sequence[Enclosed]] = {}

    def take(self, parts: Iterator[Part]) -> None:
        """Takes the parts of a return as they are read.

        Raises SurveyError where it does not belong here or is not as it was written, and UnchangedError.
        """
        manifest = next(parts)
        assert isinstance(manifest, Manifest)
        report, store = self._report, self._store
        report.district, report.period = manifest.sender, manifest.period
        report.sequence, report.draft, report.signer = manifest.sequence, manifest.draft, manifest.signed.signer
        admit(store, manifest, self._path)
        self._manifest, self._sender = manifest, manifest.sender
        # Of a city's units a province's desk knows the districts only from their own answers.
        self._district = claims.district_of(store, self._sender)
        self._direct = store.is_city and not store.is_province
        self._place(current(store, self._sender, manifest.period))
        report.rewritten = heads.compare(store, self._sender, report.signer, manifest.heads, older=self._older())
        last = last_signed(store, self._sender)
        if last and last.signer != report.signer and not report.superseded:
            report.other_key = last.name
        check = Verification(store.scheme, manifest, self._path, self._told)
        if report.superseded:
            for _ in self._checked(parts, check):
                pass
            self._finish_check(check)
            self._record_superseded()
            return
        self._begin()
        for part in self._checked(parts, check):
            self._take(part)
        self._intake.finish()
        self._finish_check(check)
        self._finish()

    def see(self) -> None:
        """Keeps who has signed the return, and what it tells of its sender's chains."""
        signed = self._manifest.signed
        note(self._store, self._sender, signed)
        heads.keep(
            self._store, self._sender, signed.signer, self._manifest.heads, self._path.name, self._manifest.created
        )

    def _finish_check(self, check: Verification) -> None:
        check.finish()
        self._report.reordered = check.reordered()

    def _checked(self, parts: Iterator[Part], check: Verification) -> Iterator[FormPart]:
        """The rows of the forms, verified; what comes beside them is kept for later."""
        for part in parts:
            if isinstance(part, FormPart):
                check.add(part)
                yield part
            elif isinstance(part, SheetPart):
                check.add_sheet(part)
                self._beside[part.sheet] = part.rows

    def _place(self, before: Received | None) -> None:
        """Where this return stands among those of its sender."""
        manifest, report = self._manifest, self._report
        if before is None:
            report.gap = manifest.sequence > 1
        elif manifest.sequence < before.sequence:
            report.superseded = True
        elif manifest.sequence == before.sequence and manifest.digest != before.digest:
            raise SurveyError("same_sequence", path=self._path, found=manifest.sequence, other=before.name)
        elif manifest.sequence == before.sequence:
            report.repeated = True
        else:
            report.gap = manifest.parent != before.digest

    def _older(self) -> bool:
        """Whether its sender's file has sent a later return that came in before, whatever became of that one."""
        manifest, signer = self._manifest, self._manifest.signed.signer
        latest = self._store.execute(
            "SELECT max(sequence) FROM merge WHERE district = ? AND signer = ?", (self._sender, signer)
        ).fetchone()[0]
        if manifest.sequence == latest:
            # What says the same as the one before keeps its number.
            return heads.older(self._store, self._sender, signer, manifest.heads, manifest.created)
        return manifest.sequence < (latest or 0)

    def _record_superseded(self) -> None:
        digest = self._manifest.digest
        if any(one.digest == digest and one.state == SUPERSEDED for one in listed(self._store, self._manifest.period)):
            raise UnchangedError
        source = self._store.add_source(self._path.name, RETURN, sha256_of(self._path), self._who, path=self._path)
        self._insert(source, None, SUPERSEDED)

    # Taking

    def _begin(self) -> None:
        store, period = self._store, self._manifest.period
        self._claims = Claims(store, period)
        batch = batches.begin(store, self._who, period)
        source = store.add_source(
            self._path.name, RETURN, sha256_of(self._path), self._who, batch=batch, path=self._path
        )
        self._batch, self._merge = batch, self._insert(source, batch, ACCEPTED)
        self._words = Words(store)
        self._intake = Intake(
            store, who=self._who, blanks=True, computes=self._words.any, words=self._words, sender=self._sender,
            batch=batch,
        )  # fmt: skip
        self._intake.begin(source)
        # Who only names a unit in the register has no answers to hold against those of others.
        self._owners: dict[str, str] = dict(
            store.execute(
                "SELECT uscc, sender FROM unit WHERE kind <> ? AND id NOT IN (SELECT unit FROM listing)", (WITHDRAWN,)
            )
        )
        self._names: dict[str, str] = {}
        # Whether the rows of a unit that others return too are taken; of such units the rows are kept.
        self._won: dict[str, bool] = {}
        self._kept: dict[str, list[ClaimRow]] = defaultdict(list)
        self._theirs: dict[str, tuple[str, list[ClaimRow]]] = {}

    def _insert(self, source: int, batch: int | None, state: str) -> int:
        manifest = self._manifest
        self.see()
        found = self._store.execute(
            "INSERT INTO merge (source, district, period, sequence, digest, parent, at, new, changed, identical,"
            " conflicts, draft, state, who, units, created, batch, signer)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?)",
            (
                source, self._sender, manifest.period, manifest.sequence, manifest.digest, manifest.parent, now(),
                int(manifest.draft), state, self._who, manifest.units, manifest.created, batch, manifest.signed.signer,
            ),
        ).lastrowid  # fmt: skip
        assert found is not None
        record_content(self._store, found, manifest)
        return found

    def _take(self, part: FormPart) -> None:
        form = self._store.scheme.form(part.form)
        if form.respondent != "unit" and not self._direct:
            # What a desk answers itself goes to the desk above it and no further.
            return
        if form.respondent == "unit":
            self._names.update((uscc, name) for (uscc, _), name in zip(part.keys, part.unit_names, strict=True))
            wanted = [self._wanted(uscc) for uscc, _ in part.keys]
            self._keep(part)
        else:
            wanted = [True] * len(part.keys)
        columns, keys, rows, names, lines = part.columns, part.keys, part.rows, part.unit_names, part.lines
        if not all(wanted):
            columns = {name: list(compress(values, wanted)) for name, values in columns.items()}
            keys, rows, names, lines = (list(compress(side, wanted)) for side in (keys, rows, names, lines))  # type: ignore[assignment]
        districts = [self._district or ""] * len(keys)
        if self._district is None and "district" in columns:
            districts = [str(value or "") for value in columns["district"]]
        self._intake.take(Rows(keys, rows, columns, districts, names, lines, form.respondent))

    def _wanted(self, uscc: str) -> bool:
        """Whether a unit's rows are taken: it is not left out, and of its senders this one is counted."""
        if uscc in self._left_out:
            return False
        owner = self._owners.get(uscc, "")
        if owner in ("", self._sender) and uscc not in self._claims.claimed:
            return True
        won = self._won.get(uscc)
        if won is None:
            won = self._won[uscc] = self._contest(uscc, owner)
        return won

    def _contest(self, uscc: str, owner: str) -> bool:
        among = {*self._claims.senders(uscc), owner, self._sender} - {""}
        won = self._claims.winner(uscc, among) == self._sender
        if owner not in ("", self._sender) and owner not in self._claims.senders(uscc):
            # Until now nobody else returned the unit, so what its sender says is kept only as the answers.
            self._theirs[uscc] = (owner, claim.of_present(self._store, self._words, uscc)[1])
        return won

    def _keep(self, part: FormPart) -> None:
        """The rows of units that others return too, as this return has them."""
        if not self._won:
            return
        values = list(part.columns.values())
        for at, (uscc, period) in enumerate(part.keys):
            if uscc in self._won:
                line = part.lines[at] if part.lines else 0
                self._kept[uscc].append((part.form, period, line, part.rows[at], [column[at] for column in values]))

    # What becomes of the units

    def _finish(self) -> None:
        store, report, outcome = self._store, self._report, self._intake.outcome
        store.executemany(
            f"INSERT INTO merge_member VALUES ({self._merge}, ?)", [(uscc,) for uscc in sorted(self._names)]
        )
        store.executemany(
            f"INSERT INTO merge_left_out VALUES ({self._merge}, ?)",
            [(uscc,) for uscc in sorted(self._left_out)],
        )
        self._write_claims()
        report.withdrawn = self._withdraw()
        self._own()
        duplicates.mark(store)
        self._count()
        report.conflicts = [
            Conflict(
                *one.key, one.item, one.line,
                self._words.of(self._unit(one.key[0]), one.key[1]).get(place_text(one.item, one.line)),
                one.kept, one.offered, one.row,
            )
            for one in outcome.collisions
        ]  # fmt: skip
        if report.repeated and not report.effects and self._same_left_out():
            raise UnchangedError
        self._apply()
        self._statuses()
        waiting = conflicts.keep(store, self._merge, outcome)
        store.execute(
            "UPDATE merge SET new = ?, changed = ?, identical = ?, withdrawn = ?, left_out = ?, conflicts = ?"
            " WHERE id = ?",
            (report.new, report.changed, report.identical, report.withdrawn, report.left_out, waiting, self._merge),
        )
        batches.close(store, self._batch, self._intake, (1, report.new, report.changed, report.identical, 0, waiting))

    def _same_left_out(self) -> bool:
        """Whether the return left out the same units when it came before."""
        rows = self._store.execute(
            "SELECT uscc FROM merge_left_out WHERE merge = ?", (self._claims.standing[self._sender].id,)
        )
        return {row[0] for row in rows} == self._left_out

    def _apply(self) -> None:
        """What came beside the answers: of units that are left out, what came with the return before."""
        store, report = self._store, self._report
        enclosures.keep(store, self._merge, self._beside, self._left_out)
        before = self._claims.standing.get(self._sender)
        if before:
            enclosures.keep_from(store, before.id, self._merge, self._left_out)
        report.enclosed = enclosuretaking.apply(store, self._manifest.period)

    def _unit(self, uscc: str) -> int:
        unit = self._store.find_unit(uscc)
        assert unit is not None
        return unit

    def _write_claims(self) -> None:
        """Keeps what each sender says of a unit that several return."""
        store, standing = self._store, self._claims.standing
        for uscc, (owner, rows) in self._theirs.items():
            if owner in standing:
                claim.write(store, standing[owner].id, uscc, self._name_here(uscc), rows)
                claim.write_earlier(store, standing[owner].id, uscc, self._name_here(uscc), rows)
        for uscc, own in self._kept.items():
            claim.write(store, self._merge, uscc, self._names[uscc], own)
        before = standing.get(self._sender)
        if before:
            # Of a unit that is left out what stood in the return before is still what its sender says.
            store.executemany(
                "INSERT OR IGNORE INTO claim SELECT ?, uscc, name, body FROM claim WHERE merge = ? AND uscc = ?",
                [(self._merge, before.id, uscc) for uscc in self._left_out],
            )
        self._report.contests = [
            Contest(uscc, self._names[uscc], tuple(sorted(senders)), self._claims.winner(uscc, senders))
            for uscc in sorted(self._won)
            if len(senders := {*self._claims.senders(uscc), self._owners.get(uscc, ""), self._sender} - {""}) > 1
        ]

    def _name_here(self, uscc: str) -> str:
        return str(self._store.execute("SELECT name FROM unit WHERE uscc = ?", (uscc,)).fetchone()[0])

    def _withdraw(self) -> int:
        """Units that the sender returned before and does not any more: another sender's, or nobody's."""
        store = self._store
        rows = store.execute(
            "SELECT id, uscc, name FROM unit WHERE sender = ? AND kind IN ('unit', 'duplicate')"
            " AND id NOT IN (SELECT unit FROM listing)",
            (self._sender,),
        ).fetchall()
        gone = [
            (unit, uscc, name) for unit, uscc, name in rows if uscc not in self._names and uscc not in self._left_out
        ]
        self._note([unit for unit, _, _ in gone])
        self._gone = {uscc: str(name) for _, uscc, name in gone}
        store.executemany(f"UPDATE unit SET kind = '{WITHDRAWN}' WHERE id = ?", [(unit,) for unit, _, _ in gone])
        claims.assign(store, Claims(store, self._manifest.period), self._gone, who=self._who)
        return len(gone)

    def _own(self) -> None:
        """The units whose rows were taken are this sender's."""
        store = self._store
        taken = [uscc for uscc in self._names if uscc not in self._left_out and self._won.get(uscc, True)]
        self._taken = set(taken)
        self._no_longer_listed()
        first, _ = self._intake.new_units
        known = [
            row[0]
            for row in store.execute(
                "SELECT id, uscc FROM unit WHERE id < ? AND (sender <> ? OR district <> ? OR kind = ?)",
                (first, self._sender, self._district or "", WITHDRAWN),
            ).fetchall()
            if row[1] in self._taken
        ]
        self._note(known)
        claims.give(store, known, self._sender)

    def _no_longer_listed(self) -> None:
        """Units of which only the register had told have answers now."""
        rows = self._store.execute("SELECT id, uscc FROM unit WHERE id IN (SELECT unit FROM listing)").fetchall()
        self._store.executemany(
            "DELETE FROM listing WHERE unit = ?", [(unit,) for unit, uscc in rows if uscc in self._taken]
        )

    def _note(self, units: Sequence[int]) -> None:
        """Keeps whose units were, so that undoing the return gives them back."""
        self._store.executemany(
            f"INSERT OR IGNORE INTO merge_unit SELECT {self._merge}, id, kind, sender, district FROM unit WHERE id = ?",
            [(unit,) for unit in units],
        )

    def _count(self) -> None:
        report, outcome, period = self._report, self._intake.outcome, self._manifest.period
        # The desk's own forms are in the cells and in no count of units.
        units = self._names.keys()
        new = {uscc for uscc, when in outcome.new if when == period} & units
        changed = ({uscc for uscc, _ in outcome.changed | outcome.new} & units) - new
        seen = {uscc for uscc, when in outcome.seen if when == period} & units
        report.new, report.changed, report.identical = len(new), len(changed), len(seen - new - changed)
        report.left_out = len(self._left_out & units)
        report.cell_count = len(outcome.written)
        report.cells = [
            CellChange(*one.key, one.change.item.name, one.change.line, one.change.old, one.change.new, one.row)
            for one in outcome.written[:MOST_FIELDS]
        ]
        cells = Counter(one.key[0] for one in outcome.written)
        open_cells = Counter(one.key[0] for one in outcome.collisions)
        contested = {one.uscc for one in report.contests}

        def kind(uscc: str) -> UnitKind:
            if uscc in open_cells:
                return "conflict"
            if uscc in contested:
                return "contested"
            return "new" if uscc in new else "changed" if uscc in changed else "identical"

        report.units = [
            UnitOutcome(uscc, name, kind(uscc), cells[uscc], open_cells[uscc]) for uscc, name in self._names.items()
        ] + [UnitOutcome(uscc, name, "withdrawn") for uscc, name in self._gone.items()]

    def _statuses(self) -> None:
        """What was pending at the sender, or was sent back to it, counts as submitted once it is here again.

        What a draft brings is pending again.
        """
        if not self._store.is_city:
            return
        store, period = self._store, self._manifest.period
        before, after = claims.statuses_of(draft=self._manifest.draft)
        seen = {uscc for uscc, when in self._intake.outcome.seen if when == period}
        waiting = [
            (response, uscc)
            for response, uscc in store.execute(
                "SELECT r.id, u.uscc FROM response r JOIN unit u ON u.id = r.unit"
                f" WHERE r.period = ? AND r.status IN ({', '.join('?' * len(before))})",
                (period, *before),
            ).fetchall()
            if uscc in seen
        ]
        first, _ = self._intake.new_responses
        store.executemany(
            f"INSERT OR IGNORE INTO batch_status SELECT {self._batch}, id, status, reason FROM response WHERE id = ?",
            [(response,) for response, _ in waiting if response < first],
        )
        store.executemany(
            "UPDATE response SET status = ?, reason = '' WHERE id = ?",
            [(after, response) for response, _ in waiting],
        )
