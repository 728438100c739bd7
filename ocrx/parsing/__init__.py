"""Raw text of an engine to blocks, one module a dialect."""

from ocrx.parsing.registry import parse, repairs_of

__all__ = ["parse", "repairs_of"]
