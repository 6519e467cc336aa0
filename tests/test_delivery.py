"""Delivery: one version everywhere, every part with its licence, and packages that the system understands."""

from __future__ import annotations

import configparser
import re
import shutil
import sys
import tomllib
import zlib
from importlib.metadata import distribution, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from conftest import ROOT
from delivery import bundle, debian, elf, windows
from desktop_desk import Desk, offscreen
from packaging.requirements import Requirement
from PySide6.QtGui import QAction, QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop import licences
from desktop.about import AboutBox
from desktop.cli import main
from desktop.manual import LICENCES, Manual
from desktop.manual_window import ManualWindow
from survey.filemark import APPLICATION_ID, SUFFIX
from survey.texts import LANGUAGES, load

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RELEASE = PROJECT["version"]
_SPDX = re.compile(r"[A-Za-z0-9.-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.-]+)*")

binutils = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("objdump"), reason="binutils read libraries of Linux"
)
dpkg = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="Debian's own tool writes its packages")


# One version


def test_the_changelog_begins_with_this_version_or_with_what_comes_after_it() -> None:
    heads = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert next(head for head in heads if head != "Unreleased") == RELEASE
    assert "Unreleased" not in heads[1:]


def test_the_command_line_tells_the_version_of_the_project() -> None:
    assert version("census-desk") == RELEASE
    assert CliRunner().invoke(main, ["--version"]).output.split()[-1] == RELEASE


def test_no_text_has_a_version_of_its_own(assets: Path) -> None:
    own = re.compile(rf"(?<![\d.]){re.escape(RELEASE)}(?![\d.])")
    sources = [*(assets / "i18n").rglob("*.toml"), *(ROOT / ".ci" / "delivery").glob("*.*"), ROOT / "build.spec"]
    assert [path for path in sources if own.search(path.read_text(encoding="utf-8"))] == []


@offscreen
def test_the_window_tells_the_version_and_leads_to_the_licences(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    desk = Desk(qtbot, qapp, tmp_path)
    desk.find(QAction, "menu_about").trigger()
    box = desk.find(AboutBox, "about")
    assert RELEASE in box.text()
    box.findChild(QPushButton, "aboutLicences").click()
    shown = desk.find(ManualWindow, "manualWindow")
    assert shown.page == LICENCES
    assert RELEASE in shown.browser.toPlainText()


# Licences


def test_every_library_that_the_program_needs_is_listed_with_its_licence() -> None:
    listed = {part.name: part for part in licences.parts()}
    needed = [Requirement(one) for one in PROJECT["dependencies"]]
    for name in licences.distributions():
        needed.extend(map(Requirement, distribution(name).requires or ()))
    for one in needed:
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            part = listed[re.sub(r"[-_.]+", "-", one.name).lower()]
            assert part.version == version(one.name)
    wrong = [(part.name, part.licence) for part in listed.values() if not _SPDX.fullmatch(part.licence)]
    assert wrong == []


def test_licences_that_ask_for_it_come_with_their_text() -> None:
    named = re.compile("LGPL|Apache|BSD-3|OFL|PSF")
    assert [
        part.name for part in licences.parts() if part.version and named.search(part.licence) and not part.text
    ] == []


def test_texts_that_the_list_of_parts_names_are_there(assets: Path) -> None:
    for row in licences.rows():
        assert [one for one in row["texts"].split() if not (assets / one).is_file()] == []
    named = {one for row in licences.rows() for one in row["texts"].split()}
    kept = {f"licences/{path.name}" for path in (assets / "licences").glob("*.txt")}
    assert kept <= named


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_manual_lists_every_part_and_shows_its_licence(assets: Path, lang: str) -> None:
    manual = Manual(load(assets / "i18n", lang))
    shown = QTextDocument()
    shown.setMarkdown(manual.text(LICENCES))
    lines = shown.toPlainText().splitlines()
    parts = licences.parts()
    assert [part.name for part in parts if not {part.name, part.licence} <= set(lines)] == []
    texts = [manual.text(name) for name in manual.licence_texts()]
    assert len(texts) == len(parts)
    assert any("GNU LESSER GENERAL PUBLIC LICENSE" in text for text in texts)


# The folder


def a_library() -> Path:
    """One that asks for the system's C library and for that of the compiler."""
    return next(Path(str(one.locate())) for one in distribution("python-calamine").files or () if one.suffix == ".so")


def test_spare_parts_and_other_languages_stay_out_of_the_folder() -> None:
    names = [
        "PySide6/Qt/plugins/platforms/libqxcb.so", "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so", "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "PySide6/Qt/translations/qtbase_de.qm", "PySide6\\plugins\\tls\\qopensslbackend.dll",
        "desktop/assets/style/window.qss",
    ]  # fmt: skip
    kept = [name for name, *_ in bundle.kept([(name, "", "DATA") for name in names])]
    assert kept == [names[0], names[3], names[6]]


@binutils
def test_of_the_systems_libraries_only_those_come_along_that_something_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {"/here/one.so": ("libz.so.1", "libglib-2.0.so.0"), "/lib/libz.so.1": ("libbz2.so.1.0",)}
    monkeypatch.setattr(elf, "needs", lambda path: elf.Needs(asked.get(str(path), ()), ()))
    entries = [("one.so", "/here/one.so", "EXTENSION")]
    entries += [
        (name, f"/lib/{name}", "BINARY") for name in ("libbz2.so.1.0", "libglib-2.0.so.0", "libgdk-3.so.0", "libz.so.1")
    ]
    assert [name for name, *_ in bundle.needed(entries)] == ["one.so", "libz.so.1", "libbz2.so.1.0"]


@binutils
def test_a_library_without_a_licence_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"libstrange\.so\.1"):
        bundle.needed([("libstrange.so.1", str(a_library()), "BINARY")])


def carried_out(monkeypatch: pytest.MonkeyPatch, system: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The programs, and the analysis, that build.spec asks PyInstaller for on a system."""
    programs: list[dict[str, Any]] = []
    asked: dict[str, Any] = {}
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(bundle, "data", lambda _root: [])

    def analysis(scripts: list[str], **facts: Any) -> SimpleNamespace:
        asked.update(facts, scripts=scripts)
        return SimpleNamespace(scripts=scripts, pure=[], binaries=[], datas=[])

    tools = {
        "SPECPATH": str(ROOT),
        "workpath": str(ROOT / "build"),
        "Analysis": analysis,
        "PYZ": list,
        "EXE": lambda *_parts, **facts: programs.append(facts),
        "COLLECT": lambda *_parts, **facts: asked.update(folder=facts["name"]),
    }
    exec(compile((ROOT / "build.spec").read_text(encoding="utf-8"), "build.spec", "exec"), tools)
    return programs, asked


def test_on_linux_the_recipe_makes_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    programs, asked = carried_out(monkeypatch, "linux")
    assert [(one["name"], one["console"]) for one in programs] == [("census-desk", True)]
    assert asked["folder"] == "census-desk"
    assert Path(asked["scripts"][0]).is_file()


def test_on_windows_it_makes_one_program_for_commands_and_one_without_a_console(
    monkeypatch: pytest.MonkeyPatch, windows_tools: None
) -> None:
    programs, _ = carried_out(monkeypatch, "win32")
    assert [(one["name"], one["console"]) for one in programs] == [("census-desk", True), ("CensusDesk", False)]
    for one in programs:
        assert Path(one["icon"]).is_file()
        assert strings_of(one["version"])["OriginalFilename"] == f"{one['name']}.exe"


# Windows


@pytest.fixture
def windows_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """What PyInstaller finds on Windows only, and uses only where a resource is written into a program."""
    import PyInstaller.compat

    monkeypatch.setattr(PyInstaller.compat, "win32api", None, raising=False)


def strings_of(resource: Any, at: int = 0) -> dict[str, str]:
    return {one.name: one.val for one in resource.kids[0].kids[at].kids}


def test_windows_shows_the_version_the_product_and_its_maker_in_two_languages(windows_tools: None) -> None:
    from PyInstaller.utils.win32 import versioninfo

    resource = windows.resource("CensusDesk.exe")
    # As PyInstaller writes it down and reads it.
    assert str(eval(str(resource), vars(versioninfo))) == str(resource)
    strings, variables = resource.kids
    chinese, english = strings_of(resource), strings_of(resource, 1)
    assert [table.name for table in strings.kids] == ["080404b0", "040904b0"]
    assert (chinese["ProductName"], english["ProductName"]) == ("普查台", "Census Desk")
    assert chinese["FileVersion"] == english["ProductVersion"] == RELEASE
    assert english["OriginalFilename"] == "CensusDesk.exe"
    assert variables.kids[0].kids == [0x0804, 1200, 0x0409, 1200]


@pytest.mark.parametrize(
    ("release", "words"), [("1.2.3", (1, 2, 3, 0)), ("2.0rc1", (2, 0, 0, 0)), ("1.2.3.4.dev5", (1, 2, 3, 4))]
)
def test_windows_compares_four_numbers(windows_tools: None, release: str, words: tuple[int, ...]) -> None:
    fixed = windows.resource("census-desk.exe", release).ffi
    high, low = fixed.fileVersionMS, fixed.fileVersionLS
    assert (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF) == words


def test_the_icon_of_windows_has_small_and_large_pictures(assets: Path) -> None:
    head = (assets / "icons" / "logo.ico").read_bytes()
    sizes = {head[6 + 16 * at] or 256 for at in range(int.from_bytes(head[4:6], "little"))}
    assert {16, 32, 48, 256} <= sizes


# Debian


def test_the_desktop_opens_survey_files_with_the_program() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(ROOT / ".ci" / "delivery" / "census-desk.desktop", encoding="utf-8")
    desktop = entry["Desktop Entry"]
    assert desktop["Name[zh_CN]"] == "普查台"
    kind = ET.parse(ROOT / ".ci" / "delivery" / "census-desk.xml").getroot()[0]
    names = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    assert desktop["MimeType"] == f"{kind.get('type')};"
    assert kind.find("m:glob", names).get("pattern") == f"*{SUFFIX}"
    assert int(kind.find("m:magic/m:match/m:match", names).get("value"), 16) == APPLICATION_ID
    assert kind.find("m:icon", names).get("name") == kind.get("type").replace("/", "-")


def small_folder(place: Path) -> Path:
    """What stands for the bundle: one program that asks for glibc alone."""
    folder = place / "census-desk"
    (folder / "_internal").mkdir(parents=True)
    shutil.copy(a_library(), folder / "_internal" / "one.so")
    (folder / "_internal" / "libgcc_s.so.1").touch()
    (folder / "census-desk").write_text("#!/bin/sh\n")
    (folder / "census-desk").chmod(0o700)
    return folder


@binutils
@dpkg
def test_the_same_folder_gives_the_same_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    packages = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        packages.append(debian.write(small_folder(tmp_path / name), tmp_path / name))
    assert packages[0].name.startswith(f"census-desk_{RELEASE}_")
    assert packages[0].read_bytes() == packages[1].read_bytes()


@binutils
def test_the_package_depends_on_the_glibc_its_libraries_were_made_for(tmp_path: Path) -> None:
    folder = small_folder(tmp_path)
    glibc = ".".join(map(str, elf.needs(folder / "_internal" / "one.so").glibc))
    depends, recommends = debian.dependencies(folder)
    assert f"libc6 (>= {glibc})" in depends
    assert recommends == []


@binutils
def test_a_library_that_no_package_brings_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elf, "needs", lambda _path: elf.Needs(("libc.so.6", "libstrange.so.1"), (2, 28)))
    with pytest.raises(SystemExit, match=r"libstrange\.so\.1"):
        debian.dependencies(small_folder(tmp_path))


def test_programs_icons_and_papers_lie_where_debian_looks_for_them(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    debian.lay_out(small_folder(tmp_path), tree)
    assert (tree / "usr/bin/census-desk").resolve() == tree / "usr/lib/census-desk/census-desk"
    assert QImage(str(tree / "usr/share/icons/hicolor/256x256/apps/census-desk.png")).width() == 256
    assert (tree / "usr/share/icons/hicolor/scalable/mimetypes/application-x-census-desk.svg").is_file()
    changes = zlib.decompress((tree / "usr/share/doc/census-desk/changelog.gz").read_bytes(), 31)
    assert changes == (ROOT / "CHANGELOG.md").read_bytes()
    papers = (tree / "usr/share/doc/census-desk/copyright").read_text(encoding="utf-8")
    assert [part.name for part in licences.parts() if part.name not in papers and part.name not in bundle.UNUSED] == []
