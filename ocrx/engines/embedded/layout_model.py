"""The one place that loads PyMuPDF Layout: once a process, on one thread, silent."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ocrx.raster.mupdf import load_pymupdf

EDGE_THRESHOLD = 0.55  # of the model's certainty that two pieces belong together; its own default

MAX_SIDE_PT = 3000.0  # the model looks at the page at 72 dots an inch, so 9 Mpx
SHRUNKEN_PT = 1200.0  # long side of the copy that it sees of a larger page: a sheet of paper


def load_layout() -> Any:
    """Return pymupdf with the layout models active (0.6 s and about 140 MB the first time)."""
    pymupdf = load_pymupdf()
    if "pymupdf.layout" not in sys.modules:
        with _one_thread():
            importlib.import_module("pymupdf.layout")  # importing is what activates the models
    return pymupdf


def analyse(page: Any) -> list[dict[str, Any]]:
    """Run the layout model on an upright pymupdf page and return its raw groups.

    They stay with the page as ``layout_information``, where ``find_tables`` looks for them. A huge
    page (a plan, a poster) is analysed as a small copy.
    """
    pymupdf = load_layout()
    longest = max(page.rect.width, page.rect.height)
    if longest <= MAX_SIDE_PT:
        page.get_layout(return_raw=True, edge_threshold=EDGE_THRESHOLD)
        return list(page.layout_information or ())
    scale = SHRUNKEN_PT / longest
    document = pymupdf.open()
    try:
        copy = document.new_page(width=page.rect.width * scale, height=page.rect.height * scale)
        copy.show_pdf_page(copy.rect, page.parent, page.number)
        copy.get_layout(return_raw=True, edge_threshold=EDGE_THRESHOLD)
        page.layout_information = [
            {
                **group,
                "group_bbox": [value / scale for value in group["group_bbox"][:4]],
                "bboxes": [[value / scale for value in box[:4]] for box in group["bboxes"]],
            }
            for group in copy.layout_information or ()
        ]
    finally:
        document.close()
    return list(page.layout_information)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Make sessions created inside run on one thread.

    PyMuPDF creates them with onnxruntime's defaults, a thread a core, which costs 0.57 instead of
    0.35 s a page on two cores (the models are small) and fights with the other workers.
    """
    import onnxruntime

    class OneThread(onnxruntime.SessionOptions):  # type: ignore[misc]  # no stubs
        def __init__(self) -> None:
            super().__init__()
            self.intra_op_num_threads = 1
            self.inter_op_num_threads = 1

    original = onnxruntime.SessionOptions
    onnxruntime.SessionOptions = OneThread
    try:
        yield
    finally:
        onnxruntime.SessionOptions = original
