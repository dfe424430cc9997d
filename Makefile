SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .tools/bin/uv
PYTHON := .venv/bin/python
SOURCES := wire services lambda_src scripts tools tests
# What is wrong with a machine or a command line is said in one line, before anything is installed or run.
need = @command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)" >&2; exit 1; }
# Tests write their results here, and the ten slowest are printed.
PYTEST = $(PYTHON) -m pytest --durations=10 --durations-min=1 --junitxml=build/junit/$(1).xml

##@ Start here

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: doctor
doctor: ## Say what this machine lacks, which commands need it, and how to get it
	$(call need,python3,install Python 3 with its venv module)
	@python3 -m scripts.doctor

.PHONY: install
install: .venv/.done .venv-localstack/.done .venv-dbt/.done ## Install everything the commands below need, from PyPI

.PHONY: demo
demo: terraform-present install ## Run the whole pipeline on this machine: make demo [KEEP=1] [PORT=8080]
	@$(PYTHON) -m scripts.demo $(if $(KEEP),--keep) $(if $(PORT),--port $(PORT))

.PHONY: down
down: .venv/.done ## Stop what `make demo KEEP=1` left running
	@$(PYTHON) -m scripts.demo --down

##@ Tests

.PHONY: test
test: lint unit-test localstack-test demo ## Everything that can be tested on one machine
	@$(PYTHON) -m tools.skipped_tests build/junit/unit.xml build/junit/localstack.xml

.PHONY: unit-test
unit-test: terraform-present install trackers-if-npm ## Unit, contract and Terraform tests
	@$(call PYTEST,unit) -n auto --maxprocesses 4 --dist worksteal -m "not localstack"

.PHONY: localstack-test
localstack-test: terraform-present install ## Apply, events in, objects out, canaries searched, destroy
	@$(call PYTEST,localstack) -m localstack

.PHONY: browser-test
browser-test: tests/browser/node_modules/.done chromium-present install ## Real trackers against the collector: a browser, Node, Python
	@$(PYTHON) -m pytest -q tests/contract/collector/test_real_trackers.py

.PHONY: conformance-collector conformance-enricher
conformance-collector: install ## The collector against the wire contract, row by row
	@$(PYTHON) -m tools.conformance collector
conformance-enricher: install ## The enricher against the wire contract, row by row
	@$(PYTHON) -m tools.conformance enricher

.PHONY: conformance-golden
conformance-golden: install ## The enricher against what Snowplow's Enrich wrote: make conformance-golden [SHOW=5]
	@$(PYTHON) -m tools.conformance_golden $(if $(SHOW),--show $(SHOW))

.PHONY: lint
lint: terraform-present install .venv-checkov/.done ## Style, types, Terraform format, validity and security rules
	@.venv/bin/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy $(SOURCES)
	@.venv/bin/mypy localstack/snowveil_snowpipe
	@.venv/bin/mypy --python-executable .venv-localstack/bin/python localstack/snowveil_localstack
	@mkdir -p build; .venv/bin/lint-imports --no-cache >build/lint-imports.txt || { cat build/lint-imports.txt >&2; exit 1; }
	@$(PYTHON) -m scripts.policy check
	@$(PYTHON) -m scripts.schemas check
	@$(PYTHON) -m tools.warehouse_sql --check
	@$(PYTHON) -m tools.lint_terraform

.PHONY: format
format: install ## Format Python and Terraform, and write the generated documents
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --quiet --fix . && terraform fmt -recursive
	@$(PYTHON) -m tools.module_docs && $(PYTHON) -m tools.reference_docs

##@ An environment

.PHONY: package
package: .venv/.done ## Build the function's zip and the services' bundles into build/; ARCH=arm64|x86_64
	@$(PYTHON) -m scripts.package $(if $(ARCH),--arch $(ARCH))

.PHONY: bootstrap plan apply destroy output drift
bootstrap plan apply destroy output drift: environment-named terraform-present install
	@$(PYTHON) -m scripts.$@ --env $(ENV) $(if $(OFFLINE),--offline) $(if $(CONFIRM),--confirm $(CONFIRM))
bootstrap: ## Make the bucket of an environment's state, and its key: make bootstrap ENV=dev
plan: ## Plan an environment: make plan ENV=dev [OFFLINE=1]
apply: ## Apply the plan that was made: make apply ENV=dev [CONFIRM=production]
destroy: ## Destroy localstack; elsewhere plan the destruction: make destroy ENV=dev
output: ## Print an environment's outputs: make output ENV=dev
drift: ## Name what differs between state and account: make drift ENV=dev

.PHONY: ami quotas watch
ami quotas watch: environment-named terraform-present install
	@$(PYTHON) -m scripts.$@ --env $(ENV) $(if $(WRITE),--write) $(if $(MINUTES),--minutes $(MINUTES))
ami: ## Show the newest image beside the pinned one: make ami ENV=dev [WRITE=1]
quotas: ## Compare the saved plan with the account's quotas: make quotas ENV=dev
watch: ## Watch refreshes and alarms after an apply: make watch ENV=dev [MINUTES=15]

.PHONY: review
review: environment-named terraform-present install ## Review an environment's saved plan: make review ENV=dev [BASE=main] [OFFLINE=1]
	@$(PYTHON) -m scripts.review --env $(ENV) $(if $(OFFLINE),--offline) $(if $(BASE),--base $(BASE))

.PHONY: warehouse warehouse-check
warehouse warehouse-check: .venv/.done
	@$(if $(ENV)$(FOLDER),,echo "say which warehouse: make $@ ENV=dev, or FOLDER= of an embedded one" >&2; exit 2)
	@$(PYTHON) -m scripts.$(subst -,_,$@) $(if $(FOLDER),--embedded $(FOLDER),--env $(ENV)) $(if $(RUN),--run) $(if $(COUNT_LINES),--count-lines)
warehouse: ## Show the migrations a warehouse lacks, or apply them: make warehouse ENV=dev [RUN=1]
warehouse-check: ## Compare a warehouse with the lake and ask its tests: make warehouse-check ENV=dev

.PHONY: warehouse-shell
warehouse-shell: .venv/.done ## Ask the warehouse of a kept demo: make warehouse-shell [FOLDER=…] [QUERY='select …']
	@$(PYTHON) -m scripts.warehouse_shell $(or $(FOLDER),.snowveil/localstack/warehouse) $(if $(QUERY),--query "$(QUERY)")

.PHONY: summary
summary: .venv/.done ## Write the summary page of a warehouse: make summary ENV=dev, or DEMO=1 [OUT=]
	@$(if $(ENV)$(FOLDER)$(DEMO),,echo "say which warehouse: make $@ ENV=dev, DEMO=1, or FOLDER= of an embedded one" >&2; exit 2)
	@$(PYTHON) -m scripts.summary $(if $(ENV),--env $(ENV),--embedded $(or $(FOLDER),.snowveil/localstack/warehouse)) $(if $(OUT),--out $(OUT))

.PHONY: warehouse-account-test
warehouse-account-test: .venv/.done ## What only a real account shows, on a database …_test: make warehouse-account-test ENV=dev
	@test -f environments/$(ENV)/warehouse.yaml || { echo "no Snowflake account is configured: docs/warehouse.md, Set up an account" >&2; exit 1; }
	@SNOWVEIL_WAREHOUSE_ENV=$(ENV) $(PYTHON) -m pytest -q tests/account

.PHONY: warehouse-models
warehouse-models: export SNOWVEIL_WAREHOUSE = $(abspath $(or $(FOLDER),.snowveil/localstack/warehouse))/RAW.db
warehouse-models: export DBT_TARGET_PATH = $(CURDIR)/build/dbt
warehouse-models: export DBT_LOG_PATH = $(CURDIR)/build/dbt
warehouse-models: .venv/.done .venv-dbt/.done ## Build and test the models of the demo's warehouse, or of FOLDER=
	@cd warehouse/dbt && for command in "--quiet run --empty" build; do \
	  $(CURDIR)/.venv-dbt/bin/dbt $$command --profiles-dir .; done

##@ Measurements and faults

.PHONY: bench-pseudonymizer
bench-pseudonymizer: install ## Events a second and core of the pseudonymizer, against a floor of the same run
	@$(PYTHON) -m tools.bench.pseudonymizer $(if $(EVENTS),--events $(EVENTS))

.PHONY: twin-populations
twin-populations: install ## Prove that nothing hidden shows: the traffic of two populations; EVENTS=2000
	@$(PYTHON) -m tools.twin_populations $(if $(EVENTS),--events $(EVENTS))

.PHONY: bench-warehouse
bench-warehouse: install ## Events a second and core of the loader, against DuckDB's CSV reader [EVENTS=]
	@$(PYTHON) -m tools.bench.warehouse $(if $(EVENTS),--events $(EVENTS))

.PHONY: bench-review
bench-review: terraform-present install ## Time and memory of the review of a whole environment's plan
	@$(PYTHON) -m tools.bench.review $(if $(ENV),--env $(ENV))

.PHONY: bench-collector
bench-collector: install ## Requests a second and core of the collector, against a floor of the same run
	@$(PYTHON) -m tools.bench.collector

.PHONY: soak-collector
soak-collector: install ## An hour of requests through the collector: memory and loss
	@$(PYTHON) -m tools.bench.collector_soak

.PHONY: fault-collector
fault-collector: install ## Kinesis refuses for a minute, the collector is killed and starts again: in = out
	@FAULT_SECONDS=60 $(PYTHON) -m pytest -q -s tests/integration/collector

.PHONY: bench-enricher
bench-enricher: install ## Events a second and core of the enricher, by stage, against a floor of the same run
	@$(PYTHON) -m tools.bench.enricher $(if $(WITHOUT_ENRICHMENTS),--without-enrichments)

.PHONY: faults-enricher
faults-enricher: install ## Break things around the enricher: events in, out, lost, twice [QUICK=1: no LocalStack]
	@$(PYTHON) -m tools.faults.enricher $(if $(QUICK),--quick)

.PHONY: fuzz
fuzz: .venv-fuzz/.done ## Fuzz what reads strangers' bytes: make fuzz [SECONDS=60] [TARGET=collector]
	@for target in $(or $(TARGET),pseudonymizer collector enricher); do \
	  .venv-fuzz/bin/python -m tools.fuzz.$$target --seconds $(or $(SECONDS),60); done

##@ Upkeep

.PHONY: lock
lock: $(UV) ## Resolve requirements/*.in anew into hashed locks
	@cd requirements && for name in collector enricher pseudonymizer checkov fuzz dbt dev; do \
	  ../$(UV) pip compile --quiet --upgrade --universal --python-version 3.13 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; done

.PHONY: clean
clean: ## Remove everything that was built or installed
	@rm -rf .tools .venv .venv-localstack .venv-checkov .venv-dbt .venv-fuzz .snowveil build tests/browser/node_modules

.PHONY: environment-named
environment-named:
	@$(if $(ENV),,echo "name the environment: make $(firstword $(MAKECMDGOALS)) ENV=dev" >&2; exit 2)
	@test -f environments/$(ENV)/terraform.tfvars || { echo "environments/$(ENV)/terraform.tfvars is missing; \
	the environments are:" $(notdir $(patsubst %/terraform.tfvars,%,$(wildcard environments/*/terraform.tfvars))) >&2; exit 2; }

.PHONY: terraform-present
terraform-present:
	$(call need,terraform,install the version in .terraform-version from developer.hashicorp.com/terraform/install)

.PHONY: chromium-present
chromium-present:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } \
	  || { echo "chromium is missing: install it, for example with apt-get install chromium" >&2; exit 1; }

# Without npm, or without its registry, the tests of real trackers are skipped, and `make test` names them at its end.
.PHONY: trackers-if-npm
trackers-if-npm:
	@! command -v npm >/dev/null || $(MAKE) tests/browser/node_modules/.done \
	  || echo "npm cannot install the trackers of tests/browser: the tests that need them are skipped" >&2

tests/browser/node_modules/.done: tests/browser/package-lock.json
	$(call need,npm,install Node.js 20 or later)
	@cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(UV):
	$(call need,python3,install Python 3 with its venv module)
	@python3 -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.done: requirements/dev.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv
	@$(UV) pip sync --quiet --python $(PYTHON) --require-hashes $<
	@touch $@

.venv-localstack/.done: requirements/localstack.txt localstack/pyproject.toml | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv-localstack
	@$(UV) pip sync --quiet --python .venv-localstack/bin/python --require-hashes $<
	@# LocalStack finds its plugins in the egg-info directory, which must exist before the editable install
	@cd localstack && ../.venv-localstack/bin/python -W ignore -c "import setuptools; setuptools.setup()" -q egg_info 2>/dev/null
	@$(UV) pip install --quiet --python .venv-localstack/bin/python --no-deps --no-build-isolation --editable localstack
	@touch $@

.venv-dbt/.done: requirements/dbt.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv-dbt
	@$(UV) pip sync --quiet --python .venv-dbt/bin/python --require-hashes $<
	@touch $@

.venv-checkov/.done: requirements/checkov.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv-checkov
	@$(UV) pip sync --quiet --python .venv-checkov/bin/python --require-hashes $<
	@touch $@

.venv-fuzz/.done: requirements/fuzz.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv-fuzz
	@$(UV) pip sync --quiet --python .venv-fuzz/bin/python --require-hashes $<
	@touch $@
