"""Ridge regressions that can be fitted together: some lines, as a third party would write them."""

import os

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.datasets import make_regression

X, y = make_regression(60, 8, noise=20.0, random_state=0)


class LoneRidge(RegressorMixin, BaseEstimator):
    """Solves the normal equations by eigenvectors.

    Parameters
    ----------
    alpha : float
        Strength of the penalty.

    shift : float
        Is added to the predictions.

    faults : dict of float -> callable
        What is called where the penalty is this one.

    log : path
        Has a line for each call of `fit` and `fit_many`: its name, how many fits, the process.
    """

    def __init__(self, alpha=1.0, shift=0.0, faults=None, log=None):
        self.alpha = alpha
        self.shift = shift
        self.faults = faults
        self.log = log

    def fit(self, X, y, sample_weight=None, unused=None):
        self._write("fit", 1)
        return self._solve(decompose(X, y, sample_weight))

    def predict(self, X):
        return X @ self.coef_ + self.shift

    def _solve(self, decomposed):
        (self.faults or {}).get(self.alpha, int)()
        values, vectors, right_side = decomposed
        self.coef_ = vectors @ (vectors.T @ right_side / (values + self.alpha))
        return self

    def _write(self, name, n):
        if self.log is not None:
            with open(self.log, "a") as log:
                log.write(f"{name} {n} {os.getpid()}\n")


class JointRidge(LoneRidge):
    """Decomposes the data of a split once, for all fits on it.

    Parameters
    ----------
    alone : list of float
        Penalties that are left to `fit`.
    """

    def __init__(self, alpha=1.0, shift=0.0, faults=None, log=None, alone=()):
        super().__init__(alpha, shift, faults, log)
        self.alone = alone

    def fit_many(self, settings, X, y, splits, sample_weight=None):
        self._write("fit_many", len(settings))
        decomposed = {}
        for rows in splits:
            weights = None if sample_weight is None else sample_weight[rows]
            decomposed[rows.tobytes()] = decompose(X[rows], y[rows], weights)
        models = [clone(self).set_params(**setting) for setting in settings]
        return [
            None if model.alpha in self.alone else solved(model, decomposed[rows.tobytes()])
            for model, rows in zip(models, splits)
        ]


def solved(model, decomposed):
    try:
        return model._solve(decomposed)
    except Exception as error:
        return error


def decompose(X, y, sample_weight):
    weighted = X if sample_weight is None else X * sample_weight[:, np.newaxis]
    return *np.linalg.eigh(weighted.T @ X), weighted.T @ y


def calls_in(log):
    """Return the name of each call, and of how many fits it was."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(name, int(n)) for name, n, _ in map(str.split, lines)]


def fail():
    raise ArithmeticError("not this penalty")
