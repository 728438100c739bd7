"""The one owner of the text detector and recogniser: RapidOCR's PP-OCRv6 models on onnxruntime.

Finds lines of text in pixels and reads pictures of single lines. Which lines to read, and what they
mean, is for ``scan.py``. Nothing is ever downloaded: the models are those that rapidocr carries.
"""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ocrx.errors import MissingRequirementError

Pixels = npt.NDArray[np.uint8]
Quads = npt.NDArray[np.float32]

DETECTOR_FILE = "PP-OCRv6_det_small.onnx"
RECOGNISER_FILE = "PP-OCRv6_rec_small.onnx"
LINE_HEIGHT_PX = 48  # the recogniser's input height
MIN_LINE_WIDTH_PX = 160  # narrower crops are padded: 320 in training; 160 reads the same, faster
MAX_LINE_WIDTH_PX = 3200  # a longer crop is squeezed; a printed line stays far below it
GRID_PX = 32  # the detector's input is a multiple of this
STRIP_PX = 600_000  # pixels that the detector sees at once, without the overlap
OVERLAP_PX = 3 * GRID_PX  # above and below a strip: more than two lines of a page of 2000 px
MAX_BOXES = 4000
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


class Recogniser:
    """Detector and recogniser sessions of one worker process; not for use by several threads."""

    def __init__(self, models: Path | None = None) -> None:
        """Load both models from ``models`` (default: the folder inside rapidocr).

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
        self._reader: Any = TextRecognizer(config.Rec)
        self._characters: list[str] = self._reader.postprocess_op.character

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
        # The models were trained on OpenCV's BGR order.
        picture: Pixels = cv2.resize(rgb, size)[:, :, ::-1].astype(np.uint8, copy=False)
        quads, scores = self._detector.postprocess_op(self._probabilities(picture), (height, width))
        if not len(quads):
            return np.zeros((0, 4, 2), np.float32), np.zeros(0, np.float32)
        return np.asarray(quads, np.float32), np.asarray(scores, np.float32)

    def _probabilities(self, bgr: Pixels) -> npt.NDArray[np.float32]:
        """Return the map of text (1, 1, height, width), computed in overlapping strips.

        The network's memory grows with the area it sees at once: a whole page of 2000 px took the
        process to 974 MB, strips of this size to 500, and they find the same lines.
        """
        height = bgr.shape[0]
        rows = max(GRID_PX, STRIP_PX // bgr.shape[1] // GRID_PX * GRID_PX)
        parts = []
        for top in range(0, height, rows):
            first, last = max(0, top - OVERLAP_PX), min(height, top + rows + OVERLAP_PX)
            if int(np.ptp(bgr[first:last])) < FLAT:
                # On blank paper the network sees ghosts, thousands of them: more than MAX_BOXES.
                blank = (1, 1, min(height, top + rows) - top, bgr.shape[1])
                parts.append(np.zeros(blank, np.float32))
                continue
            strip = self._detector.session(_normalised(bgr[first:last])[None])
            parts.append(strip[:, :, top - first : min(height, top + rows) - first])
        return np.concatenate(parts, axis=2)

    def read(self, crops: list[Pixels]) -> list[LineReading]:
        """Read pictures of single lines, each (height, width, 3) RGB, upright."""
        return [self._read(crop) for crop in crops]

    def _read(self, crop: Pixels) -> LineReading:
        import cv2

        height, width = crop.shape[:2]
        if not height or not width:
            return LineReading("", 0.0, ())
        scaled = min(max(1, math.ceil(LINE_HEIGHT_PX * width / height)), MAX_LINE_WIDTH_PX)
        padded = max(MIN_LINE_WIDTH_PX, scaled)
        line = np.zeros((1, 3, LINE_HEIGHT_PX, padded), np.float32)
        picture = cv2.resize(crop, (scaled, LINE_HEIGHT_PX))[:, :, ::-1]
        line[0, :, :, :scaled] = _normalised(picture.astype(np.uint8, copy=False))
        return self._decoded(self._reader.session(line)[0], padded / scaled)

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


def _to_grid(px: int) -> int:
    return round(px / GRID_PX) * GRID_PX


def _normalised(picture: Pixels) -> npt.NDArray[np.float32]:
    """Return (3, height, width) in [-1, 1]."""
    scaled: npt.NDArray[np.float32] = picture.transpose(2, 0, 1).astype(np.float32)
    scaled *= 2 / 255
    scaled -= 1
    return scaled
