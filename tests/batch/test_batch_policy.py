"""The batch's numbers in the policy: shipped, bounded, refused with their paths."""

from __future__ import annotations

import pytest

from models.errors import PolicyError
from models.policy.policy import default_policy, parse_policy, policy_text


def test_the_shipped_numbers_are_those_that_the_documents_state() -> None:
    batch = default_policy().batch
    assert (batch.moves, batch.protected_days, batch.target_gap) == (20, 28, 0.0025)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("moves = 20 ", "moves = -1 "),
        ("protected_days = 28 ", "protected_days = 400 "),
        ("first_pass_percent = 40 ", "first_pass_percent = 0 "),
        ("rounds = 3 ", "rounds = 21 "),
        ("target_gap = 0.0025 ", "target_gap = 1.5 "),
        ("minutes = 60 ", "minutes = 0 "),
    ],
)
def test_a_number_out_of_bounds_is_refused_by_name(old: str, new: str) -> None:
    assert old in policy_text()
    with pytest.raises(PolicyError) as caught:
        parse_policy(policy_text().replace(old, new), file="ours.toml")
    assert [fault.path for fault in caught.value.faults] == [f"batch.{old.split(maxsplit=1)[0]}"]
