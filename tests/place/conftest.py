"""A way of making rosters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.unpaid_work.problem import UnpaidWorkProblem
from solver.verify.unpaid_work import Drawn
from tests.support.fill import filled


@pytest.fixture(scope="session")
def fill() -> Callable[[UnpaidWorkProblem], Drawn]:
    """Fills a roster one person at a time."""
    return filled
