"""The policy: shipped, loaded, refused with every fault, hashed by its values alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.allocation.terms import Grade, TierScheme, parse_tier
from models.errors import PolicyError
from models.policy.policy import (
    DEFAULT_VERSION,
    default_policy,
    load_policy,
    parse_policy,
    policy_text,
    shipped_versions,
)

TEXT = policy_text()


def faults_of(text: str) -> list[tuple[str | None, str]]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, file="ours.toml")
    assert all(fault.file == "ours.toml" for fault in caught.value.faults)
    return [(fault.path, f"{fault.problem}; expected {fault.expected}") for fault in caught.value.faults]


def test_the_default_policy_is_shipped_and_named() -> None:
    assert DEFAULT_VERSION in shipped_versions()
    assert default_policy().version == DEFAULT_VERSION
    with pytest.raises(KeyError):
        policy_text("1999-01")


def test_the_hash_is_of_the_values_and_not_of_the_layout() -> None:
    commented = "# another comment\n" + TEXT.replace("new_cases = 5", "new_cases  =  5")
    assert parse_policy(commented, file="x").policy_hash == default_policy().policy_hash
    changed = TEXT.replace("new_cases = 5", "new_cases = 6")
    assert parse_policy(changed, file="x").policy_hash != default_policy().policy_hash


def test_every_fault_is_reported_with_its_path() -> None:
    broken = (
        TEXT.replace("new_cases = 5", "new_cases = -1")
        .replace("base = 8", 'base = "eight"')
        .replace("travel_most = 12", "travel_most = 12\ntravel_least = 1")
    )
    assert [path for path, _ in faults_of(broken)] == [
        "limits.new_cases",
        "prices.change.base",
        "prices.fit.travel_least",
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("A3 = 206\n", "", "points", "points for COMMUNITY: missing A3"),
        ("A3 = 206\n", "A3 = 206\nA4 = 1\n", "points", "points for COMMUNITY: unknown A4"),
        ('v2 = ["C", "D"]', 'v2 = ["C", "Z"]', "grades.PSO", "'Z' is not a tier"),
        (", D = 1 }", " }", "unallocated", "missing D"),
        (
            "{ below_percent = 110, step = 3 }",
            "{ below_percent = 90, step = 3 }",
            "prices.pressure",
            "out of order",
        ),
        ("WALK = 80, ", "", "unpaid_work.travel", "no speed for WALK"),
        ('version = "2026-11"', 'version = "a version"', "version", ""),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(old: str, new: str, path: str, words: str) -> None:
    assert old in TEXT
    found = faults_of(TEXT.replace(old, new, 1))
    assert [place for place, _ in found] == [path]
    assert words in found[0][1]


def test_what_is_no_toml_or_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    assert "not TOML" in faults_of("version = ")[0][1]
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(PolicyError):
            load_policy(path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError):
        load_policy(binary)


def test_a_policy_of_ones_own_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(TEXT.replace('version = "2026-11"', 'version = "ours-1"'), encoding="utf-8")
    assert load_policy(path).version == "ours-1"


@pytest.mark.parametrize(
    ("band", "price"), [(0, 0), (1, 1), (19, 19), (20, 20), (21, 23), (22, 26), (23, 31), (24, 36)]
)
def test_band_prices_rise_by_1_then_3_then_5(band: int, price: int) -> None:
    assert default_policy().prices.pressure.band_price(band) == price


@pytest.mark.parametrize(
    ("grade", "stage", "tier", "may"),
    [
        (Grade.PO, None, "A3", True),
        (Grade.PSO, None, "B0", False),
        (Grade.PSO, None, "C3", True),
        (Grade.PSO, None, "D", True),
        (Grade.PSO, None, "C", False),
        (Grade.PQIP, None, "D3", True),
        (Grade.PQIP, 1, "C0", False),
        (Grade.PQIP, 2, "C3", True),
        (Grade.PQIP, 2, "B0", False),
        (Grade.PQIP, 3, "B1", True),
        (Grade.PQIP, 3, "B2", False),
        (Grade.PQIP, 1, "F", True),
        (Grade.PQIP, 1, "E", False),
        (Grade.PQIP, 2, "E", True),
        (Grade.PQIP, 3, "D", True),
        (Grade.PQIP, 3, "C", False),
        (Grade.PO, None, "MISSING", True),
        (Grade.PSO, None, "MISSING", False),
    ],
)
def test_grades_and_tiers(grade: Grade, stage: int | None, tier: str, may: bool) -> None:
    assert default_policy().grades.of(grade, stage).may_hold(parse_tier(tier, TierScheme.V3)) is may


def test_oversight_counts_a_and_b_or_a_to_c() -> None:
    high: list[Any] = [
        default_policy().limits.high_risk(parse_tier(tier, TierScheme.V3)) for tier in ("B0", "C3", "C", "D")
    ]
    assert high == [True, False, True, False]
