# `make run` and `make test` need python3 (3.11 to 3.13, with venv) and make, and nothing else of ours.
PORT ?= 8501

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
PIP := $(PYTHON) -m pip --disable-pip-version-check install --quiet
VENV_READY := $(VENV)/.ready-venv
LOCK_READY := $(VENV)/.ready-lock
APP_READY := $(VENV)/.ready-app
KERNEL_READY := $(VENV)/.ready-kernel
DEV_READY := $(VENV)/.ready-dev

# uv must lock against PyPI itself, whatever this machine is set up to use.
LOCK := env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS -u UV_CONSTRAINT -u UV_OVERRIDE \
	XDG_CONFIG_HOME=/nonexistent XDG_CONFIG_DIRS=/nonexistent UV_CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --fork-strategy fewest -p 3.11 \
	--default-index https://pypi.org/simple $(if $(UPGRADE),--upgrade)

# Tests are compiled with their assertions rewritten: unless that is kept, every worker does it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test test-slow bench screenshots docs docs-serve lock lint chromium postgresql java

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(APP_READY) $(KERNEL_READY) ## make .venv with the app and the rai-dash command in it

run: $(APP_READY) $(KERNEL_READY) ## start the app and print its address; PORT=8501
	@exec $(BIN)/rai-dash run --port $(PORT)

test: lint chromium postgresql java $(KERNEL_READY) ## lint, then every test but the slow ones
	@# What has changed since `make install` would be compiled at every start of the locked process, which may write nothing.
	@$(PYTHON) -m compileall -q rai_dash
	@# The browser has the machine to itself: it types as fast as a person, and waits for no one.
	@$(PYTHON) -m pytest tests/browser
	@# One process starts Spark, once, beside the others: it waits for itself much of the time. Files run in their order: by
	@# number of tests, as they would else, those of few long tests come last, and one worker waits for the other.
	@log=$$(mktemp); $(PYTHON) -m pytest tests/spark >"$$log" 2>&1 & spark=$$!; \
	$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore tests/browser --ignore tests/spark; others=$$?; \
	wait $$spark; spark=$$?; cat "$$log"; rm -f "$$log"; \
	exit $$((others ? others : spark))

test-slow: $(DEV_READY) ## simulations and fuzzing
	@$(PYTHON) -m pytest -m slow --timeout 3600

texts: $(DEV_READY) ## rewrite rai_dash/locale/messages.pot from the sources
	@$(PYTHON) scripts/texts.py

lint: $(DEV_READY) ## style, types and the direction of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(DEV_READY) ## paired measurements of benchmarks/*.py
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; $(PYTHON) "$$script"; done

screenshots: $(DEV_READY) chromium ## pictures of the real app for the README
	@$(PYTHON) scripts/screenshots.py

docs: $(DEV_READY) ## the documents as a site: site/index.html
	@$(PYTHON) scripts/cli_page.py
	@$(PYTHON) scripts/glossary_page.py
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-serve: $(DEV_READY) ## the same while it is being written: http://localhost:8000
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --dev-addr 127.0.0.1:8000

lock: $(DEV_READY) ## rewrite requirements*.txt from pyproject.toml; UPGRADE=1 takes newer versions
	@$(LOCK) pyproject.toml -o requirements.txt
	@$(LOCK) --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@$(LOCK) --extra postgresql --extra spark --extra warehouse -c requirements-dev.txt pyproject.toml -o requirements-extras.txt
	@printf 'setuptools>=80\nwheel\n' | $(LOCK) -c requirements.txt - -o requirements-build.txt

chromium:
	@sh scripts/install_chromium.sh

postgresql:
	@sh scripts/install_postgresql.sh

java:
	@sh scripts/install_java.sh

$(VENV_READY):
	@sh scripts/make_venv.sh $(VENV)
	@touch $@

# An isolated build would fetch unpinned tools past the hashes: build with the pinned ones.
$(LOCK_READY): requirements-build.txt requirements.txt $(VENV_READY)
	@echo "Installing the app into $(VENV): once, a minute or two."
	@$(PIP) --require-hashes -r requirements-build.txt
	@$(PIP) --require-hashes --no-build-isolation -r requirements.txt
	@touch $@

$(APP_READY): pyproject.toml $(LOCK_READY)
	@$(PIP) --no-deps --no-build-isolation -e .
	@sh scripts/install_libgomp.sh $(PYTHON)
	@sh scripts/install_pango.sh $(PYTHON)
	@# The locked process may write nothing, so it could not keep what it compiles.
	@$(PYTHON) -m compileall -q rai_dash
	@touch $@

# Nor could it keep the machine code of the tree kernel, which takes half a minute to compile.
$(KERNEL_READY): $(wildcard rai_dash/explain/trees/*.py) $(APP_READY)
	@echo "Compiling the tree kernel: once, half a minute."
	@$(PYTHON) -m rai_dash.explain.trees.warm
	@touch $@

$(DEV_READY): requirements-dev.txt $(APP_READY)
	@echo "Installing the test tools into $(VENV)."
	@$(PIP) --require-hashes --no-build-isolation -r requirements-dev.txt
	@touch $@
