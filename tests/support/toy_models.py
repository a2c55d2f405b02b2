"""Spaces and scores for models of the fitness to learn from."""

import numpy as np
from scipy import stats

from sklearn_natsel._space import Space

NUMBERS = {"x": stats.uniform(0, 1), "y": stats.uniform(0, 1), "z": stats.uniform(0, 1)}


CELL = {f"edge_{i}": ["none", "skip", "conv", "pool"] for i in range(6)}


def anything(genome):
    """Take each genome as new."""
    return True


def drawn(space, n, seed=0):
    rng = np.random.RandomState(seed)
    return [space.random(rng) for _ in range(n)]


def fitted(make, param_space, fitness_of, n):
    space = Space(param_space)
    genomes = drawn(space, n)
    fitness = np.array([fitness_of(space.decode(genome)) for genome in genomes], dtype=float)
    return space, make(space).fit(genomes, fitness)


def n_convolutions(params):
    return sum(value == "conv" for value in params.values())


def bowl(params):
    return -((params["x"] - 0.3) ** 2) - (params["y"] - 0.8) ** 2


def correlation_on_strangers(space, model, fitness_of):
    strangers = drawn(space, 300, seed=1)
    predicted, _ = model.predict(strangers)
    true = [fitness_of(space.decode(genome)) for genome in strangers]
    return stats.spearmanr(predicted, true).statistic
