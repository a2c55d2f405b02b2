"""What a setting promises, from what a model expects of it."""

from __future__ import annotations

import numpy as np
from scipy.special import erfcx

from sklearn_natsel._evolution.candidates import Floats

_LOG_ROOT_2_PI = np.log(2 * np.pi) / 2

# A model that is surer than this of a setting would be infinitely sure of its worth.
_LEAST_STD = 1e-10

# So many standard deviations below the best, the series is as exact as a number can be.
_FAR = -1e5


def log_expected_improvement(gain: Floats, std: Floats) -> Floats:
    """Return the logarithm of the expected improvement over the best [1]_.

    Far below the best the improvement itself is zero to a computer, and what is bad could not
    be told from what is worse; its logarithm can [2]_.

    Parameters
    ----------
    gain, std : ndarray
        How far the mean is above the best, and the standard deviation.

    Returns
    -------
    log_improvement : ndarray

    References
    ----------
    .. [1] D. R. Jones, M. Schonlau and W. J. Welch, "Efficient Global Optimization of
       Expensive Black-Box Functions", Journal of Global Optimization 13, 1998.
    .. [2] S. Ament et al., "Unexpected Improvements to Expected Improvement for
       Bayesian Optimization", NeurIPS 2023.
    """
    std = np.maximum(std, _LEAST_STD)
    z = gain / std
    log_below = _log_below(-np.abs(z))
    # What is expected above the best is the gain itself, and as much as at its mirror image below.
    log_above = np.log(np.maximum(z, 1.0 * (z <= 0)) + np.exp(log_below))
    return np.asarray(np.where(z > 0, log_above, log_below) + np.log(std))


def mean_per_std(gain: Floats, std: Floats) -> Floats:
    """Return how many standard deviations more are worth as much as one unit more of the mean."""
    z = np.minimum(gain / np.maximum(std, _LEAST_STD), 20.0)
    return np.asarray(np.sqrt(np.pi / 2) * erfcx(-z / np.sqrt(2)))


def _log_below(z: Floats) -> Floats:
    """Return the logarithm of the expected improvement at z <= 0, in standard deviations."""
    near = np.maximum(z, _FAR)
    mills = np.sqrt(np.pi / 2) * erfcx(-near / np.sqrt(2))
    series = -2 * np.log(np.maximum(-z, 1.0))
    share = np.where(z > _FAR, np.log1p(np.maximum(near * mills, -1 + 1e-16)), series)
    return np.asarray(share - z * z / 2 - _LOG_ROOT_2_PI)


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
