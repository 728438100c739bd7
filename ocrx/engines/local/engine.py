"""The engine itself: prepared pages in, recognitions out.

Light until its first page: what it is and can do is known from the catalogue, or from the small
files of a folder; torch, transformers and the weights load when a page, or ``capacity``, needs
them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from time import monotonic

from ocrx.document import Recognition, Request
from ocrx.engine import EngineInfo, EngineSettings, PreparedPage
from ocrx.engines.local.availability import devices_for
from ocrx.engines.local.capacity import pages_at_once
from ocrx.engines.local.catalogue import DEFAULT_MODEL, require_card
from ocrx.engines.local.configuration import sizes_of
from ocrx.engines.local.places import find_checkpoint, is_folder
from ocrx.engines.local.scheduler import Scheduler
from ocrx.engines.local.sequence import failed
from ocrx.errors import EngineError, MissingRequirementError
from ocrx.parsing.grounding_dialect import DIALECT

RECIPE = 1  # raise it whenever the same page gives another raw text


class LocalEngine:
    """Reads many pages at once with a vision language model. For one thread of one process."""

    def __init__(self, settings: EngineSettings | None = None) -> None:
        """Look up the model, and load nothing yet.

        Raises:
            MissingRequirementError: no model and no folder has that name, the folder holds no
                model, or the device is not there. Weights not downloaded are no error yet.
        """
        self._settings = settings or EngineSettings()
        self._scheduler: Scheduler | None = None
        self.info = _info(self._settings)

    @property
    def capacity(self) -> int:
        """How many pages are read at once; loads the weights.

        Raises:
            MissingRequirementError: weights, memory or a device are missing.
        """
        return self._loaded().capacity

    def recognise(self, requests: Iterable[Request]) -> Iterator[Recognition]:
        """Yield one recognition for each request, in any order; a bad page is one that failed."""
        unprepared: deque[Recognition] = deque()  # filled on the thread that takes pages

        def prepared() -> Iterator[PreparedPage]:
            for request in requests:
                began = monotonic()
                try:
                    page = _prepared(request)
                except MissingRequirementError:
                    raise
                except Exception as error:  # noqa: BLE001 - isolated; the failure is recorded
                    unprepared.append(failed(request, began, error))
                else:
                    yield page

        for recognition in self.recognise_prepared(prepared()):
            while unprepared:
                yield unprepared.popleft()
            yield recognition
        yield from unprepared

    def recognise_prepared(self, pages: Iterable[PreparedPage]) -> Iterator[Recognition]:
        """Yield one recognition for each page, in the order in which they end.

        Raises:
            MissingRequirementError: weights, memory or a device are missing.
        """
        yield from self._loaded().run(pages)

    def close(self) -> None:
        """Free the model and the memory of its device."""
        if self._scheduler is None:
            return
        self._scheduler = None
        from ocrx.engines.local.devices import release_memory

        release_memory()

    def _loaded(self) -> Scheduler:
        if self._scheduler is None:
            self._scheduler = _load(self._settings)
        return self._scheduler


def _info(settings: EngineSettings) -> EngineInfo:
    spec = settings.model or DEFAULT_MODEL
    if is_folder(spec):
        checkpoint = find_checkpoint(spec)
        card, name, revision = checkpoint.card, checkpoint.name, checkpoint.revision
    else:
        card = require_card(spec)
        name, revision = card.name, card.revision
    return EngineInfo(
        name="local",
        model=name,
        revision=f"{revision}+{settings.dtype}+recipe-{RECIPE}",
        dialect=DIALECT,
        modes=card.modes,
        tasks=card.tasks,
        takes_views=True,
        devices=devices_for(settings.device),
        tiling=card.tiling,
    )


def _load(settings: EngineSettings) -> Scheduler:
    """Load the model and give it as many slots as its device has room for."""
    checkpoint = find_checkpoint(settings.model, offline=settings.offline)
    from ocrx.engines.local.decoder import SlotDecoder
    from ocrx.engines.local.devices import free_bytes
    from ocrx.engines.local.loading import load_model
    from ocrx.engines.local.tokens import Tokens

    tokens = Tokens(checkpoint.folder)
    loaded = load_model(checkpoint.folder, device=settings.device, dtype=settings.dtype)
    slots = pages_at_once(
        sizes_of(loaded.config),
        checkpoint.card,
        loaded.dtype.itemsize,
        str(loaded.device),
        free_bytes(loaded.device),
        settings.batch,
    )
    decoder = SlotDecoder(loaded, tokens, checkpoint.card, slots)
    return Scheduler(decoder, checkpoint.card.limits)


def _prepared(request: Request) -> PreparedPage:
    """Return a page with its views cut.

    Raises:
        OcrxError: the page cannot be had, or the request has no plan.
    """
    from ocrx.raster import open_page_image, turn_clockwise
    from ocrx.views import cut_views

    if request.plan is None:
        raise EngineError("the page has no plan of views")
    image = turn_clockwise(open_page_image(request.page), request.turned_degrees)
    return PreparedPage(request, cut_views(image, request.plan))
