"""The shipped catalogue: every clause has its figures, every figure an example, and a third of them a second author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path

import pytest
from plain_indicators import FIGURES, Answers, agglomeration

from desktop import demo
from indicators import definition, example
from indicators.catalogue import Catalogue
from indicators.computation import Computation
from survey import store as stores
from survey.scheme import Scheme
from survey.store import Store
from survey.texts import Texts

NEAR = 1e-12
# The plan's clauses, and the measures that any cluster has.
CLAUSES = {
    *(f"工作目标（{number}）" for number in "一二三四"),
    *(f"重点任务（{number}）" for number in "一二三四五"),
    *(f"重点工程（{number}）" for number in "一二三四五六七八九"),
    *(f"保障措施（{number}）" for number in "一二三四"),
    "空间布局",
    "集群标准指标",
}
# The sums of these over the districts are the whole.
ADDED_UP = (
    "G1-01",
    "G1-02",
    "G1-05",
    "G1-09",
    "G1-10",
    "T4-01",
    "G3-05",
    "P3-02",
    "P1-01.2",
    "A2-01",
    "T5-01",
    "G4-01",
)


@pytest.fixture(scope="module")
def catalogue(cluster: Scheme) -> Catalogue:
    return definition.load(cluster)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, texts: Texts) -> Iterator[Store]:
    """The city of a small demo run: every form of every respondent, two years, with errors and blanks."""
    store = stores.open(demo.city_file(tmp_path_factory.mktemp("catalogue") / "run", texts))
    yield store
    store.close()


def values(city: Store, catalogue: Catalogue, by: str | None = None) -> Mapping[tuple[str, str | None], float | None]:
    found = Computation(city, catalogue).figures("2025", by)
    return {(one.id, one.by): one.value for one in found}


def different(pairs: Sequence[tuple[str, float | None, float | None]]) -> list[tuple[str, float | None, float | None]]:
    def same(one: float | None, other: float | None) -> bool:
        return one is other if one is None or other is None else isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)

    return [pair for pair in pairs if not same(pair[1], pair[2])]


def test_every_clause_of_the_plan_has_indicators(catalogue: Catalogue) -> None:
    assert {one.clause for one in catalogue.indicators.values()} == CLAUSES


def test_every_indicator_has_an_example_that_holds(cluster: Scheme, catalogue: Catalogue) -> None:
    assert example.check(cluster, catalogue) == []
    assert {one.indicator for one in example.load(cluster)} == set(catalogue.indicators)


def test_every_indicator_is_defined_in_both_languages(catalogue: Catalogue) -> None:
    for one in catalogue.indicators.values():
        assert all([one.definition, one.definition_en, one.label_en, one.unit_en]), one.id
    assert len({one.label for one in catalogue.indicators.values()}) > 300


def test_every_target_is_about_an_indicator_and_only_six_have_a_number(catalogue: Catalogue) -> None:
    assert all(one.indicator in catalogue.indicators for one in catalogue.targets)
    numbers = {one.indicator: (one.operator, one.value) for one in catalogue.targets if one.value is not None}
    assert numbers == {
        "G1-01": (">", 2500), "G1-05": (">=", 3), "G1-07": (">=", 3), "G2-01": (">", 10), "G2-12": (">=", 5),
        "G4-01": (">=", 4),
    }  # fmt: skip


def test_plain_python_gives_the_same_figures(city: Store, catalogue: Catalogue) -> None:
    data, own = Answers(city.path, 2025), values(city, catalogue)
    assert len(FIGURES) * 3 >= len(catalogue.indicators)
    plain = {name: figure(data) for name, figure in FIGURES.items()}
    assert different([(name, own[name, None], value) for name, value in plain.items()]) == []
    assert [name for name, value in plain.items() if value is None] == []


def test_plain_python_gives_the_same_concentration_of_each_segment(city: Store, catalogue: Catalogue) -> None:
    data = Answers(city.path, 2025)
    own = {by: value for (name, by), value in values(city, catalogue).items() if name == "C-05" and by}
    assert len(own) > 5
    several = {by: value for by, value in own.items() if value is not None}
    assert different([(by, value, agglomeration(data, by)) for by, value in several.items()]) == []


def test_districts_add_up_to_the_city(city: Store, catalogue: Catalogue) -> None:
    for by in ("district", "admin_district", "city_part"):
        found = values(city, catalogue, by)
        asked = [name for name in ADDED_UP if any(of == name and group for of, group in found)]
        for name in asked:
            parts = sum(value or 0 for (of, group), value in found.items() if of == name and group)
            assert different([(name, found[name, None], parts)]) == [], by
        assert len(asked) >= 8


def test_the_parts_of_the_chain_add_up(city: Store, catalogue: Catalogue) -> None:
    found = values(city, catalogue, "product_segment")
    shares = [value for (name, by), value in found.items() if name == "G1-08.2" and by]
    assert sum(value or 0 for value in shares) == pytest.approx(100)
    grown = values(city, catalogue)
    assert sum(value or 0 for (name, by), value in grown.items() if name == "C-17" and by) == pytest.approx(100)
    points = sum(value or 0 for (name, by), value in grown.items() if name == "C-17.2" and by)
    assert points == pytest.approx(grown["G1-03.2", None])


def test_a_line_counts_where_it_stands(tmp_path: Path, cluster: Scheme, catalogue: Catalogue) -> None:
    [wafer_lines] = [one for one in example.load(cluster) if one.indicator == "G3-05" and one.expect == {"": 2.0}]
    moved = [{**unit, "district": "440303", "IC-06": [{**line, "line_district": "440310"} for line in unit["IC-06"]]}
             for unit in wafer_lines.units]  # fmt: skip
    one = example.Example("G3-05", moved, {}, {}, "district", "2025", 0)
    store = stores.create(tmp_path / "s.census", cluster, "2025", None)
    assert example.worked(store, catalogue, one) == {"440303": 0.0, "440310": 2.0}
    store.close()
