"""Rules for the whole suite: with OCRX_REQUIRE_PROGRAMS set, nothing may be skipped quietly."""

from __future__ import annotations

import os
import re
from collections.abc import Generator

import pytest
from hypothesis import settings

# Where others wait for the answer the examples are always the same; elsewhere they are new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

_MAY_SKIP = re.compile(r"\b(GPU|weights)\b", re.IGNORECASE)


def _deny_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure unless its reason is a GPU's or real weights' absence."""
    if not os.environ.get("OCRX_REQUIRE_PROGRAMS") or not report.skipped:
        return
    if hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not _MAY_SKIP.search(reason):
        report.outcome = "failed"
        report.longrepr = f"OCRX_REQUIRE_PROGRAMS is set, but this was skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _deny_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _deny_skip(report)
    return report
