# Starts, checks and measures the registry. `make help` lists what there is.

PORT     ?= 8000
DATA_DIR ?= var
SITE_URL ?= http://127.0.0.1:$(PORT)
# `no` starts without the demonstration and its accounts.
DEMO     ?= yes
# Where OHIF is served, which is fetched with npm: by default beside a registry on this machine. `VIEWER_URL=` serves none.
VIEWER_PORT ?= $(shell echo $$(( $(PORT) + 1 )))
VIEWER_URL  ?= $(if $(findstring http://127.0.0.1:,$(SITE_URL)),http://127.0.0.1:$(VIEWER_PORT))
SECONDS  ?= 60
SEED     ?= 0
VENV     := .venv
BIN      := $(VENV)/bin
# The first interpreter that is new enough; PYTHON=… chooses another.
PYTHON   ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell \
              $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
export PORT DATA_DIR SITE_URL

# Not for every target: the tests start viewers of their own.
run: export VIEWER_URL := $(VIEWER_URL)
run: export VIEWER_PORT := $(if $(VIEWER_URL),$(VIEWER_PORT))

.PHONY: help run viewer test test-fast lint rules bench corpus fuzz clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20
	@echo
	@echo "  PORT=$(PORT)  DATA_DIR=$(DATA_DIR)  PYTHON=$(PYTHON)  DATABASE_URL=$(if $(DATABASE_URL),(set),(SQLite in DATA_DIR))"

run: $(VENV)/.service ## start the registry on http://127.0.0.1:PORT, with its demonstration unless DEMO=no
	@$(if $(VIEWER_URL),$(BIN)/python -m registry.viewer.fetch)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py ensure_signing_key
	@$(if $(VIEWER_URL),$(BIN)/python manage.py ensure_viewer_client)
	@$(if $(filter no,$(DEMO)),,$(BIN)/python manage.py load_demo)
	@exec $(BIN)/gunicorn --config python:registry.gunicorn_conf registry.wsgi

viewer: $(VENV)/.service ## fetch OHIF with npm; make run does so too, and runs without it
	@$(BIN)/python -m registry.viewer.fetch --must

test: lint ## style, migrations and the whole test suite
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -n 2 $(ARGS)

test-fast: $(VENV)/.tests ## the suite without what is slow or needs other programs
	@$(BIN)/python -m pytest -n 2 -m 'not slow and not browser and not real' $(ARGS)

lint: $(VENV)/.tests ## style alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

rules: $(VENV)/.tests ## write docs/validation-rules.md anew
	@$(BIN)/python -m tests.builders.validation_page

bench: $(VENV)/.tests ## measure against a bare view and against Orthanc; ARGS=--write puts the table into docs/performance.md
	@$(BIN)/python -m tests.benchmarks $(ARGS)

corpus: $(VENV)/.tests ## hold real objects (CORPUS=folder, else ../shared/corpus) against highdicom, dciodvfy and ours
	@$(if $(CORPUS),OVERLAYS_CORPUS='$(CORPUS)' )$(BIN)/python -m tests.third_party

fuzz: $(VENV)/.tests ## break objects at random for SECONDS=60, from SEED=0; REPLAY=file shows one failing input again
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED)$(if $(REPLAY), --replay '$(REPLAY)')

clean: ## remove the virtual environment and the demonstration's data (DATA_DIR=var only)
	rm -rf $(VENV) var

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found; name one: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is older than Python 3.11; name another: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
	  || { echo "$(PYTHON) cannot make virtual environments: on Debian and Ubuntu, install python3-venv first."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.service: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.tests: tests/requirements.txt $(VENV)/.service
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
