"""Known trouble: what a person can do something about.

Anything raised that is not a `SurveyError` is a fault of the program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.texts import Texts


class SurveyError(Exception):
    """Trouble with a sentence in the catalogue under `error.<code>`: where, what, what to do."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class Cancelled(SurveyError):
    """The person stopped the work; everything is as it was before."""

    def __init__(self) -> None:
        super().__init__("cancelled")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file that was read: the file, the line (0: the whole), the code, the facts.

    A `hint` is not wrong, but better known.
    """

    file: str
    line: int
    code: str
    facts: dict[str, object] = field(default_factory=dict)
    hint: bool = False

    def text(self, texts: Texts) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        text = texts("scheme." + self.code, **self.facts)
        return f"{where}  {texts('scheme.hint', text=text) if self.hint else text}"


class SchemeError(SurveyError):
    """A survey scheme that cannot be used, with all its problems at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("scheme", count=len(problems))
        self.problems = tuple(problems)


def in_words(code: str, facts: Mapping[str, object], texts: Texts) -> str:
    """The sentence of a code of trouble; an item in it is called by its label in the reader's language."""
    label = texts.pick(str(facts.get("label", "")), str(facts.get("label_en", "")))
    return texts(f"error.{code}", **(dict(facts) | {"label": label} if label else facts))


def sentence(error: SurveyError, texts: Texts) -> str:
    """What the person reads; a scheme's problems follow line by line."""
    text = in_words(error.code, error.facts, texts)
    if isinstance(error, SchemeError):
        return "\n".join([text, *(problem.text(texts) for problem in error.problems)])
    return text


def more(error: SurveyError, texts: Texts) -> str:
    """What else it may be, where the likely case does not hold; '' where there is nothing more to say."""
    key = f"error.{error.code}_more"
    return texts(key) if texts.has(key) else ""
