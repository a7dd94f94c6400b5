"""Draws that keep to their shares, and case mixes that are bent no more than the fill asks for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.allocation.terms import CaseType, TierScheme, parse_tier
from models.errors import UsageError
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters
from models.synthetic.caseload import Kind, table_of_kinds, tilted
from models.synthetic.draws import about, quota, some

KINDS = (
    Kind(parse_tier("A1", None), CaseType.COMMUNITY, 0.5, 100),
    Kind(parse_tier("D1", None), CaseType.COMMUNITY, 0.5, 20),
)


@given(
    seed=st.integers(0, 1000),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=8).filter(lambda shares: sum(shares) > 0.1),
    count=st.integers(0, 300),
)
def test_every_category_is_within_one_of_its_share(seed: int, shares: list[float], count: int) -> None:
    drawn = quota(np.random.default_rng(seed), shares, count)
    assert len(drawn) == count
    found = np.bincount(drawn, minlength=len(shares))
    expected = np.array(shares) / sum(shares) * count
    assert np.abs(found - expected).max() <= 1 + 1e-6


@given(seed=st.integers(0, 1000), share=st.floats(0, 1), count=st.integers(0, 200))
def test_some_marks_the_share_rounded_up_or_down(seed: int, share: float, count: int) -> None:
    marked = int(some(np.random.default_rng(seed), share, count).sum())
    assert int(share * count) <= marked <= min(count, int(share * count) + 1)


def test_about_is_right_on_average() -> None:
    rng = np.random.default_rng(0)
    drawn = [about(rng, 2.25) for _ in range(4000)]
    assert set(drawn) == {2, 3}
    assert sum(drawn) / len(drawn) == pytest.approx(2.25, abs=0.03)


def test_a_mix_that_is_light_enough_stays() -> None:
    assert tilted(KINDS, 60.0).tolist() == [0.5, 0.5]


def test_a_mix_that_is_too_heavy_is_bent_to_the_mean_by_hand() -> None:
    # 100 a + 20 (1 - a) = 40, so a = 1/4 of the cases are the heavy ones.
    shares = tilted(KINDS, 40.0)
    assert shares[0] / shares.sum() == pytest.approx(0.25, abs=1e-6)


def test_no_mix_is_lighter_than_its_lightest_kind() -> None:
    with pytest.raises(UsageError, match="fewer cases"):
        tilted(KINDS, 19.0)


@pytest.mark.parametrize("scheme", TierScheme)
def test_the_kinds_of_a_scheme_are_a_whole_and_have_points(scheme: TierScheme) -> None:
    kinds = table_of_kinds(allocation_parameters(), default_policy(), scheme)
    assert sum(kind.share for kind in kinds) == pytest.approx(1.0)
    assert {kind.tier.scheme for kind in kinds} == {scheme}
    weightless = {kind.tier.name for kind in kinds if kind.points == 0}
    assert weightless == (set() if scheme is TierScheme.V2 else {"NOT_SUPERVISED"})
