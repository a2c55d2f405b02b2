"""Two models of the fitness, of which the one is believed that has foretold better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from sklearn_natsel._evolution.candidates import Candidate, Child, Floats, fitness_of
from sklearn_natsel._evolution.surrogate.acquisition import log_expected_improvement
from sklearn_natsel._evolution.surrogate.features import Features, Rows
from sklearn_natsel._evolution.surrogate.forest import Forest, ranks
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._evolution.surrogate.local_search import local_search
from sklearn_natsel._evolution.survival import best_first
from sklearn_natsel._space import Genome, Space

# Training on no more than this keeps the cost of a generation constant.
_MAX_SETTINGS = 200

# How fast what was foretold is forgotten: after some 20 settings, it counts a third.
_MEMORY = 0.95

# Of how many mistakes of the process the forest may make this share, to be believed: a process
# that is about as good is the better guide, since it knows where it is not sure.
_BURDEN = 0.7


class Contest:
    """Predicts how good settings are, and how sure that is.

    A Gaussian process knows what is smooth and soon sees a trend; a forest knows
    steps, cliffs and what holds in one corner alone. Before they learn what a
    setting has scored, both foretell it [1]_; the forest is believed as long as
    it has made clearly fewer mistakes.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    rng : RandomState
        Seeds the forests, and draws steps.

    interval : callable
        Takes how many evaluations it has learnt from; returns how many more must be
        known before it learns again.

    per_second : bool, default=False
        Whether time has a price: the expected improvement is divided by the time
        that is expected [2]_.

    References
    ----------
    .. [1] A. P. Dawid, "Present Position and Potential Developments: Some Personal
       Views: Statistical Theory: The Prequential Approach", Journal of the Royal
       Statistical Society A 147(2), 1984.
    .. [2] J. Snoek, H. Larochelle and R. P. Adams, "Practical Bayesian Optimization
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
        self._space = space
        self._rng = rng
        self._interval = interval
        self._features = Features(space)
        self._durations = Forest(space, rng, scale=log_seconds) if per_second else None
        self._forest, self._process = Forest(space, rng), GaussianProcess(space)
        self._believed: Forest | GaussianProcess = self._forest
        self._learnt: list[Candidate] = []
        self._n_learnt = 0
        self._mistakes = np.zeros(2)

    def learn(self, told: Sequence[Candidate]) -> None:
        """Let both models learn, if as many were told as make up a generation."""
        due = self._interval(self._n_learnt) if self._n_learnt else 1
        if len(told) - self._n_learnt < due:
            return
        if self._process.sees_genes and self._n_learnt:
            self._compare(told[self._n_learnt :])
        self._n_learnt = len(told)
        self._learnt = [told[i] for i in most_informative(fitness_of(told), _MAX_SETTINGS)]
        genomes = [candidate.genome for candidate in self._learnt]
        self._forest.fit(genomes, fitness_of(self._learnt))
        if self._process.sees_genes:
            self._process.fit(genomes, fitness_of(self._learnt))
            process, forest = self._mistakes
            is_worse = forest < _BURDEN * process
            self._believed = self._forest if is_worse else self._process
        if self._durations is not None:
            seconds = np.array([candidate.seconds for candidate in self._learnt])
            self._durations.fit(genomes, seconds)

    def _compare(self, new: Sequence[Candidate]) -> None:
        """Count the mistakes of both models about candidates that they have not learnt from."""
        models = self._process, self._forest
        mistakes = [mistakes_of(model, new, self._learnt) for model in models]
        self._mistakes = _MEMORY ** len(new) * self._mistakes + mistakes

    def favourites(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n that promise most, by the model that is believed."""
        promise = self._promise(self._coordinates(children))
        return [children[i] for i in best_first(promise)[:n]]

    def refined(self, children: Sequence[Child]) -> Genome:
        """Return the genome that promises most at the end of a search in small steps."""
        starts = self._coordinates(children)
        fine = [i for i in self._features.fine if not np.isnan(starts[0, i])]
        if not fine:
            return children[0].genome
        others = [i for i in range(starts.shape[1]) if i not in fine]
        alike = np.isclose(starts[:, others], starts[0, others], equal_nan=True).all(axis=1)
        best = local_search(starts[alike], fine, self._promise, self._rng)
        return self._space.complete(self._features.moved(children[0].genome, best), self._rng)

    def expect(self, child: Child) -> None:
        """Let the model that is believed take its own word for it."""
        self._believed.expect(child.genome)

    def _coordinates(self, children: Sequence[Child]) -> Rows:
        return self._features.coordinates([child.genome for child in children])

    def _promise(self, coordinates: Rows) -> Floats:
        """Return the logarithms of the expected improvements, or of what is had in a second."""
        mean, std = self._believed.predict_at(coordinates)
        promise = log_expected_improvement(mean - self._believed.best, std)
        if self._durations is None:
            return promise
        return promise - self._durations.predict_at(coordinates)[0]


def mistakes_of(
    model: Forest | GaussianProcess, new: Sequence[Candidate], known: Sequence[Candidate]
) -> float:
    """Return what share of the known ones new ones are wrongly put above or below, summed up.

    The best count most: a model is asked for little but which settings are better still.
    """
    mean, _ = model.predict([candidate.genome for candidate in [*new, *known]])
    fitness = np.nan_to_num(fitness_of([*new, *known]), nan=-np.inf)
    n = len(new)
    wrong = (mean[:n, None] > mean[n:]) != (fitness[:n, None] > fitness[n:])
    weights = ranks(fitness[n:]) ** 4
    return float((wrong @ weights).sum() / weights.sum())


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
