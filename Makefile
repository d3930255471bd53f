# Medspel. `make` lists the verbs.
.DEFAULT_GOAL := help
.PHONY: help setup demo demo-reset worker test audit chaos soak simulate check format translations migration assets pictures seed

PORT ?= 5000
DATA ?= data
PLANS ?= 10000
NOTICES ?= 5000
OIDC ?=
BIN := .venv/bin
# Debian's Python, where it is there, is quicker than one built without profiling
PYTHON ?= $(shell /usr/bin/python3.11 -c 'import ensurepip, venv' 2>/dev/null && echo /usr/bin/python3.11 || echo python3)
NPM := tests/oidc_provider/node_modules/.ready
export PORT DATA NOTICES OIDC

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 18

setup: .venv/.ready $(NPM) ## make .venv and what the tests need from npm

.venv/.ready: requirements.lock
	sh deploy/apt.sh
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(NPM): tests/oidc_provider/package-lock.json | .venv/.ready
	cd tests/oidc_provider && \
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

PO := $(wildcard translations/*/LC_MESSAGES/messages.po)
MO := $(PO:.po=.mo)

%.mo: %.po .venv/.ready
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

demo: .venv/.ready $(MO) ## a believable town in a browser (PORT=, DATA=, OIDC=1: sign in as with ID-porten)
	$(BIN)/python -m deploy.demo

demo-reset: .venv/.ready $(MO) ## start the demo over
	$(BIN)/python -m deploy.demo --reset

worker: .venv/.ready $(MO) ## what sends notices, seals the log and tidies (settings from the environment)
	$(BIN)/python -m jobs.worker

test: .venv/.ready $(NPM) $(MO) ## everything the project promises, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadgroup

audit: .venv/.ready $(MO) ## every page x role x language x width x theme before axe (half an hour)
	$(BIN)/python -m pytest -n 2 tests/e2e/audit.py

soak: .venv/.ready $(MO) ## STEPS= steps of several people at one consent, on both databases, before a model of the rules
	SOAK=$(or $(STEPS),50000) $(BIN)/python -m pytest -n 2 tests/test_consent_machine.py -k any_order

simulate: .venv/.ready $(MO) ## REQUESTS= requests in a year of a municipality, on both databases: its numbers are right
	SIMULATE=$(or $(REQUESTS),500) $(BIN)/python -m pytest -n 2 tests/test_simulation.py

chaos: .venv/.ready $(MO) ## NOTICES= notices while web and workers are killed at random: none is lost
	$(BIN)/python -m pytest -n 0 tests/chaos.py

check: .venv/.ready ## ruff, mypy, import-linter, djlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint views/templates

format: .venv/.ready ## let ruff lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

translations: .venv/.ready ## collect new texts into the catalogues
	$(BIN)/python -m deploy.catalogues

migration: .venv/.ready ## a new migration from the models (M="what it does")
	$(BIN)/python -m deploy.migration "$(M)"

assets: .venv/.ready ## vendored styles, font and icons anew from npm
	$(BIN)/python -m deploy.assets

pictures: .venv/.ready $(MO) ## twelve key pages anew in docs/pictures/
	$(BIN)/python -m deploy.pictures

seed: .venv/.ready ## fill the demo database with PLANS= plans, for measuring
	$(BIN)/python -m deploy.seed $(PLANS)
