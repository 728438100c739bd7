"""Which engine reads the pages when the user leaves it open, and why.

Looks at names of devices and files; neither torch nor a model is loaded for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ocrx.conversion.reading import load_named_engine
from ocrx.conversion.results import RecognitionOptions
from ocrx.document import Task
from ocrx.engine import AUTO_ENGINE, DEFAULT_ENGINE, EngineInfo
from ocrx.engines.local.availability import accelerators, devices_for
from ocrx.engines.local.catalogue import DEFAULT_MODEL, require_card
from ocrx.engines.local.places import find_checkpoint, is_cached, is_folder
from ocrx.errors import UsageError
from ocrx.selection import check_query

LOCAL_ENGINE = "local"


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine and the reason for it, in a few words."""

    engine: str
    model: str | None
    reason: str


def choose_engine(model: str | None = None, device: str = "auto") -> Choice:
    """Return what ``auto`` takes on this machine.

    A model that was asked for needs the local engine. Else the local engine reads if it has a
    device that is worth it, or the one that was asked for, and its default model is in the cache;
    else the embedded one.

    Raises:
        MissingRequirementError: the model is unknown, or the device is not here.
    """
    if model is not None:
        kept = _as_kept(model)
        return Choice(LOCAL_ENGINE, kept, f"--model {Path(kept).name}")
    found = accelerators() if device == "auto" else devices_for(device)
    cached = is_cached(require_card(DEFAULT_MODEL))
    if found and cached:
        return Choice(LOCAL_ENGINE, DEFAULT_MODEL, f"{DEFAULT_MODEL} on {', '.join(found)}")
    if not found:
        return Choice(DEFAULT_ENGINE, None, "no GPU for a model")
    return Choice(DEFAULT_ENGINE, None, f"no model weights: ocrx models pull {DEFAULT_MODEL}")


def settled(options: RecognitionOptions) -> tuple[RecognitionOptions, Choice | None]:
    """Return the options with an engine in place of ``auto``, and the choice if there was one.

    Raises:
        UsageError: a model is asked for and an engine that has only one, or ``check_query``.
        MissingRequirementError: the model is unknown, or the device is not here.
    """
    check_query(options.task, options.query)
    if options.engine == AUTO_ENGINE:
        choice = choose_engine(options.model, options.device)
        return replace(options, engine=choice.engine, model=choice.model), choice
    if options.engine == DEFAULT_ENGINE and options.model is not None:
        raise UsageError(f"--model: the engine {DEFAULT_ENGINE} has one model only")
    if options.engine == LOCAL_ENGINE:
        return replace(options, model=_as_kept(options.model or DEFAULT_MODEL)), None
    return options, None


def require_model(options: RecognitionOptions) -> None:
    """Check, before anything is started, that the local engine has a whole model and a device.

    Raises:
        MissingRequirementError: it lacks one; the line says what helps.
    """
    if options.engine == LOCAL_ENGINE:
        from ocrx.engines.local.headers import checked_checkpoint

        checked_checkpoint(find_checkpoint(options.model, offline=options.offline).folder)
        devices_for(options.device)


def engine_info(options: RecognitionOptions) -> EngineInfo:
    """Return what the engine says of itself, without its weights.

    Raises:
        UsageError: it cannot be asked the task; the line names what it can be asked.
        MissingRequirementError: there is no such engine.
    """
    engine = load_named_engine(options.engine, options.engine_settings())
    info, task = engine.info, options.task
    engine.close()
    if task not in info.tasks:
        known = ", ".join(each for each in Task if each in info.tasks)
        raise UsageError(f"--task {task}: engine {info.name} ({info.model}) has only: {known}")
    return info


def _as_kept(model: str) -> str:
    """Return a model's name, or a folder's path that holds in any working directory."""
    if is_folder(model):
        return str(Path(model).expanduser().resolve())
    return require_card(model).name
