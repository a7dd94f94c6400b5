"""How long 250,000 case rows take to read and validate, and how much memory.

    python -m benchmarks.extracts [--cases 250000] [--officers 11000] [--forms csv,xlsx,parquet,json]

Extracts are made in a temporary folder, by a process of its own, because a process inherits the peak of the one
that starts it. Each form is read in a process of its own, whose peak resident memory
(getrusage) counts everything: the interpreter, the libraries, the file and the problem.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.allocation.case import Case
from models.allocation.officer import Officer
from models.allocation.problem import AllocationProblem
from models.allocation.terms import CaseType, Grade, Location, Sex
from models.extracts.columns import SHEETS
from models.extracts.write import write_allocation

FORMS = {"csv": "csv", "xlsx": "problem.xlsx", "parquet": "parquet", "json": "problem.json"}
_AS_OF = dt.date(2026, 11, 23)
_CHILD = """
import json, resource, sys, time
from pathlib import Path
start = time.perf_counter()
from models.extracts import read_allocation
imported = time.perf_counter()
problem = read_allocation(Path(sys.argv[1]))
done = time.perf_counter()
print(json.dumps({
    "cases": len(problem.cases),
    "officers": len(problem.officers),
    "import_seconds": round(imported - start, 2),
    "read_seconds": round(done - imported, 2),
    "processor_seconds": round(time.process_time(), 2),
    "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
}))
"""


def large_problem(cases: int, officers: int, seed: int = 1) -> AllocationProblem:
    """A problem of this size in which every kind of column is used; nobody is meant to solve it."""
    rng = random.Random(seed)
    staff = [f"N03{number:05d}" for number in range(officers)]
    teams = [f"N03F{number:02d}" for number in range(60)]
    return AllocationProblem(
        as_of=_AS_OF,
        officers=tuple(
            Officer(
                staff_code=code,
                team_code=rng.choice(teams),
                grade=rng.choice((Grade.PO, Grade.PSO)),
                contracted_hours=rng.choice((37.0, 30.0, 18.5)),
                skills=("DOMESTIC_ABUSE", "WELSH"),
                sex=rng.choice((Sex.FEMALE, Sex.MALE)),
                location=Location(430000 + rng.randrange(30000), 330000 + rng.randrange(30000)),
            )
            for code in staff
        ),
        cases=tuple(_case(number, rng, staff) for number in range(cases)),
    )


def _case(number: int, rng: random.Random, staff: list[str]) -> Case:
    return Case(
        crn=f"{'ABCDEFGHJKX'[number // 1_000_000]}{number % 1_000_000:06d}",
        tier=rng.choice("ABCD") + rng.choice("0123"),
        case_type=rng.choice(list(CaseType)),
        current_staff_code=rng.choice(staff),
        held_since=_AS_OF - dt.timedelta(days=rng.randrange(1500)),
        officer_changes=rng.randrange(4),
        previous_staff_codes=tuple(rng.sample(staff, rng.randrange(3))),
        required_skills=("DOMESTIC_ABUSE",) if rng.random() < 0.2 else (),
        preferred_skills=("WELSH",) if rng.random() < 0.1 else (),
        protected_until=_AS_OF + dt.timedelta(days=20) if rng.random() < 0.1 else None,
        restricted=rng.random() < 0.02,
        location=Location(430000 + rng.randrange(30000), 330000 + rng.randrange(30000)),
    )


def _write_forms(folder: Path, forms: Sequence[str], cases: int, officers: int) -> None:
    import polars as pl

    problem = large_problem(cases, officers)
    write_allocation(problem, folder / "csv")
    frames = {
        sheet.name: pl.read_csv(folder / "csv" / f"{sheet.name}.csv", infer_schema_length=None)
        for sheet in SHEETS
    }
    if "xlsx" in forms:
        import xlsxwriter

        with xlsxwriter.Workbook(folder / FORMS["xlsx"], {"constant_memory": True}) as book:
            for name, frame in frames.items():
                sheet = book.add_worksheet(name)
                sheet.write_row(0, 0, frame.columns)
                for row, cells in enumerate(frame.iter_rows(), start=1):
                    sheet.write_row(row, 0, cells)
    if "parquet" in forms:
        (folder / FORMS["parquet"]).mkdir()
        for name, frame in frames.items():
            frame.write_parquet(folder / FORMS["parquet"] / f"{name}.parquet")
    if "json" in forms:
        (folder / FORMS["json"]).write_text(json.dumps(problem.as_json()), encoding="utf-8")


def main(argv: Sequence[str]) -> int:
    """Prints a line of figures for each form."""
    parser = argparse.ArgumentParser(prog="extracts", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=250_000)
    parser.add_argument("--officers", type=int, default=11_000)
    parser.add_argument("--forms", default=",".join(FORMS))
    parser.add_argument("--make-in", type=Path, help="only makes the extracts, in this folder")
    options = parser.parse_args(argv)
    forms = options.forms.split(",")
    if options.make_in is not None:
        _write_forms(options.make_in, forms, options.cases, options.officers)
        return 0
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, "-m", "benchmarks.extracts", *argv, "--make-in", name], check=True)
        for form in forms:
            path = Path(name) / FORMS[form]
            size = sum(file.stat().st_size for file in (path.iterdir() if path.is_dir() else [path]))
            done = subprocess.run(
                [sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=False
            )
            figures = done.stdout.strip() if done.returncode == 0 else done.stderr.strip()[-300:]
            print(f"{form}: {size / 1e6:.1f} MB, {figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
