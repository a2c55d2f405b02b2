"""What of an estimator can change a score."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sklearn_natsel._memory.digest import Node
from sklearn_natsel._memory.installed import is_installed
from sklearn_natsel._space import has_own_clone, kept_callbacks, kept_texts

# Of scikit-learn's own classes: where to keep what was fitted, what to print, how many to run at
# once. In a class of somebody else, they may mean anything.
_WITHOUT_EFFECT = {"memory", "n_jobs", "verbose"}

# Each of its jobs draws its own numbers.
_DEPENDS_ON_JOBS = "LatentDirichletAllocation"


def describe_estimator(estimator: Any) -> Node:
    """Tell what `clone` keeps of an estimator: all if it has a rule of its own."""
    if has_own_clone(estimator):
        return Node(("cloned by its own rule",), [("", estimator)], cloned=False)
    cls = type(estimator)
    left_out = _without_effect(cls)
    parameters = [
        (f"parameter {name!r}", value)
        for name, value in sorted(estimator.get_params(deep=False).items())
        if name not in left_out
    ]
    # Nothing clones these, so a view is made of them: what is in it counts as it is.
    callbacks = MappingProxyType(dict(enumerate(kept_callbacks(estimator))))
    parts = [("", cls), *parameters, ("callbacks", callbacks)]
    return Node(("estimator", kept_texts(estimator)), parts, cloned=True)


def _without_effect(cls: type) -> set[str]:
    if cls.__module__.partition(".")[0] != "sklearn" or not is_installed(cls):
        return set()
    return _WITHOUT_EFFECT - ({"n_jobs"} if cls.__name__ == _DEPENDS_ON_JOBS else set())
