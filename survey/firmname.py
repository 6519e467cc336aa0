"""An enterprise's name taken apart: 深圳市 | 赛意法 | 微电子 | 有限公司 | 龙岗分公司.

By the national rules a name is region, trade name (字号), line of business, organisational form. The parts serve to
compare names; the name itself is never written anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from survey.codes import UNSEEN
from survey.regions import CITIES, PROVINCES, words

# Longest first: the first that fits is the form.
_FORMS = (
    "股份有限公司", "有限责任公司", "有限公司", "股份合作公司", "集团公司", "总公司", "公司",
)  # fmt: skip
_OTHER_FORMS = (
    "特殊普通合伙", "普通合伙", "有限合伙", "合伙企业", "个人独资企业", "专业合作社", "合作社", "联合社", "研究院",
    "研究所", "研究中心", "事务所", "中心", "来料加工厂", "加工厂", "制造厂", "总厂", "厂", "商行", "商店", "经营部",
    "门市部", "工作室", "店", "社", "站", "部", "行",
)  # fmt: skip
# Which forms say the same; a form that is only hinted at goes with all of its kind.
_SAME_FORM = {"有限责任公司": "有限公司", "集团公司": "公司", "总公司": "公司"}
_BRANCH_ENDS = words(
    """
    分公司 分厂 分店 分行 支行 分社 分所 分院 分部 分校 分中心 办事处 代表处 营业部 项目部
    """
)
_TRADES = words(
    """
    科技 技术 高科 高新 信息 信息技术 电子 电子科技 微电子 光电 光电子 半导体 集成电路 芯片 电路 线路板 电路板
    元器件 电器 电气 电机 电源 电池 电力 电缆 电线 电讯 通信 通讯 网络 软件 数码 数据 数字 智能 智能科技 智造
    自动化 机器人 计算机 系统 设备 装备 机械 机电 机床 仪器 仪表 仪器仪表 精密 模具 五金 五金制品 塑胶 塑料
    橡胶 硅胶 制品 材料 新材料 新能源 能源 化工 化学 化学品 涂料 油墨 玻璃 陶瓷 金属 金属材料 钢铁 铝业 铜业
    矿业 冶金 医疗 医疗器械 医药 药业 药房 生物 生物科技 生物技术 基因 健康 食品 饮料 饮食 餐饮 酒店 宾馆 农业
    农业科技 农产品 水产 粮油 茶业 服装 服饰 制衣 纺织 印染 鞋业 皮具 皮革 家具 家私 家居 家电 照明 灯饰 玩具
    礼品 工艺 工艺品 珠宝 首饰 珠宝首饰 钟表 眼镜 文具 包装 印刷 纸业 纸品 造纸 广告 传媒 文化 文化传播
    文化传媒 传播 影视 设计 装饰 装潢 建筑 建筑工程 建设 工程 建材 建筑装饰 安装 监理 房地产 房地产开发 地产
    置业 物业 物业管理 园林 绿化 环保 环境 环境工程 水务 燃气 石油 石化 交通 运输 物流 货运 货运代理 快递 仓储
    供应链 供应链管理 汽车 汽车贸易 汽车销售 汽车服务 船务 航运 航空 旅游 旅行社 国旅 贸易 商贸 工贸 经贸 外贸
    国际贸易 进出口 进出口贸易 贸易发展 实业 实业发展 企业 产业 工业 制造 生产 加工 来料加工 销售 营销 商业
    百货 超市 连锁 零售 批发 电子商务 商务 投资 投资发展 投资控股 投资管理 控股 控股集团 集团 资产 资产管理
    资本 基金 基金管理 金融 保险 保险代理 证券 典当 担保 融资租赁 租赁 咨询 管理 管理咨询 企业管理 企业管理咨询
    顾问 管理顾问 服务 技术服务 信息咨询 工程咨询 策划 企业形象策划 人力资源 劳务 教育 教育科技 培训 体育 娱乐
    美容 美发 美容美发 摄影 会计师 税务师 律师 检测 检测技术 认证 测试 测量 测绘 规划 勘察 安防 安全 消防 保安
    清洁 清洗 干洗 维修 发展 开发 国际 股份 联合 封装 封测 晶圆 光学 激光 显示 传感 传感器 存储 微系统 射频
    功率 器件 电子元件 材料科技 电子材料 技术开发 软件技术 网络科技 网络技术 信息科技 通信技术 通讯技术
    科技发展 科技开发 实业投资 汽车配件 配件 用品 日用品 化妆品
    """
)
_LONGEST_TRADE = max(map(len, _TRADES))
_LEAST_CORE = 2
_ASIDE = re.compile(r"\((?:简称|原|原名|曾用名|已注销|注销)[:：]?[^()]*\)")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_PLACE = re.compile(r"[^省市区县()]{2,4}?(?:自治州|自治县|市|区|县)")
_SUFFIX = re.compile("特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|自治州|省|市|新区|区|县|镇|街道")
_KINDS = frozenset("省市区县")
_ALL = PROVINCES | CITIES
_PLACE_LENGTHS = (6, 5, 4, 3, 2)
_NUMBERS = re.compile(r"\d+|(?<=第)[一二三四五六七八九十百]+|[一二三四五六七八九十]+(?=[号分厂店部期院所校队线车])")
_DIGITS = {letter: str(at) for at, letter in enumerate("零一二三四五六七八九")} | {"十": "10"}


@dataclass(frozen=True, slots=True)
class FirmName:
    """The parts of a name, all folded; `whole` is the folded name, `parent` what stands before the branch part.

    `regions` are places without 省, 市, 区; `numbers` the ordinals that tell sister units apart (一号, 二厂).
    """

    whole: str
    regions: tuple[str, ...]
    core: str
    trade: str
    form: str
    branch: str
    parent: str
    numbers: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Trade name and line of business: what is left where region and form are written in another way."""
        return self.core + self.trade


def fold(text: str) -> str:
    """A name as names are compared: half-width, capitals, simplified characters, no spaces and dots."""
    return unicodedata.normalize("NFKC", text).upper().translate(_folding())


@cache
def _folding() -> Mapping[int, str | None]:
    """What becomes of characters: the simplified form of traditional ones, the usual one where there are several.

    The table is that of OpenCC (TSCharacters). Spaces, dots and dashes fall away, brackets become round.
    """
    source = resources.files("opencc") / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in source.read_text("utf-8").splitlines() if "\t" in line)
    table: dict[int, str | None] = {ord(pair[0]): pair[1].split()[0] for pair in pairs if len(pair[0]) == 1}
    table |= {ord(letter): "(" for letter in "[{【〔〖<《"} | {ord(letter): ")" for letter in "]}】〕〗>》"}
    deleted = re.compile(rf"[\s{UNSEEN}]|[-_.,·•・‧、。，'\"“”‘’*]")
    return table | {code: None for code in range(0x10000) if deleted.match(chr(code))}


def parse(name: str, places: Collection[str] = ()) -> FirmName:
    """A name taken apart; `places` are further names of regions without 区, such as those of a scheme's districts."""
    whole = fold(name)
    text, regions = _inline(_ASIDE.sub("", whole), places)
    head, branch = _branch(text)
    body, form = _form(head)
    ahead, body = _regions(body, places)
    core, trade = _core(body)
    flat = _BRACKETED.sub(r"\1", _ASIDE.sub("", whole))
    parent = flat.removesuffix(branch) if branch else flat
    return FirmName(flat, (*ahead, *regions), core, trade, form, branch, parent, _numbers(head, branch))


def same_form(one: str, other: str) -> bool:
    """Whether two organisational forms may be the same one, written out or cut short."""
    one, other = _SAME_FORM.get(one, one), _SAME_FORM.get(other, other)
    return (
        one == other
        or not (one and other)
        or ("公司" in (one, other) and one.endswith("公司") == other.endswith("公司"))
    )


def bare_place(place: str) -> str:
    """A region without what kind of region it is: 深圳市 is 深圳."""
    kind = _SUFFIX.search(place, _LEAST_CORE)
    return place[: kind.start()] if kind and kind.end() == len(place) else place


def _inline(text: str, places: Collection[str]) -> tuple[str, list[str]]:
    """Without brackets: those around a region take it out, others fall away."""
    regions: list[str] = []

    def replaced(found: re.Match[str]) -> str:
        inside = found.group(1)
        if _known(bare_place(inside), places):
            regions.append(bare_place(inside))
            return ""
        return inside

    return _BRACKETED.sub(replaced, text).replace("(", "").replace(")", ""), regions


def _known(place: str, places: Collection[str]) -> bool:
    return place in _ALL or place in places


def _branch(text: str) -> tuple[str, str]:
    """What stands before the branch part, and the branch part."""
    for form in _FORMS:
        at = text.find(form)
        # 分公司 is itself no form of the parent.
        if at > 0 and text[at - 1] != "分" and at + len(form) < len(text):
            rest = text[at + len(form) :]
            if rest not in _OTHER_FORMS:
                return text[: at + len(form)], rest
        if at > 0 and text[at - 1] != "分":
            return text, ""
    for end in _BRANCH_ENDS:
        if text.endswith(end) and len(text) > len(end) + 1:
            return _before(text.removesuffix(end), end)
    return text, ""


def _before(text: str, end: str) -> tuple[str, str]:
    """A parent without a form; the city of a branch stands before 分公司."""
    for length in (3, 2):
        place = text[-length:]
        if len(text) - length >= _LEAST_CORE and place in CITIES:
            return text[:-length], place + end
    return text, end


def _form(text: str) -> tuple[str, str]:
    for form in (*_FORMS, *_OTHER_FORMS):
        if text.endswith(form) and len(text) - len(form) >= _LEAST_CORE:
            return text.removesuffix(form), form
    return text, ""


def _regions(text: str, places: Collection[str]) -> tuple[list[str], str]:
    """The regions that a name begins with, and the rest."""
    found: list[str] = []
    while True:
        place = _region(text, places, first=not found or found[-1] in PROVINCES)
        if not place or len(text) - len(place) < _LEAST_CORE:
            return found, text
        found.append(bare_place(place))
        text = text[len(place) :]


def _region(text: str, places: Collection[str], *, first: bool) -> str:
    """The region a text begins with, or ''; what stands behind a city and is called like another is a trade name."""
    for length in _PLACE_LENGTHS:
        start = text[:length]
        if start in places or (start in _ALL and (first or text[length : length + 1] in _KINDS)):
            kind = _SUFFIX.match(text, length)
            return text[: kind.end()] if kind else start
    written = _PLACE.match(text)
    return written.group() if written else ""


def _core(text: str) -> tuple[str, str]:
    """Trade name and line of business: known words are taken from the end."""
    end = len(text)
    while True:
        longest = min(_LONGEST_TRADE, end - _LEAST_CORE)
        length = next((length for length in range(longest, 1, -1) if text[end - length : end] in _TRADES), 0)
        if not length:
            return text[:end], text[end:]
        end -= length


def _numbers(head: str, branch: str) -> tuple[str, ...]:
    return tuple("".join(_DIGITS.get(sign, sign) for sign in found) for found in _NUMBERS.findall(head + branch))
