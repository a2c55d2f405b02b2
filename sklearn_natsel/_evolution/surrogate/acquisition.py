"""Which of many settings to train, from what a model expects of them."""

from __future__ import annotations

import numpy as np

from sklearn_natsel._evolution.candidates import Floats


def by_random_optimism(mean: Floats, std: Floats, n: int, rng: np.random.RandomState) -> list[int]:
    """Return the positions of n different ones to train.

    Each has the highest upper confidence bound at an optimism of its own (how many
    standard deviations are added to the mean), drawn from an exponential
    distribution [1]_: parallel workers get both safe and bold settings, from
    several neighbourhoods.

    Parameters
    ----------
    mean, std : ndarray
        What is expected of each, and how sure that is.

    n : int
        Not more than there are.

    rng : RandomState
        Draws the optimism.

    References
    ----------
    .. [1] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Parallel Algorithm
       Configuration", LION 6, 2012: a random optimism for each of a batch.
    """
    chosen: list[int] = []
    for _ in range(n):
        bound = mean + rng.exponential() * std
        bound[chosen] = -np.inf
        chosen.append(int(bound.argmax()))
    return chosen
