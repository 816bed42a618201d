# The commands of this project. Each sets up what it needs; a second run starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Stamps say what is installed, so that nothing is installed twice.
RUN_STAMP := $(VENV)/.run-installed
DEV_STAMP := $(VENV)/.dev-installed
NODE_STAMP := node_modules/.installed
GAS_STAMP := benchmarks/gas/node_modules/.installed
# Signatures in C, as whoever carries much installs them; not in .venv, whose tests are of what everybody has.
FAST := .cache/fast
FAST_STAMP := $(FAST)/.installed
# The prover and the analyser have packages of their own, which do not fit beside those of the project.
PROOFS_STAMP := proofs/.venv/.installed
PROOFS_BIN := proofs/.venv/bin
# So have the linter and the fuzzer of the API.
LINTER_STAMP := openapi/node_modules/.installed
FUZZER_STAMP := openapi/.venv/.installed
FUZZER_BIN := openapi/.venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
BROWNIE := $(BIN)/python scripts/brownie_env.py --

.DEFAULT_GOAL := help
.PHONY: help demo test test-unit test-long test-contracts bench-index soak-index soak-service bench-queries bench-audit bench-api bench-service fuzz-api gas lint format compile gas-snapshot brownie wheel lock clean distclean check-tools contracts-soak contracts-analyse contracts-prove contracts-coverage contracts-mutate

help: ## Show this help
	@echo "The Food Valley register. Needs Python 3.11+, Node 18+ and make; the rest is set up by itself."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-19s %s\n", $$1, $$2}'

demo: $(RUN_STAMP) $(NODE_STAMP) ## The whole job on a local chain of its own, step by step
	@$(BIN)/foodvalley demo

test: test-unit test-contracts ## The tests, on real chains, in ten minutes; make test-long has those that take their time

test-unit: $(DEV_STAMP) $(NODE_STAMP) $(LINTER_STAMP) ## The tests of the Python package, its commands and documents
	@$(BIN)/python scripts/compile.py --check
	@$(BIN)/python -m pytest -p no:pytest-brownie -n 2 --dist loadgroup -q -m "not long" tests/unit tests/integration

test-long: $(DEV_STAMP) $(NODE_STAMP) $(LINTER_STAMP) ## The tests that take their time: PostgreSQL, faulty nodes, kills, the audit, the wheel, a page of the council
	@$(BIN)/python -m pytest -p no:pytest-brownie -n 2 --dist loadgroup -q -m long tests/unit tests/integration

test-contracts: $(DEV_STAMP) $(NODE_STAMP) ## The tests of the contracts, with brownie on Ganache, gas snapshot included
	@# First, and once: each of brownie's workers would compile, into the same folder.
	@$(BROWNIE) brownie compile
	@$(BROWNIE) brownie test tests/contracts --network ganache -n 2

contracts-soak: $(DEV_STAMP) $(NODE_STAMP) ## Long random histories against the reference model; STEPS=20000 SEED=1
	@$(BIN)/python tests/contracts/stateful_soak.py --steps $(or $(STEPS),20000) $(if $(SEED),--seed $(SEED))

contracts-analyse: $(PROOFS_STAMP) $(NODE_STAMP) ## Static analysis of the contracts with Slither; ARGS=--selfcheck
	@$(PROOFS_BIN)/python scripts/analyse.py $(ARGS)

contracts-prove: $(PROOFS_STAMP) $(NODE_STAMP) ## Prove the main rules of the contracts with Halmos; ARGS=--selfcheck
	@$(PROOFS_BIN)/python scripts/prove.py $(ARGS)

contracts-coverage: $(DEV_STAMP) $(NODE_STAMP) ## Which lines and branches of the contracts the tests reach
	@$(BIN)/python scripts/contracts/coverage.py $(ARGS)

contracts-mutate: $(DEV_STAMP) $(NODE_STAMP) ## How many small mistakes in the contracts the tests notice; an hour or more
	@$(BIN)/python scripts/contracts/mutate.py $(ARGS)

bench-index: $(DEV_STAMP) $(NODE_STAMP) ## How fast the index catches up, in how much memory; EVENTS=100000 ROUNDS=3
	@$(BIN)/python -m benchmarks.index --events $(or $(EVENTS),100000) --rounds $(or $(ROUNDS),3) $(ARGS)

soak-index: $(DEV_STAMP) $(NODE_STAMP) ## Kill the index while it catches up, and see that it is whole; N=200
	@$(BIN)/python -m benchmarks.index.soak --kills $(or $(N),200) $(if $(EVENTS),--events $(EVENTS)) $(ARGS)

fuzz-api: $(DEV_STAMP) $(NODE_STAMP) $(FUZZER_STAMP) ## Ask a service on a real chain all that its description allows, and more; REQUESTS=10000 SEED=1
	@$(BIN)/python -m benchmarks.api.fuzz --requests $(or $(REQUESTS),10000) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench-api: $(DEV_STAMP) ## Requests a second and p99 of list, show and verify under wrk, beside an empty route; AGREEMENTS=100000
	@$(BIN)/python -m benchmarks.api --agreements $(or $(AGREEMENTS),100000) $(ARGS)

soak-service: $(DEV_STAMP) $(NODE_STAMP) ## Three services on one chain, one killed at random, a partner that lies; ROUNDS=60 KILLS=40
	@$(BIN)/python -m benchmarks.exchange.soak $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(KILLS),--kills $(KILLS)) $(ARGS)

bench-service: $(DEV_STAMP) $(NODE_STAMP) $(FAST_STAMP) ## How fast a service carries acts, beside raw transactions; ACTS=1000 ROUNDS=3 ARGS=--block-seconds=0
	@PYTHONPATH=$(CURDIR)/$(FAST) $(BIN)/python -m benchmarks.service --acts $(or $(ACTS),1000) --rounds $(or $(ROUNDS),3) $(ARGS)

gas: $(DEV_STAMP) $(NODE_STAMP) $(GAS_STAMP) ## What agreements cost in gas, here and with others, against targets; ARGS=--json
	@$(BIN)/python -m benchmarks.gas $(ARGS)

bench-audit: $(DEV_STAMP) $(NODE_STAMP) ## How many acts a second the audit checks, and what its time goes into; ACTS=10000
	@$(BIN)/python -m benchmarks.audit --acts $(or $(ACTS),10000) $(ARGS)

lint: $(DEV_STAMP) ## Types and style, without changing anything
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(DEV_STAMP) ## Put the Python code in the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench-queries: $(DEV_STAMP) ## How quickly the index answers, in SQLite and PostgreSQL, against targets; ACTS=1000000 ARGS=--json
	@$(BIN)/python -m benchmarks.queries --acts $(or $(ACTS),1000000) $(ARGS)

compile: $(DEV_STAMP) $(NODE_STAMP) ## Compile the contracts into registry/artifacts
	@$(BIN)/python scripts/compile.py

gas-snapshot: $(DEV_STAMP) $(NODE_STAMP) ## Renew the gas snapshot of the contract tests
	@GAS_SNAPSHOT=renew $(BROWNIE) brownie test tests/contracts/test_gas.py --network ganache

brownie: $(DEV_STAMP) $(NODE_STAMP) ## Tell your own brownie about the network "ganache"
	@$(BIN)/python scripts/brownie_env.py --install

wheel: $(DEV_STAMP) ## Build the package into dist/
	@$(BIN)/python -m build --wheel --no-isolation

lock: $(DEV_STAMP) ## Resolve the dependencies anew into requirements/
	@sh scripts/lock.sh

clean: ## Remove what building and testing made
	@rm -rf build dist .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis reports
	@find . -name __pycache__ -not -path './$(VENV)/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## Remove the environments too
	@rm -rf $(VENV) node_modules proofs/.venv proofs/node_modules benchmarks/gas/node_modules openapi/.venv openapi/node_modules

check-tools:
	@sh scripts/check_tools.sh $(PYTHON)

$(RUN_STAMP): requirements/run.lock requirements/build.lock pyproject.toml | check-tools
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the Python packages (once)…"
	@$(PIP) --require-hashes -r requirements/run.lock -r requirements/build.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements/dev.lock $(RUN_STAMP)
	@echo "Installing the packages for development (once)…"
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

$(NODE_STAMP): package-lock.json | check-tools
	@echo "Installing the local chains and the compiler (once)…"
	@# Not `npm ci`: it refuses a lock without the programs for machines whose packages a registry does not offer.
	@npm install --no-save --silent --no-audit --no-fund
	@touch $@

$(GAS_STAMP): benchmarks/gas/package-lock.json | check-tools
	@echo "Installing the contracts that the gas benchmark compares with (once)…"
	@cd benchmarks/gas && npm install --no-save --ignore-scripts --silent --no-audit --no-fund
	@touch $@

$(LINTER_STAMP): openapi/package-lock.json | check-tools
	@echo "Installing the linter of the API (once)…"
	@cd openapi && npm install --no-save --ignore-scripts --silent --no-audit --no-fund
	@touch $@

$(FUZZER_STAMP): openapi/requirements.lock | check-tools
	@test -x $(FUZZER_BIN)/python || $(PYTHON) -m venv openapi/.venv
	@echo "Installing the fuzzer of the API (once)…"
	@$(FUZZER_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r openapi/requirements.lock
	@touch $@

$(FAST_STAMP): requirements/fast.lock | check-tools
	@$(PIP) --require-hashes --only-binary :all: --upgrade --target $(FAST) -r requirements/fast.lock
	@touch $@

$(PROOFS_STAMP): proofs/requirements.lock proofs/package-lock.json | check-tools
	@test -x $(PROOFS_BIN)/python || $(PYTHON) -m venv proofs/.venv
	@echo "Installing the analyser and the prover of the contracts (once)…"
	@$(PROOFS_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r proofs/requirements.lock
	@cd proofs && npm install --no-save --ignore-scripts --silent --no-audit --no-fund
	@touch $@
