"""Answers to an earlier version of a scheme read as answers to the present one, as that version declares it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import replace

from survey.binding import bind
from survey.expression import Column, ExpressionError, Reference, Span
from survey.grammar import parse
from survey.questionnairefile import Answer
from survey.scalar import Value, compile_scalar, round_half_away
from survey.scheme import Scheme


class Adaptation:
    """How a questionnaire of an earlier version is read."""

    def __init__(self, scheme: Scheme, version: str) -> None:
        self._scheme = scheme
        self._rule = scheme.versions[version]
        self._names = _EarlierNames()
        self._filled = dict(self._followers())
        self._earlier: dict[str, Value] = {}

    def answers(self, answers: Iterable[Answer]) -> tuple[list[Answer], list[Answer]]:
        """The answers under their present items, and those that the present version has no place for."""
        kept, dropped = [], []
        for one in answers:
            name = self._present(one.item)
            if not one.line and isinstance(one.raw, int | float):
                self._earlier[one.item] = one.raw
            if name in self._scheme.items:
                kept.append(replace(one, item=name, raw=self._recoded(name, one.raw)))
            elif one.item not in self._names.found:
                dropped.append(one)
        return kept, dropped

    def values(self, values: Mapping[tuple[str, int], Value]) -> dict[tuple[str, int], Value]:
        """Values by item and line under their present items."""
        return {
            (self._present(item), line): self._recoded(self._present(item), value)
            for (item, line), value in values.items()
            if self._present(item) in self._scheme.items
        }

    def fill(self, answers: MutableMapping[tuple[str, int], Value]) -> None:
        """Answers the new items that follow from earlier ones."""
        for name, compute in self._filled.items():
            value = compute(self._earlier)
            item = self._scheme.item(name)
            if isinstance(value, float) and item.type in ("integer", "flag"):
                value = int(round_half_away(value))
            if value is not None:
                answers.setdefault((name, 0), value)
        self._earlier = {}

    def _present(self, name: str) -> str:
        return self._rule.renamed.get(name, name)

    def _recoded(self, name: str, raw: Value) -> Value:
        codes = self._rule.recoded.get(name, {})
        return codes.get(str(raw), raw) if raw is not None else None

    def _followers(self) -> Iterator[tuple[str, Callable[[Mapping[str, Value]], Value]]]:
        """How new items follow from earlier ones, where these are called by their names."""
        for name, text in self._rule.filled.items():
            with suppress(ExpressionError):
                yield name, compile_scalar(bind(parse(text), self._names, text))


class _EarlierNames:
    """The items of a version that is no longer at hand: what is read to fill new ones are numbers."""

    line_form = ""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def find(self, reference: Reference) -> Column:
        name = reference.text.rpartition(".")[2]
        self.found.add(name)
        return Column(name, reference.at, "number")

    def span(self, _span: Span) -> list[Column]:
        raise KeyError("")

    def list_form(self, _column: Column) -> str:
        return ""
