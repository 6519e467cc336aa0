"""Chinese typed through Fcitx on Linux, whose plugin for Qt does not come with Qt.

Fcitx 4 (Kylin V10, UOS 20) and Fcitx 5 speak the same protocol on the desktop's bus: each key goes there before the
window sees it, and what becomes of it comes back as text, or as a preedit that is shown where it will stand.
"""

from __future__ import annotations

import os
import re
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageFlag, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection
from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethod, QInputMethodEvent, QKeyEvent, QTextCharFormat, QWindow

_LONGEST = 5.0
"""Seconds a key waits for an answer, once: the first one may be for Fcitx to read its dictionaries."""
_PAUSE = 3000
"""Milliseconds until Fcitx is asked again after it was late, unless the focus changes before."""
_INTERFACE = "org.fcitx.Fcitx.InputContext"
_PREEDIT = 1 << 1
"""What is being composed is shown by the window."""
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)


def has_plugin() -> bool:
    """Whether somebody has given Qt the plugin: it knows better."""
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforminputcontexts"
    return any(plugins.glob("*fcitx*"))


def connect(parent: QObject) -> Fcitx | None:
    """Fcitx on the desktop's bus; None where there is no bus."""
    # A display is :0 or host:0.0; Fcitx names itself after its number.
    number = re.search(r":(\d+)", os.environ.get("DISPLAY", ":0"))
    try:
        return Fcitx(open_dbus_connection("SESSION"), f"org.fcitx.Fcitx-{number[1] if number else 0}", parent)
    except (OSError, KeyError, RuntimeError, ValueError):
        return None


class Fcitx(QObject):
    """The keys of the window that has the focus, by way of Fcitx, as long as it runs."""

    def __init__(self, bus: DBusConnection, service: str, parent: QObject) -> None:
        super().__init__(parent)
        self._bus = bus
        self._service = service
        self._context: DBusAddress | None = None
        self._composed: QObject | None = None
        self._window: QWindow | None = None
        self._place: tuple[int, ...] = ()
        self._heard: deque[Message] = deque()
        self._awaited = 0
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._begin)
        self._follow()
        self._begin()
        application = cast("QGuiApplication", QCoreApplication.instance())
        application.focusWindowChanged.connect(self._watch)
        application.focusObjectChanged.connect(self._tell_focus)
        self._watch(application.focusWindow())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the keys that Fcitx takes."""
        if event.type() == QEvent.Type.ShortcutOverride and self._composed is not None:
            # While something is being composed no key is the menu's.
            event.accept()
            return True
        if event.type() in _KEYS and _accepts():
            return self._typed(cast("QKeyEvent", event))
        return super().eventFilter(watched, event)

    # The keys

    def _watch(self, window: QWindow | None) -> None:
        if self._window is not None:
            with suppress(RuntimeError):  # Qt has taken it apart
                self._window.removeEventFilter(self)
        self._window = window
        if window is not None:
            window.installEventFilter(self)

    def _typed(self, event: QKeyEvent) -> bool:
        self._tell_place()
        key = (event.nativeVirtualKey(), event.nativeScanCode(), event.nativeModifiers())
        released = int(event.type() == QEvent.Type.KeyRelease)
        answer = self._call("ProcessKeyEvent", "uuuiu", *key, released, event.timestamp() & 0xFFFFFFFF)
        self._hear()
        return bool(answer and answer[0] > 0)

    def _tell_focus(self) -> None:
        if self._again.isActive():
            self._begin()
        else:
            self._call("FocusIn" if _accepts() else "FocusOut")

    def _tell_place(self) -> None:
        """Where the candidates are to be shown: beside the cursor, in the pixels of the screen."""
        window: QWindow | None = QGuiApplication.focusWindow()
        if window is None:
            return
        cursor = QGuiApplication.inputMethod().cursorRectangle().toRect()
        scale = window.devicePixelRatio()
        begin, corner = window.screen().geometry().topLeft(), window.mapToGlobal(cursor.topLeft())
        # A screen begins where the system says, unscaled; what lies on it is scaled.
        at = begin + (corner - begin) * scale
        place = (at.x(), at.y(), round(cursor.width() * scale), round(cursor.height() * scale))
        if place != self._place:
            self._place = place
            self._call("SetCursorRect", "iiii", *place)

    # What becomes of them

    def _hear(self) -> None:
        while self._heard:
            message = self._heard.popleft()
            fields = message.header.fields
            name, body = fields.get(HeaderFields.member), message.body
            if name is None:
                self._answered(message)
            elif name == "NameOwnerChanged":
                self._came_or_went(body[2])
            elif self._context is None or fields[HeaderFields.path] != self._context.object_path:
                continue
            elif name == "CommitString":
                self._send(body[0], commit=True)
            elif name == "UpdatePreedit":
                self._send(body[0], body[1])
            elif name == "UpdateFormattedPreedit":
                self._send("".join(text for text, _look in body[0]), body[1])

    def _send(self, text: str, cursor: int = 0, *, commit: bool = False) -> None:
        """Text into what has the focus, for good or as a preedit; `cursor` counts bytes."""
        focus: QObject | None = QGuiApplication.focusObject()
        if self._composed is not None and self._composed is not focus:
            with suppress(RuntimeError):
                QCoreApplication.sendEvent(self._composed, QInputMethodEvent())
        self._composed = focus if text and not commit else None
        if focus is None:
            return
        if commit:
            event = QInputMethodEvent()
            event.setCommitString(text)
        else:
            before = len(text.encode()[: max(cursor, 0)].decode(errors="ignore"))
            event = QInputMethodEvent(text, _looks(text, before))
        QCoreApplication.sendEvent(focus, event)

    # The bus

    def _follow(self) -> None:
        """Asks the bus for what concerns the service, and for its coming and going."""
        owner = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
        owner.add_arg_condition(0, self._service)
        said = MatchRule(type="signal", interface=_INTERFACE)
        for rule in (owner, said):
            Proxy(message_bus, self._bus, timeout=_LONGEST).AddMatch(rule)
        answers = (MatchRule(type="method_return"), MatchRule(type="error"))
        self._rules = [self._bus.filter(rule, queue=self._heard) for rule in (owner, said, *answers)]
        self._notifier = QSocketNotifier(self._bus.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._listen)

    def _listen(self) -> None:
        try:
            while True:
                self._bus.recv_messages(timeout=0)
        except TimeoutError:
            self._hear()
        except OSError:
            self._notifier.setEnabled(False)
            self._came_or_went("")

    def _came_or_went(self, owner: str) -> None:
        self._forget()
        if owner:
            self._begin()

    def _forget(self) -> None:
        """There is no context, and nothing is being composed."""
        self._context = None
        self._awaited = 0
        self._again.stop()
        self._send("")

    def _begin(self) -> None:
        """Asks for a context of one's own; where Fcitx is stuck the answer comes once it is not, and nobody waits."""
        self._again.stop()
        maker = DBusAddress("/inputmethod", self._service, "org.fcitx.Fcitx.InputMethod")
        self._awaited = next(self._bus.outgoing_serial)
        with suppress(OSError):
            self._bus.send(new_method_call(maker, "CreateICv3", "si", ("census-desk", os.getpid())), self._awaited)

    def _answered(self, message: Message) -> None:
        """The context that was asked for, where Fcitx is there; answers that came late are nobody's."""
        if message.header.fields[HeaderFields.reply_serial] != self._awaited:
            return
        self._awaited = 0
        if message.header.message_type == MessageType.method_return:
            self._context = DBusAddress(f"/inputcontext_{message.body[0]}", self._service, _INTERFACE)
            self._place = ()
            self._call("SetCapacity", "u", _PREEDIT)
            self._tell_focus()

    def _call(self, name: str, signature: str = "", *values: object) -> tuple[Any, ...] | None:
        """What is answered; None where nobody is there, or is late."""
        if self._context is None:
            return None
        message = new_method_call(self._context, name, signature or None, values)
        try:
            reply = self._bus.send_and_get_reply(message, timeout=_LONGEST)
        except TimeoutError:
            self._give_up(self._context)
            return None
        except OSError:
            self._forget()
            return None
        return cast("tuple[Any, ...]", reply.body) if reply.header.message_type == MessageType.method_return else None

    def _give_up(self, context: DBusAddress) -> None:
        """Whoever was late once keeps no other key waiting: another context is asked for in a while."""
        self._forget()
        # What it made of the key, which the window has taken by then, goes with the context.
        ending = new_method_call(context, "DestroyIC")
        ending.header.flags |= MessageFlag.no_reply_expected
        with suppress(OSError):
            self._bus.send(ending)
        self._again.start(_PAUSE)


def _accepts() -> bool:
    """Whether what has the focus takes text by an input method: a password does not."""
    asked, query = QInputMethod.queryFocusObject, Qt.InputMethodQuery
    hints = asked(query.ImHints, None)
    return bool(asked(query.ImEnabled, None)) and not Qt.InputMethodHint(hints or 0) & Qt.InputMethodHint.ImhHiddenText


def _looks(text: str, cursor: int) -> list[QInputMethodEvent.Attribute]:
    underlined = QTextCharFormat()
    underlined.setFontUnderline(True)
    kind = QInputMethodEvent.AttributeType
    return [
        QInputMethodEvent.Attribute(kind.TextFormat, 0, len(text), underlined),
        QInputMethodEvent.Attribute(kind.Cursor, cursor, 1, None),
    ]
