"""Pictures of every page of the window, made by the program itself.

Usage: python tests/screenshots.py FOLDER [WIDTHxHEIGHT] [light|dark] [zh|en]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from returned_questionnaires import questionnaire

from desktop import demo, paths
from desktop.application import Application
from desktop.settings import Settings
from survey import cells, texts
from survey import store as stores
from survey.questionnairefile import Sent, Stamp


def main(target: Path, size: str = "1366x768", theme: str = "light", lang: str = "zh") -> None:
    target.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        store.setValue("theme", theme)
        desk = Application(application, Settings(store), lang)
        window = desk.window
        window.resize(*(int(part) for part in size.split("x")))
        desk.show(None)

        def settle() -> None:
            until = time.monotonic() + 20
            application.processEvents()
            while window.busy and time.monotonic() < until:
                application.processEvents()
            for _ in range(5):
                application.processEvents()

        def shot(name: str) -> None:
            settle()
            # The line below says where the file is, which here is nobody's business.
            window.grab(window.rect().adjusted(0, 0, 0, -36)).save(str(target / f"{name}.png"))

        shot("start")
        home = Path(folder) / "demo"
        demo.run(home, 650, 1, texts.load(paths.texts(), lang), lambda _line: None)
        window.open_file(next((home / "districts").glob("440305*.census")))
        window.page("check").check()
        settle()
        window.go("units")
        shot("units")
        page = window.page("units")
        page.open_unit(page.list.model.object(page.list.model.index(0, 0)).id)
        shot("identity")
        entry = page.entry
        lines = next(at for at, form in enumerate(entry.session.forms) if form.is_list)
        entry.show_form(lines)
        entry.sheet().editor.setFocus()
        shot("lines")
        window.go("own")
        shot("own")
        window.go("check")
        settle()
        shot("check")
        tabs = window.page("check").tabs
        window.page("check").magnitude.look()
        settle()
        for at in range(1, tabs.count()):
            tabs.setCurrentIndex(at)
            shot(f"check-{at}")
        tabs.setCurrentIndex(0)
        found = window.page("check").findings
        tables = {form.id for form in entry.session.forms if form.layout == "table"}
        listed = (found.model.listed(found.model.index(row, 0)) for row in range(found.model.rowCount()))
        found.opened.emit(next(one.finding for one in listed if one.finding.form in tables))
        shot("entry")
        window.go("rules")
        shot("rules")
        window.go("return")
        window.page("return").send(home / "again.xlsx")
        settle()
        shot("return")
        window.go("import")
        window.page("import").look_at([_inbox(home / "inbox", next((home / "districts").glob("440305*.census")))])
        settle()
        shot("import")
        window.open_file(home / "city.census")
        shot("board")
        window.go("merge")
        window.page("merge").look_at(sorted((home / "returns").glob("*.xlsx"))[:6])
        settle()
        shot("merge")
        window.go("conflicts")
        shot("conflicts")
        window.go("indicators")
        window.page("indicators").compute()
        settle()
        window.page("indicators").board_view.selectRow(1)
        shot("indicators")
        figures = window.page("indicators")
        for at, name in ((1, "figures"), (2, "charts"), (3, "editions")):
            figures.tabs.setCurrentIndex(at)
            shot(name)
        figures.tabs.setCurrentIndex(2)
        for kind in ("shares", "lines", "map"):
            figures.charts.kind.setCurrentIndex(figures.charts.kind.findData(kind))
            shot(f"charts-{kind}")
        window.close()


def _inbox(folder: Path, file: Path) -> Path:
    """What enterprises and a sub-district have sent: questionnaires, one of last year, and a list with spoilt codes."""
    folder.mkdir()
    store = stores.open(file)
    for at, (unit, uscc, name) in enumerate(
        store.execute("SELECT id, uscc, name FROM unit WHERE kind = 'unit' ORDER BY id LIMIT 24").fetchall()
    ):
        held = cells.read(store, unit, store.period).values
        sent = {item: held[item] for item in ("revenue", "employees", "total_assets") if item in held}
        stamp = Stamp(
            store.scheme.id, store.scheme.version, store.period if at else "2024", store.district or "", uscc, name,
            "", "", tuple(Sent(item, 0, value) for item, value in sent.items()),
        )  # fmt: skip
        answers = {**sent, "revenue": sent.get("revenue", 0) + (10 if at % 3 else 0)}
        if at % 7 == 2:
            answers["employees"] = "约五十人"
        if at % 5 == 1:
            cells.write(store, unit, store.period, "revenue", sent.get("revenue", 0) + 7)
        questionnaire(folder / f"{name}（盖章版）.xlsx", stamp, answers)
    store.close()
    (folder / "街道清单.csv").write_text(
        "单位：万元\n统一社会信用代码,单位详细名称,所在区,主环节,营业收入\n9.14E+17,演示数据·甲,南山,设计,12\n"
        "91440305MA9T00018E,演示数据·乙,南山,设计公司,1200\n",
        encoding="utf-8",
    )
    return folder


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
