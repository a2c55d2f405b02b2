"""A model of the fitness, which ranks children before they are trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata
from sklearn import config_context

from sklearn_natsel._features import Features, Rows
from sklearn_natsel._operators import Fitness, best_first
from sklearn_natsel._space import Genome, Space

_N_TREES = 20

# After so many settings the trend counts half as much as at the beginning.
_FADING_OF_TREND = 25

# How much the trend's coefficients are pulled towards zero: the best of these is taken.
_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)

# Training on no more than this keeps the cost of a generation constant.
_MAX_SETTINGS = 300


class Surrogate:
    """Predicts how settings will rank, and how sure that is.

    Two models of the ranks of the fitness, which make failures and outliers
    harmless: a forest of extremely randomised trees [1]_, which take categories,
    scales and inactive genes as they are, and a trend, to which every gene adds
    its part [2]_. The trend is sure early, when the trees know little yet; it
    counts by how well it predicts what it was not fitted to, and less and less.

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
    .. [2] A. E. Hoerl and R. W. Kennard, "Ridge Regression: Biased Estimation for
       Nonorthogonal Problems", Technometrics 12(1), 1970.
    .. [3] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Sequential Model-Based
       Optimization for General Algorithm Configuration", LION 5, 2011: forests
       and their spread as a model of parameter settings.
    .. [4] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Parallel Algorithm
       Configuration", LION 6, 2012: a random optimism for each of a batch.
    """

    def __init__(self, space: Space, rng: np.random.RandomState) -> None:
        self._features = Features(space)
        self._rng = rng

    def fit(self, genomes: Sequence[Genome], fitness: Fitness) -> Surrogate:
        """Learn from the settings evaluated so far, in the order of their evaluation."""
        kept = _most_informative(fitness)
        known = self._features.coordinates([genomes[i] for i in kept])
        ranks = rankdata(np.nan_to_num(fitness[kept], nan=-np.inf)) / len(kept)
        with config_context(skip_parameter_validation=True, assume_finite=True):
            self._fit_trees(known, ranks)
            self._fit_trend(known, ranks)
        self._trust_in_trend *= _FADING_OF_TREND / (_FADING_OF_TREND + len(fitness))
        return self

    def _fit_trees(self, known: Rows, ranks: Fitness) -> None:
        from sklearn.tree import ExtraTreeRegressor  # late: it would slow down the import

        X = self._features.for_trees(known)
        # Trees one by one: at this size, most of a forest's time is spent around its trees.
        self._trees = [
            ExtraTreeRegressor(random_state=self._rng).fit(X, ranks, check_input=False).tree_
            for _ in range(_N_TREES)
        ]

    def _fit_trend(self, known: Rows, ranks: Fitness) -> None:
        """Fit the trend; it is trusted by its R2 on settings left out one by one."""
        from sklearn.linear_model import RidgeCV

        X = self._features.for_trend(known)
        self._trust_in_trend = 0.0
        if X.shape[1] and ranks.std() > 0:
            self._trend = RidgeCV(_PENALTIES).fit(X, ranks)
            error_of_mean = ranks.var() * (len(ranks) / (len(ranks) - 1)) ** 2
            self._trust_in_trend = max(0.0, 1 + self._trend.best_score_ / error_of_mean)

    def predict(self, genomes: Sequence[Genome]) -> tuple[Fitness, Fitness]:
        """Return the mean of both models and the standard deviation over the trees, best is 1."""
        coordinates = self._features.coordinates(genomes)
        X = self._features.for_trees(coordinates)
        forest = np.array([tree.predict(X)[:, 0] for tree in self._trees])
        mean, std = forest.mean(axis=0), forest.std(axis=0)
        if self._trust_in_trend:
            # Its own `predict` takes longer to look at the rows than to multiply them.
            rows = self._features.for_trend(coordinates)
            trend = rows @ self._trend.coef_ + self._trend.intercept_
            mean += self._trust_in_trend * (trend - mean)
        return mean, std

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


def _most_informative(fitness: Fitness) -> list[int]:
    """Return at most `_MAX_SETTINGS` positions: the best half and the latest."""
    if len(fitness) <= _MAX_SETTINGS:
        return list(range(len(fitness)))
    best = set(best_first(fitness)[: _MAX_SETTINGS // 2])
    latest = (i for i in reversed(range(len(fitness))) if i not in best)
    return sorted(best.union(i for i, _ in zip(latest, range(_MAX_SETTINGS - len(best)))))
