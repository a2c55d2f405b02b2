# make demo: run the main job on real data.   make test: run all tests.   make check: lint, types.
# make docs: build the site, docs/_build/html/index.html.
# Each sets up what it needs in .venv; PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check docs clean

demo: $(VENV)/.keras-jax+plot+progress
	KERAS_BACKEND=jax MPLBACKEND=Agg $(BIN)/python examples/plot_dense_keras_digits.py

# Two at a time: many tests wait for workers of their own.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal
	KERAS_BACKEND=jax $(BIN)/python -m pytest -n 2 --dist worksteal tests/keras/population tests/keras/test_network.py

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Starts afresh, so that no page of something that is gone stays behind.
docs: $(VENV)/.docs
	rm -rf docs/_build docs/generated docs/auto_examples
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html

clean:
	rm -rf $(VENV) docs/_build docs/generated docs/auto_examples

$(VENV)/.made:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	touch $@

# .dev installs the extra "dev", .keras-jax+plot+progress three extras.
$(VENV)/.%: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[$(subst +,$(comma),$*)]"
	touch $@

comma := ,
