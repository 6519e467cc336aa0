"""Charts, the map and the brief as they are painted: nothing cut, nothing outside, the figures as they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from desktop_desk import texts_of
from PySide6.QtGui import QColor, QImage

from desktop.brief_paper import BriefPaper
from desktop.chart import Chart, ChartKind, Series, marked, steps
from desktop.chart_view import as_text
from desktop.drawing import PAPER, Area, Label, look_of, overflow, picture
from desktop.fonts import FAMILY, load_fonts
from desktop.paper_type import Typeface
from desktop.theme import DARK, LIGHT
from desktop.tile_map import Tile, TileMap, classes, tiles
from indicators import definition
from indicators.catalogue import Catalogue, Indicator, Target
from indicators.computation import IndicatorValue
from indicators.goal import Goal
from indicators.growth import planned_value
from indicators.outlook import Outlook
from survey.expression import Number
from survey.files import UNTOLD
from survey.scheme import Scheme
from survey.texts import LANGUAGES, Texts

_LONG = "集成电路专用设备与零部件以及关键材料研发制造和相关技术服务（含第三代半导体）"
_SIZES = [(1500.0, 1400.0), (4800.0, 2200.0), (9000.0, 5000.0)]


@pytest.fixture
def face() -> Typeface:
    load_fonts()
    return Typeface(FAMILY)


def chart(kind: ChartKind, count: int = 11) -> Chart:
    names = tuple(f"{_LONG[: 4 + at * 4]}{at}" for at in range(count))
    values = tuple(None if at == 4 else float(10 ** (at % 7)) for at in range(count))
    series = (
        Series("实际", values),
        *((Series("计划路径（等速增长）", values, dashed=True),) if kind == "lines" else ()),
    )
    keys = tuple(str(at) for at in range(count))
    return Chart(kind, f"{_LONG}，按主环节", "亿元", names, series, 2, ("环节", "其他", "另有 {count} 项"), keys)


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("count", [1, 2, 11, 40])
@pytest.mark.parametrize("kind", ["bars", "shares", "lines"])
def test_no_name_is_cut_and_nothing_stands_outside(
    face: Typeface, kind: ChartKind, count: int, size: tuple[float, float]
) -> None:
    if kind == "lines":
        drawn = Chart(kind, _LONG, "亿元", tuple(str(1990 + at) for at in range(count)), chart(kind, count).series, 2)
    else:
        drawn = chart(kind, count)
    assert overflow(drawn.shapes(*size, face, PAPER, 8), face, *size) == []


def test_an_overflow_is_found(face: Typeface) -> None:
    assert overflow([Label(0, 0, 50, _LONG, 8, "#000000")], face, 1000, 1000) == [_LONG]
    assert overflow([Area(900, 0, 200, 10, "#000000", "a")], face, 1000, 1000) == ["a"]


def test_bars_are_as_long_as_their_values(face: Typeface) -> None:
    drawn = Chart("bars", "营业收入", "亿元", ("甲", "乙", "丙"), (Series("", (4.0, 2.0, None)),), keys=("a", "b", "c"))
    bars = {one.key: one.width for one in drawn.shapes(4000, 2000, face, PAPER, 8) if isinstance(one, Area)}
    assert bars["a"] == pytest.approx(2 * bars["b"])
    assert "c" not in bars


def test_a_bar_below_zero_ends_where_the_others_begin(face: Typeface) -> None:
    drawn = Chart("bars", "利润", "亿元", ("甲", "乙"), (Series("", (4.0, -2.0)),), keys=("a", "b"))
    bars = {one.key: one for one in drawn.shapes(4000, 2000, face, PAPER, 8) if isinstance(one, Area)}
    assert bars["b"].x + bars["b"].width == pytest.approx(bars["a"].x)


def test_shares_fill_the_bar_and_small_parts_are_taken_together(face: Typeface) -> None:
    drawn = Chart(
        "shares", "收入", "", tuple("甲乙丙丁戊己庚辛壬癸"), (Series("", (10.0,) * 10),), words=("", "其他", "")
    )
    shapes = drawn.shapes(4000, 3000, face, PAPER, 8)
    texts = [one.text for one in shapes if isinstance(one, Label)]
    assert "其他" in texts
    assert any("30.0%" in text for text in texts)
    whole = sum(one.width for one in shapes if isinstance(one, Area) and one.edge)
    assert whole == pytest.approx(4000)


@pytest.mark.parametrize(
    ("least", "most", "wanted"),
    [(1100, 2500, [0, 1000, 2000, 3000]), (14.6, 15.1, [14.6, 14.8, 15.0, 15.2]), (-2, 4, [-2, 0, 2, 4]), (0, 0, [0])],
)
def test_scales_have_round_marks_round_the_values(least: float, most: float, wanted: list[float]) -> None:
    marks = steps(least, most)
    assert marks[0] <= least
    assert marks[-1] >= most
    assert len(marks) <= 8
    assert {round(one, 6) for one in wanted} <= {round(one, 6) for one in marks}


def test_a_scale_of_counts_has_no_fractions_and_no_mark_is_written_as_another() -> None:
    assert marked(steps(2, 2, whole=True)) == ["0", "1", "2"]
    assert marked(steps(0, 1, whole=True)) == ["0", "1"]
    assert steps(3, 40, whole=True) == steps(3, 40)
    assert marked(steps(0, 10, whole=True)) == ["0", "5", "10"]
    assert marked(steps(0, 10)) == ["0.0", "2.5", "5.0", "7.5", "10.0"]
    assert marked(steps(0.001, 0.009)) == ["0.0000", "0.0025", "0.0050", "0.0075", "0.0100"]
    assert marked(steps(1100, 2500)) == ["0", "1,000", "2,000", "3,000"]


def test_the_table_of_a_chart_can_be_pasted() -> None:
    drawn = Chart("bars", "收入", "亿元", ("甲", "乙"), (Series("营业收入", (1234.5, None)),), 2, ("区", "", ""))
    assert as_text(drawn) == "区\t营业收入 (亿元)\n甲\t1,234.50\n乙\t—"


def test_pictures_are_painted_in_light_and_in_dark(face: Typeface) -> None:
    light, dark = (picture(chart("bars"), face, look_of(colours), 800, 500) for colours in (LIGHT, DARK))
    assert light.pixelColor(2, 2) == QColor(LIGHT.raised)
    assert dark.pixelColor(2, 2) == QColor(DARK.raised)
    assert _inks(light) > 20
    assert _inks(dark) > 20


def _inks(image: QImage) -> int:
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


# The map


def map_of(texts: Texts, scheme: Scheme, values: dict[str, float | None]) -> TileMap:
    found = tiles(scheme.districts, texts)
    return TileMap(_LONG, "亿元", found, values, 2, ("区", "定位", "收入"), "示意图：方格只表示大致方位。")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", [(2400.0, 1700.0), *_SIZES[1:]])
def test_a_map_cuts_no_name_and_keeps_inside(
    face: Typeface, cluster: Scheme, lang: str, size: tuple[float, float]
) -> None:
    values: dict[str, float | None] = {code: 10.0**at for at, code in enumerate(list(cluster.districts.codes)[:7])}
    drawn = map_of(texts_of(lang), cluster, values)
    assert overflow(drawn.shapes(*size, face, PAPER, 8), face, *size) == []


def test_tiles_are_shaded_by_their_values_and_say_their_part(face: Typeface, cluster: Scheme, texts: Texts) -> None:
    drawn = map_of(texts, cluster, {"440305": 100.0, "440303": 1.0, "440304": None})
    shapes = drawn.shapes(7000, 4000, face, PAPER, 9)
    colours = {one.key: one.colour for one in shapes if isinstance(one, Area) and one.key}
    assert len(colours) == 11
    assert (colours["440305"], colours["440303"]) == (PAPER.shades[-1], PAPER.shades[0])
    assert colours["440304"] == PAPER.ground
    said = [one.text for one in shapes if isinstance(one, Label)]
    assert [said.count(role) for role in ("中部设计", "东部硅基", "西部化合物")] == [2, 2, 2]
    assert ("南山区", "中部设计", "100.00") in drawn.table()


def test_classes_are_equally_wide() -> None:
    assert classes([0.0, None, 10.0], 5) == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


def test_a_list_without_places_has_no_map(small: Scheme, texts: Texts) -> None:
    assert tiles(small.districts, texts) == ()


def test_tiles_do_not_lie_on_each_other(face: Typeface, cluster: Scheme, texts: Texts) -> None:
    areas = [
        one
        for one in map_of(texts, cluster, {}).shapes(7000, 4000, face, PAPER, 9)
        if isinstance(one, Area) and one.key
    ]
    assert len({(round(one.x), round(one.y)) for one in areas}) == 11
    assert isinstance(tiles(cluster.districts, texts)[0], Tile)


# The brief


def outlook_of(scheme: Scheme, goals: int) -> Outlook:
    """An outlook with long names and many goals."""
    catalogue = definition.load(scheme)
    indicators = {
        f"X-{at}": Indicator(f"X-{at}", "", f"{_LONG}{at}", "", "亿元", "", 2, "", Number(1.0)) for at in range(goals)
    }
    known = Catalogue(None, indicators, catalogue.dimensions)
    targets = [
        Target(f"X-{at}", f"到2025年{_LONG}突破2500亿元", "2025", ">", 2500.0, "亿元", base=1100.0, base_year="2021")
        for at in range(goals)
    ]
    course = (("2024", 2100.0), ("2025", 2400.0))
    made = tuple(
        Goal(one, 2400.0, "behind", 600, 650, 2, 20.0, 2500.0, -100.0, course,
             tuple((str(y), planned_value(one, str(y)) or 0.0) for y in range(2021, 2026)))
        for one in targets
    )  # fmt: skip
    values = [IndicatorValue(name, "2025", None, 2400.0, "亿元", 600, 650) for name in indicators]
    spread = {
        name: {"X-0": {code: 2400.0 / len(scheme.lists[catalogue.dimensions[name].list].codes)
                       for code in scheme.lists[catalogue.dimensions[name].list].codes}}
        for name in ("district", "segment")
    }  # fmt: skip
    return Outlook("2025", known, values, made, dict.fromkeys(indicators, course), spread)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("goals", [1, 7, 14])
def test_the_brief_is_one_page_with_nothing_cut(cluster: Scheme, lang: str, goals: int, tmp_path: Path) -> None:
    load_fonts()
    paper = BriefPaper(outlook_of(cluster, goals), cluster, "全市", texts_of(lang), day=date(2026, 1, 5))
    assert paper.count == 1
    assert paper.overflow() == []
    paper.write_pdf(tmp_path / "brief.pdf", UNTOLD)
    assert (tmp_path / "brief.pdf").read_bytes().count(b"/Type /Page\n") == 1


def test_the_brief_says_what_is_behind_and_who_signs(cluster: Scheme, texts: Texts) -> None:
    load_fonts()
    paper = BriefPaper(outlook_of(cluster, 1), cluster, "全市", texts, day=date(2026, 1, 5))
    said = "".join(one.text for one in paper.shapes if isinstance(one, Label))
    for words in ("2025 年产业集群运行情况参阅", "全市", "滞后", "−100.00 亿元", "制表：", "2026-01-05", "应有 650 家"):
        assert words in said, words


def test_parts_of_the_brief_do_not_lie_on_each_other(cluster: Scheme, texts: Texts) -> None:
    load_fonts()
    paper = BriefPaper(outlook_of(cluster, 14), cluster, "全市", texts, day=date(2026, 1, 5))
    labels = [one for one in paper.shapes if isinstance(one, Label)]
    foot = min(one.y for one in labels if one.text.startswith("制表"))
    assert max(one.y for one in labels if one.y < foot) + 100 <= foot
