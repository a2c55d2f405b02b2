"""Evolutions whose candidates are not trained: they are told a number."""

import zlib

import numpy as np
from scipy import stats

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._space import Space

STEADY = {
    "population_size": 10,
    "n_offspring": 5,
    "elite_fraction": 1.0,
    "lucky_rate": 0.0,
    "selection": "tournament",
    "tournament_size": 3,
    "breeder_fraction": 0.8,
    "crossover": "uniform",
    "mutation_rate": 0.8,
    "gene_mutation_rate": None,
    "step_rate": 0.5,
    "surrogate": False,
}


# So many values that two random genomes have hardly an allele in common.
WIDE = {f"gene_{i}": range(1000) for i in range(20)}


SPACE_OF_WIDE = Space(WIDE)


MIXED = {
    "kernel": ["linear", "rbf", "poly"],
    "C": stats.loguniform(1e-3, 1e3),
    "gamma": Conditional(stats.loguniform(1e-3, 1), "kernel", ["rbf", "poly"]),
    "degree": Conditional([2, 3, 4], "kernel", "poly"),
    "n": stats.randint(1, 50),
}


def make(param_space, seed=0, **parameters):
    space = SPACE_OF_WIDE if param_space is WIDE else Space(param_space)
    return Evolution(space, np.random.RandomState(seed), **{**STEADY, **parameters})


def noise(candidate):
    """A fitness without rhyme or reason, the same for the same setting."""
    return zlib.crc32(repr(sorted(candidate.params.items())).encode()) / 2**32


def tell_all(evolution, candidates, objective=noise):
    for candidate in candidates:
        evolution.tell(candidate, objective(candidate))


def run(evolution, n_generations, objective=noise):
    """Evolve; return the candidates of each generation."""
    generations = []
    for _ in range(n_generations):
        generations.append(evolution.ask())
        tell_all(evolution, generations[-1], objective)
    return generations


def record(candidate):
    return (
        candidate.index,
        candidate.genome,
        candidate.generation,
        candidate.origin,
        candidate.parents,
        repr(candidate.params),
    )


def best_of(candidates, n):
    """Of equals the later are the better."""
    return sorted(candidates, key=lambda c: (c.fitness, c.index), reverse=True)[:n]
