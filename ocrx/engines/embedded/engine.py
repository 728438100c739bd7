"""The engine itself: routes a page to its text layer or to its pixels, and answers every request.

Light to import: what needs pymupdf, rapidocr or numpy is in ``page_reader.py`` and loads at the
first page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import TYPE_CHECKING

from ocrx.document import Recognition, Request, StopReason, Task
from ocrx.engine import EngineInfo, EngineSettings
from ocrx.errors import MissingRequirementError, OcrxError, PageMemoryError
from ocrx.modes import ResolutionMode
from ocrx.parsing.region_dialect import DIALECT

if TYPE_CHECKING:
    from ocrx.engines.embedded.page_reader import PageReader

RECIPE = 7  # raise it whenever the same page gives another raw text
_MAX_REASON_CHARACTERS = 200


def _revision() -> str:
    """Return what a page's raw text depends on: both libraries, which carry the models, and us."""
    return f"pymupdf-{_version('pymupdf')}+rapidocr-{_version('rapidocr')}+recipe-{RECIPE}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


class EmbeddedEngine:
    """Reads pages with what is installed beside it. For one thread of one process."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        """Load nothing yet; no setting concerns this engine."""
        self.info = EngineInfo(
            name="embedded",
            model="pymupdf-layout+pp-ocrv6",
            revision=_revision(),
            dialect=DIALECT,
            modes=frozenset(ResolutionMode),
            tasks=frozenset({Task.MARKDOWN, Task.TEXT, Task.OCR}),
            reads_text_layer=True,
        )
        self._reader: PageReader | None = None

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        """Yield one recognition for each request, in order; a bad page is one that failed."""
        for request in requests:
            yield self._recognise(request)

    def close(self) -> None:
        """Free the models and the open document."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _recognise(self, request: Request) -> Recognition:
        started = perf_counter()
        if request.task not in self.info.tasks:
            return _failed(request, f"the embedded engine has no task {request.task}", started)
        try:
            if self._reader is None:
                from ocrx.engines.embedded.page_reader import PageReader

                self._reader = PageReader()
            found = self._reader.read(request)
        except MissingRequirementError:
            raise
        except PageMemoryError as error:
            return _failed(request, str(error), started, StopReason.MEMORY)
        except MemoryError:
            return _failed(request, "needs more memory than there is", started, StopReason.MEMORY)
        except OcrxError as error:
            return _failed(request, str(error), started)
        except Exception as error:  # noqa: BLE001 - one page is isolated; the failure is recorded
            return _failed(request, f"{type(error).__name__}: {error}", started)
        return Recognition(
            page_id=request.page_id,
            raw=found.raw,
            dialect=DIALECT,
            stop_reason=StopReason.END,
            vision_tokens=request.plan.vision_tokens if request.plan is not None else 0,
            seconds=perf_counter() - started,
            confidence=found.confidence,
            route=found.route,
            read_px=found.read_px,
            reasons=found.reasons,
        )


def _failed(
    request: Request, failure: str, started: float, reason: StopReason = StopReason.FAILED
) -> Recognition:
    return Recognition(
        page_id=request.page_id,
        raw="",
        dialect=DIALECT,
        stop_reason=reason,
        seconds=perf_counter() - started,
        failure=" ".join(failure.split())[:_MAX_REASON_CHARACTERS],
    )
