# Everything a newcomer needs: `make demo` and `make test`. Both set up what they need in .venv once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock holds for what is installed and for the tools that build it.
export PIP_CONSTRAINT := $(CURDIR)/requirements.lock
export PIP_DISABLE_PIP_VERSION_CHECK := 1
INSTALL := $(BIN)/python -m pip install --quiet --no-compile --editable
# pip would compile on one core. Some packages ship templates that are no Python: what cannot be compiled is left.
COMPILE := $(BIN)/python -m compileall -qq --workers 0 $(VENV)/lib || true

.DEFAULT_GOAL := help
.PHONY: help setup demo test check suite bench clean

help:
	@echo "make demo    set up, render the example scene, say where the movie, the timeline and the report lie"
	@echo "make test    set up with everything, then ruff, mypy, import-linter and pytest"
	@echo "make setup   set up with everything"
	@echo "make bench   the benchmarks, one table each"
	@echo "make clean   remove the environment and the demo's output"

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sottovoce needs Python 3.11 or newer; this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing Sottovoce into $(VENV) (once) ..."
	@test -e $(VENV)/.everything || { $(INSTALL) . && { $(COMPILE); }; }
	@touch $@

$(VENV)/.everything: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing Sottovoce with all extras into $(VENV) (once, several minutes) ..."
	@$(INSTALL) '.[ltx,words,words-test,dev]' && { $(COMPILE); }
	@touch $@ $(VENV)/.base

setup: $(VENV)/.everything

demo: $(VENV)/.base
	@$(BIN)/sottovoce demo

check: $(VENV)/.everything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check suite

suite: $(VENV)/.everything
	$(BIN)/pytest --numprocesses 2 --dist loadgroup --durations 20

bench: $(VENV)/.everything
	@for script in bench/*.py; do echo; $(BIN)/python -m bench.$$(basename $$script .py) || exit 1; done

clean:
	rm -rf $(VENV) sottovoce-demo
