"""The errors a user can meet, and the exit code that each one carries.

Only ``cli/main.py`` turns an error into an exit code; everything else raises.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller (documented in the user guide)."""

    OK = 0
    BUG = 1
    USAGE = 2
    UNREADABLE_SOURCE = 3
    MISSING_REQUIREMENT = 4
    ENGINE_FAILED = 5
    CANNOT_WRITE = 6
    PARTLY_DONE = 7
    INTERRUPTED = 130


class OcrxError(Exception):
    """An expected failure: one line that names what failed, where, and what to do."""

    exit_code = ExitCode.BUG


class UsageError(OcrxError):
    """The command line or an option does not make sense."""

    exit_code = ExitCode.USAGE


class SourceError(OcrxError):
    """A document cannot be read: missing, broken, not a document."""

    exit_code = ExitCode.UNREADABLE_SOURCE


class EncryptedSourceError(SourceError):
    """A document needs a password, or the one given is wrong."""


class LimitError(SourceError):
    """A document asks for more than a cap allows: pixels, pages, bytes, nesting."""


class SourceChangedError(SourceError):
    """A document changed between the moment it was opened and the moment it was read."""


class KeptDataError(SourceError):
    """Kept JSON or raw output cannot be read: malformed, of another version, over a cap."""


class MissingRequirementError(OcrxError):
    """Weights, a package, a system program or a device is missing."""

    exit_code = ExitCode.MISSING_REQUIREMENT


class EngineError(OcrxError):
    """The engine failed on a page."""

    exit_code = ExitCode.ENGINE_FAILED


class RawTextError(EngineError):
    """The raw text of an engine is not in the dialect that it names, or over a cap."""


class PageTimeoutError(EngineError):
    """A page took longer than the time limit."""


class PageMemoryError(EngineError):
    """A page needed more memory than the cap."""


class WorkerCrashedError(EngineError):
    """The worker process died while it held a page."""


class DeviceLostError(EngineError):
    """A device computes nothing more for this process: only a new one can go on."""


class OutputError(OcrxError):
    """A result cannot be written: read-only, full, or colliding."""

    exit_code = ExitCode.CANNOT_WRITE
