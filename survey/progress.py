"""How slow work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

# Done, total, and the key of the sentence that says what is being done. It may raise Cancelled.
Progress = Callable[[int, int, str], None]
