"""The embedded engine: no download, no GPU.

PyMuPDF's text layer, layout and table grid; RapidOCR's models for pixels. Importing this package
imports neither: they load at the first page.
"""

from ocrx.engines.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
