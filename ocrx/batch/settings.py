"""What a batch is asked to do, as a value that can be hashed, written down and asked again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ocrx.batch.outputs import OutputSettings
from ocrx.conversion.results import RecognitionOptions, ocrx_version
from ocrx.document import Task, VerdictStatus
from ocrx.engine import EngineInfo
from ocrx.modes import ResolutionMode
from ocrx.writers import FigureStyle, MathStyle, OutputFormat, TableStyle, WriteOptions


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What a batch is asked to do with every document.

    ``force`` does again what is done. ``reread`` says which kept pages are recognised again, by
    their verdict.
    """

    directory: Path
    recognition: RecognitionOptions = field(default_factory=RecognitionOptions)
    output: OutputSettings = field(default_factory=OutputSettings)
    force: bool = False
    use_cache: bool = True
    reread: frozenset[VerdictStatus] = frozenset()
    password: str | None = field(default=None, repr=False)

    def options_hash(self, info: EngineInfo) -> str:
        """Return a hash of all that decides an output's bytes, besides content and engine."""
        parts = {
            "recognition": self.recognition.fingerprint(info),
            "pages": self.recognition.pages,
            "output": asdict(self.output),
            "ocrx": ocrx_version(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def to_dict(self) -> dict[str, Any]:
        """Return what ``retry`` needs to ask for the same again; never the password."""
        return {"recognition": asdict(self.recognition), "output": asdict(self.output)}


def settings_from(data: dict[str, Any], directory: Path) -> BatchSettings:
    """Return the settings that ``BatchSettings.to_dict`` wrote down."""
    recognition, output = data["recognition"], data["output"]
    mode = recognition["mode"]
    write = output["write"]
    return BatchSettings(
        directory,
        RecognitionOptions(
            **{
                **recognition,
                "mode": None if mode is None else ResolutionMode(mode),
                "task": Task(recognition["task"]),
            }
        ),
        OutputSettings(
            OutputFormat(output["format"]),
            WriteOptions(
                **{
                    **write,
                    "tables": TableStyle(write["tables"]),
                    "math": MathStyle(write["math"]),
                    "figures": FigureStyle(write["figures"]),
                }
            ),
            output["keep_raw"],
        ),
    )
