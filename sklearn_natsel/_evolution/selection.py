"""Select the breeders: pure functions, ``rng`` passed in.

They return positions in the fitness, without repetition.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sklearn_natsel._evolution.survival import Fitness, best_first


def tournament(fitness: Fitness, n: int, rng: np.random.RandomState, *, size: int) -> list[int]:
    """Select the best of `size` entrants drawn at random, n times.

    References
    ----------
    D. E. Goldberg and K. Deb, "A Comparative Analysis of Selection Schemes Used
    in Genetic Algorithms", Foundations of Genetic Algorithms 1, 1991.
    """
    # Sorted from best to worst, the entrant that stands first wins.
    standing = best_first(fitness)
    chosen = []
    for _ in range(n):
        entrants = rng.randint(len(standing), size=min(size, len(standing)))
        chosen.append(standing.pop(int(entrants.min())))
    return chosen


def rank(fitness: Fitness, n: int, rng: np.random.RandomState) -> list[int]:
    """Select with a chance that falls linearly from the best rank to the worst.

    References
    ----------
    J. E. Baker, "Adaptive Selection Methods for Genetic Algorithms", Proceedings
    of the 1st International Conference on Genetic Algorithms, 1985.
    """
    weights = np.empty(len(fitness))
    weights[best_first(fitness)] = np.arange(len(fitness), 0, -1)
    return _draw_weighted(weights, n, rng)


def roulette(fitness: Fitness, n: int, rng: np.random.RandomState) -> list[int]:
    """Select with a chance proportional to the fitness above the worst.

    The shift makes negative scores work. It leaves the worst, and NaN, a
    hundredth of the best one's share, so that there are always n to select.

    References
    ----------
    D. E. Goldberg, "Genetic Algorithms in Search, Optimization and Machine
    Learning", Addison-Wesley, 1989, chapters 1 (roulette wheel) and 4 (scaling).
    """
    # In units of the largest number, so that no difference is too large for one.
    largest = np.abs(fitness[np.isfinite(fitness)]).max(initial=0.0)
    fitness = fitness / (largest or 1.0)
    finite = fitness[np.isfinite(fitness)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    # Infinite scores stand one spread beyond the finite ones, NaN as -inf.
    spread = (high - low) or 1.0
    below, above = low - spread, high + spread
    bounded = np.nan_to_num(fitness, nan=below, posinf=above, neginf=below)
    shifted = bounded - bounded.min()
    return _draw_weighted(shifted / (shifted.max() or 1.0) + 0.01, n, rng)


def _draw_weighted(weights: NDArray[np.float64], n: int, rng: np.random.RandomState) -> list[int]:
    chances = weights / weights.sum()
    return rng.choice(len(weights), size=n, replace=False, p=chances).tolist()
