# What a developer runs. The first target that needs it makes .venv; nothing else has to be installed.
#   make test    every test, on SQLite and on the database servers that are there
#   make demo    replay a real year of a loyalty programme
#   make lint types docs bench
#   make torture   the reliability tests as long as the measures ask: an hour and more

PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
WORKERS ?= auto
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q
SOURCES := pyproject.toml src/memberlogic_memory/pyproject.toml src/memberlogic_sqlalchemy/pyproject.toml
TESTS ?= tests

.PHONY: test torture older pythons demo lint types docs bench clean

test: $(VENV)/.test $(VENV)/.demo
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(TESTS)

torture: $(VENV)/.test
	MEMBERLOGIC_RELIABILITY=long $(BIN)/python -m pytest -v -n $(WORKERS) tests/sqlalchemy/test_processes.py \
		tests/memory/test_certified.py tests/sqlalchemy/test_certified.py -k "processes or killed or machine"

# The oldest SQLAlchemy that is promised, on SQLite.
older: .venvs/sqlalchemy-2.0/.ready
	.venvs/sqlalchemy-2.0/bin/python -m pytest -q -n $(WORKERS) --dist loadgroup -k "sqlite" tests/sqlalchemy/test_certified.py \
		tests/sqlalchemy/test_checking.py tests/sqlalchemy/test_async.py tests/ledger tests/loyalty

# The other versions of Python that are promised, where their interpreters are.
pythons:
	.ci/pythons

demo: $(VENV)/.demo
	$(BIN)/memberlogic demo

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.lint $(VENV)/.test
	$(BIN)/mypy

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -n -W --keep-going -q -b html docs docs/_build/html

bench: $(VENV)/.test $(VENV)/.demo
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .venvs docs/_build dist

$(VENV)/.base: $(SOURCES)
	@test -n "$(PYTHON)" || { echo "memberlogic needs Python 3.11 or later: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	$(PIP) -e . -e src/memberlogic_memory -e 'src/memberlogic_sqlalchemy[cli]'
	touch $@

$(VENV)/.%: $(VENV)/.base
	$(PIP) --group $*
	touch $@

.venvs/sqlalchemy-2.0/.ready: $(SOURCES)
	$(PYTHON) -m venv .venvs/sqlalchemy-2.0
	.venvs/sqlalchemy-2.0/bin/python -m pip install -q --upgrade 'pip>=25.1'
	.venvs/sqlalchemy-2.0/bin/python -m pip --disable-pip-version-check install -q \
		-e . -e src/memberlogic_memory -e 'src/memberlogic_sqlalchemy[cli]' 'sqlalchemy>=2.0.40,<2.1' --group test
	touch $@
