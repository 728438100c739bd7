"""Everything that can go wrong inside a hostile document, as one line that names file and page."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from ocrx.document import Source
from ocrx.errors import LimitError, OcrxError, PageMemoryError, SourceError
from ocrx.source import describe_place

_MEMORY_WORDS = ("malloc", "calloc", "realloc", "out of memory", "bad_alloc")
_MAX_REASON_CHARACTERS = 200


@contextmanager
def naming(source: Source, index: int | None = None) -> Iterator[None]:
    """Turn whatever a library raises inside into an ``OcrxError`` for this file and page.

    This is the one place where a document is isolated from the rest, hence the broad ``except``:
    MuPDF, Pillow and codecs raise RuntimeError, ValueError, struct.error, SyntaxError, KeyError and
    more on broken input. Warnings of the libraries are dropped.
    """
    where = describe_place(source, index)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except OcrxError:
        raise
    except MemoryError as error:
        raise PageMemoryError(f"{where}: needs more memory than there is") from error
    except RecursionError as error:
        raise LimitError(f"{where}: is nested too deeply") from error
    except UnidentifiedImageError as error:
        raise SourceError(f"{where}: is broken, no picture can be decoded from it") from error
    except Image.DecompressionBombError as error:
        raise LimitError(f"{where}: is too large a picture to decode") from error
    except Exception as error:
        reason = one_line(error)
        if any(word in reason.lower() for word in _MEMORY_WORDS):
            raise PageMemoryError(f"{where}: needs more memory than there is") from error
        raise SourceError(f"{where}: is broken and cannot be read ({reason})") from error


def one_line(error: BaseException) -> str:
    """Return an error's own words on one line, cut at 200 characters."""
    words = " ".join(str(error).split()) or type(error).__name__
    printable = "".join(c if c.isprintable() else "?" for c in words)
    return printable[:_MAX_REASON_CHARACTERS]
