"""What an import says of itself: as lines to read, and as facts for another program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from desktop.magnitude_words import described, what
from desktop.moments import moment
from survey.record import show_value
from survey.texts import Texts

if TYPE_CHECKING:
    from survey.batches import BatchLine
    from survey.importreport import Damage, Field, FileReport, ImportReport, OtherUnit, Place
    from survey.proposal import Proposal as Suspect
    from survey.scheme import Scheme
    from survey.turnover import Registered, Turnover
    from survey.undoing import UndoReport

_NAMED = 5


def facts(
    report: ImportReport, scheme: Scheme, texts: Texts, repairs: Mapping[Place, str], *, dry_run: bool
) -> dict[str, Any]:
    """The whole report as it is written to a file; `repairs` are those that were taken."""
    rejected = [
        {"file": one.file, "sheet": one.sheet, "cell": one.cell, "found": one.found, "reason": one.reason(texts)}
        for one in report.rejections
    ]
    return {
        **_counts(report), "dry_run": dry_run, "rejected_cells": rejected, "batch": report.batch,
        "files": [_file(one, texts) for one in report.files],
        "conflicts": len(report.collisions),
        "fields": [_field(one, scheme) for one in report.fields],
        "suspects": [_suspect(one, scheme, texts) for one in report.suspects], "converted": report.converted,
        "damage": [_damage(one, texts) for one in report.damage],
        "mended": dict(report.mended),
        "accepted_repairs": [_accepted(place, code) for place, code in repairs.items()],
        "told_sheets": [list(one) for one in report.told],
        "skipped_sheets": [list(one) for one in report.skipped],
        "hidden_sheets": [list(one) for one in report.hidden],
        "total_rows": [list(one) for one in report.totals],
        "other_units": [_other_unit(one) for one in report.units_differ],
        "register": _register(report.turnover),
    }  # fmt: skip


def lines(
    report: ImportReport, scheme: Scheme, texts: Texts, repairs: Mapping[Place, str], most: int, *, dry_run: bool
) -> list[str]:
    """The report as the command line tells it; of each kind at most so many."""
    told = [texts("cli.imported" if not dry_run else "cli.would_import", **_counts(report))]
    refused = [one for one in report.files if one.error]
    told += [f"  {texts('import.file_refused', file=one.name, reason=one.reason(texts))}" for one in refused[:most]]
    told += [f"  {field_line(one, scheme, texts)}" for one in report.collisions[:most]]
    if len(report.collisions) > most:
        told.append(texts("import.more_conflicts", count=len(report.collisions) - most))
    told += [f"  {next(iter(described(one, scheme, texts)))}" for one in report.suspects[:most]]
    if report.batch and not dry_run:
        told.append(texts("import.batch_number", number=report.batch))
    told += [
        texts("cli.unknown_column", file=name, sheet=sheet, heading=heading)
        for name, sheet, heading in report.unknown_columns[:most]
    ]
    told += [f"  {line}" for line in remarks(report, texts)]
    told += [
        texts("cli.repaired", file=place[0], sheet=place[1], cell=place[2], found=place[3], code=code)
        for place, code in list(repairs.items())[:most]
    ]
    told += [f"  {one.file} {one.sheet}!{one.cell}  {one.reason(texts)}" for one in report.rejections[:most]]
    taken = [one for one in report.damage if one.taken]
    told += [f"  {one.file} {one.sheet}!{one.cell}  {one.in_words(texts)}" for one in taken[:most]]
    return told


def field_texts(one: Field, names: Mapping[str, str], scheme: Scheme, texts: Texts) -> tuple[str, ...]:
    """A cell in words: file, place, unit (by its name where `names` has it), item, what it holds, what is offered."""
    item = scheme.item(one.item)
    values = (show_value(item, value, scheme.lists, texts.lang) for value in (one.before, one.after))
    label = scheme.label(one.item, texts.lang) + (texts("import.on_line", line=one.line) if one.line else "")
    place = f"{one.sheet}!{one.cell}" if one.cell else one.sheet
    unit = names.get(one.uscc, one.uscc)
    return one.file, place, unit, label, *(value or texts("import.blank") for value in values)


def field_line(one: Field, scheme: Scheme, texts: Texts) -> str:
    """A cell that was or was not taken, in a sentence."""
    file, place, uscc, label, before, after = field_texts(one, {}, scheme, texts)
    facts = {"file": file, "place": place, "uscc": uscc, "label": label, "before": before, "after": after}
    return texts("import.field_taken" if one.taken else "import.field_kept", **facts)


def files_of(names: Sequence[str], texts: Texts, more: str = "import.and_others") -> str:
    """Some files by their names, the many by their number."""
    named = "、".join(" ".join(name.split()) for name in names[:_NAMED])
    return named + texts(more, count=len(names)) if len(names) > _NAMED else named


def batch_line(one: BatchLine, texts: Texts) -> str:
    """An import as it is listed."""
    told = texts(
        "import.batch", number=one.id, at=moment(one.at), who=one.who or "—", files=files_of(one.files, texts),
        new=one.new, changed=one.changed,
    )  # fmt: skip
    return told + (texts("import.batch_undone", at=moment(one.undone)) if one.undone else "")


def undo_facts(report: UndoReport, *, dry_run: bool) -> dict[str, Any]:
    """What undoing did, for another program."""
    return {
        "dry_run": dry_run, "restored": report.restored, "units": report.units, "responses": report.responses,
        "kept": [vars(one) for one in report.kept], "lost": report.lost, "sent": report.sent,
    }  # fmt: skip


def undo_counts(report: UndoReport, number: int) -> dict[str, int]:
    """What undoing counts, as the sentences name it."""
    return {
        "number": number, "restored": report.restored, "units": report.units, "responses": report.responses,
    }  # fmt: skip


def undo_lines(report: UndoReport, scheme: Scheme, texts: Texts, number: int, most: int, *, dry_run: bool) -> list[str]:
    """What undoing did, line by line."""
    told = [texts("import.would_undo" if dry_run else "import.undone", **undo_counts(report, number))]
    if report.sent:
        told.append(texts("import.undo_sent", count=report.sent))
    if report.lost:
        told.append(texts("import.undo_lost", count=report.lost))
    if report.kept:
        told.append(texts("import.undo_kept", count=len(report.kept)))
    for one in report.kept[:most]:
        now = show_value(scheme.item(one.item), one.now, scheme.lists, texts.lang) or texts("import.blank")
        told.append(f"  {one.uscc} {one.name}  {scheme.label(one.item, texts.lang)}  {now}")
    return told


def _about_answers(report: ImportReport, texts: Texts) -> list[str]:
    """What an officer should know of the answers besides the counts."""
    found = []
    if report.more_rejections:
        found.append(texts("import.more_rejections", count=report.more_rejections))
    if report.more_fields:
        found.append(texts("import.more_fields", count=report.more_fields))
    if report.revived:
        names = files_of([f"{name}（{texts(f'status.{status}')}）" for _, name, status in report.revived], texts)
        found.append(texts("import.revived", count=len(report.revived), units=names))
    emptied = [one for one in report.files if one.emptied]
    if emptied:
        names = files_of([one.name for one in emptied], texts)
        found.append(texts("import.emptied", count=sum(one.emptied for one in emptied), files=names))
    missing = [one for one in report.files if one.missing]
    if missing:
        names = files_of([one.name for one in missing], texts)
        found.append(texts("import.missing", count=sum(one.missing for one in missing), files=names))
    if report.suspects:
        found.append(texts("import.suspected", count=len(report.suspects)))
    if report.converted:
        found.append(texts("import.corrected", count=report.converted))
    return found


def remarks(report: ImportReport, texts: Texts) -> list[str]:
    """What an officer should know besides the counts: sheets, codes put right, the register."""
    found = []
    if report.told:
        found.append(texts("import.told", sheets=_sheets(report.told)))
    if report.skipped:
        found.append(texts("import.skipped", sheets=_sheets(report.skipped)))
    if report.hidden:
        found.append(texts("import.hidden", sheets=_sheets(report.hidden)))
    if report.totals:
        rows = [(file, f"{sheet} {number}") for file, sheet, number in report.totals]
        found.append(texts("import.totals", rows=_sheets(rows)))
    if report.mended:
        kinds = "；".join(f"{texts(f'import.damage.{kind}')} {count}" for kind, count in sorted(report.mended.items()))
        found.append(texts("import.mended", kinds=kinds))
    found += _about_answers(report, texts)
    turnover = report.turnover
    if turnover.missing or turnover.renamed or turnover.moved:
        counts = {name: len(getattr(turnover, name)) for name in ("new", "missing", "renamed", "moved")}
        found.append(texts("import.turnover", **counts))
    return found


def _file(one: FileReport, texts: Texts) -> dict[str, Any]:
    return {
        "file": one.name, "kind": one.kind, "state": one.state, "reason": one.reason(texts),
        "code": one.error.code if one.error else "", "unit": one.unit[0], "name": one.unit[1], "new": one.new,
        "changed": one.changed, "identical": one.identical, "rejected": one.rejected, "conflicts": one.collisions,
    }  # fmt: skip


def _suspect(one: Suspect, scheme: Scheme, texts: Texts) -> dict[str, Any]:
    return {
        "uscc": one.uscc, "name": one.name, "period": one.period, "factor": one.factor, "sure": one.sure,
        "what": what(one, scheme, texts), "items": sorted({cell.item for cell in one.cells}),
    }  # fmt: skip


def _field(one: Field, scheme: Scheme) -> dict[str, Any]:
    return {**vars(one), "code": scheme.item(one.item).key}


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("new", "changed", "identical", "rejected")}


def _damage(one: Damage, texts: Texts) -> dict[str, Any]:
    return {
        "file": one.file, "sheet": one.sheet, "cell": one.cell, "found": one.found, "kind": one.kind,
        "name": one.name, "row_taken": one.taken, "evidence": one.evidence(texts),
        "proposals": [{"code": proposal.code, "evidence": proposal.evidence} for proposal in one.proposals],
    }  # fmt: skip


def _other_unit(one: OtherUnit) -> dict[str, Any]:
    return {**vars(one), "factor": float(one.factor)}


def _accepted(place: Place, code: str) -> dict[str, str]:
    file, sheet, cell, found = place
    return {"file": file, "sheet": sheet, "cell": cell, "found": found, "code": code}


def _register(turnover: Turnover) -> dict[str, Any]:
    def pair(was: Registered, now: Registered, key: str) -> dict[str, str]:
        return {"uscc": was.uscc, "before": getattr(was, key), "now": getattr(now, key)}

    return {
        "new": [one.uscc for one in turnover.new],
        "missing": [{"uscc": one.uscc, "name": one.name} for one in turnover.missing],
        "renamed": [pair(was, now, "name") for was, now in turnover.renamed],
        "moved": [pair(was, now, "district") for was, now in turnover.moved],
    }


def _sheets(found: list[tuple[str, str]]) -> str:
    named = "、".join(f"{file} {sheet}" for file, sheet in found[:_NAMED])
    return named + (" …" if len(found) > _NAMED else "")
