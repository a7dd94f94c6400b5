"""The example unit is what the generator makes, to the byte, and what its README says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.allocation.checks import JsonPlaces, problem_faults
from models.extracts.write import write_allocation
from models.synthetic import Generated, allocation_parameters, generate_allocation

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def made() -> Generated:
    """What `evenhand generate allocation --seed 7 --cases 1200 --officers 55` makes."""
    return generate_allocation(allocation_parameters(), seed=7, cases=1200, officers=55)


def test_the_example_is_in_step_with_the_generator(made: Generated, tmp_path: Path) -> None:
    write_allocation(made.problem, tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(written) == {"officers.csv", "cases.csv", "problem.csv"}
    assert {path.name for path in (EXAMPLES / "pdu").iterdir()} == set(written)
    for name, content in written.items():
        assert (EXAMPLES / "pdu" / name).read_bytes() == content, f"make examples/pdu/{name} again"


def test_the_readme_states_the_command_and_the_sizes(made: Generated) -> None:
    text = " ".join((EXAMPLES / "README.md").read_text(encoding="utf-8").split())
    assert "evenhand generate allocation --seed 7 --cases 1200 --officers 55 --out examples/pdu" in text
    stated = re.search(r"(\d[\d,]*) cases \((\d+) of them waiting\) and (\d+) officers", text)
    assert stated is not None
    cases, waiting, officers = (int(group.replace(",", "")) for group in stated.groups())
    assert cases == len(made.problem.cases)
    assert waiting == sum(case.waiting for case in made.problem.cases) == 40
    assert officers == len(made.problem.officers)


def test_the_example_has_no_fault_and_names_nobody(made: Generated) -> None:
    assert problem_faults(made.problem, JsonPlaces()) == []
    for name in ("officers.csv", "cases.csv"):
        heading = (EXAMPLES / "pdu" / name).read_text(encoding="utf-8").splitlines()[0].lower()
        assert not re.search(r"name|birth|ethnic|religio|address", heading)
