"""The engine itself: prepared pages in, recognitions out."""

from __future__ import annotations

from ocrx.document import Task
from ocrx.engine import EngineInfo, EngineSettings
from ocrx.modes import ResolutionMode

DEFAULT_MODEL = "deepseek-ocr"
DIALECT = "grounding/1"
RECIPE = 1  # raise it whenever the same page gives another raw text


class LocalEngine:
    """Reads many pages at once with a vision language model."""

    def __init__(self, settings: EngineSettings) -> None:
        """Load nothing yet."""
        self._settings = settings
        self.info = EngineInfo(
            name="local",
            model=settings.model or DEFAULT_MODEL,
            revision=f"recipe-{RECIPE}",
            dialect=DIALECT,
            modes=frozenset(ResolutionMode),
            tasks=frozenset(Task),
            takes_views=True,
            devices=("cpu",),
        )
