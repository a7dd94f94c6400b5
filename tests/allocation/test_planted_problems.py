"""Problems with a known feasible plan: it is always found, or one as complete, and it is verified."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.allocation.plan import Question
from models.allocation.terms import TierScheme
from models.errors import UsageError
from models.policy.policy import default_policy
from models.synthetic import allocation_parameters, generate_allocation
from solver.allocation.allocate import both, full_model, plan
from solver.allocation.optimising import Optimiser
from solver.allocation.staged import kernel
from solver.engine import Limits, Status
from solver.verify import recompute, verify

LIMITS = Limits(seconds=None, work=2.0, threads=1)


@given(
    seed=st.integers(0, 10**6),
    officers=st.integers(2, 9),
    load=st.integers(4, 22),
    fill=st.sampled_from([0.8, 1.0, 1.18, 1.3]),
    scheme=st.sampled_from(TierScheme),
    scarce=st.booleans(),
    optimiser=st.sampled_from([full_model, kernel, both]),
)
@settings(max_examples=settings().max_examples // 4)
def test_a_planted_plan_is_found_or_bettered(
    seed: int, officers: int, load: int, fill: float, scheme: TierScheme, scarce: bool, optimiser: Optimiser
) -> None:
    parameters = allocation_parameters().scarcer(0.4) if scarce else allocation_parameters()
    try:
        made = generate_allocation(
            parameters,
            seed=seed,
            cases=officers * load,
            officers=officers,
            fill=fill,
            waiting=0.08,
            plant=True,
            scheme=scheme,
        )
    except UsageError:
        assume(False)
        raise
    problem, planted = made.problem, made.planted
    assert planted is not None
    found = plan(problem, default_policy(), Question(), LIMITS, optimiser=optimiser)
    assert found.status in {Status.OPTIMAL, Status.FEASIBLE}
    assert verify(problem, found, default_policy()) == ()
    assert found.unallocated == ()
    assert found.unallocated_proven
    placement = dict(planted)
    for case in problem.cases:
        holder = problem.holder(case)
        if holder is not None:
            placement[case.crn] = problem.officers[holder].key
    assert (
        found.bound is None
        or found.bound <= recompute(problem, Question(), placement, default_policy()).total
    )
