"""What a trial of a check found, in words, for the window and the command line."""

from __future__ import annotations

from survey.texts import Texts
from survey.trial import Trial


def trial_lines(found: Trial, texts: Texts) -> list[str]:
    """What a trial found, line by line."""
    counts = {
        name: f"{getattr(found, name):,}" for name in ("passed", "failed", "not_evaluated", "units", "would_block")
    }
    lines = [texts("rules.trial.counts", **counts)]
    if found.newly is not None and found.no_longer is not None:
        lines.append(texts("rules.trial.compared", newly=f"{found.newly:,}", no_longer=f"{found.no_longer:,}"))
    if found.check.category == "A" or found.freed:
        lines.append(texts("rules.trial.blocked", blocked=f"{found.blocked:,}", freed=f"{found.freed:,}"))
    if found.check.category in ("B", "C"):
        lines.append(texts("rules.trial.to_explain", left=f"{found.left:,}"))
    if found.check.category != "A":
        lines.append(texts("rules.trial.would_block", **counts))
    if not found.others:
        lines.append(texts("rules.trial.unchecked"))
    return lines
