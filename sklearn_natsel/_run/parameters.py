"""Parameters that the search and `maximize` have in common: their values, what they stand for."""

from __future__ import annotations

import numbers
import os
import warnings
from typing import Any

from joblib import Memory
from sklearn.utils._param_validation import Interval, StrOptions

from sklearn_natsel._evolution import CROSSOVERS, SELECTIONS
from sklearn_natsel._run.schedules import SCHEDULES
from sklearn_natsel._space import Space

_RATE = Interval(numbers.Real, 0, 1, closed="both")
_COUNT = Interval(numbers.Integral, 1, None, closed="left")
_SHARE = Interval(numbers.Real, 0, 1, closed="neither")
_SECONDS = Interval(numbers.Real, 0, None, closed="neither")

EVOLUTION: dict[str, list[Any]] = {
    "population_size": [Interval(numbers.Integral, 2, None, closed="left")],
    "n_offspring": [_COUNT, _SHARE, None],
    "elite_fraction": [_RATE],
    "lucky_rate": [_RATE],
    "selection": [StrOptions(set(SELECTIONS))],
    "tournament_size": [_COUNT],
    "breeder_fraction": [_RATE],
    "crossover": [StrOptions(set(CROSSOVERS))],
    "mutation_rate": [_RATE],
    "gene_mutation_rate": [_RATE, StrOptions({"one"}), None],
    "step_rate": [_RATE],
    "surrogate": ["boolean", StrOptions({"per_second"})],
    "initial_params": [dict, list, None],
    "initial_mutation_rate": [_RATE],
}
"""What is handed on to `Evolution` under the same name."""

LIMITS: dict[str, list[Any]] = {
    "n_generations": [_COUNT, None],
    "max_evaluations": [_COUNT, None],
    "max_time": [_SECONDS, None],
    "patience": [_COUNT, None],
    "tol": [Interval(numbers.Real, 0, None, closed="left")],
}
"""What is handed on to `Stopping` under the same name; the target has its own."""

PARTS: dict[str, list[Any]] = {
    "resource": [str, None],
    "min_resources": [_COUNT, None],
    "max_resources": [_COUNT, None],
    "factor": [Interval(numbers.Integral, 2, None, closed="left")],
}
"""What is handed on to `make_ladder` under the same name; splits have their own."""

_SURROUNDINGS: dict[str, list[Any]] = {
    "param_space": [dict, list],
    "callback": [callable, None],
    "schedule": [StrOptions(set(SCHEDULES))],
    "fit_timeout": [_SECONDS, None],
    "memory": [str, os.PathLike, Memory, None],
    "pre_dispatch": [_COUNT, str],
    "random_state": ["random_state"],
    "n_jobs": [numbers.Integral, None],
}

COMMON: dict[str, list[Any]] = {**_SURROUNDINGS, **EVOLUTION, **LIMITS, **PARTS}
"""All of them."""


def make_space(param_space: Any, cloned: bool = True) -> Space:
    """Return the space of a `param_space`; warn of entries that can never be searched."""
    space = Space(param_space, cloned)
    for name, parent, values in space.never_active():
        warnings.warn(
            f"The {name!r} entry of the 'param_space' parameter is never searched: no value of "
            f"{parent!r} satisfies its condition. The values are: {list(values)!r}.",
            UserWarning,
            stacklevel=2,
        )
    return space
