# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help demo test up check bench soak requirements clean

help:
	@echo "make demo   play sales from Stripe to LicenseKit on embedded defaults, no account needed"
	@echo "make test   run the test suite"
	@echo "make up     run web, worker and scheduler for real use, from .env (fulfill init writes it)"
	@echo "make check  lint, types, imports"
	@echo "make bench  measure the receiver and the worker, side by side"
	@echo "make soak   the long chaos runs"

$(READY): requirements.txt requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)
	$(BIN)/fulfill demo

test: $(READY)
	$(BIN)/pytest -n 4 --dist worksteal  # more than cores: half of the time is waited for servers

up: $(READY)
	$(BIN)/fulfill up

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m tests.benchmarks

soak: $(READY)
	$(BIN)/pytest -m soak -x -s

# Pins every package at the newest version the bounds allow; writes no registry address.
requirements:
	$(PYTHON) tests/architecture/pin.py

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis
