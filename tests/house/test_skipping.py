"""In CI a test that skips itself fails; elsewhere it is skipped, and an expected failure is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"

SKIPS_A_TEST = """
    import pytest

    def test_runs():
        assert True

    def test_skips():
        pytest.skip("no such tool")

    @pytest.mark.skip(reason="not today")
    def test_is_marked():
        assert True

    @pytest.mark.xfail(reason="known")
    def test_is_expected_to_fail():
        assert False
"""

SKIPS_ITSELF = """
    import pytest

    pytest.importorskip("no_such_module_anywhere")
"""


@pytest.fixture(autouse=True)
def _quick_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the plugins, none of which has a part in this."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def outcomes(pytester: pytest.Pytester, source: str, *more: str) -> dict[str, int]:
    """What a run of one file of tests under our conftest.py ends with. more: of the command line."""
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *more).parseoutcomes()


@pytest.mark.parametrize("value", ["true", "1"])
def test_skipped_tests_fail_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CI", value)
    assert outcomes(pytester, SKIPS_A_TEST) == {"passed": 1, "failed": 1, "errors": 1, "xfailed": 1}


def test_skipped_tests_fail_in_ci_on_workers_side_by_side(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    workers = ("-p", "xdist.plugin", "--numprocesses", "2", "--dist", "worksteal")
    ended = {"passed": 1, "failed": 1, "errors": 1, "xfailed": 1}
    assert outcomes(pytester, SKIPS_A_TEST, *workers) == ended


@pytest.mark.parametrize("value", ["", "false"])
def test_skipped_tests_are_skipped_elsewhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CI", value)
    assert outcomes(pytester, SKIPS_A_TEST) == {"passed": 1, "skipped": 2, "xfailed": 1}


def test_a_file_that_skips_itself_fails_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert outcomes(pytester, SKIPS_ITSELF) == {"errors": 1}
