# Every target sets up what it needs, by itself: Python 3.11 or newer, make and git are enough.
# `make PYTHON=/path/to/python` chooses the interpreter that .venv is made with.

BIN := .venv/bin
CODE := models solver api benchmarks tests $(wildcard scripts/*.py)
PYTEST := $(BIN)/python -m pytest
SIDE_BY_SIDE := --numprocesses 2 --dist worksteal
PINS := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        $(if $(UPGRADE),--upgrade) pyproject.toml --group build

export PYTHON
unexport PYTHONPATH PYTHONHOME
MAKEFLAGS += --no-print-directory

.PHONY: run test check format long coverage mutants bench peers pins clean runtime tools

run: runtime  ## Allocate the example unit and make the example team's roster; leaves plans and spreadsheets in out/
	@mkdir -p out
	$(BIN)/evenhand allocate examples/pdu --out out/plan.json --report out/plan.xlsx
	$(BIN)/evenhand roster examples/upw --out out/roster.json --report out/roster.xlsx --calendar out/roster.ics

test: tools  ## Every test, on two cores side by side
	$(PYTEST) $(SIDE_BY_SIDE)

check: tools  ## Format, lint, types, direction of imports
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

format: tools
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

long: tools  ## The tests with 2,000 examples for each property
	HYPOTHESIS_PROFILE=long $(PYTEST) $(SIDE_BY_SIDE)

coverage: tools  ## Branches of models and solver, without what is compiled to machine code
	$(PYTEST) --cov --cov-report=term-missing

mutants: tools  ## Remove each rule in turn: some test must notice
	$(BIN)/python scripts/mutants.py

bench: tools  ## Against today's practice, and the hot functions; benchmarks/README.md has the rest
	$(BIN)/python -m benchmarks baselines
	$(PYTEST) benchmarks --benchmark-only

peers: tools  ## The other solvers of the benchmarks, into the same environment; Timefold needs Java 17 too
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --only-binary :all: -r requirements-peers.txt

pins: tools  ## requirements*.txt from pyproject.toml; UPGRADE=1 takes the newest of everything
	$(PINS) --output-file requirements.txt
	$(PINS) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(PINS) --group dev --group peers --constraint requirements-dev.txt --output-file requirements-peers.txt

clean:
	rm -rf .venv out dist htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks
	find models solver api benchmarks tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

runtime:
	@sh scripts/environment.sh run

tools:
	@sh scripts/environment.sh dev
