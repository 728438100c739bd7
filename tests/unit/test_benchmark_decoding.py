"""The benchmark of the local engine runs, and its report says what was compared with what."""

import torch

from benchmarks.decoding import Bench, random_model
from benchmarks.gpu_decode import Figure, lengths_of, table, tiny_figures


def test_the_tiny_benchmark_compares_batching_with_a_page_at_a_time() -> None:
    bench = Bench(random_model(torch.device("cpu"), torch.float32, real=False))
    assert all(weight.isfinite().all() for weight in bench.loaded.model.parameters())
    figures = list(tiny_figures(bench, [9, 3, 14]))
    assert [figure.unit for figure in figures] == ["tokens/s"] * 3 + ["x"]
    assert all(figure.value > 0 for figure in figures)
    generate, alone, together, gain = figures
    assert alone.of_generate == alone.value / generate.value
    assert gain.value == together.value / alone.value


def test_lengths_differ_and_have_the_mean_asked_for() -> None:
    lengths = lengths_of(2000, 1000)
    assert abs(sum(lengths) / 2000 - 1000) < 30
    assert min(lengths) < 150
    assert max(lengths) > 1850


def test_the_table_leaves_out_ratios_that_there_are_not() -> None:
    figures = [Figure("vision, tiny", 1.234, "ms"), Figure("decoding", 8000, "tokens/s", 0.32, 200)]
    head, _, first, second = table(figures).splitlines()
    assert head == "| what |  | unit | of the H200's roofline | of generate |"
    assert first == "| vision, tiny | 1.23 | ms |  |  |"
    assert second == "| decoding | 8,000 | tokens/s | 0.32 | 200.00 |"
