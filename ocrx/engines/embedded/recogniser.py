"""The one owner of the text detector and recogniser: RapidOCR's PP-OCRv6 models on onnxruntime.

Finds lines of text in pixels and reads pictures of single lines. Which lines to read, and what they
mean, is for ``scan.py``. Nothing is ever downloaded: the detector is the one that rapidocr carries,
the recogniser is its 8-bit twin in ``models/``.
"""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocrx.errors import MissingRequirementError

Pixels = npt.NDArray[np.uint8]
Quads = npt.NDArray[np.float32]

DETECTOR_FILE = "PP-OCRv6_det_small.onnx"
RECOGNISER_FILE = "PP-OCRv6_rec_small.onnx"
FAST_RECOGNISER = Path(__file__).parent / "models" / "PP-OCRv6_rec_small_int8.onnx"
LINE_HEIGHT_PX = 48  # the recogniser's input height
MIN_LINE_WIDTH_PX = 160  # narrower crops are padded: 320 in training; 160 reads the same, faster
MAX_LINE_WIDTH_PX = 3200  # a longer crop is squeezed; a printed line stays far below it
GRID_PX = 32  # the detector's input is a multiple of this
STRIP_PX = 750_000  # pixels that the detector sees at once, without the overlap
OVERLAP_PX = 2 * GRID_PX  # above and below a strip: more than a line of a page of 2000 px
CUT_REACH_PX = 2 * GRID_PX  # how far from its place a cut is moved to fall between two lines
CUT_BAND_PX = 9  # rows that should be white there
MAX_BOXES = 4000
CAREFUL = 0.97  # confidence under which a line that was read in 8 bits is read again in full
DOUBTED_LINES = 8  # of a page, mostly under that: its other lines are read in full at once
FLAT = 24  # of 255: a strip with less contrast holds no text


@dataclass(frozen=True, slots=True)
class LineReading:
    """What the recogniser saw in the picture of one line.

    ``confidence`` is the mean over the characters, in [0, 1]. ``centres`` holds for each character
    of ``text`` where its middle stands, in [0, 1] of the crop's width.
    """

    text: str
    confidence: float
    centres: tuple[float, ...]


@dataclass(slots=True)
class Doubts:
    """How many lines of one page were read in 8 bits, and how many of these without confidence."""

    lines: int = 0
    unsure: int = 0

    @property
    def prevail(self) -> bool:
        """Whether enough lines were read, most of them without confidence."""
        return self.lines >= DOUBTED_LINES and 2 * self.unsure > self.lines

    def count(self, reading: LineReading) -> None:
        """Take note of a line read in 8 bits."""
        self.lines += 1
        self.unsure += reading.confidence < CAREFUL


class Recogniser:
    """Detector and recogniser sessions of one worker process; not for use by several threads."""

    def __init__(self, models: Path | None = None) -> None:
        """Load both models from ``models``.

        The default is those inside rapidocr, and the fast recogniser beside them.

        Raises:
            MissingRequirementError: rapidocr, onnxruntime or a model file is missing.
        """
        folder = bundled_models() if models is None else models
        detector_file = _existing(folder / DETECTOR_FILE)
        recogniser_file = _existing(folder / RECOGNISER_FILE)
        try:
            import cv2
            from rapidocr import RapidOCR
            from rapidocr.ch_ppocr_det import TextDetector
            from rapidocr.ch_ppocr_rec import TextRecognizer
        except ImportError as error:
            raise MissingRequirementError(
                f"reading pixels needs rapidocr and onnxruntime: {error}"
            ) from error
        cv2.setNumThreads(1)  # one worker a core: threads would only fight
        config = RapidOCR(params=_parameters(detector_file, recogniser_file)).cfg
        for task in (config.Det, config.Rec):
            task.engine_cfg = config.EngineConfig.onnxruntime
            task.model_root_dir = str(folder)
        config.Rec.font_path = None
        self._detector: Any = TextDetector(config.Det)
        self._readers: list[Any] = []
        for file in [FAST_RECOGNISER] * (models is None) + [recogniser_file]:
            config.Rec.model_path = str(file)
            self._readers.append(TextRecognizer(config.Rec))
        self._characters: list[str] = self._readers[-1].postprocess_op.character

    def charset(self) -> frozenset[str]:
        """Return every character that the recogniser can write."""
        return frozenset(self._characters[1:])  # 0 is the CTC blank

    def detect(self, rgb: Pixels) -> tuple[Quads, npt.NDArray[np.float32]]:
        """Find lines of text at full resolution.

        Args:
            rgb: picture (height, width, 3).

        Returns:
            Quads (n, 4, 2) in px, corners clockwise from the top left, and scores (n,).
        """
        import cv2

        height, width = rgb.shape[:2]
        size = (max(GRID_PX, _to_grid(width)), max(GRID_PX, _to_grid(height)))
        picture: Pixels = cv2.resize(rgb, size).astype(np.uint8, copy=False)
        quads, scores = self._detector.postprocess_op(self._probabilities(picture), (height, width))
        if not len(quads):
            return np.zeros((0, 4, 2), np.float32), np.zeros(0, np.float32)
        return np.asarray(quads, np.float32), np.asarray(scores, np.float32)

    def _probabilities(self, rgb: Pixels) -> npt.NDArray[np.float32]:
        """Return the map of text (1, 1, height, width), computed in overlapping strips.

        The network's memory grows with the area it sees at once: a whole page of 2000 px took the
        process to 974 MB, strips of this size to 500, and they find the same lines. Cuts fall
        between lines where they can.
        """
        height, width = rgb.shape[:2]
        parts = []
        cuts = _cuts(rgb, math.ceil(height / max(GRID_PX, STRIP_PX // width)))
        for top, bottom in pairwise(cuts):
            last = min(height, bottom + OVERLAP_PX)
            first = max(0, last - _up_to_grid(last - max(0, top - OVERLAP_PX)))
            last = first + _up_to_grid(last - first)
            if int(np.ptp(rgb[first:last])) < FLAT:
                # On blank paper the network sees ghosts, thousands of them: more than MAX_BOXES.
                parts.append(np.zeros((1, 1, bottom - top, width), np.float32))
                continue
            strip = self._detector.session(detector_input(rgb[first:last]))
            parts.append(strip[:, :, top - first : bottom - first])
        return np.concatenate(parts, axis=2)

    def read(self, crops: list[Pixels], doubts: Doubts | None = None) -> list[LineReading]:
        """Read pictures of single lines, each (height, width, 3) RGB, upright.

        In 8 bits first, which takes two thirds of the time; a line that is not read with confidence
        so is read again in full. Clear print reads the same in both, black letter does not: where
        the page's ``doubts`` say so, its lines are read in full at once.
        """
        return [self._read(crop, doubts or Doubts()) for crop in crops]

    def _read(self, crop: Pixels, doubts: Doubts) -> LineReading:
        if not crop.shape[0] or not crop.shape[1]:
            return LineReading("", 0.0, ())
        line, stretch = line_input(crop)
        reading = LineReading("", 0.0, ())
        if doubts.prevail:
            return self._decoded(self._readers[-1].session(line)[0], stretch)
        for reader in self._readers:
            reading = self._decoded(reader.session(line)[0], stretch)
            if reader is not self._readers[-1]:
                doubts.count(reading)
            if reading.confidence >= CAREFUL:
                break
        return reading

    def _decoded(self, steps: npt.NDArray[np.float32], stretch: float) -> LineReading:
        """Collapse CTC steps (steps, characters); a character's place is the middle of its run."""
        best = steps.argmax(axis=1)
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        ends = np.append(starts[1:], len(best))
        text, confidences, centres = [], [], []
        for start, end in zip(starts, ends, strict=True):
            if best[start]:
                text.append(self._characters[best[start]])
                confidences.append(float(steps[start, best[start]]))
                centres.append(min(1.0, float(start + end) / 2 / len(best) * stretch))
        if not text:
            return LineReading("", 0.0, ())
        joined = "".join(text)
        if len(joined) != len(centres):  # an entry of the charset may hold two code points
            centres = [c for c, entry in zip(centres, text, strict=True) for _ in entry]
        return LineReading(joined, float(np.mean(confidences)), tuple(centres))


def bundled_models() -> Path:
    """Return the folder of the models that rapidocr carries, without importing it.

    Raises:
        MissingRequirementError: rapidocr is not installed.
    """
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise MissingRequirementError("reading pixels needs the package rapidocr (pip install it)")
    return Path(spec.origin).parent / "models"


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise MissingRequirementError(f"model file missing: {path} (reinstall rapidocr >= 3.10)")
    return path


def _parameters(detector_file: Path, recogniser_file: Path) -> dict[str, Any]:
    return {
        "Global.log_level": "critical",
        "Global.use_cls": False,
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        "Det.model_path": str(detector_file),
        "Det.max_candidates": MAX_BOXES,
        "Rec.model_path": str(recogniser_file),
        "Rec.rec_batch_num": 1,
    }


def detector_input(rgb: Pixels) -> npt.NDArray[np.float32]:
    """Return the detector's input (1, 3, height, width) for a picture on its grid."""
    return _normalised(rgb)[None]


def line_input(crop: Pixels) -> tuple[npt.NDArray[np.float32], float]:
    """Return the recogniser's input (1, 3, 48, width) for the picture of a line.

    With it comes how many times wider the input is than the line in it.
    """
    import cv2

    height, width = crop.shape[:2]
    scaled = min(max(1, math.ceil(LINE_HEIGHT_PX * width / height)), MAX_LINE_WIDTH_PX)
    padded = max(MIN_LINE_WIDTH_PX, scaled)
    line = np.zeros((1, 3, LINE_HEIGHT_PX, padded), np.float32)
    picture = cv2.resize(crop, (scaled, LINE_HEIGHT_PX)).astype(np.uint8, copy=False)
    line[0, :, :, :scaled] = _normalised(picture)
    return line, padded / scaled


def _cuts(rgb: Pixels, count: int) -> list[int]:
    """Return rows that cut a picture into ``count`` strips, where there is little ink if possible.

    The rows vary least there; nothing is taken for white, so noise and shadows do no harm.
    """
    height = rgb.shape[0]
    reach = min(CUT_REACH_PX, height // count // 2 - 1)
    cuts = [0]
    for index in range(1, count):
        first = round(index * height / count) - reach
        varied = rgb[first : first + 2 * reach, :, 1].std(axis=1)
        band = min(CUT_BAND_PX, 2 * reach)
        quiet = int(np.argmin(np.convolve(varied, np.ones(band), "valid")))
        cuts.append(first + quiet + band // 2)
    return [*cuts, height]


def _up_to_grid(px: int) -> int:
    return math.ceil(px / GRID_PX) * GRID_PX


def _to_grid(px: int) -> int:
    return round(px / GRID_PX) * GRID_PX


def _normalised(rgb: Pixels) -> npt.NDArray[np.float32]:
    """Return (3, height, width) in [-1, 1], in OpenCV's order of colours: the models' own."""
    scaled: npt.NDArray[np.float32] = rgb[:, :, ::-1].transpose(2, 0, 1).astype(np.float32)
    scaled *= 2 / 255
    scaled -= 1
    return scaled
