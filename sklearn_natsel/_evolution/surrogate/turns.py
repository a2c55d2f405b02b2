"""Two models of the fitness that take turns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._evolution.survival import Fitness, best_first
from sklearn_natsel._space import Genome, Space

# Training on no more than this keeps the cost of a generation constant.
_MAX_SETTINGS = 200

# Where time has a price: what a setting that takes ten times as long must promise more is a third
# of the way from the median to the best, by the Gaussian process, and two by the forest.
_PRICE_OF_TIME = 0.15


class Surrogate:
    """Predicts how good settings are, and how sure that is.

    Two models take turns, a generation each: a Gaussian process, which knows what
    is smooth and soon sees a trend, and a forest, which knows steps, cliffs and
    what holds in one corner alone. Where one of them is wrong for a space, the other
    tries something else in the next generation.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    rng : RandomState
        Seeds the forests.

    per_second : bool, default=False
        Whether time has a price: settings that are expected to take longer must
        promise more, as where the expected gain is divided by the time [1]_. (The
        logarithm of a quotient is a difference, too.)

    References
    ----------
    .. [1] J. Snoek, H. Larochelle and R. P. Adams, "Practical Bayesian Optimization
       of Machine Learning Algorithms", NeurIPS 2012, section 3.2.
    """

    def __init__(
        self, space: Space, rng: np.random.RandomState, *, per_second: bool = False
    ) -> None:
        self._rng = rng
        self._durations = Forest(space, rng, scale=log_seconds) if per_second else None
        process, forest = GaussianProcess(space), Forest(space, rng)
        self._models: list[GaussianProcess | Forest] = [process] if process.sees_genes else []
        self._models.append(forest)

    def fit(self, genomes: Sequence[Genome], fitness: Fitness, seconds: Fitness) -> Surrogate:
        """Let the next model learn from the settings evaluated so far, in their order."""
        kept = most_informative(fitness, _MAX_SETTINGS)
        self._model = self._models.pop(0)
        self._models.append(self._model)
        self._model.fit([genomes[i] for i in kept], fitness[kept])
        if self._durations is not None:
            self._durations.fit([genomes[i] for i in kept], seconds[kept])
        return self

    def predict(self, genomes: Sequence[Genome]) -> tuple[Fitness, Fitness]:
        """Return the mean and the standard deviation, by the model whose turn it is."""
        mean, std = self._model.predict(genomes)
        if self._durations is None:
            return mean, std
        durations, _ = self._durations.predict(genomes)
        return mean - _PRICE_OF_TIME * durations, std


def log_seconds(seconds: Fitness) -> Fitness:
    """Return the logarithms; what is unknown counts as long as the longest."""
    known = seconds[seconds > 0]
    shortest, longest = (known.min(), known.max()) if len(known) else (1.0, 1.0)
    return np.log(np.clip(np.nan_to_num(seconds, nan=longest), shortest, longest))


def most_informative(fitness: Fitness, at_most: int) -> list[int]:
    """Return the positions of the best and of the latest, half of each, in their order."""
    if len(fitness) <= at_most:
        return list(range(len(fitness)))
    best = set(best_first(fitness)[: at_most // 2])
    latest = (i for i in reversed(range(len(fitness))) if i not in best)
    return sorted(best.union(islice(latest, at_most - len(best))))
