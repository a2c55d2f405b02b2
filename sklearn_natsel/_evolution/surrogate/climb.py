"""Hill climbs from many starts at once, by the signs of the slopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sklearn_natsel._evolution.candidates import Floats
from sklearn_natsel._evolution.surrogate.features import Rows

_N_ROUNDS = 20

# Of steps, as fractions of the range: the first, and the bounds of all.
_FIRST_STEP = 0.05
_SHORTEST_STEP = 1e-5
_LONGEST_STEP = 0.3

# A step in the same direction as the one before is longer than that, one back is shorter.
_LONGER = 1.5
_SHORTER = 0.4


def climb(
    starts: Rows,
    movable: Sequence[int],
    slopes_at: Callable[[Rows], tuple[Floats, Rows]],
) -> Rows:
    """Return the highest place that each climb has come to.

    Each gene of each row has a step of its own, whose length depends on the signs of the slopes
    alone: they tell as much where the promise is next to nothing.

    Parameters
    ----------
    starts : ndarray of shape (n_starts, n_genes)
        Coordinates; NaN is inactive, and stays so.

    movable : list of int
        The genes that may change.

    slopes_at : callable
        Is given rows; returns their heights, and the slopes along all genes.

    References
    ----------
    M. Riedmiller and H. Braun, "A Direct Adaptive Method for Faster Backpropagation
    Learning: The RPROP Algorithm", ICNN 1993.
    """
    rows, highest = starts.copy(), starts.copy()
    heights = np.full(len(starts), -np.inf)
    steps = np.full((len(starts), len(movable)), _FIRST_STEP)
    before = np.zeros_like(steps)
    for _ in range(_N_ROUNDS):
        here, slopes = slopes_at(rows)
        better = here > heights
        highest[better], heights[better] = rows[better], here[better]
        signs = np.sign(slopes[:, movable])
        steps *= np.where(signs * before > 0, _LONGER, np.where(signs * before < 0, _SHORTER, 1.0))
        np.clip(steps, _SHORTEST_STEP, _LONGEST_STEP, out=steps)
        rows[:, movable] = np.clip(rows[:, movable] + signs * steps, 0.0, 1.0)
        before = signs
    return highest
