"""Enterprise names taken apart, and the pairs that are worth comparing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.blocking import Blocks, deletions, once
from survey.firmname import fold, parse, same_form

PLACES = ("福田", "龙岗", "宝安", "大鹏")


@pytest.mark.parametrize(
    ("name", "regions", "core", "trade", "form", "branch"),
    [
        ("深圳市赛意法微电子有限公司", "深圳", "赛意法", "微电子", "有限公司", ""),
        ("賽意法微電子（深圳）有限公司", "深圳", "赛意法", "微电子", "有限公司", ""),
        ("赛意法微电子", "", "赛意法", "微电子", "", ""),
        ("广东省深圳市越华建筑工程有限公司", "广东 深圳", "越华", "建筑工程", "有限公司", ""),
        ("深圳宝安宝同化工实业公司", "深圳 宝安", "宝同", "化工实业", "公司", ""),
        ("上海市浦东新区金桥微电子有限公司", "上海 浦东", "金桥", "微电子", "有限公司", ""),
        ("广西壮族自治区南宁市三环企业集团股份有限公司", "广西 南宁", "三环", "企业集团", "股份有限公司", ""),
        ("深圳市天健(集团)股份有限公司", "深圳", "天健", "集团", "股份有限公司", ""),
        ("深圳市正章干洗有限公司荔园分店", "深圳", "正章", "干洗", "有限公司", "荔园分店"),
        ("上海泓御商贸有限公司深圳分公司", "上海", "泓御", "商贸", "有限公司", "深圳分公司"),
        ("欧姆龙深圳分公司", "", "欧姆龙", "", "", "深圳分公司"),
        ("深圳市广安利医药连锁有限公司", "深圳", "广安利", "医药连锁", "有限公司", ""),
        ("深圳深圳湾科技有限公司", "深圳", "深圳湾", "科技", "有限公司", ""),
        ("小区物业有限公司", "", "小区", "物业", "有限公司", ""),
        ("ＡＢＢ（中国）有限公司", "中国", "ABB", "", "有限公司", ""),
        ("平安银行股份有限公司（简称：平安银行）", "", "平安银行", "", "股份有限公司", ""),
        ("中国", "", "中国", "", "", ""),
        ("", "", "", "", "", ""),
    ],
)
def test_a_name_is_region_trade_name_business_form_and_branch(
    name: str, regions: str, core: str, trade: str, form: str, branch: str
) -> None:
    found = parse(name, PLACES)
    assert (" ".join(found.regions), found.core, found.trade, found.form, found.branch) == (
        regions, core, trade, form, branch,
    )  # fmt: skip


def test_ordinals_tell_sister_units_apart() -> None:
    assert parse("深圳市前进第二电子厂").numbers == ("2",)
    assert parse("演示数据·芯元设计0012号").numbers == ("0012",)
    assert parse("大华药房有限公司平湖第一分店").numbers == ("1",)
    assert parse("深圳市三通物流有限公司").numbers == ()


def test_a_branch_names_its_parent_as_the_parent_names_itself() -> None:
    parent, branch = parse("国药控股国大药房(深圳)连锁有限公司"), parse("国药控股国大药房（深圳）连锁有限公司百花分店")
    assert branch.parent == parent.whole


@given(st.text("深圳市南山区赛意法微电子()（）有限责任公司分第一二12 ·", max_size=20) | st.text(max_size=30))
def test_the_parts_of_any_text_are_its_own_letters(text: str) -> None:
    found = parse(text, PLACES)
    assert not Counter(found.stem + found.form + found.branch) - Counter(fold(text))
    assert found.core or not fold(text).strip("()")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("有限公司", "有限责任公司", True), ("有限公司", "股份有限公司", False), ("有限公司", "", True),
        ("公司", "股份有限公司", True), ("厂", "有限公司", False), ("厂", "公司", False),
    ],
)  # fmt: skip
def test_forms_that_are_cut_short_may_be_the_same(one: str, other: str, same: bool) -> None:
    assert same_form(one, other) is same
    assert same_form(other, one) is same


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=3), max_size=30), st.integers(2, 6))
def test_units_that_share_a_key_few_have_are_paired_once(keys: list[list[str]], most: int) -> None:
    blocks = Blocks(most)
    for at, own in enumerate(keys):
        blocks.add(at, own)
    holders = {key: [at for at, own in enumerate(keys) if key in own] for key in "abcdefgh"}
    expected = {(one, other) for at in holders.values() if len(at) <= most for one in at for other in at if one < other}
    found = [tuple(pair) for pair in blocks.pairs().tolist()]
    assert found == sorted(expected)


def test_pairs_stand_once_with_the_lesser_first() -> None:
    assert once(np.array([[3, 1], [1, 3], [2, 2]])).tolist() == [[1, 3]]
    assert once(np.zeros((0, 2), np.int64)).tolist() == []


@given(st.text("甲乙丙丁戊", min_size=3, max_size=6), st.integers(0, 5), st.sampled_from("甲乙丙丁戊己"))
def test_texts_one_slip_apart_share_what_is_left_without_a_character(text: str, at: int, letter: str) -> None:
    at %= len(text)
    swapped = text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at else text
    for other in (
        text[:at] + letter + text[at + 1 :],
        text[:at] + text[at + 1 :],
        text[:at] + letter + text[at:],
        swapped,
    ):
        assert set(deletions(text)) & set(deletions(other))
