# make run    serve responses/ on http://127.0.0.1:8000
# make test   run the tests
# make lint   check format, style and types
# make check  lint, and tests with coverage
# make test-clients  ask the server with the frameworks and programs that people use
# make bench  measure how fast the server is beside others (ONLY=plain SERVERS=mockllm,aimock for less)
# make bench-streams  measure how true the timing of streams is (STREAMS=1,200 for fewer)
# make bench-scaling  measure how the cost of a request grows with rules and prompts
# make bench-leaks    see whether clients that leave let anything stay behind (FOR=600 for longer)

PYTHON ?= python3
VENV := .venv
NODE := tests/sdk/node
BIN := $(VENV)/bin

.PHONY: run test lint check test-clients test-precommit bench bench-streams bench-scaling bench-leaks clean

run: $(VENV)/.run
	$(BIN)/gunicorn wsgi:app

test: $(VENV)/.test $(VENV)/.node
	$(BIN)/python -m pytest -q

lint: $(VENV)/.lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint $(VENV)/.node
	$(BIN)/python -m pytest -q --cov --cov-report=term
	$(BIN)/coverage report --fail-under=100 --include='mockllm/core/*,mockllm/config/*' >/dev/null \
	  || { $(BIN)/coverage report --include='mockllm/core/*,mockllm/config/*'; exit 1; }

# The frameworks and programs that people use, each installed in a place of its own.
test-clients: $(VENV)/.test
	$(BIN)/python -m tests.clients.run $(CLIENTS)

# Other repositories use mockllm-validate as a pre-commit hook; this tries it as they would.
test-precommit: $(VENV)/.precommit
	$(BIN)/python tests/try_precommit.py

# Which rows: ONLY=plain,paced. Which servers: SERVERS=mockllm,aimock. Into the manual: WRITE=--write.
bench: $(VENV)/.run
	$(BIN)/python -m benchmarks.speed $(if $(ONLY),--only $(ONLY)) \
	  $(if $(SERVERS),--servers $(SERVERS)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(WRITE)

# How many at once: STREAMS=1,200. Into the manual: WRITE=--write.
bench-streams: $(VENV)/.test
	$(BIN)/python -m benchmarks.streams $(if $(STREAMS),--streams $(STREAMS)) $(WRITE)

bench-scaling: $(VENV)/.test
	$(BIN)/python -m benchmarks.scaling $(WRITE)

# For how long, in seconds: FOR=600.
bench-leaks: $(VENV)/.test
	$(BIN)/python -m benchmarks.leaks $(if $(FOR),--seconds $(FOR))

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .coverage
	rm -rf $(NODE)/node_modules .clients .bench

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null \
	  || { echo "Python is missing: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.run

# The tests of the Node SDK are skipped where this cannot be installed.
$(VENV)/.node: $(NODE)/package.json $(NODE)/package-lock.json | $(BIN)/python
	@if ! command -v npm >/dev/null; then \
	  echo "npm is missing: the tests of the Node SDK are skipped"; \
	elif (cd $(NODE) && npm ci --silent --no-audit --no-fund --ignore-scripts --fetch-retries=1); then \
	  touch $@; \
	else \
	  echo "npm could not install the Node SDK: its tests are skipped"; \
	fi

$(VENV)/.lint: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $@ $(VENV)/.run $(VENV)/.test

$(VENV)/.precommit: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pre-commit>=4,<5'
	@touch $@
