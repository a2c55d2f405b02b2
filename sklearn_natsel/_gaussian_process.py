"""A Gaussian process as a model of the fitness.

scikit-learn's own has a length scale for every column or one for all; here the
indicators of a category share one, and a linear trend is part of the kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from threadpoolctl import ThreadpoolController

from sklearn_natsel._features import Features, Rows
from sklearn_natsel._operators import Fitness
from sklearn_natsel._space import Genome, Space

# Priors of the logarithms: mean, standard deviation, bounds. Variances are in units of the
# variance of the targets, lengths of the root of the number of lengths.
_LENGTH = (np.log(0.5), 1.0, (-4.0, 5.0))
_SIGNAL = (0.0, 1.0, (-5.0, 4.0))
_NOISE = (-4.0, 2.0, (-12.0, 2.0))
_TREND = (-1.0, 1.5, (-8.0, 4.0))

# Each fit goes on where the one before has stopped, so few steps are enough.
_N_STEPS = 5

# Lengths and variances follow from no more than this, early and late ones alike: a step with 200
# settings takes 5 times as long as with 100, and finds nothing better.
_MAX_SETTINGS = 100

# With more than this, all genes share one length: a space so wide is too empty for more.
_MAX_LENGTHS = 40

_JITTER = 1e-8
_ROOT_3 = np.sqrt(3)

Matrix = NDArray[np.float64]


class GaussianProcess:
    """A smooth function around a trend, fitted to the scores that are better than poor.

    The kernel is a Matérn 3/2 with a length for each gene, plus that of a linear
    model, to which each gene adds its own part [1]_. Lengths and variances are the
    most probable ones, under a prior of lengths that grow with the number of genes [2]_.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    References
    ----------
    .. [1] C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine
       Learning", MIT Press, 2006: algorithm 2.1, equations 2.40, 4.17 and 5.9.
    .. [2] C. Hvarfner, E. O. Hellsten and L. Nardi, "Vanilla Bayesian Optimization
       Performs Great in High Dimensions", ICML 2024.
    """

    def __init__(self, space: Space) -> None:
        self._features = Features(space)
        self._logs: Fitness | None = None

    @property
    def sees_genes(self) -> bool:
        """Whether the space has anything for it to learn from."""
        return self._features.n_in_kernel > 0

    def fit(self, genomes: Sequence[Genome], fitness: Fitness) -> GaussianProcess:
        """Learn from the scores, first how smooth they are."""
        with _linear_algebra().limit(limits=1, user_api="blas"):
            return self._fit(genomes, fitness)

    def _fit(self, genomes: Sequence[Genome], fitness: Fitness) -> GaussianProcess:
        coordinates = self._features.coordinates(genomes)
        self._blocks = self._blocks_of(coordinates)
        trend = self._features.for_trend(coordinates)
        self._centre = trend.mean(axis=0)
        self._unit = np.sqrt(trend.var(axis=0).sum()) or 1.0
        self._trend = (trend - self._centre) / self._unit
        targets = winsorised(fitness)
        self._mean, self._std = targets.mean(), targets.std() or 1.0
        self._learn((targets - self._mean) / self._std)
        return self

    def predict(self, genomes: Sequence[Genome]) -> tuple[Fitness, Fitness]:
        """Return the mean and the standard deviation; 1 is the best so far, 0 the median."""
        with _linear_algebra().limit(limits=1, user_api="blas"):
            return self._predict(genomes)

    def _predict(self, genomes: Sequence[Genome]) -> tuple[Fitness, Fitness]:
        coordinates = self._features.coordinates(genomes)
        distances = [
            cdist(block, known, "sqeuclidean")
            for block, known in zip(self._blocks_of(coordinates), self._blocks)
        ]
        trend = (self._features.for_trend(coordinates) - self._centre) / self._unit
        kernel = self._signal * _matern(_scaled(distances, self._weights))[0]
        kernel += self._slope * (trend @ self._trend.T)
        explained = solve_triangular(self._root, kernel.T, lower=True, check_finite=False)
        variance = self._signal + self._slope * (trend**2).sum(axis=1)
        variance = np.maximum(variance - (explained**2).sum(axis=0), 0.0)
        return self._mean + self._std * (kernel @ self._dual), self._std * np.sqrt(variance)

    def _blocks_of(self, coordinates: Rows) -> list[Rows]:
        blocks = self._features.for_kernel(coordinates)
        return blocks if len(blocks) <= _MAX_LENGTHS else [np.hstack(blocks)]

    def _learn(self, targets: Fitness) -> None:
        """Find the most probable lengths and variances, and what follows from them."""
        distances = np.array([cdist(block, block, "sqeuclidean") for block in self._blocks])
        linear = self._trend @ self._trend.T
        n = len(distances)
        lengths = (_LENGTH[0] + np.log(n) / 2, *_LENGTH[1:])
        means, stds, bounds = zip(*[lengths] * n, _SIGNAL, _NOISE, _TREND)
        if self._logs is None:
            self._logs = np.array(means)
        kept = _evenly_spaced(len(targets), _MAX_SETTINGS)
        data = distances[:, kept][:, :, kept], linear[kept][:, kept], targets[kept]
        self._logs = minimize(
            _improbability,
            self._logs,
            args=(*data, np.array(means), np.array(stds)),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _N_STEPS},
        ).x
        self._weights = np.exp(-2 * self._logs[:n])
        self._signal, noise, self._slope = np.exp(self._logs[n:])
        kernel = self._signal * _matern(_scaled(distances, self._weights))[0]
        kernel += self._slope * linear + (noise + _JITTER) * np.eye(len(targets))
        self._root = cholesky(kernel, lower=True, check_finite=False)
        self._dual = cho_solve((self._root, True), targets, check_finite=False)


def _evenly_spaced(n: int, at_most: int) -> NDArray[np.intp]:
    """Return positions in a sequence of length n, the first and the last among them."""
    return np.linspace(0, n - 1, min(n, at_most)).round().astype(int)


@cache
def _linear_algebra() -> ThreadpoolController:
    """Return what limits its threads: on small matrices, several only wait for each other."""
    return ThreadpoolController()


def winsorised(fitness: Fitness) -> Fitness:
    """Return the fitness with 1 for the best and 0 for the median, and nothing below -1.

    How poor a poor setting is tells little of where the good ones are. Failures are -1.
    """
    finite = fitness[np.isfinite(fitness)]
    if not len(finite):
        return np.zeros(len(fitness))
    worst, best = finite.min(), finite.max()
    bounded = np.nan_to_num(fitness, nan=worst, posinf=best, neginf=worst)
    # Halves, because the distance of very large numbers may be none.
    above_median = bounded / 2 - np.median(bounded) / 2
    targets = np.maximum(above_median / (above_median.max() or 1.0), -1.0)
    targets[np.isnan(fitness) | (fitness == -np.inf)] = -1.0
    return targets


def _scaled(distances: Sequence[Matrix] | Matrix, weights: Fitness) -> Matrix:
    """Return the distances over all genes, from the squared ones over each."""
    return np.sqrt(np.tensordot(weights, distances, axes=1))


def _matern(r: Matrix) -> tuple[Matrix, Matrix]:
    """Return the kernel, and -2 times its derivative by the squared distance."""
    decay = np.exp(-_ROOT_3 * r)
    return (1 + _ROOT_3 * r) * decay, 3 * decay


def _improbability(
    logs: Fitness,
    distances: Matrix,
    linear: Matrix,
    targets: Fitness,
    means: Fitness,
    stds: Fitness,
) -> tuple[float, Fitness]:
    """Return the negative logarithm of the posterior density, but for a constant; its gradient."""
    n = len(distances)
    weights = np.exp(-2 * logs[:n])
    signal, noise, slope = np.exp(logs[n:])
    smooth, decay = _matern(_scaled(distances, weights))
    kernel = signal * smooth + slope * linear + (noise + _JITTER) * np.eye(len(targets))
    root = cholesky(kernel, lower=True, check_finite=False)
    dual = cho_solve((root, True), targets, check_finite=False)
    lower = np.tril(dpotri(root, lower=1)[0])
    change = lower + np.tril(lower, -1).T - np.outer(dual, dual)
    gradient = [
        *signal * weights * np.tensordot(distances, change * decay, axes=2),
        signal * np.sum(change * smooth),
        noise * np.trace(change),
        slope * np.sum(change * linear),
    ]
    surprise = (logs - means) / stds
    value = targets @ dual / 2 + np.log(np.diag(root)).sum() + surprise @ surprise / 2
    return value, np.array(gradient) / 2 + surprise / stds
