"""Settings to begin with: those that the user gives, and the estimator's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._evolution.candidates import Child
from sklearn_natsel._space import Genome, Space


def known_settings(
    space: Space,
    rng: np.random.RandomState,
    default_params: Mapping[str, Any] | None,
    initial_params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
) -> list[Child]:
    """Turn the settings to begin with into genomes, each once.

    Parameters
    ----------
    space : Space
        Where they must be.

    rng : RandomState
        Draws what they do not name.

    default_params : dict or None
        What the estimator has; left out if it is not in the space.

    initial_params : dict, list of dict or None
        As in :class:`~sklearn_natsel.GeneticSearchCV`.

    Raises
    ------
    InvalidParameterError
        If one of `initial_params` is not a setting of the space.
    """
    if initial_params is None:
        initial_params = []
    elif not isinstance(initial_params, list):
        initial_params = [initial_params]  # type: ignore[list-item]
    children = [Child(_encode(space, params, rng), "initial") for params in initial_params]
    if default_params is not None:
        with suppress(ValueError):  # not in the space
            children.append(Child(space.encode(default_params), "default", is_default=True))
    firsts: dict[Genome, Child] = {}
    for child in children:
        first = firsts.setdefault(child.genome, child)
        firsts[child.genome] = replace(first, is_default=child.is_default)
    return list(firsts.values())


def _encode(space: Space, params: Any, rng: np.random.RandomState) -> Genome:
    """Return the genome of one of `initial_params`, or raise if it is no setting of the space."""
    names = {gene.name for gene in space.genes} - {None}
    if not isinstance(params, Mapping):
        problem = "is not a dict"
    elif unknown := sorted(set(params) - names, key=str):
        problem = f"names {unknown}, which the space does not have"
    else:
        try:
            return space.encode(params, rng)
        except ValueError as error:
            problem = f"is outside the space ({error})"
    raise InvalidParameterError(
        "The 'initial_params' parameter must be a setting of 'param_space', or a list of such "
        f"settings. {params!r} {problem}."
    )
