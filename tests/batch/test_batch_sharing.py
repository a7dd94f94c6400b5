"""How time is shared out, by hand and by property."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy.policy import default_policy
from solver.allocation.turns import Key, Part, first_pass, next_round

POLICY = default_policy().batch


def key(number: int) -> Key:
    return (f"N01PDU{number:02d}", "REBALANCE")


def test_the_first_pass_shares_40_percent_by_size() -> None:
    parts = [Part(key(1), 300), Part(key(2), 100)]
    # 40 % of 100 s is 40 s, of which three quarters and a quarter
    assert first_pass(parts, 100.0, POLICY, 1.0) == {key(1): 30.0, key(2): 10.0}
    # nobody gets less than the least
    assert first_pass(parts, 1.0, POLICY, 1.0) == {key(1): 1.0, key(2): 1.0}
    assert first_pass([], 100.0, POLICY, 1.0) == {}


def test_a_round_goes_by_gap_and_size() -> None:
    parts = [Part(key(1), 100, 0.02), Part(key(2), 300, 0.01), Part(key(3), 100, 0.0025)]
    # weights 2 and 3; the third is at its target
    assert next_round(parts, 50.0, POLICY, 1.0) == {key(1): 20.0, key(2): 30.0}


def test_an_unknown_gap_counts_as_the_widest_known_one() -> None:
    parts = [Part(key(1), 100, None), Part(key(2), 300, 0.01)]
    assert next_round(parts, 40.0, POLICY, 1.0) == {key(1): 10.0, key(2): 30.0}
    unknown = [Part(key(1), 100, None), Part(key(2), 300, None), Part(key(3), 900, 0.001)]
    assert next_round(unknown, 41.0, POLICY, 1.0) == {key(1): 10.75, key(2): 30.25}


def test_a_part_without_a_bound_gets_at_least_twice_what_it_had() -> None:
    small = [Part(key(1), 100, None, had=4.0), Part(key(2), 100, None, had=2.0), Part(key(3), 200, 0.01)]
    # half of 20 s is the turn of those without a bound: 4 s for the second, and the first's 8 s do not fit
    assert next_round(small, 20.0, POLICY, 1.0) == {key(2): 10.0, key(3): 10.0}
    # half of 24 s is both of theirs
    assert next_round(small, 24.0, POLICY, 1.0) == {key(1): 8.0, key(2): 4.0, key(3): 12.0}
    # where none fits, nothing of the turn is lost
    assert next_round(small, 6.0, POLICY, 1.0) == {key(3): 6.0}


def test_what_is_too_little_for_all_goes_to_the_worst() -> None:
    parts = [Part(key(1), 100, 0.5), Part(key(2), 100, 0.005)]
    # weights 50 and a half: of 10 s the second would get a tenth of a second, which is no use to it
    assert next_round(parts, 10.0, POLICY, 1.0) == {key(1): 10.0}
    assert next_round(parts, 0.5, POLICY, 1.0) == {}


@given(
    st.lists(
        st.tuples(st.integers(1, 5000), st.one_of(st.none(), st.floats(0, 1)), st.floats(0, 60)), max_size=12
    ),
    st.floats(0, 10_000),
)
def test_no_round_gives_more_than_there_is_or_less_than_is_of_use(
    given_parts: list[tuple[int, float | None, float]], amount: float
) -> None:
    parts = [Part(key(number), *each) for number, each in enumerate(given_parts)]
    shares = next_round(parts, amount, POLICY, 1.0)
    assert sum(shares.values()) <= amount + 0.001 * len(shares)
    assert all(share >= 0.999 for share in shares.values())
    had = {part.key: part.had for part in parts if part.gap is None}
    assert all(shares[each] >= 2 * had[each] - 0.001 for each in had.keys() & shares)
    worth = {part.key: part.gap * part.size for part in parts if part.gap is not None}
    assert all(part.gap is None or part.gap > POLICY.target_gap for part in parts if part.key in shares)
    for more in worth.keys() & shares:
        for less in worth.keys() & shares:
            if worth[more] > worth[less]:
                assert shares[more] >= shares[less]


@pytest.mark.parametrize("amount", [10.0, 333.3])
def test_sharing_does_not_depend_on_the_order_of_the_parts(amount: float) -> None:
    parts = [Part(key(number), 100 + 7 * number, 0.003 * number) for number in range(1, 9)]
    assert next_round(parts, amount, POLICY, 1.0) == next_round(parts[::-1], amount, POLICY, 1.0)


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0.003, 1)), min_size=2, max_size=12))
def test_the_worst_gap_gets_the_most_for_its_size(given_parts: list[tuple[int, float]]) -> None:
    """Seconds for each case never fall as the gap grows, and of two parts of one size the worse gets no less."""
    parts = {key(number): Part(key(number), *each) for number, each in enumerate(given_parts)}
    shares = next_round(list(parts.values()), 1_000_000.0, POLICY, 1.0)
    assert shares
    per_case = sorted((parts[each].gap or 0.0, share / parts[each].size) for each, share in shares.items())
    for (_, less), (_, more) in itertools.pairwise(per_case):
        assert more >= less - 0.002
