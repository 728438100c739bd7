"""Raw text of an engine to blocks, one module a dialect."""

from ocrx.parsing.registry import parse

__all__ = ["parse"]
