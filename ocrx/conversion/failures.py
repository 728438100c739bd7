"""What went wrong, in words: one line that travels well and names no place twice."""

from __future__ import annotations

from ocrx.document import Page
from ocrx.source import describe_page, describe_place

_MAX_CHARACTERS = 300


def in_words(error: BaseException) -> str:
    """Return an unexpected error's kind and message on one line."""
    text = " ".join(str(error).split())[:_MAX_CHARACTERS]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def without_place(message: str, page: Page) -> str:
    """Return what went wrong alone: a page's reader knows the page, and copies have other names."""
    for place in (describe_page(page), describe_place(page.source)):
        message = message.removeprefix(f"{place}: ")
    return message
