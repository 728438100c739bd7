"""What a worker process is told when it starts; sent over its pipe, so light to import."""

from __future__ import annotations

from dataclasses import dataclass, field

from ocrx.engine import EngineSettings


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How one worker is started. ``show_messages`` lets its chatter through to our stderr."""

    engine: str
    engine_settings: EngineSettings = field(default_factory=EngineSettings)
    data_limit_bytes: int = 0
    show_messages: bool = False
