"""The pages about the service name every route, error, role and setting that there is; the units start what exists."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from api.cli.app import app
from api.http.app import route_table
from api.http.callers import Role
from api.http.errors import MEANING, ErrorCode
from api.settings import ServiceLimits

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ErrorCode)
def test_the_page_of_the_api_names_every_error_with_its_status(code: ErrorCode) -> None:
    rows = [line for line in API.splitlines() if line.startswith("| ") and re.search(rf"\b{code}\b", line)]
    assert any(str(MEANING[code].status) in row for row in rows)


def test_the_page_of_the_api_names_every_route_and_role() -> None:
    for route in route_table():
        last = route.path.rpartition("/")[2]
        assert last in API or route.path.replace("{format}", "json") in API, route.path
    assert all(role.value in API for role in Role)


def test_the_page_of_operations_names_every_setting() -> None:
    table = OPERATIONS.split("## Settings")[1].split("## ")[0]
    named = {
        name.strip()
        for line in table.splitlines()
        for name in line.partition("|")[2].partition("|")[0].split(",")
    }
    limits = {field.name.upper() for field in dataclasses.fields(ServiceLimits)}
    others = {"DATABASE_URL", "HOST", "PORT", "JWKS_URL", "ISSUER", "AUDIENCE", "POLICY", "LOG_LEVEL"}
    assert limits | others == {name for name in named if re.fullmatch(r"[A-Z_]+", name)} - {"EVENHAND_"}


def test_the_page_of_security_goes_through_every_chapter_and_names_tests_that_exist() -> None:
    assert [f"V{number}" for number in range(1, 18)] == re.findall(r"^\| (V\d+) ", SECURITY, re.MULTILINE)
    for name in set(re.findall(r"tests/[\w/]+(?:\.py)?", SECURITY)):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("name", ["evenhand-api.service", "evenhand-worker.service", "Containerfile"])
def test_what_is_deployed_starts_a_command_that_exists(name: str) -> None:
    commands = {
        command.name or (command.callback and command.callback.__name__)
        for command in app.registered_commands
    }
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    started = re.findall(r'^ExecStart=\S+/evenhand (\w+)|^CMD \["evenhand", "(\w+)"', text, re.MULTILINE)
    assert started
    assert {first or second for first, second in started} <= commands


def test_the_units_differ_in_nothing_but_what_they_start() -> None:
    api, worker = (
        (ROOT / "deploy" / f"evenhand-{name}.service").read_text(encoding="utf-8").splitlines()
        for name in ("api", "worker")
    )
    different = [one.partition("=")[0] for one, other in zip(api, worker, strict=True) if one != other]
    assert [name for name in different if not name.startswith("#")] == ["Description", "ExecStart"]


def test_what_the_first_page_names_exists() -> None:
    """scripts/first_page.py follows the whole page, on a machine that it makes; this is what can be seen from here."""
    block = OPERATIONS.split("```")[1]
    files = re.findall(r"/opt/evenhand/((?:deploy|scripts)/[\w.*-]+)", block)
    modules = re.findall(r"python -m ([\w.]+)", block)
    assert files
    assert modules
    assert all(list(ROOT.glob(name)) for name in files)
    assert all((ROOT / f"{name.replace('.', '/')}.py").exists() for name in modules)
    assert "ADDRESS" in block
