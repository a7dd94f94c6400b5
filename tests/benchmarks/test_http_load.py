"""The figures that the HTTP benchmark takes from what its callers saw."""

from __future__ import annotations

from benchmarks.http_load import Tally


def test_percentiles_are_of_all_answers_in_milliseconds() -> None:
    tally = Tally()
    for number in range(100):
        tally.note(200, (number + 1) / 1000)
    assert (tally.percentile(0.5), tally.percentile(0.99), tally.percentile(1.0)) == (51.0, 100.0, 100.0)


def test_an_error_is_whatever_is_neither_asked_for_nor_a_refusal() -> None:
    tally = Tally()
    for status in (200, 201, 202, 429, 500, 503, 404, 0):
        tally.note(status, 0.001)
    assert tally.errors == 4


def test_nothing_seen_is_nothing_known() -> None:
    assert Tally().percentile(0.5) is None
