"""Cross two genomes: pure functions, ``rng`` passed in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sklearn_natsel._space import Genome


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
