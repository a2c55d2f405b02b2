"""What pytest collects: what needs an extra only where it is installed."""

from importlib.util import find_spec

import pytest

# What builds the site, and what is built.
collect_ignore = ["docs/conf.py", "docs/_build", "docs/auto_examples", "docs/generated"]

BACKENDS = {"tensorflow", "jax", "torch"}
MISSING = {name for name in BACKENDS if not find_spec(name)}
HAS_BACKEND = MISSING != BACKENDS
collect_ignore += [f"sklearn_natsel/keras/_backends/{name}.py" for name in MISSING]
if "jax" in MISSING or not find_spec("scikeras"):
    collect_ignore += ["sklearn_natsel/keras/_population", "tests/keras/population"]
if not (HAS_BACKEND and find_spec("scikeras")):
    collect_ignore += ["sklearn_natsel/keras", "docs/keras.md"]
if not find_spec("matplotlib"):
    collect_ignore += ["docs/guide.md"]
    collect_ignore += ["sklearn_natsel/_displays"]


def pytest_collection_modifyitems(items):
    """Skip what is collected all the same, since `testpaths` names it."""
    needed = ("matplotlib", "scikeras")
    if not (HAS_BACKEND and all(map(find_spec, needed))):
        for item in items:
            if item.name == "CONTRIBUTING.md":
                item.add_marker(
                    pytest.mark.skip(reason=f"its examples need {needed} and a backend")
                )
