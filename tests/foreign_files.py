"""What tests of foreign files share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from survey.errors import SurveyError


def taken(parts: Iterator[Any]) -> list[Any] | SurveyError:
    """What a file gives, or why it gives nothing."""
    try:
        return list(parts)
    except SurveyError as error:
        return error
