"""Selection, crossover and mutation: pure functions, ``rng`` passed in.

Fitness is an array in which larger is better and NaN is worst. Selections
return positions in it, without repetition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sklearn_natsel._space import Genome, Space

Fitness = NDArray[np.float64]
GeneMutationRate = float | Literal["one"] | None


def best_first(fitness: Fitness) -> list[int]:
    """Order from best to worst; of equals, the later comes first, NaN comes last.

    Preferring the later lets a population drift over a plateau of equal scores.
    """
    # NumPy sorts NaN behind all numbers.
    return np.lexsort((-np.arange(len(fitness)), -fitness)).tolist()


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


def uniform_crossover(a: Genome, b: Genome, rng: np.random.RandomState) -> Genome:
    """Take each allele from either parent with the same chance.

    A gene that is inactive in one parent is taken from the other, in case that
    it is active in the child; :meth:`Space.complete` drops it if it is not.

    References
    ----------
    G. Syswerda, "Uniform Crossover in Genetic Algorithms", Proceedings of the
    3rd International Conference on Genetic Algorithms, 1989.
    """
    from_a = rng.random_sample(len(a)) < 0.5
    return tuple(_inherit(x, y) if mine else _inherit(y, x) for mine, x, y in zip(from_a, a, b))


def single_point_crossover(a: Genome, b: Genome, rng: np.random.RandomState) -> Genome:
    """Take the genes before a random point from `a`, those behind it from `b`.

    References
    ----------
    J. H. Holland, "Adaptation in Natural and Artificial Systems", University of
    Michigan Press, 1975, chapter 6.
    """
    point = rng.randint(1, len(a)) if len(a) > 1 else 1
    return tuple(
        _inherit(x, y) if i < point else _inherit(y, x) for i, (x, y) in enumerate(zip(a, b))
    )


def _inherit(first: object, second: object) -> object:
    return second if first is None else first


Crossover = Callable[[Genome, Genome, np.random.RandomState], Genome]

CROSSOVERS: dict[str, Crossover] = {
    "uniform": uniform_crossover,
    "single_point": single_point_crossover,
}


def mutate(
    genome: Genome,
    space: Space,
    rng: np.random.RandomState,
    *,
    gene_rate: GeneMutationRate,
    step_rate: float,
) -> Genome:
    """Change genes at random.

    Parameters
    ----------
    genome : Genome
        The setting to start from.

    gene_rate : float, None or "one"
        Chance of each gene to change that is active and has several values;
        None is 1 / number of such genes; "one" changes exactly one.

    step_rate : float
        Chance that the change of an ordered gene is a step to a near value; any
        other change draws another value of the gene.

    References
    ----------
    H. Mühlenbein and D. Schlierkamp-Voosen, "Predictive Models for the Breeder
    Genetic Algorithm I", Evolutionary Computation 1(1), 1993: the rate 1/n and
    the lengths of the steps.
    """
    alleles = list(genome)
    genes = [i for i in space.changeable if genome[i] is not None]
    if not genes:
        return genome
    if gene_rate == "one":
        changing = [genes[rng.randint(len(genes))]]
    else:
        chance = 1 / len(genes) if gene_rate is None else gene_rate
        changing = [i for i, u in zip(genes, rng.random_sample(len(genes))) if u < chance]
    for i in changing:
        domain = space.genes[i].domain
        steps = domain.ordered and rng.random_sample() < step_rate
        alleles[i] = domain.step(alleles[i], rng) if steps else domain.redraw(alleles[i], rng)
    return space.complete(alleles, rng)
