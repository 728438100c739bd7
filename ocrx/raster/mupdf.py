"""The one place that imports pymupdf: late, silent, without its layout models.

PyMuPDF is not thread-safe: one thread a process may use what is here.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_LAYOUT = "pymupdf.layout"


def load_pymupdf() -> Any:
    """Return the pymupdf module, silenced.

    ``import pymupdf`` itself tries ``import pymupdf.layout``, which loads the layout models (0.6 s,
    about 140 MB); a module that is None in ``sys.modules`` cannot be imported, so that they stay
    out. Whoever wants them says ``import pymupdf.layout`` afterwards, which activates them.
    """
    if "pymupdf" not in sys.modules and _LAYOUT not in sys.modules:
        modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None bars
        modules[_LAYOUT] = None
        try:
            import pymupdf
        finally:
            del modules[_LAYOUT]
    else:
        import pymupdf
    _silence(pymupdf)
    return pymupdf


def trim_store(pymupdf: Any) -> None:
    """Empty MuPDF's cache of decoded pictures (up to 256 MB), and forget its warnings."""
    pymupdf.TOOLS.store_shrink(100)
    pymupdf.TOOLS.reset_mupdf_warnings()


def _silence(pymupdf: Any) -> None:
    """PyMuPDF prints to standard output, which carries the document alone: log it instead."""
    pymupdf.set_messages(pylogging=True, pylogging_name="ocrx.pymupdf", pylogging_level=10)
    pymupdf.set_log(pylogging=True, pylogging_name="ocrx.pymupdf", pylogging_level=10)
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    pymupdf.no_recommend_layout()
