"""Views become the numbers that a vision tower takes.

How a page is cut into views is for ``ocrx.views``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image


def normalised(views: Sequence[Image.Image]) -> Any:
    """Return RGB pictures of one size as a tensor [views, 3, height, width], bfloat16 on the CPU.

    A value is (u8 / 255 - 0.5) / 0.5 in float32, rounded to bfloat16 as in the published runners,
    whatever the model computes in. It has 256 outcomes, so it is looked up.
    """
    levels = torch.arange(256, dtype=torch.float32)
    table = ((levels / 255 - 0.5) / 0.5).to(torch.bfloat16).view(torch.int16).numpy()
    planes = [np.moveaxis(table[np.asarray(view)], -1, 0) for view in views]
    return torch.from_numpy(np.stack(planes)).view(torch.bfloat16)
