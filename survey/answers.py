"""What is said to the findings of a period: the desk's explanations, and the city's exemptions."""

from __future__ import annotations

from survey.checks import Finding
from survey.control import exemption_texts
from survey.explanations import of_period, text_for
from survey.store import Store
from survey.texts import Texts


class Answers:
    """The answers of a period, read once."""

    def __init__(self, store: Store, period: str, texts: Texts) -> None:
        self._explained = of_period(store, period)
        self._exempt = exemption_texts(store, period, texts)

    def text(self, finding: Finding) -> str:
        """What was said to a finding, or ''."""
        return self._exempt.get((finding.unit, finding.check), "") or text_for(finding, self._explained)
