# Two commands on a fresh machine: `make demo` and `make test`. Everything lands in .venv, from lock files with hashes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo run test check format bench lock clean help

help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(VENV)/.app ## open the program on the embedded demo account
	@$(BIN)/pipemedic demo

run: $(VENV)/.app ## open the program on your own account
	@$(BIN)/pipemedic

test: $(VENV)/.dev ## all tests (no AWS account, no internet)
	$(BIN)/pytest $(ARGS)

check: $(VENV)/.dev ## linters, types, import boundaries, lock file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## write what the formatter wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## speed and memory beside peers, as ratios
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.dev ## resolve the lock files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --custom-compile-command 'make lock' --group pyproject.toml:build --extra demo pyproject.toml -o requirements/app.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	  --custom-compile-command 'make lock' --group pyproject.toml:build --group pyproject.toml:dev --extra demo -c requirements/app.lock \
	  pyproject.toml -o requirements/dev.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: requirements/app.lock pyproject.toml | $(VENV)/bin/python
	@echo "pipemedic: setting up $(VENV) (once, about a minute) ..."
	@$(PIP) --require-hashes -r requirements/app.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.app
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
