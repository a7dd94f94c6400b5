"""What holds for every test: how many examples a property gets, and that nothing is skipped in CI.

A property without a number of its own gets the profile's number of examples, 200 in `normal` and 2,000 in
`long` (HYPOTHESIS_PROFILE chooses). A slow one takes a share, `@settings(max_examples=settings().max_examples // 4)`.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["pytester"]

_EXAMPLES = {"normal": 200, "long": 2_000}

for _name, _examples in _EXAMPLES.items():
    # Derandomised, so that a red run is red again; no deadline and no complaint about slow examples, because
    # tests share their machine and assert nothing about time.
    settings.register_profile(
        _name,
        max_examples=_examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
# For scripts/mutants.py: a failure is all that is wanted there, not the smallest one.
settings.register_profile(
    "mutants", settings.get_profile("normal"), max_examples=50, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


def _nothing_may_be_skipped() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and _nothing_may_be_skipped():
        report.outcome = "failed"
        report.longrepr = f"skipped, and nothing may be skipped in CI: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that skips itself fails in CI."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So does a file that skips itself."""
    report = yield
    _fail_if_skipped(report)
    return report
