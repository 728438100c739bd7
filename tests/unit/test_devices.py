"""Devices and dtypes are chosen from what the machine has."""

import pytest
import torch

from ocrx.engines.local.devices import (
    choose_device,
    choose_dtype,
    describe_devices,
    present_devices,
)
from ocrx.errors import UsageError


def test_auto_takes_the_first_device_and_the_cpu_is_always_the_last():
    assert choose_device("auto") == present_devices()[0]
    assert present_devices()[-1] == choose_device("cpu") == torch.device("cpu")


def test_every_device_is_described_with_its_memory_and_the_kernels_that_run_on_it():
    reports = describe_devices()

    assert [report.name for report in reports] == [str(device) for device in present_devices()]
    for report in reports:
        assert 0 < report.free_bytes <= report.total_bytes
        assert "math" in report.kernels
        assert report.product
        assert choose_dtype(report.dtype, choose_device(report.name)) is choose_dtype(
            "auto", choose_device(report.name)
        )


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float32"])
def test_a_dtype_that_is_asked_for_is_taken(name):
    assert str(choose_dtype(name, torch.device("cpu"))) == f"torch.{name}"


def test_other_names_are_usage_errors():
    with pytest.raises(UsageError, match="no dtype is called 'half'"):
        choose_dtype("half", torch.device("cpu"))
    with pytest.raises(UsageError, match="no device is called 'gpu'"):
        choose_device("gpu")
