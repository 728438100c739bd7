"""Make the 8-bit recogniser of the embedded engine: ``python -m benchmarks.quantise_models``.

Its CORPUS is what ``benchmarks.make_corpus`` wrote: the scans say which values each layer takes.
Only convolutions are computed in 8 bits; the last matrix, half of the file, is merely kept in 8
bits and computed as it was. Weights have 7 bits, so that processors without VNNI, whose sums
of two products saturate, give the same results. Needs the package onnx, which ocrx does not.
"""

from __future__ import annotations

import argparse
import logging
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper, version_converter
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from PIL import Image, ImageSequence

from ocrx.engines.embedded.orientation import crop_of
from ocrx.engines.embedded.recogniser import (
    FAST_RECOGNISER,
    RECOGNISER_FILE,
    Recogniser,
    bundled_models,
    line_input,
)

OPSET = 13  # the first with scales for each channel
LINES = 100  # that the layers are measured on
LARGE_MATRIX = 1_000_000  # weights: the recogniser's last layer has 2.2 million


class _Inputs(CalibrationDataReader):  # type: ignore[misc]  # no stubs
    def __init__(self, inputs: list[Any]) -> None:
        self._waiting: Iterator[Any] = iter(inputs)

    def get_next(self) -> dict[str, Any] | None:
        picture = next(self._waiting, None)
        return None if picture is None else {"x": picture}


def main() -> None:
    """Read the command line and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    logging.getLogger().setLevel(logging.ERROR)  # it would have the model prepared otherwise
    arguments.out.mkdir(parents=True, exist_ok=True)
    made = arguments.out / FAST_RECOGNISER.name
    lines = _lines(sorted(arguments.corpus.glob("*-scan.tif")))
    _quantise(bundled_models() / RECOGNISER_FILE, made, lines)
    print(f"{made} {made.stat().st_size / 1e6:.1f} MB")


def _lines(scans: list[Path]) -> list[Any]:
    """Return inputs of the recogniser, from all scans alike."""
    recogniser = Recogniser(bundled_models())
    lines = []
    for scan in scans:
        with Image.open(scan) as picture:
            pages = [np.asarray(page.convert("RGB")) for page in ImageSequence.Iterator(picture)]
        for page in pages:
            quads, _ = recogniser.detect(page)
            lines += [line_input(crop_of(page, quad))[0] for quad in quads]
    return random.Random(1).sample(lines, LINES)


def _quantise(source: Path, made: Path, inputs: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        current, fused = Path(folder, "current.onnx"), Path(folder, "fused.onnx")
        onnx.save(version_converter.convert_version(onnx.load(source), OPSET), current)
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(fused)
        onnxruntime.InferenceSession(current, options)
        quantize_static(
            fused,
            made,
            _Inputs(inputs),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    model = onnx.load(made)
    del model.metadata_props[:]
    model.metadata_props.extend(onnx.load(source).metadata_props)  # the recogniser's characters
    _keep_small(model.graph)
    onnx.save(model, made)


def _keep_small(graph: Any) -> None:
    """Store large matrices in 8 bits, with a scale for each column."""
    for weights in list(graph.initializer):
        values = numpy_helper.to_array(weights)
        if values.ndim != 2 or values.size < LARGE_MATRIX or values.dtype != np.float32:
            continue
        scale = np.maximum(np.abs(values).max(axis=0), 1e-8) / 127
        name = weights.name
        graph.initializer.remove(weights)
        graph.initializer.extend(
            [
                numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{name}_8bit"),
                numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"),
                numpy_helper.from_array(np.zeros(len(scale), np.int8), f"{name}_zero"),
            ]
        )
        parts = [f"{name}_8bit", f"{name}_scale", f"{name}_zero"]
        graph.node.insert(0, helper.make_node("DequantizeLinear", parts, [name], axis=1))


if __name__ == "__main__":
    main()
