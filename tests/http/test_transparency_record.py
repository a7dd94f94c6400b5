"""The transparency record: made from policy, rules, versions and use; only the owner's fields are open."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.cli.atrs import usage_of
from api.reports.atrs import OWNER, TransparencyRecord, Usage, transparency_record
from api.store.records import Actor, ActorKind, Outcome
from models.policy.policy import default_policy
from models.rules import ALLOCATION_RULES, UNPAID_WORK_RULES, Strength
from tests.support.problems import policy_with
from tests.support.service import Filled, World

DAY = dt.date(2026, 11, 23)
VERSIONS = {"evenhand": "9.8.7"}
MANAGER = Actor("a-manager", ActorKind.PERSON)


def record(**sections: Any) -> TransparencyRecord:
    return transparency_record(policy_with(**sections), VERSIONS, None, DAY)


def test_both_tiers_are_there_and_only_the_owners_fields_are_open() -> None:
    made = record().as_json()
    fields = [each for section in made["sections"] for each in section["fields"]]
    assert [section["title"].split(":")[0] for section in made["sections"]] == [
        "Metadata",
        "Tier 1",
        *(f"Tier 2.{number}" for number in range(1, 6)),
        "Annexes",
    ]
    assert all((each["text"] is None) != (each["toBeFilledIn"] is None) for each in fields)
    assert {each["name"] for each in fields if each["text"] is None} >= {
        "Contact email",
        "Senior responsible owner",
        "Impact assessment",
    }
    numbers = [each["number"] for each in fields if each["number"] is not None]
    assert len(numbers) == len(set(numbers))
    for section, count in (("2.1.4.", 5), ("2.4.1.", 5), ("2.4.2.", 8), ("2.4.3.", 9), ("2.4.4.", 5)):
        assert [each for each in numbers if each.startswith(section)] == [
            f"{section}{number}" for number in range(1, count + 1)
        ]
    assert json.loads(json.dumps(made)) == made


def test_the_page_marks_each_open_field() -> None:
    made = record()
    left = [each for part in made.parts for each in part.fields if each.owner]
    assert made.as_markdown().count(OWNER) == len(left) > 5
    assert "9.8.7" in made.as_markdown()


@pytest.mark.parametrize(
    "changed",
    [
        {"prices": {"change": {"base": 77}}},
        {"limits": {"ceiling_percent": 141}},
        {"unallocated": {"v2": {"A": 99}}},
        {"unpaid_work": {"prices": {"travel_minute": 31}}},
    ],
)
def test_a_changed_price_changes_the_record(changed: dict[str, Any]) -> None:
    before, after = record().as_markdown(), record(**changed).as_markdown()
    value = re.findall(r"\d+", str(next(iter(changed.values()))))[-1]
    assert before != after
    assert before.count(f"| {value} |") < after.count(f"| {value} |")


def test_every_hard_and_soft_rule_is_in_it() -> None:
    page = record().as_markdown()
    for rule in (*ALLOCATION_RULES.values(), *UNPAID_WORK_RULES.values()):
        assert (f"| {rule.id} |" in page) == (rule.strength is not Strength.CLAIM)


def test_figures_of_use_come_from_the_store(everything: tuple[World, Filled]) -> None:
    world, filled = everything
    plan = world.store.plan(filled.plan_id)
    world.store.decide(MANAGER, plan.id, plan.version, Outcome.ACCEPT)
    found = usage_of(world.store)
    assert (found.pdus, found.problems, found.allocation_plans, found.rosters) == (1, 2, 2, 1)
    assert (found.accepted, found.acceptance_rate) == (1, 1.0)
    page = transparency_record(default_policy(), VERSIONS, found, DAY).as_markdown()
    assert "2 allocation plans and 1 unpaid work rosters" in page
    assert "100% were acceptances" in page


def test_the_command_writes_page_and_data(everything: tuple[World, Filled], tmp_path: Path) -> None:
    world, _ = everything
    url = str(world.store._database.engine.url)  # the store of this test
    for name in ("record.md", "record.json"):
        result = CliRunner().invoke(app, ["atrs", "--database", url, "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
    assert "Kept at present: 2 problems" in (tmp_path / "record.md").read_text(encoding="utf-8")
    data = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert data["policy"]["hash"] == default_policy().policy_hash


def test_without_a_store_it_is_written_all_the_same(tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    result = CliRunner().invoke(app, ["atrs", "--database", f"sqlite:///{missing}", "--json"])
    assert result.exit_code == 0
    assert "has not been used as a service yet" in result.stdout
    assert not missing.exists()


def test_an_unused_figure_is_said_to_be_missing() -> None:
    idle = Usage(0, 0, 0, 0, 0, 0, 0, None, None, 0, 0)
    page = transparency_record(default_policy(), VERSIONS, idle, DAY).as_markdown()
    assert "No decision has been recorded yet" in page
