"""Pixels of any kind become 8-bit gray or RGB over white, with their contrast kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageCms

from ocrx.raster.deep import Pixels, deep_colour, has_deep_colour

_BLANK_ABOVE = 0.8  # a narrow band of tones brighter than this is empty paper, not faint text
_NARROW = 0.1
_FEWEST_TONES = 16
_ALPHA_MODES = ("RGBA", "RGBa", "LA", "La", "PA")


def to_gray_or_rgb(image: Image.Image, path: str) -> Image.Image:
    """Return a loaded picture in mode L or RGB, itself when it is that already.

    Transparency lies over white. Sixteen bits and floats are scaled to the tones that are used, so
    that a picture that fills only a few of them stays readable. CMYK without Adobe's marker is not
    inverted, as Pillow assumes. ``path`` is read again for 16-bit colour, which Pillow cuts to 8.
    """
    mode = image.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        return _as_image(_stretched(np.asarray(image).astype(np.float32), _full_scale(mode)))
    deep = deep_colour(image, path) if has_deep_colour(image, path) else None
    if deep is not None:
        colour, alpha = deep
        scaled = _stretched(colour, 65535.0, visible=alpha > 0)
        return _as_image(scaled * alpha[..., None] + 255 * (1 - alpha[..., None]))
    if mode in _ALPHA_MODES or "transparency" in image.info:
        return _over_white(image)
    if mode in ("L", "RGB"):
        return image
    if mode == "1":
        return image.convert("L")
    if mode == "LAB":
        return _from_lab(image)
    if mode == "CMYK" and image.format in ("JPEG", "MPO") and "adobe" not in image.info:
        image = ImageChops.invert(image)
    return image.convert("RGB")


def whiten_missing(image: Image.Image) -> Image.Image:
    """Paint the rows that no data reached white: they decode as one flat dark tone.

    They are the last ones, or the first where the file begins with the last (BMP).
    """
    pixels = np.asarray(image)
    rows = _flat_rows(pixels[::-1])
    box = (0, image.height - rows, image.width, image.height)
    if not rows:
        rows = _flat_rows(pixels)
        box = (0, 0, image.width, rows)
    if not rows:
        return image
    out = image.copy()
    out.paste((255, 255, 255), box)
    return out


def _flat_rows(pixels: npt.NDArray[np.uint8]) -> int:
    """Count the rows from the first on that have its one tone, 0 where it is white or mixed."""
    tone = pixels[0, 0]
    if not (pixels[0] == tone).all() or int(tone.min()) > 250:
        return 0
    differs = (pixels != tone).any(axis=(1, 2))
    return int(differs.argmax()) if differs.any() else len(pixels)


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode == "La":
        image = image.convert("LA")
    layered = image.convert("RGBA")
    white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layered).convert("RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    if converted is None:
        raise ValueError("LAB colours cannot be converted")
    return converted


def _full_scale(mode: str) -> float:
    return 1.0 if mode == "F" else 65535.0


def _stretched(
    values: Pixels, full_scale: float, visible: npt.NDArray[np.bool_] | None = None
) -> Pixels:
    """Scale the used range of tones to 0..255; ``visible`` masks the pixels that count.

    Scaled by the full range instead: empty paper (a narrow bright band, whose noise would become
    ink) and flat pictures.
    """
    seen = values if visible is None else values[visible]
    seen = seen[np.isfinite(seen)]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 0.0)
    scale = max(full_scale, high, high - low)
    used = high - low
    is_flat = used < (_FEWEST_TONES if full_scale > 1 else 1e-6)
    is_paper = low > _BLANK_ABOVE * scale and used < _NARROW * scale
    finite = np.nan_to_num(values, nan=high, posinf=high, neginf=low)
    if is_flat or is_paper:
        return finite * np.float32(255 / scale)
    return (finite - np.float32(low)) * np.float32(255 / used)


def _as_image(values: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
