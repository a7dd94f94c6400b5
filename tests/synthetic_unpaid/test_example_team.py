"""The example team is what the generator makes, to the byte, and what its README says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from models.extracts import read_unpaid_work
from models.extracts.unpaid_write import write_unpaid_work
from models.policy.policy import default_policy
from models.synthetic import generate_unpaid_work, unpaid_work_parameters
from models.synthetic.unpaid_bookings import GONE
from models.unpaid_work.problem import UnpaidWorkProblem
from models.unpaid_work.reckoning import remaining_minutes

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def made() -> UnpaidWorkProblem:
    """What `evenhand generate unpaid-work --seed 7` makes."""
    return generate_unpaid_work(unpaid_work_parameters(), seed=7)


def test_the_example_is_in_step_with_the_generator(made: UnpaidWorkProblem, tmp_path: Path) -> None:
    write_unpaid_work(made, tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(written) == 7
    assert {path.name for path in (EXAMPLES / "upw").iterdir()} == set(written)
    for name, content in written.items():
        assert (EXAMPLES / "upw" / name).read_bytes() == content, f"make examples/upw/{name} again"
    assert read_unpaid_work(EXAMPLES / "upw") == made


def test_the_readme_states_the_command_and_the_facts(made: UnpaidWorkProblem) -> None:
    text = " ".join((EXAMPLES / "README.md").read_text(encoding="utf-8").split())
    assert "evenhand generate unpaid-work --seed 7 --out examples/upw" in text
    stated = re.search(r"(\d+) requirements of (\d+) people .*?, (\d+) projects and (\d+) supervisors", text)
    assert stated is not None
    people = made.people
    assert tuple(map(int, stated.groups())) == (
        len(people),
        len({person.crn for person in people}),
        len(made.projects),
        len(made.supervisors),
    )
    assert len(people) - len({person.crn for person in people}) == 7
    allocations = [each for person in people for each in person.allocations]
    assert sum(person.away(each.date) for person in people for each in person.appointments) == 2
    assert sum(each.project_code == GONE for each in allocations) == 2
    assert sum(person.complete_by < made.first for person in people) == 2
    assert sum(remaining_minutes(person, default_policy().unpaid_work) == 0 for person in people) == 3


def test_the_example_names_nobody() -> None:
    for name in ("people.csv", "supervisors.csv"):
        heading = (EXAMPLES / "upw" / name).read_text(encoding="utf-8").splitlines()[0].lower()
        assert not re.search(r"name|birth|ethnic|religio|address", heading)
