"""Invented enterprises with known duplicates among them, and with those that only look like duplicates."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from survey import codes
from survey.agreement import Known
from survey.firmname import fold, parse
from survey.lookalikes import address_of, phones_of


def spelt(text: str) -> list[str]:
    """The words of a text that lists them."""
    return text.split()


_CORE = (
    "华中天新金盛达通宏鑫泰瑞康安恒信和德威创联科龙海兴正源永嘉利丰诚宇星博思远亿凯美光明东方国元润佳"
    "辉腾飞翔锐毅立同合顺昌茂隆祥福庆长城江河山林森微芯晶睿景云智慧之以为赛意法汇顶中兴海思"
)
_TRADES = spelt(
    """
    科技 电子 电子科技 微电子 半导体 集成电路设计 光电 精密机械 新材料 自动化设备 智能装备 软件技术 信息技术 通信技术
    实业 贸易 电子材料 测试技术 投资 供应链管理 真空设备 检测
    """
)
_TYPED = "宏鸿洪红弘鑫新欣芯心兴星盛胜晟圣达大泰太康慷瑞锐睿德得威维伟科可联连通同源元原辉晖恒衡信讯凯楷"
_FORMS = ("有限公司",) * 17 + ("股份有限公司",) * 3
_STREETS = spelt(
    """
    科技园路 深南大道 高新南一道 留仙大道 宝安大道 龙岗大道 坂雪岗大道 梅观路 光明大道 坪山大道 红荔路
    """
)
_PARKS = spelt(
    """
    创新科技园 软件产业基地 集成电路产业园 国际创新谷 智慧谷 工业园 科技大厦 生态科技园 天安数码城
    """
)
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹"
_GIVEN = "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚桂英华建国志红玉春梅文辉"
DISTRICTS = ("440303", "440304", "440305", "440306", "440307", "440309", "440310", "440311")
PLACES = ("罗湖", "福田", "南山", "宝安", "龙岗", "龙华", "坪山", "光明")


@dataclass(frozen=True)
class Firm:
    """An enterprise as a desk keys it; entries of one enterprise have the same `entity`."""

    entity: int
    uscc: str
    name: str
    district: str
    phone: str
    address: str
    person: str
    figures: tuple[float, ...]
    parent: str = ""


class Maker:
    """Makes firms from a seed; `share` of the firms stand twice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self._number = self.dice.randrange(10_000)
        self._entity = 0

    def labelled(self, count: int, share: float = 0.2) -> list[Firm]:
        """Some firms, in any order: their duplicates, and the sisters, branches and numbered works that are none."""
        dice, firms = self.dice, []
        agency, incubator = "83" + self._digits(6), self._address()
        for _ in range(count):
            firm = self.firm()
            if dice.random() < 0.04:
                firm = replace(firm, phone=agency)
            if dice.random() < 0.04:
                firm = replace(firm, address=incubator)
            firms.append(firm)
            if dice.random() < share:
                firms.append(self.double(firm))
            if dice.random() < 0.12:
                firms += self.neighbours(firm)
        dice.shuffle(firms)
        return firms

    def firm(self) -> Firm:
        """An enterprise with nothing to do with the others."""
        dice = self.dice
        core = "".join(dice.choices(_CORE, k=dice.choice((2, 2, 3, 3, 3, 4))))
        head = dice.choice(("深圳市", "深圳市", "深圳市", "深圳", "深圳市福田区", "广东", ""))
        trade = dice.choice(_TRADES)
        name = f"{head}{core}{trade}{dice.choice(_FORMS)}"
        if dice.random() < 0.2:
            name = f"{core}{trade}(深圳){dice.choice(_FORMS)}"
        return self._entry(name)

    def _entry(self, name: str) -> Firm:
        dice = self.dice
        revenue = dice.randrange(200, 900_000)
        return Firm(
            self._next(), self._code(), name, dice.choice(DISTRICTS), "8" + self._digits(7), self._address(),
            self._person(), (revenue, round(revenue * dice.random() / 5), dice.randrange(3, 2000)),
        )  # fmt: skip

    def neighbours(self, firm: Firm) -> list[Firm]:
        """Other enterprises that look like one: a sister, a branch, a numbered works, a name one character away."""
        dice, trade = self.dice, self.dice.choice(_TRADES)
        parts = parse(firm.name, PLACES)
        kind = dice.randrange(5)
        if kind == 0:
            same = {"phone": firm.phone} if dice.random() < 0.3 else {}
            if trade == parts.trade:
                return []
            sister = self._entry(f"深圳市{parts.core}{trade}有限公司")
            return [replace(sister, address=firm.address, person=firm.person, **same)]
        if kind == 1:
            return [
                replace(self._entry(f"{firm.name}{place}分公司"), phone=firm.phone, person=firm.person)
                for place in dice.sample(PLACES, 2)
            ]
        if kind == 2:
            works = [self._entry(f"深圳市{parts.core}{number}电子厂") for number in ("第一", "第二")]
            return [works[0], replace(works[1], phone=works[0].phone, person=works[0].person)]
        if kind == 3:
            at = dice.randrange(len(parts.core))
            core = parts.core[:at] + dice.choice(_CORE) + parts.core[at + 1 :]
            if core == parts.core:
                return []
            other = self._entry(f"深圳市{core}{parts.trade}有限公司")
            return [replace(other, address=firm.address) if dice.random() < 0.2 else other]
        child = self._entry(f"深圳市{parts.core}{trade}有限公司")
        return [replace(child, parent=firm.uscc, person=firm.person)] if trade != parts.trade else []

    def double(self, firm: Firm) -> Firm:
        """The same enterprise keyed once more, by somebody else."""
        dice = self.dice
        name = firm.name
        for _ in range(dice.choice((0, 1, 1, 1, 2, 2))):
            name = dice.choice((traditional, wide, brackets, self._shorter, self._typed, self._typed, limited))(name)
        revenue, *rest = firm.figures
        return replace(
            firm, name=name, uscc=self._other_code(firm.uscc),
            district=firm.district if dice.random() < 0.4 else dice.choice(DISTRICTS),
            phone=dice.choices((firm.phone, f"0755-{firm.phone}", "", "13" + self._digits(9)), (50, 20, 15, 15))[0],
            address=dice.choices(
                (firm.address, f"深圳市南山区{firm.address}", "", self._address()), (45, 25, 15, 15)
            )[0],
            person=dice.choices((firm.person, "", self._person()), (75, 15, 10))[0],
            figures=firm.figures if dice.random() < 0.3 else (revenue + dice.randrange(1, 900), *rest),
        )  # fmt: skip

    def _other_code(self, code: str) -> str:
        dice = self.dice
        kind = dice.random()
        if kind < 0.55:
            at = dice.randrange(2, 18)
            return code[:at] + dice.choice([one for one in codes.USCC_ALPHABET if one != code[at]]) + code[at + 1 :]
        if kind < 0.65:
            at = next((at for at in range(9, 17) if code[at] != code[at + 1]), 8)
            return code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        if kind < 0.8:
            return codes.uscc_with_check(f"9144{dice.choice(('0305', '0306', '0000'))}{code[8:17]}")
        return self._code()

    def _shorter(self, name: str) -> str:
        cut = self.dice.choice(("市", "有限公司", "深圳市", "股份有限公司"))
        return name.replace(cut, "", 1) if len(name.replace(cut, "", 1)) > 4 else name

    def _typed(self, name: str) -> str:
        """A character of the name keyed wrongly, left out, or before the one before it."""
        dice = self.dice
        parts = parse(name, PLACES)
        start = max(0, name.find(parts.core))
        at = start + dice.randrange(max(1, min(len(parts.stem), len(name) - start - 1)))
        return dice.choice((
            name[:at] + dice.choice(_TYPED) + name[at + 1 :], name[:at] + name[at + 1 :],
            name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        ))  # fmt: skip

    def _next(self) -> int:
        self._entity += 1
        return self._entity

    def _code(self) -> str:
        self._number += self.dice.randrange(1, 9)
        return codes.uscc_with_check("91440300" + codes.organisation_code(f"MA{self._number:06}"))

    def _digits(self, count: int) -> str:
        return "".join(self.dice.choices("0123456789", k=count))

    def _address(self) -> str:
        dice = self.dice
        where = f"{dice.choice(_STREETS)}{dice.randrange(1, 3000)}号{dice.choice(_PARKS)}"
        return f"{where}{dice.choice('ABCD1234')}栋{dice.randrange(1, 40)}{dice.randrange(1, 20):02}室"

    def _person(self) -> str:
        return self.dice.choice(_SURNAMES) + "".join(self.dice.choices(_GIVEN, k=self.dice.choice((1, 2, 2, 2))))


def traditional(name: str) -> str:
    """In the characters that Hong Kong and Taiwan write."""
    return name.translate(
        str.maketrans("电国圳华龙东风义实业贸技联创芯广达汇顶兴", "電國圳華龍東風義實業貿技聯創芯廣達匯頂興")
    )


def wide(name: str) -> str:
    """In full width, with a blank somewhere."""
    return " " + name.replace("(", "（").replace(")", "）")[:6] + "　" + name.replace("(", "（").replace(")", "）")[6:]


def brackets(name: str) -> str:
    """深圳市某某公司 as 某某(深圳)公司."""
    return f"{name[3:].replace('有限公司', '')}(深圳)有限公司" if name.startswith("深圳市") else name


def limited(name: str) -> str:
    return name if "股份" in name else name.replace("有限公司", "有限责任公司")


def known(firms: list[Firm]) -> list[Known]:
    """The firms as they are compared."""
    return [
        Known(
            at, firm.uscc, parse(firm.name, PLACES), firm.district, phones_of([firm.phone]), address_of(firm.address),
            fold(firm.person), firm.parent, firm.figures, codes.valid_uscc(firm.uscc),
        )
        for at, firm in enumerate(firms)
    ]  # fmt: skip
