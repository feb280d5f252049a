# Two commands matter: `make run` and `make test`. Everything they need they install themselves.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO ?=
BIN := .venv/bin
# Modules are compiled once, not by each of the many processes that commands and tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run build setup check test test-sqlite test-postgres test-browser kernel bench lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s%s\n", $$1, $$2}'

run: ## set up what is missing and serve on 127.0.0.1:8000 (DEMO=1: with the sample company; PORT=8001)
	@$(PYTHON) tools/bootstrap.py run
	@$(BIN)/python tools/frontend.py
	@exec $(BIN)/guanxi serve --host $(HOST) --port $(PORT) $(if $(filter-out 0 no,$(DEMO)),--demo)

setup: ## the environment for developers
	@$(PYTHON) tools/bootstrap.py dev

build: setup ## scripts, styles and translations
	@$(BIN)/python tools/frontend.py
	@$(BIN)/python tools/translations.py

check: build ## the two-minute inner loop: ruff, mypy, floors, unit and contract tests
	@$(BIN)/python tools/test.py check

test: build ## everything, as in continuous integration: also PostgreSQL and a browser
	@$(BIN)/python tools/test.py all

test-sqlite: build ## all tests on SQLite
	@$(BIN)/python tools/test.py sqlite

test-postgres: build ## all tests that touch the database, on a PostgreSQL started for them
	@$(BIN)/python tools/test.py postgres

test-browser: build ## the tests in Chromium
	@$(BIN)/python tools/test.py browser

bench: build ## measure lists, records, board, search, files and the served product (CUSTOMERS=100000)
	@$(BIN)/python -m benchmarks $(if $(CUSTOMERS),--customers $(CUSTOMERS))

lock: setup ## write the hashed lock files again from pyproject.toml
	@tools/lock.sh

clean: ## remove what the commands above made; the data in var/ stays
	rm -rf .venv build dist *.egg-info frontend/node_modules guanxi/surfaces/web/static/guanxi
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find guanxi tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
	find guanxi -name '*.mo' -delete
