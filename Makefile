# doc-review: `make demo` and `make test` set everything up in .venv on a machine with python3, venv and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d%d" % sys.version_info[:2])')
LOCK := requirements/dev-$(VERSION).txt
STAMP := $(VENV)/.installed-$(VERSION)
DEMO_CASE := gold_set/prostate-vmat-clean-2025

.PHONY: demo test lint lock clean

$(STAMP): $(LOCK) pyproject.toml
	@test -f $(LOCK) || { echo "doc-review needs Python 3.11 or 3.12; set PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## review one case of the gold set: table here, evidence packet in out/
	@$(BIN)/doc-review review $(DEMO_CASE) --html out/demo.html

test: $(STAMP) ## all tests
	@$(BIN)/python -m pytest -q -n auto

lint: $(STAMP) ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## resolve the lock files anew (needs uv)
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements/dev-311.txt
	uv pip compile pyproject.toml --extra dev --python-version 3.12 --generate-hashes --no-header --no-annotate -q -o requirements/dev-312.txt

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .hypothesis
