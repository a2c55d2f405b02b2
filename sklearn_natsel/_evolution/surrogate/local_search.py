"""A search in small steps, among rows of numbers instead of genomes: thousands cost little."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sklearn_natsel._evolution.candidates import Floats
from sklearn_natsel._evolution.surrogate.features import Rows

_N_ROUNDS = 10
_N_PARENTS = 5
_N_CHILDREN = 80

# Standard deviations of the first and of the last steps, as fractions of the range.
_FIRST_STEP = 0.2
_LAST_STEP = 0.002


def local_search(
    starts: Rows,
    movable: list[int],
    promise: Callable[[Rows], Floats],
    rng: np.random.RandomState,
) -> Rows:
    """Return a row that promises more than the starts, by an evolution strategy.

    Steps shrink from round to round, at a pace that is set rather than learnt, since all rounds
    together must be cheap. Half of the children change a single gene, half of them all.

    Parameters
    ----------
    starts : ndarray of shape (n_starts, n_genes)
        Coordinates; NaN is inactive, and stays so.

    movable : list of int
        The genes that may change.

    promise : callable
        Is given rows; what is maximised.

    rng : RandomState
        Decides everything.

    References
    ----------
    H.-G. Beyer and H.-P. Schwefel, "Evolution Strategies: A Comprehensive
    Introduction", Natural Computing 1, 2002: (mu + lambda).
    """
    parents, values = starts, promise(starts)
    for step in np.geomspace(_FIRST_STEP, _LAST_STEP, _N_ROUNDS):
        children = parents[rng.randint(len(parents), size=_N_CHILDREN)]
        children[:, movable] = _inside(children[:, movable] + _steps(step, len(movable), rng))
        parents = np.vstack([parents, children])
        values = np.append(values, promise(children))
        best = np.argsort(-values, kind="stable")[:_N_PARENTS]
        parents, values = parents[best], values[best]
    return np.asarray(parents[0])


def _steps(length: float, n: int, rng: np.random.RandomState) -> Rows:
    """Draw the steps of all children: half of them along one of n genes, half along all."""
    steps = length * rng.standard_normal((_N_CHILDREN, n))
    straight = steps[: _N_CHILDREN // 2]
    straight *= rng.randint(n, size=(len(straight), 1)) == np.arange(n)
    return steps


def _inside(coordinates: Rows) -> Rows:
    """Reflect at its ends what has left the unit interval."""
    return np.clip(1 - np.abs(1 - np.abs(coordinates)), 0.0, 1.0)
