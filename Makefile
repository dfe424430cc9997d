SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
UV := .tools/bin/uv
PYTHON := .venv/bin/python
SOURCES := wire services lambda_src scripts tools tests
# What is wrong with a machine is said in one line, before anything else runs.
need = @command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)" >&2; exit 1; }

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/.done .venv-localstack/.done ## Install everything the commands below need, from PyPI

.PHONY: demo
demo: install terraform-present ## Run the whole pipeline on this machine and report; KEEP=1 leaves it running
	@$(PYTHON) -m scripts.demo $(if $(KEEP),--keep)

.PHONY: down
down: .venv/.done ## Stop what `make demo KEEP=1` left running
	@$(PYTHON) -m scripts.demo --down

.PHONY: test
test: lint unit-test localstack-test demo ## Everything that can be tested on one machine

.PHONY: unit-test
unit-test: install terraform-present trackers-if-npm ## Unit, contract and Terraform tests
	@$(PYTHON) -m pytest -n 2 --dist loadgroup -m "not localstack"

.PHONY: localstack-test
localstack-test: install terraform-present ## Apply, events in, objects out, canaries searched, destroy
	@$(PYTHON) -m pytest -m localstack

.PHONY: browser-test
browser-test: install tests/browser/node_modules/.done chromium-present ## Real trackers against the collector: a browser, Node, Python
	@$(PYTHON) -m pytest -q tests/contract/collector/test_real_trackers.py

.PHONY: conformance-collector conformance-enricher
conformance-collector: install ## The collector against the wire contract, row by row
	@$(PYTHON) -m tools.conformance collector
conformance-enricher: install ## The enricher against the wire contract, row by row
	@$(PYTHON) -m tools.conformance enricher

.PHONY: conformance-golden
conformance-golden: install ## The enricher against the lines of Snowplow's own Enrich, payload by payload; SHOW=5 prints some
	@$(PYTHON) -m tools.conformance_golden $(if $(SHOW),--show $(SHOW))

.PHONY: lint
lint: install .venv-checkov/.done terraform-present ## Style, types, Terraform format, validity and security rules
	@.venv/bin/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy $(SOURCES)
	@.venv/bin/mypy --python-executable .venv-localstack/bin/python localstack/snowveil_localstack
	@mkdir -p build; .venv/bin/lint-imports --no-cache >build/lint-imports.txt || { cat build/lint-imports.txt >&2; exit 1; }
	@$(PYTHON) -m scripts.policy check
	@$(PYTHON) -m scripts.schemas check
	@$(PYTHON) -m tools.lint_terraform

.PHONY: format
format: install ## Format Python and Terraform
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --quiet --fix . && terraform fmt -recursive

.PHONY: package
package: .venv/.done ## Build the function's zip and the services' bundles into build/; ARCH=arm64|x86_64
	@$(PYTHON) -m scripts.package $(if $(ARCH),--arch $(ARCH))

.PHONY: bootstrap plan apply destroy output drift
bootstrap plan apply destroy output drift: install terraform-present
	@$(if $(ENV),,echo "say which environment: make $@ ENV=dev" >&2; exit 2)
	@$(PYTHON) -m scripts.$@ --env $(ENV) $(if $(OFFLINE),--offline) $(if $(CONFIRM),--confirm $(CONFIRM))
bootstrap: ## Make the bucket of an environment's state, and its key: make bootstrap ENV=dev
plan: ## Plan an environment: make plan ENV=dev [OFFLINE=1]
apply: ## Apply the plan that was made: make apply ENV=dev [CONFIRM=production]
destroy: ## Destroy localstack; elsewhere plan the destruction: make destroy ENV=dev
output: ## Print an environment's outputs: make output ENV=dev
drift: ## Name what differs between state and account: make drift ENV=dev

.PHONY: review
review: install terraform-present ## Review an environment's saved plan: make review ENV=dev [BASE=main]
	@$(if $(ENV),,echo "say which environment: make $@ ENV=dev" >&2; exit 2)
	@$(PYTHON) -m scripts.review --env $(ENV) $(if $(BASE),--base $(BASE))

.PHONY: bench-pseudonymizer
bench-pseudonymizer: install ## Events a second and core of the pseudonymizer, against a floor measured in the same run
	@$(PYTHON) -m tools.bench.pseudonymizer $(if $(EVENTS),--events $(EVENTS))

.PHONY: bench-review
bench-review: install terraform-present ## Time and memory of the review of a whole environment's plan
	@$(PYTHON) -m tools.bench.review $(if $(ENV),--env $(ENV))

.PHONY: bench-collector
bench-collector: install ## Requests a second and core of the collector, against floor and framework of the same run
	@$(PYTHON) -m tools.bench.collector

.PHONY: soak-collector
soak-collector: install ## An hour's worth of requests through the collector: memory and loss
	@$(PYTHON) -m tools.bench.collector_soak

.PHONY: fault-collector
fault-collector: install ## Kinesis refuses for a minute under load, the collector is killed, starts again: in = out
	@FAULT_SECONDS=60 $(PYTHON) -m pytest -q -s tests/integration/collector

.PHONY: bench-enricher
bench-enricher: install ## Events a second and core of the enricher, by stage, against a floor measured in the same run
	@$(PYTHON) -m tools.bench.enricher $(if $(WITHOUT_ENRICHMENTS),--without-enrichments)

.PHONY: faults-enricher
faults-enricher: install ## Break things around the enricher; events in, out, lost, twice; QUICK=1 without LocalStack
	@$(PYTHON) -m tools.faults.enricher $(if $(QUICK),--quick)

.PHONY: fuzz
fuzz: .venv-fuzz/.done ## Fuzz what reads strangers' bytes: make fuzz SECONDS=60 [TARGET=pseudonymizer|collector]
	@for target in $(or $(TARGET),pseudonymizer collector); do \
	  .venv-fuzz/bin/python -m tools.fuzz.$$target --seconds $(or $(SECONDS),60); done

.PHONY: lock
lock: $(UV) ## Resolve requirements/*.in anew into hashed locks
	@cd requirements && for name in collector enricher pseudonymizer checkov fuzz dev; do \
	  ../$(UV) pip compile --quiet --upgrade --universal --python-version 3.13 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; done

.PHONY: clean
clean: ## Remove everything that was built or installed
	@rm -rf .tools .venv .venv-localstack .venv-checkov .venv-fuzz .snowveil build tests/browser/node_modules

.PHONY: terraform-present
terraform-present:
	$(call need,terraform,install the version in .terraform-version from developer.hashicorp.com/terraform/install)

.PHONY: chromium-present
chromium-present:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } \
	  || { echo "chromium is missing: install it, for example with apt-get install chromium" >&2; exit 1; }

# Without npm the tests of real trackers are skipped, which pytest says.
.PHONY: trackers-if-npm
trackers-if-npm:
	@! command -v npm >/dev/null || $(MAKE) tests/browser/node_modules/.done

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

.venv-checkov/.done: requirements/checkov.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv-checkov
	@$(UV) pip sync --quiet --python .venv-checkov/bin/python --require-hashes $<
	@touch $@

.venv-fuzz/.done: requirements/fuzz.txt | $(UV)
	@$(UV) venv --quiet --allow-existing --python 3.13 .venv-fuzz
	@$(UV) pip sync --quiet --python .venv-fuzz/bin/python --require-hashes $<
	@touch $@
