"""A search whose estimator scores a function of its only parameter."""

import time

import numpy as np
from scipy.stats import uniform
from sklearn.base import BaseEstimator

from sklearn_natsel import GeneticSearchCV

X = np.zeros((6, 1))


y = np.arange(6)


class Number(BaseEstimator):
    """Scores a function of its parameter, after some time."""

    fits = 0

    def __init__(self, x=-1, seconds=0.0):
        self.x = x
        self.seconds = seconds

    def fit(self, X, y):
        Number.fits += 1
        time.sleep(self.seconds)
        return self

    def score(self, X, y):
        return -((self.x - 3.0) ** 2)

    def predict(self, X):
        return np.full(len(X), self.x)


def search_of(estimator=None, space=None, **params):
    options = {"cv": 2, "random_state": 0, "population_size": 4, "n_offspring": 3, **params}
    return GeneticSearchCV(estimator or Number(), space or {"x": uniform(0, 10)}, **options)


def assert_fitted(search):
    """Check that all that the search found is there and fits together."""
    n = search.n_evaluations_
    assert n == len(search.cv_results_["params"]) >= 1
    assert all(len(column) == n for column in search.cv_results_.values())
    scores = search.cv_results_["mean_test_score"]
    assert search.best_score_ == scores.max() == scores[search.best_index_]
    history = search.evolution_history_
    assert {len(column) for column in history.values()} == {search.n_generations_}
    assert history["n_evaluated"].sum() == history["n_evaluations"][-1] == n
    assert history["best_so_far"][-1] == search.best_score_
    np.testing.assert_array_equal(
        np.bincount(search.cv_results_["generation"]), history["n_evaluated"]
    )
    assert np.all(search.predict(X) == search.best_params_["x"])
