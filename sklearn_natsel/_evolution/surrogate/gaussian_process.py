"""A Gaussian process as a model of the fitness.

scikit-learn's own has a length scale for every column or one for all; here the
indicators of a category share one, and a linear trend is part of the kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs, dtrtri
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from threadpoolctl import ThreadpoolController

from sklearn_natsel._evolution.candidates import Floats
from sklearn_natsel._evolution.surrogate.acquisition import (
    log_expected_improvement,
    mean_per_std,
)
from sklearn_natsel._evolution.surrogate.features import Features, Rows
from sklearn_natsel._space import Genome, Space

# Priors of the logarithms: mean, standard deviation, bounds. Variances are in units of the
# variance of the targets, lengths of the root of the number of lengths.
_LENGTH = (np.log(0.5), 1.0, (-4.0, 5.0))
_SIGNAL = (0.0, 1.0, (-5.0, 4.0))
_NOISE = (-4.0, 2.0, (-12.0, 2.0))
_TREND = (-1.0, 1.5, (-8.0, 4.0))

# At most: each fit goes on where the one before has stopped, so most are there much sooner.
_N_STEPS = 50

# Lengths and variances follow from no more than this, early and late ones alike: a step with 200
# settings takes 5 times as long as with 100, and finds nothing better.
_MAX_SETTINGS = 100

# With as many settings, a few more hardly change the lengths: only each third fit finds them anew.
_FEW_SETTINGS = 50
_INTERVAL = 3

# With more than this, all genes share one length: a space so wide is too empty for more.
_MAX_LENGTHS = 40

# Where poor settings end, on the scale of the targets: 54 times as far below the median as the
# best is above it. Without that, scores that diverge would hide all other differences.
_FLOOR = -4.0

_JITTER = 1e-8
_ROOT_3 = np.sqrt(3)

Matrix = NDArray[np.float64]

# Looks for the libraries when it is first needed, not at the import.
_thread_pools = cache(ThreadpoolController)


@contextmanager
def in_one_thread() -> Iterator[None]:
    """Keep linear algebra in one thread: on small matrices, several only wait for each other."""
    with _thread_pools().limit(limits=1, user_api="blas"):
        yield


class GaussianProcess:
    """A smooth function around a trend, fitted to scores that differ less, the poorer they are.

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
    .. [3] D. Ginsbourger, R. Le Riche and L. Carraro, "Kriging Is Well-Suited to
       Parallelize Optimization", 2010: the kriging believer.
    """

    best: float
    """The highest mean of the settings that it has learnt from."""

    _rows: Rows
    _trend: Rows
    _whitening: Matrix
    _dual: Floats

    def __init__(self, space: Space) -> None:
        self._features = Features(space)
        self._logs: Floats | None = None
        self._n_fits = 0

    @property
    def sees_genes(self) -> bool:
        """Whether the space has anything for it to learn from."""
        return self._features.n_in_kernel > 0

    @in_one_thread()
    def fit(self, genomes: Sequence[Genome], fitness: Floats) -> GaussianProcess:
        """Learn from the scores, first how smooth they are."""
        coordinates = self._features.coordinates(genomes)
        trend = self._features.for_trend(coordinates)
        self._centre = trend.mean(axis=0)
        self._unit = np.sqrt(trend.var(axis=0).sum()) or 1.0
        self._trend = (trend - self._centre) / self._unit
        targets = compressed(fitness)
        self._mean, self._std = targets.mean(), targets.std() or 1.0
        self._learn(self._blocks_of(coordinates), (targets - self._mean) / self._std)
        return self

    @in_one_thread()
    def predict(self, genomes: Sequence[Genome]) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation; 1 is the best so far, 0 the median."""
        return self.predict_at(self._features.coordinates(genomes))

    def predict_at(self, coordinates: Rows) -> tuple[Floats, Floats]:
        """Return the same for coordinates."""
        kernel, variance, _ = self._covariances(*self._inputs(coordinates))
        explained = kernel @ self._whitening.T
        variance = np.maximum(variance - (explained**2).sum(axis=1), 0.0)
        return self._expected(kernel), self._std * np.sqrt(variance)

    def slopes_at(self, coordinates: Rows, margin: float) -> tuple[Floats, Rows]:
        """Return the logarithms of the expected improvements, and where they rise along each gene.

        The slopes have lengths of their own, but the right directions.
        """
        rows, trend = self._inputs(coordinates)
        kernel, variance, decay = self._covariances(rows, trend)
        explained = kernel @ self._whitening.T
        std = np.sqrt(np.maximum(variance - (explained**2).sum(axis=1), _JITTER**2))
        gain = (self._expected(kernel) - self.best - margin) / self._std
        weights = mean_per_std(gain, std)[:, np.newaxis] * self._dual
        weights -= (explained @ self._whitening) / std[:, np.newaxis]
        weights *= decay
        of_kernel = weights @ self._rows - rows * weights.sum(axis=1, keepdims=True)
        of_kernel *= 3 * self._signal * self._scales
        slopes = self._features.slopes(coordinates, of_kernel)
        return log_expected_improvement(gain * self._std, std * self._std), slopes

    def expect(self, genome: Genome) -> None:
        """Take it that one setting more will score as expected, and is uncertain no longer [3]_.

        The means stay as they are, and the root of the kernel gets one row more.
        """
        rows, trend = self._inputs(self._features.coordinates([genome]))
        kernel, variance, _ = self._covariances(rows, trend)
        self.best = max(self.best, float(self._expected(kernel)[0]))
        explained = self._whitening @ kernel[0]
        rest = variance[0] + self._noise + _JITTER - explained @ explained
        self._whitening = np.pad(self._whitening, (0, 1))
        self._whitening[-1, :-1] = -explained @ self._whitening[:-1, :-1]
        self._whitening[-1, -1] = 1.0
        self._whitening[-1] /= np.sqrt(max(rest, _JITTER))
        self._dual = np.append(self._dual, 0.0)
        self._rows = np.vstack([self._rows, rows])
        self._trend = np.vstack([self._trend, trend])

    def _inputs(self, coordinates: Rows) -> tuple[Rows, Rows]:
        """Return what the two parts of the kernel see of settings."""
        rows = np.hstack(self._blocks_of(coordinates)) * self._scales
        return rows, (self._features.for_trend(coordinates) - self._centre) / self._unit

    def _covariances(self, rows: Rows, trend: Rows) -> tuple[Matrix, Floats, Matrix]:
        """Return those with the settings it has learnt from, the variances, and the decay."""
        smooth, decay = _matern(cdist(rows, self._rows))
        kernel = self._signal * smooth + self._slope * (trend @ self._trend.T)
        return kernel, self._signal + self._slope * (trend**2).sum(axis=1), decay

    def _expected(self, kernel: Matrix) -> Floats:
        return np.asarray(self._mean + self._std * (kernel @ self._dual))

    def _blocks_of(self, coordinates: Rows) -> list[Rows]:
        blocks = self._features.for_kernel(coordinates)
        return blocks if len(blocks) <= _MAX_LENGTHS else [np.hstack(blocks)]

    def _learn(self, blocks: list[Rows], targets: Floats) -> None:
        """Find the most probable lengths and variances, and what follows from them."""
        if self._logs is None or len(targets) < _FEW_SETTINGS or self._n_fits % _INTERVAL == 0:
            self._logs = self._most_probable(blocks, targets)
        self._n_fits += 1
        logs = self._logs
        self._weights = np.exp(-2 * logs[: len(blocks)])
        self._signal, self._noise, self._slope = np.exp(logs[len(blocks) :])
        self._scales = np.repeat(np.sqrt(self._weights), [block.shape[1] for block in blocks])
        self._rows = np.hstack(blocks) * self._scales
        kernel, _, _ = self._covariances(self._rows, self._trend)
        noisy = kernel + (self._noise + _JITTER) * np.eye(len(targets))
        root = cholesky(noisy, lower=True, check_finite=False)
        self._whitening = dtrtri(root, lower=1)[0]
        self._dual = self._whitening.T @ (self._whitening @ targets)
        self.best = float(self._expected(kernel).max())

    def _most_probable(self, blocks: list[Rows], targets: Floats) -> Floats:
        """Return the logarithms of the lengths and variances."""
        lengths = (_LENGTH[0] + np.log(len(blocks)) / 2, *_LENGTH[1:])
        means, stds, bounds = zip(*[lengths] * len(blocks), _SIGNAL, _NOISE, _TREND)
        kept = _evenly_spaced(len(targets), _MAX_SETTINGS)
        distances = _squared([block[kept] for block in blocks])
        linear = self._trend[kept] @ self._trend[kept].T
        best = minimize(
            _negative_log_posterior,
            means if self._logs is None else self._logs,
            args=(distances, linear, targets[kept], np.array(means), np.array(stds)),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _N_STEPS},
        )
        return np.asarray(best.x)


def _evenly_spaced(n: int, at_most: int) -> NDArray[np.intp]:
    """Return positions in a sequence of length n, the first and the last among them."""
    return np.linspace(0, n - 1, min(n, at_most)).round().astype(int)


def compressed(fitness: Floats) -> Floats:
    """Return the fitness with 1 for the best and 0 for the median, and poor ones nearer together.

    How poor a poor setting is tells little of where the good ones are, but it must still be told
    from others: below the median, the logarithm of the distance counts, down to a floor. Failures
    are as poor as the worst, and have no part in the median.
    """
    failed = _is_failure(fitness)
    finite = fitness[np.isfinite(fitness) & ~failed]
    if not len(finite):
        return np.zeros(len(fitness))
    # Halves, because the distance of very large numbers may be none.
    halves = np.nan_to_num(fitness, posinf=finite.max()) / 2
    above_median = halves - np.median(halves[~failed])
    worst, best = above_median[~failed].min(), above_median[~failed].max()
    # If the median is the best already, the worst is the measure.
    unit = best or -worst or 1.0
    with np.errstate(over="ignore"):
        targets = np.nan_to_num(above_median / unit)
    poor = targets < 0
    targets[poor] = np.maximum(-np.log1p(-targets[poor]), _FLOOR)
    targets[failed] = min(targets[~failed].min(), -1.0)
    return targets


def _is_failure(fitness: Floats) -> NDArray[np.bool_]:
    """Tell which are NaN, -inf, or the worst of all together with others.

    A worst value that several share is a penalty, or the score of what has learnt nothing: its
    distance to the others means no more than that of a failure.
    """
    failed = np.isnan(fitness) | (fitness == -np.inf)
    if not failed.all():
        is_worst = fitness == fitness[~failed].min()
        if 1 < is_worst.sum() < (~failed).sum():
            failed |= is_worst
    return failed


def _squared(blocks: Sequence[Rows]) -> Matrix:
    """Return the squared distances over each gene, of shape (n_blocks, n_rows, n_rows)."""
    return np.array([cdist(block, block, "sqeuclidean") for block in blocks])


def _scaled(distances: Matrix, weights: Floats) -> Matrix:
    """Return the distances over all genes, from the squared ones over each."""
    flat = distances.reshape(len(distances), -1)
    return np.sqrt(weights @ flat).reshape(distances.shape[1:])


def _matern(r: Matrix) -> tuple[Matrix, Matrix]:
    """Return the kernel, and -2/3 times its derivative by the squared distance."""
    decay = np.exp(-_ROOT_3 * r)
    return (1 + _ROOT_3 * r) * decay, decay


def _negative_log_posterior(
    logs: Floats,
    distances: Matrix,
    linear: Matrix,
    targets: Floats,
    means: Floats,
    stds: Floats,
) -> tuple[float, Floats]:
    """Return the negative logarithm of the posterior density, but for a constant; its gradient."""
    n = len(distances)
    weights = np.exp(-2 * logs[:n])
    signal, noise, slope = np.exp(logs[n:])
    smooth, decay = _matern(_scaled(distances, weights))
    kernel = signal * smooth + slope * linear
    np.fill_diagonal(kernel, signal + slope * linear.diagonal() + noise + _JITTER)
    # LAPACK itself: on small matrices, scipy's checks would take as long. It leaves one half of the
    # symmetric inverse 0, so in sums the other half counts twice, but for the diagonal.
    root, error = dpotrf(kernel.T, lower=1, overwrite_a=1)
    if error:
        raise LinAlgError("the kernel is not positive definite")
    dual = dpotrs(root, targets, lower=1)[0]
    inverse = dpotri(root, lower=1)[0].T
    np.fill_diagonal(inverse, inverse.diagonal() / 2)
    change = 2 * inverse - np.outer(dual, dual)
    gradient = [
        *3 * signal * weights * (distances.reshape(n, -1) @ (change * decay).ravel()),
        signal * np.vdot(change, smooth),
        noise * np.trace(change),
        slope * np.vdot(change, linear),
    ]
    surprise = (logs - means) / stds
    value = targets @ dual / 2 + np.log(root.diagonal()).sum() + surprise @ surprise / 2
    return value, np.array(gradient) / 2 + surprise / stds
