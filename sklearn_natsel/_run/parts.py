"""In which parts evaluations are done, as the parameters of a search say."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._evolution import Ladder, Promotion, geometric
from sklearn_natsel._space import Space

# How many rungs there are below the full resource, if the lowest is not given.
_N_LOWER_RUNGS = 2


def make_ladder(
    n_splits: int,
    *,
    racing: bool = False,
    resource: str | None,
    min_resources: int | None,
    max_resources: int | None,
    factor: int,
    available: Any = None,
    is_limited: bool = False,
    smallest: int = 1,
) -> Ladder:
    """Return the rungs that evaluations climb; a single one if all are whole.

    Parameters
    ----------
    n_splits : int
        Of a whole evaluation.

    racing, resource, min_resources, max_resources, factor
        As in :class:`~sklearn_natsel.GeneticSearchCV`.

    available : object, default=None
        What there is of the resource if `max_resources` is None.

    is_limited : bool, default=False
        Whether there can't be more of it.

    smallest : int, default=1
        The least that makes sense, if `min_resources` is None.

    Raises
    ------
    InvalidParameterError
        If there is no such resource, or not as much.
    """
    splits = geometric(1, n_splits, factor) if racing else [n_splits]
    if resource is None:
        for name, value in (("min", min_resources), ("max", max_resources)):
            if value is not None:
                raise InvalidParameterError(
                    f"The '{name}_resources' parameter has no meaning without 'resource'. Got "
                    f"{value!r}: name a resource, or leave it None."
                )
        return Ladder(splits)
    most = _most(resource, max_resources, available)
    if is_limited and most > available:
        raise InvalidParameterError(
            f"The 'max_resources' parameter must be at most {available}, which is all that there "
            f"is of {resource!r}. Got {max_resources!r} instead."
        )
    least = min_resources
    if least is None:
        least = min(max(round(most / factor**_N_LOWER_RUNGS), smallest), most)
    if least > most:
        raise InvalidParameterError(
            f"The 'min_resources' parameter must be at most {most}, which is all that there is of "
            f"{resource!r}. Got {least!r} instead."
        )
    return Ladder(splits, geometric(least, most, factor))


def _most(resource: str, max_resources: int | None, available: Any) -> int:
    if max_resources is not None:
        return int(max_resources)
    if not isinstance(available, numbers.Integral) or isinstance(available, bool) or available < 1:
        raise InvalidParameterError(
            f"The 'max_resources' parameter must be given if the value of {resource!r}, the "
            f"'resource', is no positive integer. It is {available!r}."
        )
    return int(available)


def check_is_amount(resource: str, value: Any) -> None:
    """Raise if there can't be more or less of a parameter that has this value in the estimator.

    What is a fraction or a word there may be an integer as well.
    """
    if isinstance(value, (bool, np.bool_)) or hasattr(value, "get_params"):
        raise InvalidParameterError(
            "The 'resource' parameter must be 'n_samples', or name a parameter of the estimator "
            f"that takes integers. Got {resource!r}, which is {value!r} in the estimator."
        )


def check_is_fixed(resource: str | None, space: Space) -> None:
    """Raise if a resource is searched for as well."""
    if resource is not None and resource in {gene.name for gene in space.genes}:
        raise InvalidParameterError(
            f"The 'resource' parameter names {resource!r}, which is searched in 'param_space'. It "
            "must be left out there: how much of it a setting gets is up to the search."
        )


def without_resource(initial_params: Any, resource: str | None) -> Any:
    """Return `initial_params` without the resource, which the best setting of a search has."""
    if resource is None or initial_params is None:
        return initial_params
    given = initial_params if isinstance(initial_params, list) else [initial_params]
    return [
        # What is no mapping is refused where it is used.
        {k: v for k, v in params.items() if k != resource}
        if isinstance(params, Mapping)
        else params
        for params in given
    ]


def make_promotion(ladder: Ladder, factor: int) -> Promotion | None:
    """Return who decides how far an evaluation goes, None if all are whole."""
    return None if ladder.is_whole else Promotion(ladder, factor)
