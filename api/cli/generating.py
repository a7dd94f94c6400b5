"""What `evenhand generate` does."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from api.cli.exits import ExitCode
from api.cli.loading import the_date
from api.cli.terminal import show_text
from api.files import replacing
from models.allocation.terms import TierScheme
from models.errors import UsageError
from models.extracts.columns import ALLOCATION, SHEETS
from models.extracts.register import Register
from models.extracts.templates import write_templates
from models.extracts.unpaid_columns import UNPAID_WORK
from models.extracts.unpaid_write import write_unpaid_work
from models.extracts.write import write_allocation
from models.synthetic import (
    Generated,
    allocation_parameters,
    generate_allocation,
    generate_unpaid_work,
    load_parameters,
    load_unpaid_work_parameters,
    unpaid_work_parameters,
)
from models.synthetic.allocation import AS_OF
from models.synthetic.unpaid_work import START

PLANTED = "planted.csv"


@dataclass(frozen=True)
class Unit:
    """The unit that is wanted; None where the parameters decide."""

    out: Path | None
    seed: int
    cases: int
    officers: int
    fill: float | None
    waiting: float | None
    scheme: str
    plant: bool
    parameters: Path | None
    as_of: str | None
    force: bool


@dataclass(frozen=True)
class Team:
    """The unpaid work team that is wanted; None where the parameters decide."""

    out: Path | None
    seed: int
    people: int
    projects: int
    supervisors: int | None
    weeks: int
    parameters: Path | None
    start: str | None
    force: bool


def make_templates(out: Path | None) -> ExitCode:
    """Writes an allocation's empty extracts into a folder. Raises UsageError where extracts are there already."""
    return _make_templates(out, ALLOCATION)


def make_team_templates(out: Path | None) -> ExitCode:
    """The same for unpaid work."""
    return _make_templates(out, UNPAID_WORK)


def _make_templates(out: Path | None, register: Register) -> ExitCode:
    folder = _folder(out)
    _refuse_replacing(folder, [*(f"{sheet.name}.csv" for sheet in register.sheets), "columns.md"])
    try:
        written = write_templates(folder, register)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    show_text("\n".join(f"wrote {path}" for path in written))
    return ExitCode.DONE


def make_unit(unit: Unit) -> ExitCode:
    """Writes the extracts of an invented unit. Raises UsageError where extracts are there already."""
    folder = _folder(unit.out)
    if not unit.force:
        _refuse_replacing(folder, [*(f"{sheet.name}.csv" for sheet in SHEETS), PLANTED])
    made = generate_allocation(
        allocation_parameters() if unit.parameters is None else load_parameters(unit.parameters),
        seed=unit.seed,
        cases=unit.cases,
        officers=unit.officers,
        fill=unit.fill,
        waiting=unit.waiting,
        plant=unit.plant,
        as_of=the_date(unit.as_of) or AS_OF,
        scheme=TierScheme(unit.scheme),
    )
    try:
        write_allocation(made.problem, folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    if unit.plant:
        _write_planted(made, folder / PLANTED)
    waiting = sum(case.waiting for case in made.problem.cases)
    show_text(
        f"wrote {folder}: {len(made.problem.cases):,} cases, {waiting:,} of them waiting, "
        f"{len(made.problem.officers):,} officers, as of {made.problem.as_of.isoformat()}"
    )
    return ExitCode.DONE


def make_team(team: Team) -> ExitCode:
    """Writes the extracts of an invented unpaid work team. Raises UsageError where extracts are there already."""
    folder = _folder(team.out)
    if not team.force:
        _refuse_replacing(folder, [f"{sheet.name}.csv" for sheet in UNPAID_WORK.sheets])
    usual = min(900, max(1, round(team.people * 9 / 160)))
    made = generate_unpaid_work(
        unpaid_work_parameters() if team.parameters is None else load_unpaid_work_parameters(team.parameters),
        seed=team.seed,
        people=team.people,
        projects=team.projects,
        supervisors=usual if team.supervisors is None else team.supervisors,
        weeks=team.weeks,
        start=the_date(team.start, "--from") or START,
    )
    try:
        write_unpaid_work(made, folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}") from None
    show_text(
        f"wrote {folder}: {len(made.people):,} people, {len(made.projects):,} projects, "
        f"{len(made.supervisors):,} supervisors, {made.weeks} weeks from {made.first.isoformat()}"
    )
    return ExitCode.DONE


def _folder(out: Path | None) -> Path:
    if out is None:
        raise UsageError("--out is missing: name the folder for the files")
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out: {out} is no folder")
    return out


def _refuse_replacing(folder: Path, names: list[str]) -> None:
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder} already holds {', '.join(there)}; choose another folder")


def _write_planted(made: Generated, path: Path) -> None:
    """The planted plan as a table that `evenhand verify` reads: held cases stay, waiting ones are placed."""
    with replacing(path) as beside, beside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["crn", "staffCode", "teamCode"])
        planted = made.planted or {}
        for case in made.problem.cases:
            holder = made.problem.holder(case)
            if case.crn in planted:
                writer.writerow([case.crn, *planted[case.crn]])
            elif holder is not None:
                writer.writerow([case.crn, *made.problem.officers[holder].key])
