"""The charts of an outlook: a figure by the groups of a dimension, its shares, and its course with the plan's path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.chart import Chart, Series
from survey.scheme import Scheme
from survey.texts import Texts

if TYPE_CHECKING:
    from indicators.goal import Course, Goal
    from indicators.outlook import Outlook


class FigureCharts:
    """Charts of an outlook, labelled by its scheme in one language."""

    def __init__(self, outlook: Outlook, scheme: Scheme, texts: Texts) -> None:
        self._outlook = outlook
        self._scheme = scheme
        self._texts = texts

    def kinds(self, name: str, dimension: str) -> list[str]:
        """The kinds of drawing that say something of an indicator."""
        from indicators.outlook import adds_up

        values = self._spread(name, dimension)
        whole = next((one.value for one in self._outlook.values if one.id == name and one.by is None), None)
        found = ["bars"] if values else []
        found += ["shares"] if adds_up(whole, list(values.values())) else []
        return [*found, "lines"]

    def bars(self, name: str, dimension: str) -> Chart:
        """The groups as they stand, the largest first."""
        order = sorted(self._spread(name, dimension).items(), key=lambda one: (one[1] is None, -(one[1] or 0)))
        return self._grouped("bars", name, dimension, dict(order))

    def shares(self, name: str, dimension: str) -> Chart:
        """What the groups bring to the whole."""
        return self._grouped("shares", name, dimension, self._spread(name, dimension))

    def course(self, name: str) -> Chart:
        """The whole over the periods, with the path of the plan where it has one."""
        goal = next((one for one in self._outlook.goals if one.target.indicator == name), None)
        return self._course(name, self._outlook.courses.get(name, ()), goal)

    def goal(self, goal: Goal) -> Chart:
        """A goal's own course, which may be that of a group."""
        return self._course(goal.target.indicator, goal.course, goal)

    def _course(self, name: str, course: Course, goal: Goal | None) -> Chart:
        indicator, texts = self._outlook.catalogue.indicators.get(name), self._texts
        measured, path = dict(course), dict(goal.path) if goal else {}
        periods = tuple(sorted({*measured, *path}))
        series = [Series(texts("goal.measured"), tuple(measured.get(one) for one in periods))]
        if path:
            series.append(Series(texts("goal.planned"), tuple(path.get(one) for one in periods), dashed=True))
        label = texts.pick(indicator.label, indicator.label_en) if indicator else name
        return Chart(
            "lines", label, texts.pick(indicator.unit, indicator.unit_en) if indicator else "", periods, tuple(series),
            indicator.digits if indicator else 0, self._words(texts("goal.year")),
        )  # fmt: skip

    def _grouped(self, kind: str, name: str, dimension: str, values: dict[str, float | None]) -> Chart:
        indicator, texts = self._outlook.catalogue.indicators[name], self._texts
        by = self._outlook.catalogue.dimensions[dimension]
        codes, head = self._scheme.lists[by.list], texts.pick(by.label, by.label_en)
        label = texts.pick(indicator.label, indicator.label_en)
        return Chart(
            "shares" if kind == "shares" else "bars", texts("goal.by", label=label, by=head),
            texts.pick(indicator.unit, indicator.unit_en), tuple(codes.label(code, texts.lang) for code in values),
            (Series(label, tuple(values.values())),), indicator.digits, self._words(head), tuple(values),
        )  # fmt: skip

    def _spread(self, name: str, dimension: str) -> dict[str, float | None]:
        return dict(self._outlook.spread.get(dimension, {}).get(name, {}))

    def _words(self, head: str) -> tuple[str, str, str]:
        sentences = self._texts.sentences
        return head, sentences["goal.other"], sentences["goal.more"]
