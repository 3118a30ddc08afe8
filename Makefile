# make demo    the whole pipeline on the bundled sample, in its own virtual environment
# make test    every test
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check
# The stamps hold what was installed, so that a second run starts at once.
APP     = $(VENV)/.installed
DEV     = $(VENV)/.installed-dev

.PHONY: demo test lint types wheel golden bench clean

demo: $(APP)
	$(BIN)/tracker --home .demo demo --out digests/demo

test: $(DEV)
	$(BIN)/python -m pytest

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

# Builds the wheel, installs it into an empty environment elsewhere and runs the demo there.
wheel: $(DEV)
	$(BIN)/python tests/wheel_smoke.py

# Writes the golden digests anew, after a change that is meant.
golden: $(DEV)
	$(BIN)/python -m pytest tests/digest/test_golden.py tests/test_docs.py tests/sources/test_board_docs.py --update-golden

bench: $(DEV)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) .demo dist

$(APP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -c constraints.txt -e .
	touch $@

$(DEV): $(APP) pyproject.toml
	$(PIP) install --quiet -c constraints.txt -e ".[dev]"
	touch $@
