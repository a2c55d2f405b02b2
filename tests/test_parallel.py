"""What a search finds depends on its seed alone, not on workers, threads or other searches."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from joblib import parallel_config
from same_search import assert_same_search
from scipy.stats import loguniform, randint
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional, GeneticSearchCV

X, y = load_iris(return_X_y=True)
SPACE = {
    "kernel": ["linear", "rbf", "poly"],
    "C": loguniform(1e-2, 1e2),
    "gamma": Conditional(loguniform(1e-4, 1.0), "kernel", ["rbf", "poly"]),
    "degree": Conditional(randint(1, 5), "kernel", lambda kernel: kernel == "poly"),
}


def search_of(**params):
    options = {"cv": 3, "n_generations": 5, "random_state": 1, **params}
    # Without a seed SVC itself draws one from the global generator.
    return GeneticSearchCV(SVC(random_state=0), SPACE, **options)


@pytest.fixture(scope="module")
def sequential():
    search = search_of(n_jobs=1).fit(X, y)
    assert set(search.cv_results_["param_kernel"]) >= {"rbf", "poly"}
    return search


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_backends_with_two_jobs_find_the_same_as_one_job(sequential, backend):
    with parallel_config(backend=backend, n_jobs=2):
        assert_same_search(search_of(n_jobs=None).fit(X, y), sequential)


@pytest.mark.parametrize("n_jobs", [None, 2, -1, 3])
def test_any_number_of_jobs_finds_the_same(sequential, n_jobs):
    assert_same_search(search_of(n_jobs=n_jobs).fit(X, y), sequential)


@pytest.mark.parametrize("pre_dispatch", ["all", 1, 2, "3*n_jobs"])
def test_any_pre_dispatch_finds_the_same(sequential, pre_dispatch):
    with parallel_config(backend="threading"):
        search = search_of(n_jobs=2, pre_dispatch=pre_dispatch).fit(X, y)
    assert_same_search(search, sequential)


class Slow(BaseEstimator):
    """Takes the longer, the better it is, so that fits finish in another order."""

    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y):
        time.sleep(0.001 * (self.x % 7))
        return self

    def score(self, X, y):
        return self.x % 7 + self.x / 1000


def test_order_in_which_fits_finish_does_not_matter():
    space = {"x": range(200)}
    searches = [
        GeneticSearchCV(Slow(), space, max_evaluations=60, cv=2, random_state=0, n_jobs=n_jobs)
        for n_jobs in (1, 4)
    ]
    with parallel_config(backend="threading"):
        first, second = (search.fit(X, y) for search in searches)
    assert_same_search(first, second)


@pytest.mark.parametrize(
    "random_state", [0, None, np.random.RandomState(0)], ids=["int", "None", "RandomState"]
)
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_global_generators_are_neither_changed_nor_used(random_state, n_jobs):
    before, python_before = np.random.get_state(), random.getstate()
    search_of(random_state=random_state, n_jobs=n_jobs, cv=KFold(2)).fit(X, y)
    after = np.random.get_state()
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]
    assert random.getstate() == python_before


def test_without_a_seed_searches_differ_also_if_the_global_seed_is_the_same():
    found = []
    state = np.random.get_state()
    try:
        for _ in range(2):
            np.random.seed(0)
            found.append(search_of(random_state=None, n_generations=1).fit(X, y))
    finally:
        np.random.set_state(state)
    first, second = (search.cv_results_["params"] for search in found)
    assert first != second


def test_seeds_differ_and_a_random_state_instance_goes_on():
    found = [
        search_of(random_state=seed, n_generations=1).fit(X, y).cv_results_["params"]
        for seed in (0, 1)
    ]
    assert found[0] != found[1]
    rng = np.random.RandomState(0)
    search = search_of(random_state=rng, n_generations=1)
    assert search.fit(X, y).cv_results_["params"] == found[0]
    assert search.fit(X, y).cv_results_["params"] != found[0]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_searches_in_two_threads_at_once(n_jobs):
    seeds = [0, 1, 2, 3]
    alone = [search_of(random_state=seed).fit(X, y) for seed in seeds]
    with ThreadPoolExecutor(2) as threads:
        together = list(
            threads.map(lambda seed: search_of(random_state=seed, n_jobs=n_jobs).fit(X, y), seeds)
        )
    for one, other in zip(alone, together):
        assert_same_search(one, other)


def test_two_searches_may_share_one_estimator_and_one_space():
    estimator = SVC()
    searches = [
        GeneticSearchCV(estimator, SPACE, cv=3, n_generations=5, random_state=1) for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda search: search.fit(X, y), searches)
    assert_same_search(first, second)


def test_neither_the_search_nor_its_callback_are_sent_to_the_workers():
    lock = threading.Lock()  # cannot be pickled

    def callback(search, record):
        return lock.locked()

    search = search_of(n_jobs=2, callback=callback, n_generations=2).fit(X, y)
    assert search.n_generations_ == 2


def test_error_in_a_worker_is_raised_here():
    search = GeneticSearchCV(
        DecisionTreeClassifier(), {"max_depth": [-1, -2, 3]}, n_jobs=2, error_score="raise"
    )
    with pytest.raises(ValueError, match="max_depth"):
        search.fit(X, y)
