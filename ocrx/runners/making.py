"""Which runner an engine needs: a pool of workers that read, or workers around device processes."""

from __future__ import annotations

from ocrx.conversion.ladder import Rules
from ocrx.conversion.reading import load_named_engine
from ocrx.conversion.results import RecognitionOptions
from ocrx.engine import EngineInfo
from ocrx.runners.device import DeviceRunner
from ocrx.runners.inprocess import FALLBACK, InProcessRunner
from ocrx.runners.pool import PoolRunner, PoolSettings


def make_runner(
    engine: str,
    info: EngineInfo,
    options: RecognitionOptions,
    settings: PoolSettings,
    *,
    fallback: str = FALLBACK,
) -> PoolRunner | DeviceRunner:
    """Return the runner for an engine, in processes of their own.

    ``fallback`` is the engine that takes over where one that takes views fails.

    Raises:
        MissingRequirementError: there is no such fallback.
    """
    told = options.engine_settings()
    if not info.takes_views:
        return PoolRunner(engine, settings, told)
    rules = _rules(info, options, settings.page_seconds, fallback)
    return DeviceRunner(engine, rules, settings, told, fallback)


def make_inprocess_runner(
    engine: str, info: EngineInfo, options: RecognitionOptions, *, fallback: str = FALLBACK
) -> InProcessRunner:
    """Return the runner for an engine in this very process.

    Raises:
        MissingRequirementError: there is no such fallback.
    """
    told = options.engine_settings()
    if not info.takes_views:
        return InProcessRunner(engine, told)
    return InProcessRunner(engine, told, _rules(info, options, float("inf"), fallback), fallback)


def _rules(
    info: EngineInfo, options: RecognitionOptions, page_seconds: float, fallback: str
) -> Rules:
    reserve = load_named_engine(fallback)  # loads no weights: only to know what it is
    reserve.close()
    return Rules(
        info,
        reserve.info,
        options.max_vision_tokens,
        options.max_tiles,
        page_seconds,
        options.climb,
    )
