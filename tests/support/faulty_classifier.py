"""A classifier that meets with a fault at some settings, and what can go wrong."""

import ctypes
import os
import signal
import time

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import ShuffleSplit
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV


def leave():
    os._exit(0)


def be_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def segfault():
    ctypes.string_at(0)


def hang():
    time.sleep(1000)


def hang_in_compiled_code():
    ctypes.PyDLL(None).sleep(1000)  # without letting go of the interpreter


def exhaust_memory():
    np.empty(1 << 60, dtype=np.uint8)


def do_nothing():
    time.sleep(0.02)


def do_nothing_slowly():
    time.sleep(0.2)


class Faulty(ClassifierMixin, BaseEstimator):
    """Its score is `a`; some settings meet with a fault."""

    def __init__(self, a=0, faults=None):
        self.a = a
        self.faults = faults

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        (self.faults or {}).get(self.a, do_nothing)()
        return self

    def score(self, X, y):
        return self.a


class FaultyTree(DecisionTreeClassifier):
    """A tree that meets with a fault at some depths."""

    def __init__(self, max_depth=1, faults=None):
        super().__init__(max_depth=max_depth, random_state=0)
        self.faults = faults

    def fit(self, X, y):
        (self.faults or {}).get(self.max_depth, do_nothing)()
        return super().fit(X, y)


class Once:
    """A fault that happens a single time: the next fit goes well.

    Parameters
    ----------
    path : Path
        A file that tells whether it has happened.
    fault : callable
        What happens.
    """

    def __init__(self, path, fault):
        self.path = path
        self.fault = fault

    def __call__(self):
        try:
            self.path.touch(exist_ok=False)
        except FileExistsError:
            return
        self.fault()


X, y = np.zeros((12, 1)), np.array([0, 1] * 6)


def make_search(faults, n_settings=9, **options):
    options = {"n_jobs": 2, "cv": ShuffleSplit(1, random_state=0), "random_state": 0, **options}
    return GeneticSearchCV(Faulty(faults=faults), {"a": range(n_settings)}, **options)


def check_only_these_failed(search, failed, n_settings=9):
    scores = dict(zip(search.cv_results_["param_a"], search.cv_results_["mean_test_score"]))
    assert sorted(scores) == list(range(n_settings))
    assert {a for a in scores if np.isnan(scores[a])} == set(failed)
    assert all(scores[a] == a for a in set(scores) - set(failed))
    best = max(set(scores) - set(failed))
    assert search.best_params_ == {"a": best}
    assert search.best_estimator_.a == best
    assert search.evolution_history_["n_failed"].sum() == len(failed)
