"""A return at the door: whether it belongs into this file, and what it says that it holds."""

from __future__ import annotations

from pathlib import Path

from survey.enrolment import admit_signature
from survey.errors import SurveyError
from survey.manifest import Manifest
from survey.store import Store

_ROWS_NAMED = 20


def record_content(store: Store, merge: int, manifest: Manifest) -> None:
    """Records what a return says that it holds: records by form, the cover's counts, the control totals."""
    store.executemany(
        f"INSERT INTO merge_form VALUES ({merge}, ?, ?)", [(form, count) for form, count in manifest.rows.items()]
    )
    totals = {f"total.{form}.{code}": total for form, one in manifest.totals.items() for code, total in one.items()}
    facts = {**manifest.facts, **totals}
    store.executemany(f"INSERT INTO merge_fact VALUES ({merge}, ?, ?)", list(facts.items()))


def admit(store: Store, manifest: Manifest, path: Path) -> None:
    """Refuses a return that does not belong into this file; raises SurveyError."""
    scheme = store.scheme
    if manifest.scheme != scheme.id:
        raise SurveyError("wrong_scheme", path=path, found=manifest.scheme, wanted=scheme.id)
    if (manifest.version, manifest.scheme_digest) != (scheme.version, scheme.digest):
        raise SurveyError("wrong_version", path=path, found=manifest.version, wanted=scheme.version)
    if manifest.period != store.period:
        raise SurveyError("wrong_period", path=path, found=manifest.period, wanted=store.period)
    if store.is_province:
        if manifest.district or not manifest.part:
            raise SurveyError("not_from_city", path=path)
    elif store.district:
        if (manifest.district, bool(manifest.part)) != (store.district, True):
            raise SurveyError("not_from_officer", path=path, found=manifest.sender)
    elif manifest.part:
        raise SurveyError("not_from_district", path=path, found=manifest.part)
    elif manifest.district not in scheme.districts.codes:
        raise SurveyError("wrong_district", path=path, found=manifest.district)
    if manifest.altered:
        lines = "  ".join(manifest.altered[:_ROWS_NAMED])
        raise SurveyError("manifest_changed", path=path, count=len(manifest.altered), lines=lines)
    admit_signature(store, manifest.sender, manifest.signed, name=path.name)
