"""Every finding of the file, filtered and searched; one in full below, with what it may come from."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.findings_model import MESSAGE, FindingsModel
from desktop.pages import Desk, Nothing, class_name, result_line
from desktop.plain import Label, keyless, quoted
from desktop.rows_model import table_view
from survey.checks import CheckSet, Finding
from survey.errors import SurveyError
from survey.form import CHECK_CLASSES, FAMILIES
from survey.listing import STATES, Listing, Wanted
from survey.texts import Texts


class FindingTab(QWidget):
    """`opened` asks for the unit and cell of a finding, `whereabouts` where its error may be.

    `queried` asks for the query lists of some units, `answered` for those that came back.
    """

    opened = Signal(object)
    whereabouts = Signal(object)
    queried = Signal(object)
    answered = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._checks: CheckSet | None = None
        self._listing: Listing | None = None
        self.wanted = Wanted()
        texts = desk.texts
        badges = {one: desk.icons.badge(one, desk.colours.of_class(one), desk.colours.field) for one in CHECK_CLASSES}
        self.model = FindingsModel(texts, badges)
        self._category = _choice("filter", texts("review.filter"), texts("review.all"))
        for category in CHECK_CLASSES:
            self._category.addItem(badges[category], class_name(texts, category), category)
        self._family = _choice("familyFilter", texts("review.family"), texts("review.all_families"))
        for family in FAMILIES:
            self._family.addItem(texts(f"check.family.{family}"), family)
        self._state = _choice("stateFilter", texts("review.state_filter"), texts("review.all_states"))
        for state in STATES:
            self._state.addItem(texts(f"review.state.{state}"), state)
        self._search = QLineEdit()
        self._search.setObjectName("findingSearch")
        self._search.setPlaceholderText(texts("review.search"))
        self._search.setClearButtonEnabled(True)
        self._narrowed = QPushButton()
        self._narrowed.setObjectName("narrowed")
        self._narrowed.setToolTip(quoted(texts("review.widen")))
        self._narrowed.clicked.connect(self._widen)
        self._narrowed.hide()
        self._count = Label()
        self._count.setObjectName("findingCount")
        self._count.setProperty("kind", "hint")
        self._lay_out(texts)
        for box in (self._category, self._family, self._state):
            box.currentIndexChanged.connect(self._choose)
        self._search.textChanged.connect(self._choose)

    def _lay_out(self, texts: Texts) -> None:
        self.table = table_view(self.model, "review", texts("review.title"), (116, 176, 210, 116, 92, 300), MESSAGE)
        self.table.activated.connect(self._open_at)
        self.table.doubleClicked.connect(self._open_at)
        self.table.selectionModel().currentChanged.connect(self._tell)
        nothing = Nothing(self._desk.icons, "done", texts("review.none"), texts("review.none_line"), "allPassed")
        self._either = QStackedWidget()
        self._either.addWidget(self.table)
        self._either.addWidget(nothing)
        self._detail = result_line("reviewDetail")
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in (self._category, self._family, self._state):
            row.addWidget(widget)
        row.addWidget(self._search, 1)
        row.addWidget(self._narrowed)
        row.addWidget(self._count)
        self._buttons: dict[str, QPushButton] = {}
        ways = QHBoxLayout()
        for name, action in (
            ("openUnit", self._open), ("whereabouts", self._ask), ("", None),
            ("question", self._ask_question), ("query", self._query),
            ("queryListed", self._query_listed), ("answers", self.answered.emit),
        ):  # fmt: skip
            if action is None:
                ways.addStretch(1)
                continue
            button = QPushButton(texts(f"review.{name}"))
            button.setObjectName(name)
            button.clicked.connect(lambda _checked=False, action=action: action())
            ways.addWidget(button)
            self._buttons[name] = button
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 10, 0, 0)
        outer.setSpacing(8)
        outer.addLayout(row)
        outer.addWidget(self._either, 1)
        outer.addWidget(self._detail)
        outer.addLayout(ways)

    def show_checks(self, checks: CheckSet) -> None:
        """The findings of the last check, as they are wanted."""
        self._checks = checks
        self._fill()

    def narrow(self, wanted: Wanted, label: str) -> None:
        """Only the findings of a check, an item or a unit; `label` says which."""
        for box in (self._category, self._family, self._state):
            box.blockSignals(True)
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self._search.blockSignals(True)
        self._search.setText(wanted.search)
        self._search.blockSignals(False)
        self.wanted = wanted
        self._narrowed.setText(keyless(f"{label}  ×"))
        self._narrowed.setVisible(not wanted.search)
        self._fill()

    def say(self, text: str) -> None:
        """Something about the chosen finding, below its sentence."""
        told = self.model.index(self.table.currentIndex().row(), MESSAGE).data()
        self._detail.setText(f"{told}\n{text}" if text else str(told))
        self._detail.show()

    def chosen(self) -> Finding | None:
        """The finding of the chosen row."""
        listed = self.model.listed(self.table.currentIndex()) if self.table.currentIndex().isValid() else None
        return listed.finding if listed and not listed.gone else None

    def _choose(self) -> None:
        self.wanted = replace(
            self.wanted, category=self._category.currentData(), family=self._family.currentData(),
            state=self._state.currentData(), search=self._search.text(),
        )  # fmt: skip
        self._fill()

    def _widen(self) -> None:
        self._narrowed.hide()
        self.wanted = replace(self.wanted, check="", item="")
        self._fill()

    def _fill(self) -> None:
        if self._checks is None:
            return
        listing = self._listing = Listing(self._desk.store, self._checks, self.wanted)
        self.model.show(self._checks.scheme, listing)
        facts = {"count": f"{len(listing):,}", "units": f"{listing.units:,}"}
        self._count.setText(self._desk.texts("review.count", **facts))
        self._either.setCurrentIndex(0 if len(listing) else 1)
        self._detail.hide()
        for name, button in self._buttons.items():
            # Answers come back to whatever is listed just now.
            button.setEnabled(name == "answers" or bool(len(listing)))
        if len(listing):
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _tell(self, index: QModelIndex) -> None:
        """The chosen finding in full below the table, where a row cuts it."""
        if index.isValid():
            self.say(self._answers())

    def _answers(self) -> str:
        """What the unit has answered on query lists to this finding, and to questions of the officer's own."""
        from survey.explanations import code_of
        from survey.queries import answers_to

        finding, store, texts = self.chosen(), self._desk.store, self._desk.texts
        unit = store.find_unit(finding.unit) if finding else None
        if finding is None or unit is None:
            return ""
        told = answers_to(store, unit, finding.period, code_of(finding))
        return "\n".join(
            texts("review.asked_and_said" if question else "review.said", question=question, answer=answer, who=who,
                  day=at[:10])
            for question, answer, who, at in told
        )  # fmt: skip

    def ask(self, question: str) -> None:
        """Puts a question of the officer's own to the unit of the chosen finding, and shows its list."""
        from survey.queries import ask_freely

        store = self._desk.store
        unit = store.find_unit(finding.unit) if (finding := self.chosen()) else None
        if finding is None or unit is None:
            return
        try:
            ask_freely(store, unit, finding.period, question, self._desk.settings.who)
        except SurveyError as error:
            self._desk.fail(error)
            return
        self.queried.emit([unit])

    def _ask_question(self) -> None:
        texts = self._desk.texts
        finding = self.chosen()
        if finding is None:
            return
        title = texts("review.question")
        question, given = QInputDialog.getMultiLineText(
            self, title, quoted(texts("review.question_to", name=finding.name))
        )
        if given and question.strip():
            self.ask(question)

    def _open_at(self, _index: QModelIndex) -> None:
        if self.isVisible():
            self._open()

    def _open(self) -> None:
        if finding := self.chosen():
            self.opened.emit(finding)

    def _ask(self) -> None:
        if finding := self.chosen():
            self.whereabouts.emit(finding)

    def _query(self) -> None:
        unit = self._desk.store.find_unit(finding.unit) if (finding := self.chosen()) else None
        if unit is not None:
            self.queried.emit([unit])

    def _query_listed(self) -> None:
        if self._listing:
            self.queried.emit(self._listing.unit_ids())


def _choice(name: str, label: str, every: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(label)
    box.addItem(every, "")
    return box
