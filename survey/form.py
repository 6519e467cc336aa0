"""Forms and their items, as a survey scheme defines them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from survey.expression import Kind, Node
from survey.texts import Texts

ItemType = Literal["integer", "decimal", "text", "code", "flag", "date", "uscc"]
ITEM_TYPES = ("integer", "decimal", "text", "code", "flag", "date", "uscc")
MONEY_UNIT = "千元"
# A year or a quarter of one: 2025, 2025Q3.
PERIOD = re.compile(r"(19|20)[0-9]{2}(Q[1-4])?")
CHECK_CLASSES = ("A", "B", "C", "D")
# The hard ones: they block a return, or ask for an explanation of a contradiction.
HARD = ("A", "B")
# 审核的十二类, as statistics bureaus tell them apart.
FAMILIES = (
    "completeness", "validity", "balance", "of_which", "conditional", "cross_form", "cross_period", "magnitude",
    "outlier", "duplicate", "classification", "logic",
)  # fmt: skip
Layout = Literal["table", "fields", "list"]
LAYOUTS = ("table", "fields", "list")
Respondent = Literal["unit", "district", "city"]
RESPONDENTS: tuple[Respondent, ...] = ("unit", "district", "city")


@dataclass(frozen=True)
class Item:
    """One question: its row code, its name, its label, its type and its unit of measure.

    Conditions and formulas are expressions on the item's own form: `required_when` and `skip` say
    when an answer is owed and when none may be given, `computed` gives the value of an item that
    nobody types. `within` names the item whose code narrows this one's list; `total` adds the
    column up under a list form; `source` says where the instruction `note` comes from, '' for the
    scheme itself.
    """

    form: str
    code: str
    name: str
    label: str
    type: ItemType
    label_en: str = ""
    unit: str = ""
    list: str = ""
    indent: int = 0
    of_which: bool = False
    required: bool = False
    official: bool = False
    minimum: float | None = None
    length: int = 0
    note: str = ""
    note_en: str = ""
    previous: bool = True
    required_when: str = ""
    skip: str = ""
    computed: str = ""
    within: str = ""
    total: bool = False
    source: str = ""

    @property
    def key(self) -> str:
        """The item as statisticians cite it: `IC-02.301`."""
        return f"{self.form}.{self.code}"

    @property
    def numeric(self) -> bool:
        return self.type in ("integer", "decimal", "flag")

    @property
    def kind(self) -> Kind:
        return "number" if self.numeric else "text"

    @property
    def sql_type(self) -> str:
        """The column type in the survey file."""
        return {"integer": "INTEGER", "flag": "INTEGER", "decimal": "REAL"}.get(self.type, "TEXT")


@dataclass(frozen=True)
class Section:
    """A heading between the rows of a form."""

    section: str
    section_en: str = ""


@dataclass(frozen=True)
class Form:
    """One form of the scheme.

    `layout` is `table` (甲 乙 丙 1 2), `fields` (identity form) or `list` (any number of lines);
    `respondent` is who fills it in: a unit of the register, the district's desk, or the city's.
    """

    id: str
    title: str
    title_en: str
    layout: Layout
    rows: tuple[Section | Item, ...]
    table_no: str = ""
    unit: str = ""
    scope: str = ""
    scope_en: str = ""
    respondent: Respondent = "unit"

    @property
    def is_list(self) -> bool:
        return self.layout == "list"

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return tuple(row for row in self.rows if isinstance(row, Item))

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        return {item.code: item for item in self.items}

    @property
    def table(self) -> str:
        """The form's table in the survey file."""
        return "form_" + self.id.lower().replace("-", "_")


@dataclass(frozen=True)
class Check:
    """A check (edit rule): what must hold, how grave a failure is, and why the check exists.

    `family` is one of `FAMILIES`; `local` is whether the desk itself has added it to the scheme.
    """

    code: str
    category: str
    scope: str
    text: str
    tree: Node
    tolerance: float
    message: str
    message_en: str
    valid_from: str = ""
    reason: str = ""
    family: str = ""
    local: bool = False


@dataclass(frozen=True)
class Ruling:
    """What the city has decided about a check from a day on: `off`, or another class.

    `official` is who signed for it, `at` when.
    """

    check: str
    action: str
    valid_from: str
    official: str
    reason: str
    at: str


@dataclass(frozen=True)
class Checking:
    """What a scheme says of checking: how units are grouped to be compared, and which items carry its figures.

    `strata` are the items whose codes make a unit's peer group, the coarsest first; `staff` is the item
    that counts a unit's people; `key_items` are those that the indicators add up.
    """

    strata: tuple[str, ...] = ()
    staff: str = ""
    key_items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roles:
    """Which items hold what tells units apart: telephones, the address, the legal person, the parent's code."""

    phones: tuple[str, ...] = ()
    address: str = ""
    person: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Disclosure:
    """What a scheme says of disclosure control: when a figure tells too much of one respondent.

    A sum of fewer than `threshold` contributors is withheld, a count below `counts`; `percent` is the p of
    the p% rule, `prior` the p and q of the (p, q) rule, `dominance` the pairs of n and k of the (n, k)
    rule. Where there are negative contributions p is divided by `negative`. Before anything is published
    everybody knows each value to `known` per cent. The formulas stand in `indicators.sensitivity`. The
    numbers themselves are confidential: who knows them estimates more closely.
    """

    threshold: int = 3
    counts: int = 3
    percent: float = 15.0
    prior: tuple[float, ...] = ()
    dominance: tuple[tuple[int, float], ...] = ()
    negative: float = 2.0
    known: float = 100.0

    @property
    def asked(self) -> float:
        """By how many per cent of itself a value must at most stay uncertain, by any of the rules."""
        shares = [100 * (100 / share - 1) for _, share in self.dominance]
        return max([self.percent, *shares, 100 * self.prior[0] / self.prior[1] if self.prior else 0.0])


@dataclass(frozen=True)
class Derivation:
    """A row of a decision table: the value an item should have in a time, where the condition holds."""

    item: str
    value: int | float | str
    valid_from: str
    valid_to: str
    tree: Node
    reason: str = ""

    def holds_in(self, period: str) -> bool:
        """Whether the row is in force in a period."""
        year = period[:4]
        return self.valid_from[:4] <= year and (not self.valid_to or year <= self.valid_to[:4])


@dataclass(frozen=True)
class Version:
    """How answers to an earlier version of a scheme become answers to this one.

    `renamed` gives new names by old, `recoded` new codes by old for an item's new name, `filled` the
    expression over the earlier version by which a new item is filled; what is `dropped` is kept in
    the record of changes alone.
    """

    renamed: Mapping[str, str]
    dropped: tuple[str, ...]
    recoded: Mapping[str, Mapping[str, str]]
    filled: Mapping[str, str]


@dataclass(frozen=True)
class Legal:
    """The identity block that makes a survey form lawful; what is not yet granted is empty."""

    maker: str = ""
    maker_en: str = ""
    approver: str = ""
    approver_en: str = ""
    approval_no: str = ""
    valid_until: str = ""
    confidential: str = ""
    confidential_en: str = ""
    foot: tuple[str, ...] = ()
    foot_en: tuple[str, ...] = ()

    def facts(self, texts: Texts) -> dict[str, str]:
        """The block's lines by name; what is not yet granted says so."""
        lines = {
            "maker": texts.pick(self.maker, self.maker_en),
            "approver": texts.pick(self.approver, self.approver_en),
            "approval_no": self.approval_no,
            "valid_until": self.valid_until,
        }
        return {name: line or texts("return.pending") for name, line in lines.items()}

    def signers(self, texts: Texts) -> tuple[str, ...]:
        """Who signs at the foot."""
        return self.foot_en if texts.lang == "en" and self.foot_en else self.foot
