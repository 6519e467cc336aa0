"""What is said to the findings of a period: the desk's explanations, and the city's exemptions."""

from __future__ import annotations

from survey.checks import Finding
from survey.control import exemption_texts
from survey.explanations import Explanation, of_period, said_to
from survey.store import Store
from survey.texts import Texts


class Answers:
    """The answers of a period, read once."""

    def __init__(self, store: Store, period: str, texts: Texts) -> None:
        self._explained = of_period(store, period)
        self._exempt = exemption_texts(store, period, texts)

    def exempts(self, finding: Finding) -> bool:
        """Whether the city lets the unit fail the check."""
        return (finding.unit, finding.check) in self._exempt

    def of(self, finding: Finding) -> Explanation | None:
        """What was said to a finding, by whom and when."""
        return self._exempt.get((finding.unit, finding.check)) or said_to(finding, self._explained)

    def text(self, finding: Finding) -> str:
        """What was said to a finding, or ''."""
        found = self.of(finding)
        return found.text if found else ""
