"""Two models of the fitness that take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from sklearn_natsel._evolution.candidates import Candidate, Child, Floats, fitness_of
from sklearn_natsel._evolution.surrogate.acquisition import by_random_optimism
from sklearn_natsel._evolution.surrogate.base import Model
from sklearn_natsel._evolution.surrogate.features import Features
from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._evolution.surrogate.peaks import Peaks
from sklearn_natsel._evolution.survival import best_first
from sklearn_natsel._space import Genome, Space

# Training on no more than this keeps the cost of a generation constant.
_MAX_SETTINGS = 200

# How many turns of the Gaussian process a turn of the forest follows: where it can climb, it is the
# better guide, and the forest is there for what the process does not see.
_TURNS_WITH_PEAKS = 3

# Where time has a price: what a setting that takes ten times as long must promise more is a third
# of the way from the median to the best, by the Gaussian process, and two by the forest.
_PRICE_OF_TIME = 0.15


class Turns:
    """Predicts how good settings are, and how sure that is.

    Two models take turns, a generation each: a Gaussian process, which knows what
    is smooth and soon sees a trend, and a forest, which knows steps, cliffs and
    what holds in one corner alone. Where one of them is wrong for a space, the other
    tries something else in the next generation. In a space with fine scales the
    process climbs along them, and has three turns of four, unless time has a price.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    rng : RandomState
        Seeds the forests, and draws places to climb from.

    interval : callable
        Takes how many evaluations it has learnt from; returns how many more must be
        known before it learns again.

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
        self,
        space: Space,
        rng: np.random.RandomState,
        interval: Callable[[int], int],
        *,
        per_second: bool = False,
    ) -> None:
        self._rng = rng
        self._interval = interval
        self._n_learnt = 0
        self._durations = Forest(space, rng, scale=log_seconds) if per_second else None
        process, forest = GaussianProcess(space), Forest(space, rng)
        # A climb would know nothing of a price of time.
        climbs = Features(space).fine and not per_second
        self._peaks = Peaks(space, process, rng) if climbs else None
        n_turns = _TURNS_WITH_PEAKS if climbs else 1
        self._models: list[Model] = [process] * n_turns if process.sees_genes else []
        self._models.append(forest)

    def learn(self, told: Sequence[Candidate]) -> None:
        """Let the next model learn, if as many were told as make up a generation."""
        due = self._interval(self._n_learnt) if self._n_learnt else 1
        if len(told) - self._n_learnt < due:
            return
        self._n_learnt = len(told)
        kept = [told[i] for i in most_informative(fitness_of(told), _MAX_SETTINGS)]
        genomes = [candidate.genome for candidate in kept]
        self._model = self._models.pop(0)
        self._models.append(self._model)
        self._model.fit(genomes, fitness_of(kept))
        if self._durations is not None:
            self._durations.fit(genomes, np.array([candidate.seconds for candidate in kept]))

    def favourites(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n with the highest upper confidence bounds."""
        mean, std = self._predict(children)
        return [children[i] for i in best_first(mean + std)[:n]]

    def choose(
        self, children: Sequence[Child], n: int, is_new: Callable[[Genome], bool]
    ) -> list[Child]:
        """Return n to train, from several neighbourhoods."""
        if self._peaks is not None and isinstance(self._model, GaussianProcess):
            return self._peaks.choose(children, min(n, len(children)), is_new)
        mean, std = self._predict(children)
        chosen = by_random_optimism(mean, std, min(n, len(children)), self._rng)
        return [children[i] for i in chosen]

    def _predict(self, children: Sequence[Child]) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation, by the model whose turn it is."""
        genomes = [child.genome for child in children]
        mean, std = self._model.predict(genomes)
        if self._durations is None:
            return mean, std
        durations, _ = self._durations.predict(genomes)
        return mean - _PRICE_OF_TIME * durations, std


def log_seconds(seconds: Floats) -> Floats:
    """Return the logarithms; what is unknown counts as long as the longest."""
    known = seconds[seconds > 0]
    shortest, longest = (known.min(), known.max()) if len(known) else (1.0, 1.0)
    return np.log(np.clip(np.nan_to_num(seconds, nan=longest), shortest, longest))


def most_informative(fitness: Floats, at_most: int) -> list[int]:
    """Return the positions of the best and of the latest, half of each, in their order."""
    if len(fitness) <= at_most:
        return list(range(len(fitness)))
    best = set(best_first(fitness)[: at_most // 2])
    latest = (i for i in reversed(range(len(fitness))) if i not in best)
    return sorted(best.union(islice(latest, at_most - len(best))))
