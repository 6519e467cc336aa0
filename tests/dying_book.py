"""How a reader opens files whose child dies before it has begun, as where a guard of the machine ends it."""

from __future__ import annotations

import multiprocessing
import os

from survey.book import Book

if multiprocessing.current_process().name != "MainProcess":
    os._exit(3)


class DyingBook(Book):
    """Never opened."""
