"""Which item a foreign column may answer: by its heading, by a heading like it, by what stands below."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from difflib import SequenceMatcher

from survey.codes import fold, well_formed_uscc
from survey.damage import plain
from survey.header import meaning, spellings
from survey.record import ValueProblem, read_value
from survey.scheme import Scheme

# What lists call these; only suggested, since a list may mean something else by it.
_SAID = {
    "name": ("企业名称", "公司名称", "单位名称", "企业全称", "公司全称", "机构名称"),
    "uscc": ("信用代码", "社会信用代码", "企业代码", "机构代码"),
    "district": ("区域", "辖区", "所属区", "行政区"),
}
_LIKE = 0.6
_LEAST_VALUES = 2
_CODES, _LABELS = 0.95, 0.85


def suggest(scheme: Scheme, cells: Sequence[str], below: Sequence[Sequence[str]]) -> dict[int, str]:
    """The likeliest item of each column; every item at most once, nothing where nothing speaks for it."""
    known = {
        spelling: name
        for spelling, name in spellings(scheme).items()
        if name not in scheme.items or not scheme.items[name].computed
    }
    for name, said in _SAID.items():
        for one in said if name in scheme.items else ():
            known.setdefault(one, name)
    scores: list[tuple[float, int, str]] = []
    for at, heading in enumerate(cells):
        values = [row[at].strip() for row in below if at < len(row) and row[at].strip()]
        exact = meaning(heading, known) if heading.strip() else None
        found = [(1.0, exact)] if exact else [*_by_content(scheme, values), *_by_likeness(known, heading)]
        scores += [(score, at, name) for score, name in found if _readable(scheme, name, values)]
    taken: dict[int, str] = {}
    for _, at, name in sorted(scores, key=_surest_first):
        if at not in taken and name not in taken.values():
            taken[at] = name
    return taken


def _readable(scheme: Scheme, name: str, values: Sequence[str]) -> bool:
    """Whether most of what stands below can be an answer; spoilt codes are codes all the same."""
    item = scheme.items.get(name)
    if item is None or item.type in ("uscc", "text"):
        return True
    read = 0
    for value in values:
        with suppress(ValueProblem):
            read_value(item, value, scheme.lists)
            read += 1
    return 2 * read >= len(values)


def _surest_first(score: tuple[float, int, str]) -> tuple[float, int]:
    return -score[0], score[1]


def _by_likeness(known: dict[str, str], heading: str) -> list[tuple[float, str]]:
    """Items whose spelling is like the heading; what is certain is said by content, so this stays below it."""
    folded = fold(heading)
    if len(folded) < 2:
        return []
    matcher = SequenceMatcher(b=folded, autojunk=False)
    best: dict[str, float] = {}
    for spelling, name in known.items():
        matcher.set_seq1(spelling)
        if matcher.real_quick_ratio() >= _LIKE and matcher.quick_ratio() >= _LIKE:
            ratio = matcher.ratio()
            if ratio >= _LIKE:
                best[name] = max(best.get(name, 0.0), ratio * 0.8)
    return [(ratio, name) for name, ratio in best.items()]


def _by_content(scheme: Scheme, values: Sequence[str]) -> list[tuple[float, str]]:
    """The unit's code where eighteen characters stand below; an item where all are labels of its list alone."""
    if not values:
        return []
    if all(well_formed_uscc(plain(value)) for value in values):
        return [(_CODES, "uscc")]
    if len(values) < _LEAST_VALUES or any(value.replace(".", "").isdecimal() for value in values):
        return []
    lists = [name for name, codes in scheme.lists.items() if all(codes.find(value) for value in values)]
    items = [item.name for item in scheme.items.values() if item.type == "code" and item.list in lists]
    return [(_LABELS, items[0])] if len(lists) == 1 and len(items) == 1 else []
