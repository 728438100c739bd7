"""Colour pictures of 16 bits a channel (PNG, TIFF), which Pillow cuts to 8 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.float32]

_PNG_DEPTH_BYTE = 24  # 8 of signature, 8 of chunk head, 4 + 4 of size, then the bit depth
_MOST_PIXELS = 40_000_000
_BITS_PER_SAMPLE, _EXTRA_SAMPLES, _ASSOCIATED_ALPHA = 258, 338, 1


def has_deep_colour(image: Image.Image, path: str) -> bool:
    """Return whether the file holds more bits a channel than Pillow decoded.

    Not so for pictures over 40 million pixels: floats would take 16 bytes for each.
    """
    if image.width * image.height > _MOST_PIXELS:
        return False
    if image.format == "PNG":
        with Path(path).open("rb") as file:
            return file.read(_PNG_DEPTH_BYTE + 1)[_PNG_DEPTH_BYTE:] == b"\x10"
    bits = _tags(image).get(_BITS_PER_SAMPLE)
    return isinstance(bits, tuple) and len(bits) > 1 and max(bits) > 8


def deep_colour(image: Image.Image, path: str) -> tuple[Pixels, Pixels] | None:
    """Return RGB (height, width, 3) in 0..65535 and alpha (height, width) in 0..1, as float32.

    Colours are not premultiplied. None where OpenCV cannot decode it or sees another picture.
    """
    import cv2

    data = np.fromfile(path, np.uint8)
    index = image.tell()
    try:
        if index:
            frames = cv2.imdecodemulti(data, cv2.IMREAD_UNCHANGED, range=(index, index + 1))[1]
            values: Any = frames[0]
        else:
            values = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except (cv2.error, IndexError, TypeError):
        return None
    if values is None or values.dtype != np.uint16 or values.ndim != 3:
        return None
    if values.shape[:2] != (image.height, image.width) or values.shape[2] not in (3, 4):
        return None
    colour: Pixels = values[..., 2::-1].astype(np.float32)
    if values.shape[2] == 3:
        return colour, np.ones(values.shape[:2], np.float32)
    alpha: Pixels = values[..., 3].astype(np.float32) / np.float32(65535)
    premultiplied = _ASSOCIATED_ALPHA in (_tags(image).get(_EXTRA_SAMPLES) or ())
    if premultiplied:
        opacity: Pixels = np.maximum(alpha, np.float32(1 / 65535))[..., None]
        colour /= opacity
    return colour, alpha


def _tags(image: Image.Image) -> Any:
    return getattr(image, "tag_v2", {})
