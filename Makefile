# Everything a person types. Each target makes the environment first, so a fresh clone needs only Python and make.

PYTHON ?= python3
BIN := .venv/bin
# uv installs the locked packages in seconds; `make UV= build` leaves it to pip
UV := $(BIN)/uv
PIP := $(BIN)/python -m pip install --quiet --no-deps --require-hashes
LOCKED = $(UV) pip compile pyproject.toml --universal --python-version 3.11 --quiet --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --output-file

# the packages of a lock file, into .venv
define install
@test -z "$(UV)" || $(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes --requirement $(1) \
  || { echo "uv could not; pip does it, which takes a minute or two ..." >&2; $(PIP) --requirement $(1); }
@test -n "$(UV)" || $(PIP) --requirement $(1)
@touch $@
endef

# of `make bench`: rows over the real number
SCALE ?= 1

# SQL that depends on the data folder is linted as it is without one, and apart from your warehouse
LINT_ENV := LA_CRIME_DATA_DIR=none LA_CRIME_DB=target/lint.duckdb DBT_TARGET_PATH=target/lint

.DEFAULT_GOAL := help
.PHONY: help build publish fetch refresh test lint audit format docs site screenshots bench lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.done: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; say which with: make PYTHON=python3.12 build" >&2; exit 1; }
	@echo "Making the environment in .venv (once) ..."
	@$(PYTHON) -m venv .venv
	@awk '/^uv==/ {on = 1} on {print} on && !/\\$$/ {exit}' requirements-dev.lock > .venv/uv.lock
	@test -z "$(UV)" || $(PIP) --requirement .venv/uv.lock
	$(call install,requirements.lock)

# what only developing needs, beside it
.venv/.dev: requirements-dev.lock .venv/.done
	@echo "Adding the tools of development to .venv (once) ..."
	$(call install,requirements-dev.lock)

# dbt's adapter for Spark, and Spark: for those who ask for it
.venv/.spark: .venv/.done requirements-spark.lock
	@$(or $(UV),$(BIN)/python -m) pip install --quiet $(if $(UV),--python $(BIN)/python) --no-deps \
	    --require-hashes --requirement requirements-spark.lock
	@touch $@

# `make build ENGINE=spark`: what reads single incidents runs on Apache Spark; see docs/scale.md
ENGINE ?= duckdb
build: .venv/.done $(if $(filter spark,$(ENGINE)),.venv/.spark)  ## demo data if there is none, the whole warehouse with its tests, a summary; published
	@$(BIN)/python -m la_crime build --engine $(ENGINE)

fetch: .venv/.done  ## the city's files into data/raw, or what is new of them
	@$(BIN)/python -m la_crime fetch

refresh: .venv/.done  ## fetch, then build from what came; files that did not change are not parsed again
	@$(BIN)/python -m la_crime refresh

publish: .venv/.done  ## the marts anew for BI tools, if the last build passed (build does it too)
	@$(BIN)/python -m la_crime publish

test: .venv/.dev  ## lint, Python tests, and a build with its data tests
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest

lint: .venv/.dev  ## ruff, import-linter, yamllint, dbt-bouncer, sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/yamllint --strict .
	@$(LINT_ENV) $(BIN)/dbt --quiet --no-partial-parse parse
	@COLUMNS=200 $(BIN)/dbt-bouncer run
	@$(LINT_ENV) $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models analyses tests

audit: .venv/.dev  ## the locked dependencies against the public lists of vulnerabilities; needs the network
	@$(BIN)/python .ci/audit.py

format: .venv/.dev  ## what the linters can mend by themselves
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(LINT_ENV) $(BIN)/sqlfluff fix --processes 2 models analyses tests

docs: .venv/.done  ## the dbt documentation with its lineage, as one file
	@$(BIN)/python -m la_crime docs

site: .venv/.done  ## the static site, which opens from site/index.html without a server
	@$(BIN)/python -m la_crime site

screenshots: .venv/.dev site  ## the README's pictures anew; the site must be of demo data
	@$(BIN)/python tests/python/screenshots.py

bench: .venv/.done  ## full-size demo data (SCALE=10: tenfold), timed: a pandas script, builds old and new
	@$(BIN)/python -m la_crime bench --scale $(SCALE)

lock: .venv/.dev  ## the lock files anew from pyproject.toml: for running, for developing, for Spark
	@$(LOCKED) requirements-dev.lock --extra dev
	@$(LOCKED) requirements.lock --constraint requirements-dev.lock
	@$(LOCKED) requirements-spark.lock --extra spark --constraint requirements.lock

clean:  ## everything that was generated; your own data folders are left alone
	@rm -rf .venv target logs warehouse data/demo site
