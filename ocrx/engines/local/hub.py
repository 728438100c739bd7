"""Downloading a published model from the Hugging Face hub into its usual cache.

The pinned revision and nothing but the files of the catalogue: no code, no pickles. What was
downloaded is checked by ``verifying``.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path

from ocrx.engines.local.catalogue import ModelCard
from ocrx.engines.local.places import hub_cache, is_offline, snapshot_folder
from ocrx.errors import MissingRequirementError

_GATED, _REFUSED, _GONE = 403, 401, 404


def pull(card: ModelCard, *, offline: bool = False) -> Path:
    """Download what is missing of a model and return its folder.

    A download that was cut short goes on where it ended. Progress is shown on a terminal only.

    Raises:
        MissingRequirementError: the network is forbidden or fails, the hub refuses, or the disk is
            full.
    """
    if is_offline(offline):
        raise MissingRequirementError(
            f"{card.name} cannot be pulled offline (--offline, HF_HUB_OFFLINE); "
            f"or copy its files to {snapshot_folder(card)}"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils import disable_progress_bars

    if sys.stderr is None or not sys.stderr.isatty():
        disable_progress_bars()
    try:
        folder = snapshot_download(
            card.repo_id,
            revision=card.revision,
            cache_dir=hub_cache(),
            allow_patterns=[file.name for file in card.files],
            library_name="ocrx",
        )
    except Exception as error:  # of four libraries; each is told in one line
        raise MissingRequirementError(f"{card.name}: {_in_words(error, card)}") from error
    return Path(folder)


def _in_words(error: BaseException, card: ModelCard) -> str:
    """Say what went wrong: the first cause in the chain that a person can act on."""
    for cause in _chain(error):
        status = getattr(getattr(cause, "response", None), "status_code", None)
        if status in (_REFUSED, _GATED):
            return f"the hub refuses {card.repo_id} ({status}); log in with: hf auth login"
        if status == _GONE:
            return f"the hub has no {card.repo_id} at {card.revision[:12]} (404)"
        if status is not None:
            return f"the hub answers {status}; try again later"
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"no space left in {hub_cache()}; HF_HOME names another place"
        if isinstance(cause, PermissionError):
            return f"{hub_cache()} cannot be written to; HF_HOME names another place"
    last = _chain(error)[-1]
    why = " ".join(f"{type(last).__name__}: {last}".split())[:160]
    return f"the download failed ({why}); the same command goes on where it ended"


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and its causes, the outermost first."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return found
