"""Print, handle and scan a page: make a clean picture of a page look like one from an old scanner.

Deterministic for a seed. Only the picture; rendering and saving are left to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter


@dataclass(frozen=True, slots=True)
class ScannerFaults:
    """How bad the scan is.

    ``skew_degrees`` turns the page counter-clockwise; ``blur_px`` is the radius of the optics;
    ``noise`` the standard deviation of the sensor in gray levels; ``shade`` how many gray levels
    the paper darkens from one edge to the other; ``specks`` dark and light grains a megapixel.
    """

    skew_degrees: float = 0.6
    blur_px: float = 0.7
    noise: float = 7.0
    shade: float = 22.0
    specks: int = 60


def scan_page(page: Image.Image, faults: ScannerFaults, seed: int) -> Image.Image:
    """Return a gray picture of the same size as ``page``, skewed, blurred, shaded and noisy."""
    random = np.random.default_rng(seed)
    gray = page.convert("L")
    turned = gray.rotate(faults.skew_degrees, Image.Resampling.BICUBIC, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(faults.blur_px))
    ink = np.asarray(soft, dtype=np.float64)
    ink = 28 + ink * (236 - 28) / 255  # faded ink, paper that is not white
    ink -= _shade(ink.shape, faults.shade)
    _add_specks(ink, faults.specks, random)
    ink += random.normal(0.0, faults.noise, ink.shape)
    return Image.fromarray(np.clip(ink, 0, 255).astype(np.uint8), "L")


def _shade(shape: tuple[int, ...], depth: float) -> NDArray[np.float64]:
    """Darken towards the right edge, as a book does near its spine."""
    ramp = np.linspace(0.0, 1.0, shape[1]) ** 4
    return np.broadcast_to(depth * ramp, shape)


def _add_specks(ink: NDArray[np.float64], per_megapixel: int, random: np.random.Generator) -> None:
    height, width = ink.shape
    count = int(per_megapixel * height * width / 1_000_000)
    rows = random.integers(0, height - 2, count)
    columns = random.integers(0, width - 2, count)
    levels = random.choice([70.0, 250.0], count)
    for row, column, level in zip(rows, columns, levels, strict=True):
        ink[row : row + 2, column : column + 2] = level
