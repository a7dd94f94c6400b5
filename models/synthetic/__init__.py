"""The seeded generator of realistic problems."""

from models.synthetic.allocation import Generated, generate_allocation
from models.synthetic.nation import nation
from models.synthetic.parameters import AllocationParameters, allocation_parameters, load_parameters

__all__ = [
    "AllocationParameters",
    "Generated",
    "allocation_parameters",
    "generate_allocation",
    "load_parameters",
    "nation",
]
