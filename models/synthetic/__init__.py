"""The seeded generator of realistic problems."""

from models.synthetic.allocation import Generated, generate_allocation
from models.synthetic.nation import nation
from models.synthetic.parameters import AllocationParameters, allocation_parameters, load_parameters
from models.synthetic.unpaid_parameters import (
    UnpaidWorkParameters,
    load_unpaid_work_parameters,
    unpaid_work_parameters,
)
from models.synthetic.unpaid_work import generate_unpaid_work

__all__ = [
    "AllocationParameters",
    "Generated",
    "UnpaidWorkParameters",
    "allocation_parameters",
    "generate_allocation",
    "generate_unpaid_work",
    "load_parameters",
    "load_unpaid_work_parameters",
    "nation",
    "unpaid_work_parameters",
]
