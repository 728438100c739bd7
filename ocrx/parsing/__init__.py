"""Raw text of an engine to blocks, one module a dialect."""

from ocrx.parsing.registry import Parsed, parse, parse_page

__all__ = ["Parsed", "parse", "parse_page"]
