"""Every way to end a search leaves a fitted one that says why."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
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


def test_generations():
    search = search_of(n_generations=5).fit(X, y)
    assert search.stop_reason_ == "n_generations"
    assert search.n_generations_ == 5
    assert search.n_evaluations_ == 4 + 4 * 3
    assert_fitted(search)


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 20])
def test_evaluations(limit):
    search = search_of(max_evaluations=limit).fit(X, y)
    assert search.stop_reason_ == "max_evaluations"
    assert search.n_evaluations_ == limit
    assert_fitted(search)


def test_without_a_limit_the_search_ends_all_the_same():
    search = search_of().fit(X, y)
    assert search.stop_reason_ == "n_generations"
    assert search.n_generations_ > 1
    assert_fitted(search)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_time(n_jobs):
    started = time.time()
    search = search_of(Number(seconds=0.02), max_time=0.4, n_jobs=n_jobs).fit(X, y)
    assert search.stop_reason_ == "max_time"
    # Workers may have to be started first, which takes no longer than some seconds.
    assert 0.4 <= time.time() - started < 20
    assert_fitted(search)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_first_candidate_is_evaluated_however_short_the_time(n_jobs):
    search = search_of(Number(seconds=0.01), max_time=1e-9, n_jobs=n_jobs, cv=3).fit(X, y)
    assert search.stop_reason_ == "max_time"
    assert search.n_evaluations_ == 1
    assert_fitted(search)


@pytest.mark.parametrize("patience", [1, 3])
def test_patience(patience):
    # From x = 3 on, which is the first candidate, nothing can be better.
    search = search_of(Number(x=3.0), patience=patience, n_generations=50).fit(X, y)
    assert search.stop_reason_ == "patience"
    assert search.n_generations_ == 1 + patience
    assert_fitted(search)


def test_patience_waits_for_improvements_above_tol():
    options = {"patience": 2, "n_generations": 30}
    strict = search_of(**options, tol=1000.0).fit(X, y)
    assert strict.n_generations_ == 3
    assert search_of(**options, tol=0.0).fit(X, y).n_generations_ > 3


def test_slow_improvements_add_up_to_one_above_tol():
    class Slow(Number):
        """Scores half of `tol` more in each generation."""

        def score(self, X, y):
            return Number.fits // 6 * 0.5

    Number.fits = 0
    search = search_of(Slow(), patience=3, tol=1.0, n_generations=12, n_offspring=4, cv=2)
    assert search.fit(X, y).stop_reason_ == "n_generations"


@pytest.mark.parametrize("target", [-1e9, -0.5])
def test_target(target):
    search = search_of(target_score=target, n_generations=500).fit(X, y)
    assert search.stop_reason_ == "target_score"
    best = search.evolution_history_["best_so_far"]
    assert best[-1] >= target
    assert np.all(best[:-1] < target)
    assert_fitted(search)


def test_exhausted_space():
    search = search_of(space={"x": [1, 2, 3, 4, 5]}, max_evaluations=10**6).fit(X, y)
    assert search.stop_reason_ == "space_exhausted"
    assert search.n_evaluations_ == 5
    assert_fitted(search)


class MostlyZero:
    """Repeats itself, so that generations stay small, and can't be listed."""

    def rvs(self, random_state):
        return int(random_state.randint(10**6) if random_state.rand() < 0.05 else 0)


@pytest.mark.parametrize("seed", range(6))
def test_distribution_that_repeats_itself_ends_in_good_order(seed):
    search = search_of(space={"x": MostlyZero()}, max_evaluations=8, random_state=seed).fit(X, y)
    assert search.stop_reason_ in ("space_exhausted", "max_evaluations")
    assert len({params["x"] for params in search.cv_results_["params"]}) == search.n_evaluations_
    assert_fitted(search)


def test_callback_that_returns_true_stops_the_search():
    rows = []

    def callback(search, record):
        rows.append(record)
        assert isinstance(search, GeneticSearchCV)
        assert -((record["best_params"]["x"] - 3.0) ** 2) == record["best_so_far"]
        return record["generation"] == 2

    search = search_of(callback=callback, n_generations=50).fit(X, y)
    assert search.stop_reason_ == "callback"
    assert search.n_generations_ == len(rows) == 3
    for name, column in search.evolution_history_.items():
        np.testing.assert_array_equal(column, [row[name] for row in rows])
    assert_fitted(search)


@pytest.mark.parametrize("returned", [None, False, 0])
def test_callback_that_returns_nothing_true_lets_the_search_go_on(returned):
    search = search_of(callback=lambda search, record: returned, n_generations=4).fit(X, y)
    assert search.n_generations_ == 4


def test_a_callback_can_do_what_it_likes_with_its_record():
    def callback(search, record):
        record["best_so_far"] = 1e9
        record.pop("seconds")
        record["mine"] = 1

    search = search_of(callback=callback, n_generations=4, target_score=1e8).fit(X, y)
    expected = search_of(n_generations=4).fit(X, y)
    assert list(search.evolution_history_) == list(expected.evolution_history_)
    assert search.stop_reason_ == "n_generations"
    assert_fitted(search)


def test_error_in_a_callback_is_not_swallowed():
    def callback(search, record):
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        search_of(callback=callback).fit(X, y)


def test_history_is_what_happened():
    pd = pytest.importorskip("pandas")
    search = search_of(n_generations=6, population_size=5).fit(X, y)
    table = pd.DataFrame(search.evolution_history_)
    results = pd.DataFrame(search.cv_results_)
    assert table.shape[0] == 6
    assert list(table["generation"]) == list(range(6))
    newest = results.groupby("generation")["mean_test_score"].max()
    np.testing.assert_array_equal(table["best"], newest)
    np.testing.assert_array_equal(table["best_so_far"], np.maximum.accumulate(newest))
    assert (table["min"] <= table["mean"]).all()
    assert (table["mean"] <= table["max"]).all()
    assert (table["std"] >= 0).all()
    assert table["diversity"].between(0, 1).all()
    assert table["seconds"].is_monotonic_increasing
    assert not table.isna().any(axis=None)


# Ctrl-C


class Interrupted(Number):
    """Is interrupted in a certain call of `fit`, counted from 1."""

    def __init__(self, x=-1, at=0):
        super().__init__(x)
        self.at = at

    def fit(self, X, y):
        super().fit(X, y)
        if Number.fits == self.at:
            raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("at", [3, 4, 8, 9, 15])
def test_interrupted_fit_ends_the_search_with_what_there_is(at):
    Number.fits = 0
    search = search_of(Interrupted(at=at), n_generations=50, cv=2).fit(X, y)
    assert search.stop_reason_ == "interrupted"
    assert search.n_evaluations_ == (at - 1) // 2
    assert_fitted(search)


@pytest.mark.parametrize("at", [1, 2])
def test_interrupt_before_the_first_evaluation_is_raised(at):
    Number.fits = 0
    with pytest.raises(KeyboardInterrupt):
        search_of(Interrupted(at=at), n_generations=50, cv=2).fit(X, y)


def test_interrupt_between_two_generations_loses_nothing():
    # While scikit-learn's or the user's callback draws, or children are bred.
    def callback(search, record):
        if record["generation"] == 1:
            raise KeyboardInterrupt

    search = search_of(callback=callback, n_generations=50)
    try:
        search.fit(X, y)
    except KeyboardInterrupt:  # would end pytest itself
        pytest.fail("the interrupt was raised")
    assert search.stop_reason_ == "interrupted"
    assert search.n_generations_ == 2
    assert_fitted(search)


SLOW_SEARCH = """
import json, signal, sys, time
import numpy as np
from sklearn.base import BaseEstimator
from sklearn_natsel import GeneticSearchCV

class Slow(BaseEstimator):
    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y):
        time.sleep(0.05)
        return self

    def score(self, X, y):
        return self.x

    def predict(self, X):
        return [self.x] * len(X)

def told(search, record):
    print("generation", record["generation"], flush=True)

if __name__ == "__main__":
    # A shell starts what it runs in the background with SIGINT ignored, tests included.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    search = GeneticSearchCV(
        Slow(), {"x": range(10**6)}, n_generations=10**6, n_jobs=int(sys.argv[1]), cv=2,
        callback=told, random_state=0,
    ).fit(np.zeros((20, 1)), np.zeros(20))
    print(json.dumps({
        "reason": search.stop_reason_,
        "n": search.n_evaluations_,
        "rows": len(search.cv_results_["params"]),
        "predicted": len(search.predict(np.zeros((20, 1)))),
    }))
"""


def assert_nobody_is_left(group, seconds=15):
    for _ in range(10 * seconds):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("the search left processes behind")


# To the process of the search alone, as `kill` sends it; test_interrupts.py is a terminal.
@pytest.mark.skipif(os.name != "posix", reason="sends signals to a process group")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_kill_int_ends_with_a_fitted_search_and_no_process_left(tmp_path, n_jobs):
    script = tmp_path / "slow_search.py"
    script.write_text(SLOW_SEARCH)
    with subprocess.Popen(
        [sys.executable, "-u", script, str(n_jobs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            assert child.stdout.readline() == "generation 0\n"
            time.sleep(0.13)  # into the next generation
            os.kill(child.pid, signal.SIGINT)
            out, err = child.communicate(timeout=60)
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    assert child.returncode == 0, err
    result = json.loads(out.splitlines()[-1])
    assert result["reason"] == "interrupted"
    assert result["n"] == result["rows"] >= 10
    assert result["predicted"] == 20
    assert "Traceback" not in err
    assert_nobody_is_left(child.pid)
