"""Every format of one sample document, as a reader would see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ocrx.writers import (
    FigureStyle,
    MathStyle,
    OutputFormat,
    TableStyle,
    WriteOptions,
    write_document,
)
from tests.golden.writer_sample import SAMPLE

FILES = WriteOptions(figures=FigureStyle.FILES, figures_directory="harbour 1_files")
EVERYTHING = WriteOptions(
    tables=TableStyle.MD,
    keep_headers=True,
    page_breaks=True,
    join_tables=True,
    math=MathStyle.BRACKET,
)


@pytest.mark.parametrize("output_format", list(OutputFormat))
def test_the_sample_is_written_as_agreed(
    output_format: OutputFormat, check_golden: Callable[[str, str], None]
) -> None:
    text = write_document(SAMPLE, output_format, FILES)
    check_golden(f"sample{output_format.extension}", text)


@pytest.mark.parametrize(
    "output_format", [OutputFormat.MD, OutputFormat.HTML, OutputFormat.LATEX, OutputFormat.TXT]
)
def test_every_option_shows_as_agreed(
    output_format: OutputFormat, check_golden: Callable[[str, str], None]
) -> None:
    text = write_document(SAMPLE, output_format, EVERYTHING)
    check_golden(f"everything{output_format.extension}", text)
