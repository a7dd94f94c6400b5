"""Benchmark instances are what their names say."""

from __future__ import annotations

import pytest

from benchmarks.allocation_instances import FAMILIES, instance, pdu


@pytest.mark.parametrize("name", sorted({name for names in FAMILIES.values() for name in names}))
def test_an_instance_has_the_size_that_its_name_says(name: str) -> None:
    cases, officers = (int(part) for part in name.split("-")[1].split("x"))
    problem = instance(name)
    assert (len(problem.cases), len(problem.officers)) == (cases, officers)


def test_in_scarce_units_fewer_have_each_skill() -> None:
    normal, scarce = pdu(1, 300, 30, 1.18), pdu(1, 300, 30, 1.18, "scarce")
    count = {id(p): sum(len(officer.skills) for officer in p.officers) for p in (normal, scarce)}
    assert 0 < count[id(scarce)] < 0.6 * count[id(normal)]


def test_the_name_and_the_arguments_say_the_same() -> None:
    assert instance("pdu-300x14-fill118-scarce-s3") == pdu(3, 300, 14, 1.18, "scarce")


@pytest.mark.parametrize("name", ["pdu", "pdu-300x14-fill118-rare-s3", "pdu-300x14-fill118-normal-s3 "])
def test_a_name_of_no_instance_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no instance"):
        instance(name)
