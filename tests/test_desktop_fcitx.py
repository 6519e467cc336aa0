"""Chinese typed through Fcitx: a desktop's bus that speaks the protocol, keys as the system sends them."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from desktop_desk import offscreen
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

if sys.platform != "linux":
    pytest.skip("Fcitx is Linux's", allow_module_level=True)

from jeepney import DBusAddress, HeaderFields, Message, MessageType, Parser, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection

from desktop import fcitx
from desktop.application import types_by_fcitx

pytestmark = offscreen
SERVICE = "org.fcitx.Fcitx-0"
SPACE = 0x20


class Desktop(threading.Thread):
    """The bus with Fcitx behind it: small letters are composed until a space takes them, nothing else is taken."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._end, self.client = socket.socketpair()
        self.running = True
        self.silent = self.stuck = False
        self.waiting: list[Message] = []
        self.seen: list[tuple[Any, ...]] = []
        self.focused: list[str] = []
        self._contexts = 0
        self._letters = ""

    def run(self) -> None:
        parser = Parser()
        while data := self._end.recv(4096):
            parser.add_data(data)
            while (message := parser.get_next_message()) is not None:
                self._answer(message)

    def owned(self, owner: str) -> None:
        """Fcitx goes (''), or comes."""
        self.running = bool(owner)
        bus = DBusAddress("/org/freedesktop/DBus", interface="org.freedesktop.DBus")
        self._send(new_signal(bus, "NameOwnerChanged", "sss", (SERVICE, "", owner)))

    def go_on(self) -> None:
        """It is stuck no longer: what has come in meanwhile is answered, in its order."""
        self.stuck = False
        for message in self.waiting:
            self._answer(message)

    def _answer(self, message: Message) -> None:
        name = message.header.fields[HeaderFields.member]
        if self.stuck:
            self.waiting.append(message)
        elif name == "Hello":
            self._send(new_method_return(message, "s", (":1.7",)))
        elif name == "AddMatch":
            self._send(new_method_return(message))
        elif not self.running:
            refused = new_method_return(message)
            refused.header.message_type = MessageType.error
            refused.header.fields[HeaderFields.error_name] = "org.freedesktop.DBus.Error.ServiceUnknown"
            self._send(refused)
        elif name == "CreateICv3":
            self._contexts += 1
            self._send(new_method_return(message, "ibuuuu", (self._contexts, True, 0, 0, 0, 0)))
        elif name == "ProcessKeyEvent":
            if not self.silent:
                self._key(message)
        elif name == "DestroyIC":
            self._letters = ""
        else:
            self.focused += [name] if name.startswith("Focus") else []
            self._send(new_method_return(message))

    def _key(self, message: Message) -> None:
        self.seen.append(message.body)
        key, _code, _state, released, _time = message.body
        path = message.header.fields[HeaderFields.path]
        context = DBusAddress(path, interface="org.fcitx.Fcitx.InputContext")
        taken = not released and (chr(key).islower() or (key == SPACE and self._letters != ""))
        if taken and key == SPACE:
            self._send(new_signal(context, "UpdatePreedit", "si", ("", 0)))
            self._send(new_signal(context, "CommitString", "s", (f"词{len(self._letters)}",)))
            self._letters = ""
        elif taken:
            self._letters += chr(key)
            self._send(new_signal(context, "UpdatePreedit", "si", (self._letters, len(self._letters))))
        self._send(new_method_return(message, "i", (int(taken),)))

    def _send(self, message: Message) -> None:
        self._end.sendall(message.serialise(serial=1))


class Line(QLineEdit):
    """A field that tells what is being composed in it."""

    composed = ""

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composed = event.preeditString()
        super().inputMethodEvent(event)


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    made = Desktop()
    made.start()
    yield made
    made.join()
    made._end.close()


@pytest.fixture
def line(qtbot: QtBot, desktop: Desktop) -> Iterator[Line]:
    """A field with the focus, in a window whose keys go to Fcitx first."""
    made, program, bus = Line(), QObject(), DBusConnection(desktop.client)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.setFocus()
    fcitx.Fcitx(bus, SERVICE, program)
    qtbot.waitUntil(lambda: bool(desktop.focused))
    yield made
    shiboken6.delete(program)
    bus.close()


def press(letters: str) -> None:
    """The keys as the system hands them over."""
    window = QGuiApplication.focusWindow()
    none = Qt.KeyboardModifier.NoModifier
    for letter in letters:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, ord(letter.upper()), none, 38, ord(letter), 0, letter)
            QCoreApplication.sendEvent(window, event)


def test_what_is_composed_is_shown_and_then_taken(line: Line, desktop: Desktop) -> None:
    press("ni")
    assert (line.text(), desktop.focused[-1]) == ("", "FocusIn")
    assert line.composed == "ni"
    press(" ")
    assert (line.text(), line.composed) == ("词2", "")
    press(" A1")
    assert line.text() == "词2 A1"
    assert [(key, released) for key, _code, _state, released, _time in desktop.seen[:2]] == [(110, 0), (110, 1)]


def test_no_key_is_the_menus_while_something_is_composed(line: Line) -> None:
    def override() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QCoreApplication.sendEvent(line.windowHandle(), event)
        return event.isAccepted()

    assert not override()
    press("ni")
    assert override()
    press(" ")
    assert not override()


def test_a_password_is_nobodys_to_compose(line: Line, desktop: Desktop) -> None:
    line.setEchoMode(QLineEdit.EchoMode.Password)
    press("ni")
    assert line.text() == "ni"
    assert desktop.seen == []


def test_it_goes_and_comes_back(line: Line, desktop: Desktop, qtbot: QtBot) -> None:
    press("n")
    desktop.owned("")
    qtbot.waitUntil(lambda: _types(line))
    desktop.owned(":1.9")
    qtbot.waitUntil(lambda: not _types(line))
    line.clear()
    press("i ")
    assert line.text().startswith("词")


def test_who_does_not_answer_keeps_no_key(line: Line, desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcitx, "_LONGEST", 0.05)
    desktop.silent = True
    press("ni")
    assert line.text() == "ni"


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Answers are late soon, and asked for again soon; and each time that a question was waited for in vain."""
    waited: list[float] = []
    real = DBusConnection.send_and_get_reply

    def ask(bus: DBusConnection, message: Message, *, timeout: float) -> Message:
        try:
            return real(bus, message, timeout=timeout)
        except TimeoutError:
            waited.append(timeout)
            raise

    monkeypatch.setattr(DBusConnection, "send_and_get_reply", ask)
    monkeypatch.setattr(fcitx, "_LONGEST", 0.3)
    monkeypatch.setattr(fcitx, "_PAUSE", 50)
    return waited


def test_a_machine_that_was_stuck_types_chinese_again(
    line: Line, desktop: Desktop, late: list[float], qtbot: QtBot
) -> None:
    press("n")
    assert line.composed == "n"
    desktop.stuck = True
    press("ixyz")
    # Of all these keys one has waited; none is lost, and nothing is left of what was being composed.
    assert (line.text(), line.composed, len(late)) == ("ixyz", "", 1)
    qtbot.waitUntil(lambda: any(_member(one) == "CreateICv3" for one in desktop.waiting))
    press("z")
    assert (line.text(), len(late)) == ("ixyzz", 1)
    desktop.go_on()
    qtbot.waitUntil(lambda: not _types(line))
    line.clear()
    press("i ")
    # Of what it made of the key that came late nothing is left.
    assert line.text() == "词2"


def test_who_was_late_is_asked_again_at_the_next_change_of_focus(
    line: Line, desktop: Desktop, late: list[float], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(fcitx, "_PAUSE", 3_600_000)
    desktop.silent = True
    press("x")
    desktop.silent = False
    press("y")
    assert (line.text(), len(late)) == ("xy", 1)
    line.clearFocus()
    line.setFocus()
    qtbot.waitUntil(lambda: not _types(line))


def test_without_a_bus_there_is_none(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path_factory.mktemp('bus') / 'nowhere'}")
    assert fcitx.connect(line) is None
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    assert fcitx.connect(line) is None


@pytest.mark.parametrize(
    ("platform", "said", "wanted"),
    [
        ("xcb", {"QT_IM_MODULE": "fcitx"}, True),
        ("wayland", {"QT_IM_MODULE": "fcitx5"}, True),
        ("xcb", {"XMODIFIERS": "@im=fcitx"}, True),
        ("wayland", {"XMODIFIERS": "@im=fcitx"}, False),
        ("xcb", {"QT_IM_MODULE": "ibus", "XMODIFIERS": "@im=fcitx"}, False),
        ("xcb", {"QT_IM_MODULES": "wayland;fcitx;ibus", "XMODIFIERS": "@im=fcitx"}, False),
        ("xcb", {}, False),
    ],
)
def test_the_desktop_says_who_types(
    platform: str, said: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_IM_MODULE", "QT_IM_MODULES", "XMODIFIERS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert types_by_fcitx(platform) is wanted


def _member(message: Message) -> str:
    return str(message.header.fields[HeaderFields.member])


def _types(line: Line) -> bool:
    """Whether a letter lands in the field as it is."""
    line.clear()
    press("x")
    return line.text() == "x"
