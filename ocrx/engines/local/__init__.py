"""The local engine: DeepSeek-OCR and its family on the user's own device, with torch.

The package is light: torch and transformers are imported by the modules that load and run a model,
when its first page comes.
"""

from ocrx.engines.local.engine import LocalEngine

__all__ = ["LocalEngine"]
