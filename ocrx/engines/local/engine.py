"""The engine itself: prepared pages in, recognitions out."""

from __future__ import annotations

from ocrx.engine import EngineSettings


class LocalEngine:
    """Reads many pages at once with a vision language model."""

    def __init__(self, settings: EngineSettings) -> None:
        """Load nothing yet."""
        self._settings = settings
