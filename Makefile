# ocrx: everything that a checkout can do. `make help` lists it.
#
#   make demo                  install into .venv and convert two example documents
#   make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A stamp is newer than what it was made from as long as nothing has to be done again.
USER_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
CODE := ocrx tests benchmarks examples

.DEFAULT_GOAL := help
.PHONY: help demo install test check format-check lint types layers reference format examples bench clean FORCE

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | column -t -s '|' 2>/dev/null \
	  || sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1: \2/p' $(firstword $(MAKEFILE_LIST))

demo: $(USER_STAMP)  ## install, then convert the example scan and the example PDF to Markdown
	@printf '\n$$ ocrx examples/scan.tif\n\n'
	@$(BIN)/ocrx examples/scan.tif
	@printf '\n$$ ocrx examples/article.pdf\n\n'
	@$(BIN)/ocrx examples/article.pdf

install: $(USER_STAMP)  ## install ocrx into .venv

test: $(DEV_STAMP)  ## install with the test tools and run the tests
	$(BIN)/python -m pytest

check: format-check lint types layers reference test  ## everything that must hold before a commit

format-check: $(DEV_STAMP)
	$(BIN)/ruff format --check $(CODE)

lint: $(DEV_STAMP)
	$(BIN)/ruff check $(CODE)

types: $(DEV_STAMP)
	$(BIN)/mypy

layers: $(DEV_STAMP)
	$(BIN)/lint-imports

reference: $(DEV_STAMP)
	$(BIN)/python -m ocrx.cli.reference | diff -u docs/cli.md - \
	  || { echo 'docs/cli.md is out of date: make docs/cli.md'; exit 1; }

docs/cli.md: $(DEV_STAMP) FORCE
	$(BIN)/python -m ocrx.cli.reference > $@

FORCE:

format: $(DEV_STAMP)  ## format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

examples: $(DEV_STAMP)  ## make the example documents again (needs xelatex)
	$(BIN)/python -m examples.make_examples

bench: $(DEV_STAMP)  ## measure quality and speed beside other tools (needs xelatex; takes minutes)
	$(BIN)/python -m benchmarks.make_corpus
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.gpu_decode

clean:  ## remove .venv and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer, or say make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ocrx needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V): say make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: sudo apt install python3-venv"; exit 1; }
	@echo "Creating $(VENV) (the first install takes some minutes)"
	@$(PYTHON) -m venv $(VENV)

$(USER_STAMP): pyproject.toml | $(BIN)/python
	@echo "Installing ocrx"
	@$(PIP_INSTALL) --editable .
	@touch $@

$(DEV_STAMP): pyproject.toml | $(BIN)/python
	@echo "Installing ocrx and its test tools"
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $@ $(USER_STAMP)
