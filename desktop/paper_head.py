"""What stands above and below the table of a form: title, unit, legal block, signatures, explanations."""

from __future__ import annotations

from desktop.paper_block import Block, Piece, Rule, beside, framed_code, inset, stack, words
from desktop.paper_copy import Copy
from survey.codes import USCC_LENGTH

_TITLE, _SMALL, _NOTE = 15.0, 8.5, 7.5
_GAP = 60.0
_BOX = 118.0


def head(copy: Copy) -> Block:
    """Title, period, unit block at the left, legal block at the right, unit of measure above the table."""
    width = copy.paper.inner
    title = words(copy.face, copy.texts.pick(copy.form.title, copy.form.title_en), width, _TITLE, bold=True,
                  align="center")  # fmt: skip
    period = words(copy.face, copy.period(), width, 10, align="center")
    legal = _legal(copy, width * 0.42)
    unit = _unit(copy, width - legal.width - 2 * _GAP)
    top = title.height + 30
    low = top + max(legal.height, period.height + 20 + unit.height)
    pieces: list[Piece] = [*title.pieces, *period.moved(0, top), *legal.moved(width - legal.width, top)]
    pieces += unit.moved(0, low - unit.height)
    measure = _measure(copy, width)
    pieces += measure.moved(0, low + 25)
    return Block(width, low + measure.height + 45, tuple(pieces))


def again(copy: Copy) -> Block:
    """The short head of a page that goes on: whose form it is, and which."""
    width, form, texts = copy.paper.inner, copy.form, copy.texts
    whose = "  ".join(part for part in (copy.filled.uscc, copy.filled.name) if part)
    title = texts("paper.again", title=texts.pick(form.title, form.title_en))
    parts = (
        words(copy.face, whose, width * 0.42, _NOTE),
        words(copy.face, title, width * 0.34, _SMALL, bold=True, align="center"),
        words(copy.face, f"{form.table_no or form.id}　{copy.period()}", width * 0.24, _NOTE, align="right"),
    )
    line = beside(parts)
    return Block(width, line.height + 40, line.pieces)


def foot(copy: Copy) -> Block:
    """The signatures, and what the respondent should know."""
    width, texts = copy.paper.inner, copy.texts
    legal = copy.scheme.legal
    notes = [texts("paper.scope", scope=texts.pick(copy.form.scope, copy.form.scope_en))] if copy.form.scope else []
    notes += [text] if (text := texts.pick(legal.confidential, legal.confidential_en)) else []
    parts = [Block(width, 50), _signers(copy, width)]
    if notes:
        mark = texts("paper.notes")
        left = copy.face.width(mark, _NOTE)
        numbered = [f"{at}. {note}" if len(notes) > 1 else note for at, note in enumerate(notes, 1)]
        lines = stack([words(copy.face, note, width - left, _NOTE) for note in numbered])
        parts += [Block(width, 55), beside((words(copy.face, mark, left, _NOTE), lines))]
    return stack(parts)


def _legal(copy: Copy, most: float) -> Block:
    """What makes the form lawful; the names end level."""
    texts = copy.texts
    facts = {"table_no": copy.form.table_no or copy.form.id, **copy.scheme.legal.facts(texts)}
    names = {name: texts(f"paper.legal.{name}") for name in facts}
    left = max(copy.face.width(name, _SMALL) for name in names.values()) + 15
    right = min(most - left, max(copy.face.width(fact, _SMALL) for fact in facts.values()) + 2)
    rows = [
        beside((words(copy.face, names[name], left, _SMALL), words(copy.face, fact, right, _SMALL)))
        for name, fact in facts.items()
    ]
    return stack(rows)


def _unit(copy: Copy, width: float) -> Block:
    """Who fills the form in: code in boxes, name; of a desk its name alone."""
    texts, whose = copy.texts, copy.filled
    if copy.form.respondent != "unit":
        return _named(copy, texts("paper.desk"), whose.name, width)
    mark = texts("paper.uscc")
    left = copy.face.width(mark, _SMALL)
    side = min(_BOX, (width - left) / USCC_LENGTH)
    code = framed_code(copy.face, whose.uscc, USCC_LENGTH, side, _SMALL, "uscc")
    label = words(copy.face, mark, left, _SMALL)
    lower = max(0.0, (code.height - label.height) / 2)
    line = Block(width, code.height, (*label.moved(0, lower), *code.moved(left, 0)))
    return stack((line, _named(copy, texts("paper.name"), whose.name, width)), gap=30)


def _named(copy: Copy, mark: str, name: str, width: float) -> Block:
    left = copy.face.width(mark, _SMALL)
    label = words(copy.face, mark, left, _SMALL)
    if name:
        return beside((label, words(copy.face, name, width - left, _SMALL, key="name")))
    line = label.height * 0.95
    return Block(width, label.height, (*label.pieces, Rule(left, line, width, line)))


def _measure(copy: Copy, width: float) -> Block:
    unit = copy.scheme.unit(copy.form.unit, copy.texts)
    text = copy.texts("paper.measure", unit=unit) if unit else ""
    return words(copy.face, text, width, _SMALL, align="right")


def _signers(copy: Copy, width: float) -> Block:
    """As many abreast as there is room to sign."""
    texts = copy.texts
    signers = [
        texts("paper.signer", who=who) + (texts("paper.date_open") if who == texts("paper.date_signer") else "")
        for who in copy.scheme.legal.signers(texts)
    ]
    if not signers:
        return Block(width, 0)
    need = [copy.face.width(text, _SMALL) + (0 if "　" in text[-4:] else 420) for text in signers]
    rows: list[list[int]] = [[]]
    for at, one in enumerate(need):
        if rows[-1] and sum(need[other] for other in rows[-1]) + one > width:
            rows.append([])
        rows[-1].append(at)
    return stack([_spread(copy, [signers[at] for at in row], [need[at] for at in row], width) for row in rows], gap=60)


def _spread(copy: Copy, texts: list[str], need: list[float], width: float) -> Block:
    spare = max(0.0, (width - sum(need)) / len(need))
    parts = [
        inset(words(copy.face, text, one + spare, _SMALL), 0, one + spare)
        for text, one in zip(texts, need, strict=True)
    ]
    return beside(parts)
