"""The cover of a return: of whom, how far, what it adds up to, what is left, and who signs for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.form import CHECK_CLASSES
from survey.manifest import Manifest
from survey.roster import CaseRow, Progress
from survey.scheme import Scheme
from survey.sealing import as_kept, row_digest
from survey.texts import Texts

_WIDTHS = (34, 24, 22, 40)
_LAST = len(_WIDTHS) - 1
# More of them stand on a sheet of their own alone.
MOST_DISPOSED = 12


@dataclass(frozen=True)
class Tally:
    """The findings of a class: all, and those that are explained or exempted."""

    found: int = 0
    explained: int = 0
    exempted: int = 0

    @property
    def left(self) -> int:
        return self.found - self.explained - self.exempted


@dataclass(frozen=True)
class Cover:
    """What the first sheet says; `disposed` are the units that cannot or will not answer."""

    manifest: Manifest
    progress: Progress
    disposed: Sequence[CaseRow]
    findings: Mapping[str, Tally]
    open_facts: Mapping[str, int]

    def facts(self) -> dict[str, int]:
        """What the cover counts, for programs."""
        progress = self.progress
        counts = {"units": progress.units, "due": progress.due, "reported": progress.reported}
        counts |= {f"status.{status}": count for status, count in progress.by_status.items()}
        for category, one in self.findings.items():
            counts |= {f"{name}.{category}": count for name, count in vars(one).items()}
        return counts


class CoverSheet:
    """The cover being written, block by block."""

    def __init__(self, sheet: Any, looks: Mapping[str, Any], scheme: Scheme, texts: Texts) -> None:
        self._sheet = sheet
        self._looks = looks
        self._scheme = scheme
        self._texts = texts
        self._row = 0
        self._filled: dict[int, dict[int, Any]] = {}

    def digests(self) -> dict[int, str]:
        """The digests of its rows by number; where people sign has none."""
        title = self._sheet.get_name()
        return {
            row + 1: row_digest(title, [cells.get(at, "") for at in range(len(_WIDTHS))])
            for row, cells in self._filled.items()
        }

    def _put(self, row: int, column: int, cell: Any, look: str) -> None:
        cell = as_kept(cell) if isinstance(cell, float) else cell
        self._sheet.write(row, column, cell, self._looks[look])
        self._filled.setdefault(row, {})[column] = cell

    def _across(self, row: int, text: str, look: str) -> None:
        """A text over the whole width."""
        self._sheet.merge_range(row, 0, row, _LAST, "", self._looks[look])
        self._put(row, 0, text, look)

    def write(self, cover: Cover) -> None:
        sheet, texts, manifest = self._sheet, self._texts, cover.manifest
        sheet.hide_gridlines(2)
        for at, width in enumerate(_WIDTHS):
            sheet.set_column(at, at, width)
        self._head(cover)
        self._pairs(self._facts(manifest))
        self._block("return.block.progress", self._progress(cover.progress))
        if cover.disposed:
            self._block("return.block.disposed", self._disposed(cover.disposed))
        self._block("return.block.findings", self._findings(cover.findings))
        self._foot()
        self._block("return.block.forms", self._forms(manifest))
        self._block("return.block.totals", self._totals(manifest))
        self._row += 1
        secret = texts.pick(self._scheme.legal.confidential, self._scheme.legal.confidential_en)
        self._across(self._row, secret, "note")
        sheet.set_row(self._row, 32)

    def _head(self, cover: Cover) -> None:
        sheet, texts = self._sheet, self._texts
        draft = cover.manifest.draft
        title = texts("return.title", title=texts.pick(self._scheme.title, self._scheme.title_en))
        sheet.set_row(0, 34)
        self._put(0, 0, f"{texts('return.draft')} {title}" if draft else title, "title")
        if draft:
            sheet.set_row(1, 36)
            self._across(1, texts("return.draft_big"), "draft")
            self._across(2, texts("return.draft_why", **cover.open_facts), "draft_why")
        self._row = 4 if draft else 2

    def _facts(self, manifest: Manifest) -> list[tuple[str, str]]:
        texts = self._texts
        facts = {
            "district": " ".join(
                filter(None, (self._scheme.districts.label(manifest.district, texts.lang), manifest.part))
            ),
            "period": manifest.period,
            "scheme": f"{manifest.scheme} {manifest.version}",
            "scheme_digest": manifest.scheme_digest[:16],
            "sequence": str(manifest.sequence),
            "created": manifest.created[:19].replace("T", " "),
            "digest": manifest.digest[:16],
            "parent": manifest.parent[:16] or texts("return.fact.first"),
            "control_list": manifest.control[:22] or "—",
            "state": texts("return.fact.draft" if manifest.draft else "return.fact.final"),
        }
        return [(texts(f"return.fact.{key}"), value) for key, value in facts.items()]

    def _pairs(self, facts: Sequence[tuple[str, str]]) -> None:
        """Two facts a line, each beside its name."""
        for at, (label, value) in enumerate(facts):
            row, column = self._row + at // 2, 2 * (at % 2)
            self._put(row, column, label, "sub")
            self._put(row, column + 1, value, "fact")
        self._row += (len(facts) + 1) // 2

    def _progress(self, progress: Progress) -> Iterator[Sequence[Any]]:
        texts = self._texts
        yield [texts(f"return.fact.{key}") for key in ("units", "due", "received", "rate")]
        rate = "—" if progress.rate is None else f"{progress.rate:.1%}"
        yield [progress.units, progress.due, progress.reported, rate]
        states = [(texts(f"status.{status}"), count) for status, count in progress.by_status.items() if count]
        for at in range(0, len(states), 2):
            yield [cell for pair in states[at : at + 2] for cell in pair]

    def _disposed(self, disposed: Sequence[CaseRow]) -> Iterator[Sequence[Any]]:
        yield self._texts("return.disposed_heads").split("|")
        for one in disposed[:MOST_DISPOSED]:
            yield [one.name, one.uscc, self._texts(f"status.{one.status}"), one.reason]
        if len(disposed) > MOST_DISPOSED:
            more = len(disposed) - MOST_DISPOSED
            yield [self._texts("return.disposed_more", count=more, sheet=self._texts("return.disposed"))]

    def _findings(self, findings: Mapping[str, Tally]) -> Iterator[Sequence[Any]]:
        texts = self._texts
        yield [texts("return.head.class"), *(texts(f"return.fact.{key}") for key in ("findings", "settled", "left"))]
        for category in CHECK_CLASSES:
            one = findings.get(category, Tally())
            settled = texts("return.settled", explained=one.explained, exempted=one.exempted)
            yield [texts(f"check.class.{category}"), one.found, settled, one.left if category != "D" else "—"]

    def _forms(self, manifest: Manifest) -> Iterator[Sequence[Any]]:
        yield [self._texts("return.fact.form"), self._texts("return.fact.records")]
        for form_id, count in manifest.rows.items():
            form = self._scheme.form(form_id)
            yield [f"{form_id} {self._texts.pick(form.title, form.title_en)}", count]

    def _totals(self, manifest: Manifest) -> Iterator[Sequence[Any]]:
        texts = self._texts
        yield [texts(f"return.fact.{key}") for key in ("control", "total", "unit", "form")]
        for form_id, totals in manifest.totals.items():
            form = self._scheme.form(form_id)
            for code, total in totals.items():
                item = form.by_code[code]
                # Of shares, and of what has no unit of measure, a sum means nothing to a reader.
                if item.unit not in ("", "%") and total:
                    label = f"{item.code} {texts.pick(item.label, item.label_en)}"
                    title = f"{form_id} {texts.pick(form.title, form.title_en)}"
                    yield [label, total, self._scheme.unit(item.unit, texts), title]

    def _block(self, title: str, rows: Iterator[Sequence[Any]]) -> None:
        self._put(self._row + 1, 0, self._texts(title), "block")
        self._row += 2
        for number, cells in enumerate(rows):
            for at, cell in enumerate(cells):
                kind = "fact" if isinstance(cell, str) else "count" if isinstance(cell, int) else "amount"
                self._put(self._row, at, cell, "head" if not number else kind)
            self._row += 1

    def _foot(self) -> None:
        """Who answers for it, each with room to write."""
        self._row += 1
        for at, who in enumerate(self._scheme.legal.signers(self._texts)):
            row, column = self._row + at // 2, 2 * (at % 2)
            self._sheet.set_row(row, 22)
            self._sheet.write_string(row, column, self._texts("page.signer", value=who), self._looks["signer"])
            self._sheet.write_blank(row, column + 1, None, self._looks["sign"])
        self._row += (len(self._scheme.legal.signers(self._texts)) + 1) // 2
