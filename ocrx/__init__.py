"""Documents to Markdown, HTML, LaTeX and JSON.

    import ocrx
    document = ocrx.convert("scan.pdf")
    print(ocrx.write_document(document, ocrx.OutputFormat.MD))

Names are loaded when they are first used: importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocrx.document import Asset as Asset
    from ocrx.document import Document as Document
    from ocrx.errors import EncryptedSourceError as EncryptedSourceError
    from ocrx.errors import EngineError as EngineError
    from ocrx.errors import ExitCode as ExitCode
    from ocrx.errors import LimitError as LimitError
    from ocrx.errors import MissingRequirementError as MissingRequirementError
    from ocrx.errors import OcrxError as OcrxError
    from ocrx.errors import OutputError as OutputError
    from ocrx.errors import SourceError as SourceError
    from ocrx.errors import UsageError as UsageError
    from ocrx.library import convert as convert
    from ocrx.library import convert_with_assets as convert_with_assets
    from ocrx.modes import ResolutionMode as ResolutionMode
    from ocrx.writers import OutputFormat as OutputFormat
    from ocrx.writers import WriteOptions as WriteOptions
    from ocrx.writers import write_document as write_document

__all__ = [
    "Asset",
    "Document",
    "EncryptedSourceError",
    "EngineError",
    "ExitCode",
    "LimitError",
    "MissingRequirementError",
    "OcrxError",
    "OutputError",
    "OutputFormat",
    "ResolutionMode",
    "SourceError",
    "UsageError",
    "WriteOptions",
    "convert",
    "convert_with_assets",
    "write_document",
]

_HOMES = {
    "ocrx.document": ("Asset", "Document"),
    "ocrx.errors": ("ExitCode", *(name for name in __all__ if name.endswith("Error"))),
    "ocrx.library": ("convert", "convert_with_assets"),
    "ocrx.modes": ("ResolutionMode",),
    "ocrx.writers": ("OutputFormat", "WriteOptions", "write_document"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from the module that defines it."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
