"""A model of the fitness, which ranks children before they are trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn import config_context

from sklearn_natsel._operators import Fitness, best_first
from sklearn_natsel._space import Genome, Space

_N_TREES = 20

# Training on no more than this keeps the cost of a generation constant.
_MAX_SETTINGS = 300


class Surrogate:
    """Predicts how settings will rank, and how sure that is.

    A forest of extremely randomised trees [1]_, fitted to the ranks of the
    fitness: ranks make failures and outliers harmless, and trees take
    categories, scales and inactive genes as they are.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    rng : RandomState
        Seeds the trees and draws the optimism.

    References
    ----------
    .. [1] P. Geurts, D. Ernst and L. Wehenkel, "Extremely randomized trees",
       Machine Learning 63(1), 2006.
    .. [2] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Sequential Model-Based
       Optimization for General Algorithm Configuration", LION 5, 2011: forests
       and their spread as a model of parameter settings.
    .. [3] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Parallel Algorithm
       Configuration", LION 6, 2012: a random optimism for each of a batch.
    """

    def __init__(self, space: Space, rng: np.random.RandomState) -> None:
        self.space = space
        self._rng = rng

    def fit(self, genomes: Sequence[Genome], fitness: Fitness) -> Surrogate:
        """Learn from the settings evaluated so far, in the order of their evaluation."""
        from sklearn.tree import ExtraTreeRegressor  # late: it would slow down the import

        kept = _most_informative(fitness)
        ranks = rankdata(np.nan_to_num(fitness[kept], nan=-np.inf)) / len(kept)
        X = self._features([genomes[i] for i in kept])
        # Trees one by one: at this size, most of a forest's time is spent around its trees.
        with config_context(skip_parameter_validation=True):
            self._trees = [
                ExtraTreeRegressor(random_state=self._rng).fit(X, ranks, check_input=False).tree_
                for _ in range(_N_TREES)
            ]
        return self

    def predict(self, genomes: Sequence[Genome]) -> tuple[Fitness, Fitness]:
        """Return the mean and the standard deviation over the trees, best is 1."""
        X = self._features(genomes)
        predictions = np.array([tree.predict(X)[:, 0] for tree in self._trees])
        return predictions.mean(axis=0), predictions.std(axis=0)

    def favourites(self, genomes: Sequence[Genome], n: int) -> list[int]:
        """Return the positions of the n best at an optimism of one standard deviation."""
        mean, std = self.predict(genomes)
        return best_first(mean + std)[:n]

    def choose(self, genomes: Sequence[Genome], n: int) -> list[int]:
        """Return the positions of the n settings to train.

        Each is the best at an optimism of its own (standard deviations that are
        added to the mean), drawn from an exponential distribution: parallel
        workers get both safe and bold settings, from several neighbourhoods.
        """
        mean, std = self.predict(genomes)
        chosen: list[int] = []
        for _ in range(n):
            hope = mean + self._rng.exponential() * std
            hope[chosen] = -np.inf
            chosen.append(int(hope.argmax()))
        return chosen

    def _features(self, genomes: Sequence[Genome]) -> NDArray[np.float32]:
        """Return a row per genome; inactive genes are -1, outside of all others."""
        columns = [
            [-1.0 if allele is None else gene.domain.coordinate(allele) for allele in alleles]
            for gene, alleles in zip(self.space.genes, zip(*genomes))
        ]
        return np.array(columns, dtype=np.float32).T.copy()


def _most_informative(fitness: Fitness) -> list[int]:
    """Return at most `_MAX_SETTINGS` positions: the best half and the latest."""
    if len(fitness) <= _MAX_SETTINGS:
        return list(range(len(fitness)))
    best = set(best_first(fitness)[: _MAX_SETTINGS // 2])
    latest = (i for i in reversed(range(len(fitness))) if i not in best)
    return sorted(best.union(i for i, _ in zip(latest, range(_MAX_SETTINGS - len(best)))))
