# Glassnet.  `make help` lists what there is.  Everything is installed in .venv, made here when it
# is missing; whatever takes more than a line is Python in scripts/, so that it runs on Windows too.

# The newest Python that will do.  Another one: make run PYTHON=/path/to/python3
ifndef PYTHON
PYTHON := $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$python && break; done)
endif

BIN = .venv/bin

.PHONY: help run test check lint browser format bench golden picture
.PHONY: web web-offline web-core audit clean
.PHONY: setup-app setup-dev setup-bench setup-golden

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1	/p' Makefile | expand -t 17

run: setup-app ## start the app and open it in the browser
	$(BIN)/streamlit run app.py

test: browser lint ## all there is: lint, types, every test, a real browser included
	@$(BIN)/python scripts/test.py

check: lint ## lint, types and the fast tests: about a minute, for while you work
	@$(BIN)/python scripts/test.py fast

lint: setup-dev ## style, format and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

browser: setup-dev ## find a browser for the tests, or get one
	@$(BIN)/python scripts/browser.py

format: setup-dev ## put imports, lines and quotes in shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: browser setup-bench ## time Glassnet side by side with scikit-learn and torch
	$(BIN)/python -m benchmarks

web: setup-dev ## build the in-browser site into build/web, for any static host
	$(BIN)/python -m web.build

web-offline: setup-dev ## the same as one zip, for classrooms without internet
	$(BIN)/python -m web.build --zip

web-core: setup-dev ## run the tests of core in the browser's Python, under Node
	$(BIN)/python -m web.core_tests

audit: setup-dev ## ask, over the network, whether a weakness of a dependency is known
	$(BIN)/python scripts/audit.py

golden: setup-golden ## make the tests' golden numbers anew, with torch and SciPy
	$(BIN)/python -m scripts.make_golden
	$(BIN)/python -m scripts.golden_images

picture: browser ## take the READMEs' pictures anew
	$(BIN)/python -m scripts.picture

clean: ## remove .venv and whatever else these commands made
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build test-artifacts

# Quick when nothing has changed: a stamp in .venv remembers what was installed.
setup-app setup-dev setup-bench setup-golden:
	@test -n "$(PYTHON)" || { echo "Glassnet needs Python 3.11 or newer: install it, or say" \
		"where it is with make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) scripts/setup.py $(@:setup-%=%)
