"""Warnings that arise in workers."""

import threading
import warnings

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.fixes import parse_version

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation.workers.caught_warnings import WarningRelay, catching, ignored

X, y = np.zeros((12, 1)), np.arange(12)


class Scored(BaseEstimator):
    """Its score is `x`."""

    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y):
        return self

    def score(self, X, y):
        return float(self.x)


def search_of(estimator, **params):
    options = {"cv": 2, "random_state": 0, "refit": False, **params}
    return GeneticSearchCV(estimator, {"x": range(14)}, **options)


class Peculiar(UserWarning):
    """Is made of two arguments and says what neither of them is."""

    def __init__(self, *, given, known):
        self.given, self.known = given, known

    def __str__(self):
        return f"{self.given} is not one of {self.known}"


class Warns(Scored):
    def fit(self, X, y):
        warnings.warn(Peculiar(given=self.x, known="any"), stacklevel=1)
        return super().fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.7"),
    reason="the filters of this process came to the workers with 1.7",
)
def test_filters_by_module_judge_a_warning_where_it_arises(n_jobs):
    X, y = np.random.RandomState(0).uniform(size=(40, 3)), np.arange(40) % 2
    search = GeneticSearchCV(LogisticRegression(max_iter=1), {"C": [1, 2]}, cv=2, n_jobs=n_jobs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("error")
        warnings.filterwarnings("default", module=r"sklearn\.linear_model")
        search.fit(X, y)
    assert {warning.category for warning in caught} == {ConvergenceWarning}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module=r"sklearn\.linear_model")
        search.fit(X, y)
    assert not caught


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_warnings_of_any_class_come_from_the_workers(n_jobs):
    search = search_of(Warns(), n_jobs=n_jobs, max_evaluations=2)
    with pytest.warns(Peculiar, match=r"-?\d+ is not one of any") as caught:
        search.fit(X, y)
    assert search.n_evaluations_ == 2
    assert {warning.category.__name__ for warning in caught} == {"Peculiar"}


class TellsItsName(Scored):
    def fit(self, X, y):
        warnings.warn(f"I am {self.x % 3}", UserWarning, stacklevel=1)
        if self.x == 7:
            raise ValueError("seven")
        return super().fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_text_of_a_warning_is_told_once(n_jobs):
    search = search_of(TellsItsName(), n_jobs=n_jobs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        search.fit(X, y)
    texts = [str(warning.message) for warning in caught]
    assert sorted(text for text in texts if text[:4] == "I am") == ["I am 0", "I am 1", "I am 2"]


def test_warnings_before_an_error_that_is_raised_are_told():
    search = search_of(TellsItsName(), error_score="raise", initial_params={"x": 7})
    with pytest.warns(UserWarning, match="I am 1"), pytest.raises(ValueError, match="seven"):
        search.fit(X, y)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_filters_of_warnings_stay_as_they_were(schedule):
    before = list(warnings.filters)
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0),
        {"max_depth": [1, 2, 3]},
        schedule=schedule,
        n_jobs=2,
        cv=2,
        random_state=0,
    )
    search.fit(*load_iris(return_X_y=True))
    assert warnings.filters == before


def test_a_warning_stays_ignored_when_somebody_else_has_ignored_it_meanwhile():
    before = list(warnings.filters)
    with ignored("a message"):
        with ignored("a message"):
            pass
        warnings.warn("a message", stacklevel=1)
    assert warnings.filters == before


def test_filters_that_are_reset_meanwhile_stay_so():
    with warnings.catch_warnings():
        with ignored("a message"):
            warnings.resetwarnings()
        assert warnings.filters == []


def warn(text):
    warnings.warn(text, UserWarning, stacklevel=1)


@pytest.mark.filterwarnings("always")
def test_what_is_caught_says_where_it_arose():
    with catching() as caught:
        warn("a")
        assert not caught  # it is filled at the end
    [(message, category, filename, _)] = caught
    assert (message, category, filename) == ("a", UserWarning, __file__)


def test_outside_of_the_main_thread_nothing_is_caught():
    def warn_in_a_thread():
        with catching() as caught:
            warn("a")
        counts.append(len(caught))

    counts = []
    thread = threading.Thread(target=warn_in_a_thread)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        thread.start()
        thread.join()
    assert counts == [0]
    assert [str(warning.message) for warning in caught] == ["a"]


def test_the_relay_shows_a_text_once_for_each_place():
    relay = WarningRelay()
    caught = [("a", UserWarning, "file", 1), ("a", UserWarning, "file", 2)]
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("error")  # it was judged in the worker
        relay.pass_on(caught)
        relay.pass_on(caught)
    assert [(str(w.message), w.filename, w.lineno) for w in shown] == [
        ("a", "file", 1),
        ("a", "file", 2),
    ]
