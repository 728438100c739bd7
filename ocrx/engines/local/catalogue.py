"""The models that the local engine knows: data only, one entry a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ocrx.document import Task
from ocrx.engines.local.ngrams import RepeatRule
from ocrx.modes import ResolutionMode


class Family(StrEnum):
    """Architectures that can be loaded."""

    DEEPSEEK_OCR = "deepseek-ocr"
    DEEPSEEK_OCR_2 = "deepseek-ocr-2"
    UNLIMITED_OCR = "unlimited-ocr"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a sequence may be, and which repeats are forbidden (``strict_rule``: on a retry)."""

    max_positions: int
    max_output_tokens: int
    repeat_rule: RepeatRule
    strict_rule: RepeatRule


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A published checkpoint: where it is, how it is asked, what it can do."""

    name: str
    repo_id: str
    revision: str
    family: Family
    prompts: Mapping[Task, str]
    modes: frozenset[ResolutionMode]
    limits: Limits
