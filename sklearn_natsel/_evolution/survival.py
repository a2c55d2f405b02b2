"""Which candidates are better: the one place that compares them.

Fitness is an array in which larger is better and NaN is worst. Whoever needs
an order asks here: the population, elites, selection, the best so far, a target.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from sklearn_natsel._evolution.candidates import Candidate, Floats, fitness_of


def best_first(fitness: Floats) -> list[int]:
    """Order from best to worst; of equals, the later comes first, NaN comes last.

    Preferring the later lets a population drift over a plateau of equal scores.
    """
    # NumPy sorts NaN behind all numbers.
    return np.lexsort((-np.arange(len(fitness)), -fitness)).tolist()


def first_best(fitness: Floats) -> int | None:
    """Return the position of the best one, of equals that of the first; None if all are NaN."""
    if np.isnan(fitness).all():
        return None
    # Not `nanargmax`, which takes NaN for -inf.
    return int(np.argmax(fitness == np.nanmax(fitness)))


def best_candidate(fitness: Mapping[Candidate, float]) -> Candidate | None:
    """Return the best one, of equals the one that was bred first; None without a score.

    Fitness comes from who evaluates: a journal may tell the candidate itself later.
    """
    in_order = sorted(fitness, key=lambda candidate: candidate.index)
    position = first_best(np.array([fitness[candidate] for candidate in in_order]))
    return None if position is None else in_order[position]


def best_fitness(fitness: Floats) -> float:
    """Return the best one, NaN if there is none."""
    position = first_best(fitness)
    return math.nan if position is None else float(fitness[position])


def is_better(fitness: float, other: float, tol: float = 0.0) -> bool:
    """Whether a fitness exceeds another one by more than `tol`."""
    return fitness > other + tol


def reaches(fitness: float, target: float | None) -> bool:
    """Whether a fitness is as good as the target; never if there is none."""
    return target is not None and fitness >= target


def fittest(candidates: Iterable[Candidate], n: int) -> list[Candidate]:
    """Return the n best, best first."""
    in_order = sorted(candidates, key=lambda candidate: candidate.index)
    return [in_order[i] for i in best_first(fitness_of(in_order))[:n]]


def survivors(
    population: list[Candidate], n_elites: int, lucky_rate: float, rng: np.random.RandomState
) -> list[Candidate]:
    """Keep the elites of a population that is ordered, and some of the others by luck."""
    elites, others = population[:n_elites], population[n_elites:]
    if not lucky_rate:
        return elites
    lucky = rng.random_sample(len(others)) < lucky_rate
    return elites + [other for other, kept in zip(others, lucky) if kept]


def shares(fitness: Floats) -> Floats:
    """Return what each has above the worst, as a share of what the best one has.

    The worst, and NaN, have a hundredth instead of nothing. Infinite scores
    stand one spread beyond the finite ones.
    """
    # In units of the largest number, so that no difference is too large for one.
    largest = np.abs(fitness[np.isfinite(fitness)]).max(initial=0.0)
    fitness = fitness / (largest or 1.0)
    finite = fitness[np.isfinite(fitness)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    spread = (high - low) or 1.0
    below, above = low - spread, high + spread
    bounded = np.nan_to_num(fitness, nan=below, posinf=above, neginf=below)
    shifted = bounded - bounded.min()
    return shifted / (shifted.max() or 1.0) + 0.01
