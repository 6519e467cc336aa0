"""Query lists in the window: what chosen units have to answer, as it will be printed, and as workbooks to send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from desktop.fonts import load_fonts
from desktop.pages import Desk, Nothing
from desktop.paper_sheet import write_pdf
from desktop.preview_dialog import PreviewDialog
from desktop.query_paper import Bound, QueryPaper
from desktop.saving import ask_workbook
from survey import queries, querybook
from survey.errors import Cancelled, SurveyError, sentence
from survey.files import safe
from survey.progress import Progress
from survey.queries import UnitQueries
from survey.store import open as open_file

_SIZE = (1100, 700)


class QueryDialog(PreviewDialog):
    """Asks the units about all that they still have to answer, and shows their lists one after the other.

    It lists the questions away from the window's thread; until then there is nothing to print or export.
    """

    def __init__(self, desk: Desk, units: Sequence[int], period: str, parent: QWidget) -> None:
        load_fonts()
        texts = desk.texts
        super().__init__(Bound(()), desk, parent, "queries", texts("query.title"))
        self.setObjectName("queryDialog")
        self.resize(*_SIZE)
        self._units = list(units)
        self._period = period
        self._asked: list[UnitQueries] = []
        self._running = False
        self._nothing = Nothing(desk.icons, "done", texts("query.nothing"), texts("query.nothing_line"), "noQueries")
        self._nothing.hide()
        outer = self.layout()
        assert outer is not None
        outer.addWidget(self._nothing)
        self._stop = self._button("stop", self._cancel)
        self._pdf = self._button("pdf", self._ask_pdf)
        self._export = self._button("export", self._ask_file)
        self._each = self._button("export_each", self._ask_folder)
        to_paper = self.findChild(QPushButton, "print")
        assert isinstance(to_paper, QPushButton)
        self._outlets = (to_paper, self._pdf, self._export, self._each)
        desk.worker.progressed.connect(self._progress)
        self._start(self._collect, self._show)

    def _button(self, name: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._texts(f"query.{name}"))
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: action())
        self.bar.addWidget(button)
        return button

    def reject(self) -> None:
        """What is running is stopped first."""
        if self._running:
            self._cancel()
            return
        super().reject()

    # What is asked

    def _collect(self, progress: Progress) -> tuple[list[UnitQueries], Bound]:
        """The questions, and the pages laid out: of many units that takes its time."""
        period, texts = self._period, self._texts
        with closing(open_file(self._desk.path)) as store:
            queries.ask_all(store, self._units, period, self._desk.settings.who, progress)
            asked = list(queries.open_queries(store, self._units, period, progress))
            papers = (QueryPaper(one, querybook.cover_of(store, [one], period, texts), store.scheme, texts)
                      for one in asked)  # fmt: skip
            return asked, Bound(_counted(papers, len(asked), progress))

    def _show(self, collected: tuple[list[UnitQueries], Bound]) -> None:
        asked, pages = self._asked, self._pages = collected
        self.view.show_pages([pages])
        count = sum(len(one.blocks) for one in asked)
        line = self._texts("query.summary", units=len(asked), count=count, pages=pages.count)
        self._line.setText(line if asked else "")
        self.view.setVisible(bool(asked))
        self._nothing.setVisible(not asked)
        self._set_running(running=False)

    # Paper and workbooks

    def write_pdf(self, path: Path) -> None:
        """All lists as one PDF; raises SurveyError `cannot_write`."""
        assert isinstance(self._pages, Bound)
        told = self.telling("printed", path.name, units=len(self._asked))
        write_pdf(path, [self._pages], self.windowTitle(), told)
        self._line.setText(self._texts("query.exported", path=path))

    def export(self, path: Path) -> None:
        """All lists as one workbook."""

        def work(progress: Progress) -> str:
            with closing(open_file(self._desk.path)) as store:
                querybook.write(store, self._units, self._period, path, self._texts, progress)
            return self._texts("query.exported", path=path)

        self._start(work, self._said)

    def export_each(self, folder: Path) -> None:
        """One workbook a unit."""

        def work(progress: Progress) -> str:
            with closing(open_file(self._desk.path)) as store:
                written = querybook.write_each(store, self._units, self._period, folder, self._texts, progress)
            return self._texts("query.exported_each", path=folder, count=written.units)

        self._start(work, self._said)

    def _ask_file(self) -> None:
        if target := ask_workbook(self._desk, self, self.windowTitle(), self._name()):
            self.export(target)

    def _ask_folder(self) -> None:
        settings = self._desk.settings
        if name := QFileDialog.getExistingDirectory(self, self.windowTitle(), str(settings.folder)):
            settings.folder = Path(name)
            self.export_each(Path(name))

    def _ask_pdf(self) -> None:
        settings = self._desk.settings
        proposal = settings.folder / f"{self._name()}.pdf"
        name, _ = QFileDialog.getSaveFileName(self, self.windowTitle(), str(proposal), "PDF (*.pdf)")
        if name:
            target = Path(name if name.lower().endswith(".pdf") else f"{name}.pdf")
            settings.folder = target.parent
            try:
                self.write_pdf(target)
            except SurveyError as error:
                self._desk.fail(error)

    def _name(self) -> str:
        """Named after the unit where there is one."""
        whose = self._asked[0].name if len(self._asked) == 1 else ""
        return safe("-".join(part for part in (self.windowTitle(), whose, self._period) if part))

    # The work

    def _start(self, work: Callable[[Progress], object], done: Callable[..., None]) -> None:
        self._set_running(running=True)
        self._line.setText(self._texts("query.collecting"))
        self._desk.worker.start(work, done, self._failed)

    def _set_running(self, *, running: bool) -> None:
        self._running = running
        self._stop.setVisible(running)
        self._stop.setEnabled(True)
        for button in self._outlets:
            button.setEnabled(not running and bool(self._asked))
        self._each.setVisible(len(self._asked) > 1)

    def _progress(self, done: int, total: int, label: str) -> None:
        if self._running and self._stop.isEnabled():
            self._line.setText(f"{self._texts(label)}  {done:,} / {total:,}")

    def _said(self, line: str) -> None:
        self._set_running(running=False)
        self._line.setText(line)

    def _failed(self, error: BaseException) -> None:
        self._set_running(running=False)
        if isinstance(error, Cancelled):
            self._line.setText(sentence(error, self._texts))
        else:
            self._line.setText("")
            self._desk.fail(error)

    def _cancel(self) -> None:
        self._stop.setEnabled(False)
        self._desk.worker.cancel()


def _counted(papers: Iterable[QueryPaper], total: int, progress: Progress) -> Iterator[QueryPaper]:
    for at, paper in enumerate(papers):
        progress(at, total, "paper.progress")
        yield paper
