"""From pages to a document: what only shows over several blocks, columns or pages."""

from ocrx.assembly.assembler import assemble

__all__ = ["assemble"]
