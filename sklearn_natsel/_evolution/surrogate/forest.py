"""A forest as a model of the fitness."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import rankdata
from sklearn import config_context

from sklearn_natsel._evolution.candidates import Floats
from sklearn_natsel._evolution.surrogate.features import Features
from sklearn_natsel._space import Genome, Space

_N_TREES = 20


def ranks(fitness: Floats) -> Floats:
    """Return the rank of each, 1 for the best; failures are worst."""
    return np.asarray(rankdata(np.nan_to_num(fitness, nan=-np.inf)) / len(fitness))


class Forest:
    """Extremely randomised trees, fitted to the ranks of the fitness, or to another `scale` of it.

    Ranks make failures and outliers harmless; trees [1]_ take categories, scales
    and inactive genes as they are, steps and cliffs too, and their spread tells how
    sure they are [2]_.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    rng : RandomState
        Seeds the trees.

    scale : callable, default=ranks
        Turns the values into what is learnt and predicted.

    References
    ----------
    .. [1] P. Geurts, D. Ernst and L. Wehenkel, "Extremely randomized trees",
       Machine Learning 63(1), 2006.
    .. [2] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Sequential Model-Based
       Optimization for General Algorithm Configuration", LION 5, 2011.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.RandomState,
        scale: Callable[[Floats], Floats] = ranks,
    ) -> None:
        self._features = Features(space)
        self._rng = rng
        self._scale = scale

    def fit(self, genomes: Sequence[Genome], values: Floats) -> Forest:
        """Learn the values, on the scale."""
        from sklearn.tree import ExtraTreeRegressor  # late: it would slow down the import

        X = self._features.for_trees(self._features.coordinates(genomes))
        targets = self._scale(values)
        with config_context(skip_parameter_validation=True, assume_finite=True):
            # Trees one by one: at this size, most of a forest's time is spent around its trees.
            self._trees = [
                ExtraTreeRegressor(random_state=self._rng).fit(X, targets, check_input=False).tree_
                for _ in range(_N_TREES)
            ]
        return self

    def predict(self, genomes: Sequence[Genome]) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation over the trees, on the scale."""
        X = self._features.for_trees(self._features.coordinates(genomes))
        predicted = np.array([tree.predict(X)[:, 0] for tree in self._trees])
        return predicted.mean(axis=0), predicted.std(axis=0)
