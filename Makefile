# `make` lists what there is. Everything runs from .venv, made from the hash-locked requirements.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
UV_VERSION := 0.13.9
LOCK := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

.PHONY: help demo serve test check bench soak mutants lock schemas fmt clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1	/' | \
		while IFS='	' read -r name text; do printf '  make %-9s %s\n' "$$name" "$$text"; done

demo: $(VENV)/.ready ## Drive the sample contract through its life over HTTP and tell the story
	@$(BIN)/clm demo $(ARGS)

serve: $(VENV)/.ready ## Serve the API with an embedded PostgreSQL (ARGS="--port 8080")
	@$(BIN)/clm serve $(ARGS)

test: $(VENV)/.ready ## Run the test suite (ARGS="-k name" picks tests)
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.ready ## Lint, formatting, types, import rules, generated files up to date
	@echo "==> ruff check" && $(BIN)/ruff check --quiet .
	@echo "==> ruff format" && $(BIN)/ruff format --quiet --check .
	@echo "==> mypy --strict" && $(BIN)/python -m mypy --no-error-summary
	@echo "==> import rules" && $(BIN)/lint-imports --no-logo
	@echo "==> generated files" && $(BIN)/clm schemas --check && $(BIN)/python -m tests.law.page --check

bench: $(VENV)/.ready ## Measure against a bare ASGI + asyncpg floor
	@$(BIN)/python -m tests.benchmarks $(ARGS)

soak: $(VENV)/.ready ## Run the long tests: kill and restart, thousands of random walks
	@$(BIN)/python -m pytest -m soak $(ARGS)

mutants: .venv-mutants/.ready ## Change the law in every small way and show what its tests do not see
	@.venv-mutants/bin/python -m tests.law.mutants $(ARGS)

lock: .venv-lock/.ready ## Resolve the requirements anew and write their hashes
	@echo "==> locking requirements/base.txt, dev.txt and mutants.txt"
	@$(LOCK) pyproject.toml -o requirements/base.txt $(ARGS)
	@$(LOCK) pyproject.toml -c requirements/base.txt --group dev -o requirements/dev.txt $(ARGS)
	@$(subst --universal,,$(LOCK)) pyproject.toml -c requirements/dev.txt --group dev --group mutants \
		-o requirements/mutants.txt $(ARGS)

schemas: $(VENV)/.ready ## Write schemas/openapi.json and the other generated files
	@$(BIN)/clm schemas $(ARGS) && $(BIN)/python -m tests.law.page $(ARGS)

fmt: $(VENV)/.ready ## Format the code and apply the safe fixes
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

clean: ## Remove the virtual environments and caches
	@rm -rf $(VENV) .venv-lock .venv-mutants mutants .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=python3.12 or the like")'
	@echo "==> making $(VENV)" && $(PYTHON) -m venv --clear $(VENV)
	@echo "==> installing the locked requirements (once, about a minute)" && $(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.ready: $(VENV)/.installed pyproject.toml
	@echo "==> installing clm into $(VENV)" && $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv-mutants/.ready: requirements/mutants.txt
	@echo "==> making .venv-mutants" && $(PYTHON) -m venv --clear .venv-mutants
	@.venv-mutants/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/mutants.txt
	@touch $@

.venv-lock/.ready: Makefile
	@echo "==> making .venv-lock with uv $(UV_VERSION)" && $(PYTHON) -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --quiet --disable-pip-version-check install uv==$(UV_VERSION)
	@touch $@
