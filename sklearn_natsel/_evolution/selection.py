"""Select the breeders: pure functions, ``rng`` passed in.

They return positions in the fitness, without repetition.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sklearn_natsel._evolution.candidates import Floats
from sklearn_natsel._evolution.survival import best_first, shares


def tournament(fitness: Floats, n: int, rng: np.random.RandomState, *, size: int) -> list[int]:
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


def rank(fitness: Floats, n: int, rng: np.random.RandomState) -> list[int]:
    """Select with a chance that falls linearly from the best rank to the worst.

    References
    ----------
    J. E. Baker, "Adaptive Selection Methods for Genetic Algorithms", Proceedings
    of the 1st International Conference on Genetic Algorithms, 1985.
    """
    weights = np.empty(len(fitness))
    weights[best_first(fitness)] = np.arange(len(fitness), 0, -1)
    return _draw_weighted(weights, n, rng)


def roulette(fitness: Floats, n: int, rng: np.random.RandomState) -> list[int]:
    """Select with a chance proportional to the fitness above the worst.

    The shift makes negative scores work. It leaves the worst, and NaN, a
    hundredth of the best one's share, so that there are always n to select.

    References
    ----------
    D. E. Goldberg, "Genetic Algorithms in Search, Optimization and Machine
    Learning", Addison-Wesley, 1989, chapters 1 (roulette wheel) and 4 (scaling).
    """
    return _draw_weighted(shares(fitness), n, rng)


def _draw_weighted(weights: Floats, n: int, rng: np.random.RandomState) -> list[int]:
    chances = weights / weights.sum()
    return rng.choice(len(weights), size=n, replace=False, p=chances).tolist()


Select = Callable[[Floats, int, np.random.RandomState], list[int]]
"""Takes the fitness, how many to select, and a generator; returns positions."""


SELECTIONS: dict[str, Callable[..., list[int]]] = {
    "tournament": tournament,
    "rank": rank,
    "roulette": roulette,
}


def make_selection(name: str, tournament_size: int) -> Select:
    """Return the selection of this name, one of `SELECTIONS`."""
    if name == "tournament":
        return partial(tournament, size=tournament_size)
    return SELECTIONS[name]
