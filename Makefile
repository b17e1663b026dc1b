# Every target first makes .venv as requirements.lock says. Needed beforehand: make, and python3 of 3.11 or later.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Where this is set, every process compiles every module anew, which doubles the time it takes to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check soak fuzz bench lock settings elsewhere

help:  ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 - \2/p' Makefile

demo: $(READY)  ## Start a filled shop on embedded servers, with its storefront where node is there
	@storefront-demo/build/make.sh dist
	@$(BIN)/perkhub demo

test: $(READY)  ## Run every test but the soak runs, on embedded servers
	@storefront-demo/build/make.sh dist
	@$(BIN)/pytest -n 2 --dist worksteal -q $(PYTEST_OPTIONS)

check: $(READY)  ## Lint, formatting, types, the order of the layers; the storefront's types and style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@storefront-demo/build/make.sh check

soak: $(READY)  ## 1,000 kills under load, 20,000 orders over suppliers that fail: no cent, no code is lost. A million draws. Every broken plugin
	@PERKHUB_SOAK_KILLS=1000 PERKHUB_SOAK_ORDERS=20000 PERKHUB_SOAK_DRAWS=1000000 $(BIN)/pytest \
		tests/house tests/faults tests/campaigns tests/schema/campaigns tests/plugin/conformance -m soak -s

fuzz: $(READY)  ## Let strangers' tools loose on a server as production runs it
	@PERKHUB_FUZZ_EXAMPLES=100 $(BIN)/pytest tests/fuzz -m soak -s

bench: $(READY)  ## Measure speed and memory over HTTP against real processes
	@$(BIN)/python -m tests.bench all

# Keeps what is pinned unless pyproject.toml asks for another version; delete the lock first to raise everything.
lock: $(READY)  ## Pin what pyproject.toml asks for in requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
		pyproject.toml --group dev -o requirements.lock

settings: $(READY)  ## Write core/SETTINGS.md anew
	@$(BIN)/python -c 'from perkhub.kit.settings import settings_table; print(settings_table(), end="")' > core/SETTINGS.md

# An environment knows its absolute path: the mark holds it, so that a copied or renamed checkout gets one of its own.
ifneq "$(shell cat $(READY) 2>/dev/null)" "$(CURDIR)"
$(READY): elsewhere
endif

# pip is asked for uv alone, by the lock's hashes. Sync removes what is not locked, our own package too: install that last.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Perkhub needs Python 3.11 or later as '$(PYTHON)'; or say make PYTHON=/path/to/python"; exit 1; }
	@if [ "$$(cat $@ 2>/dev/null)" != "$(CURDIR)" ] || ! $(BIN)/uv --version >/dev/null 2>&1; then \
		echo "Making .venv ..."; \
		$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
			{ echo "This Python cannot make environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; }; \
		$(PYTHON) -m venv --clear .venv && \
		sed -n '/^uv==/,/# via/p' requirements.lock > .venv/uv.txt && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt || exit 1; \
	fi
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" > $@
