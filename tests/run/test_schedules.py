"""When candidates are bred: in generations, or one by one whenever a worker is free."""

import math
import os
import time
from itertools import count

import joblib
import numpy as np
import pytest
from plain_evaluator import PlainEvaluator, run_plain, score
from scipy.stats import loguniform
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import GeneticSearchCV, maximize
from sklearn_natsel._evolution import Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.schedules import SCHEDULES, Generational, SteadyState
from sklearn_natsel._run.stopping import Stopping
from sklearn_natsel._space import Space

X, y = load_iris(return_X_y=True)
WIDE = {"x": range(1000), "y": range(1000)}


def make_evolution(param_space=WIDE, population_size=6, **parameters):
    rng = np.random.RandomState(0)
    return Evolution(Space(param_space), rng, population_size=population_size, **parameters)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_an_object_of_one_run(name):
    one, other = SCHEDULES[name](), SCHEDULES[name]()
    assert one.lock is not other.lock
    assert other.rest() is None


def test_only_what_is_bred_one_by_one_depends_on_the_time_of_each_fit():
    assert not Generational.one_by_one
    assert not Generational.depends_on_timing
    assert SteadyState.one_by_one
    assert SteadyState.depends_on_timing


@pytest.mark.parametrize(
    ("schedule", "limits", "expected"),
    [
        (Generational, {"n_generations": 7}, 7),
        # 6, and then 4 each.
        (Generational, {"max_evaluations": 15}, 4),
        (Generational, {"n_generations": 3, "max_evaluations": 15}, 3),
        (Generational, {"n_generations": 5, "max_evaluations": 15}, 4),
        (Generational, {"max_time": 1.0}, None),
        # As many as the population has members.
        (SteadyState, {"n_generations": 7}, 7),
        (SteadyState, {"max_evaluations": 15}, 3),
        (SteadyState, {"max_evaluations": 12}, 2),
        (SteadyState, {"max_evaluations": 13, "n_generations": 9}, 3),
        (SteadyState, {"max_time": 1.0}, None),
    ],
)
def test_expected_generations_follow_from_the_tightest_limit(schedule, limits, expected):
    evolution = make_evolution(n_offspring=4)
    assert schedule().expected_generations(evolution, Stopping(**limits)) == expected
    if expected is not None:
        _, history = run_plain(evolution, schedule(), **limits)
        assert len(history.rows) == expected


@pytest.mark.parametrize("is_parallel", [False, True])
def test_several_workers_get_the_longest_first_and_one_the_order_of_breeding(is_parallel):
    asked = []

    def evaluate(candidates, n):
        asked.append(list(candidates))
        for candidate in candidates:
            yield candidate, 0.0, float(candidate.params["x"])

    evaluator = PlainEvaluator(evaluate)
    evaluator.is_parallel = is_parallel
    evolution = make_evolution(population_size=30, n_offspring=20)
    generations = Generational().generations(evolution, evaluator, Stopping(), History())
    for _, (size, evaluations) in zip(range(2), generations):
        told = [evolution.tell(*evaluated[:3]) for evaluated in evaluations]
        assert len(told) == size
    first, second = asked
    assert [candidate.index for candidate in first] == list(range(30))
    in_order = sorted(second, key=lambda candidate: candidate.index)
    assert (second == in_order) is not is_parallel
    x = [candidate.params["x"] for candidate in second]
    if is_parallel:
        assert np.mean(x[:7]) > np.mean(x[-7:])


# One by one


def evolved(evaluate, evolution=None, on_generation=None, **limits):
    """Run an evolution one by one to its end; return the reason, it, and the history."""
    evolution = evolution or make_evolution()
    reason, history = run_plain(evolution, SteadyState(), evaluate, on_generation, **limits)
    return reason, evolution, history


def by_workers(n_workers):
    """Evaluate as workers of different speed would: n at once, finished in random order."""

    def evaluate(candidates, n):
        rng, running, source = np.random.RandomState(1), [], iter(candidates)
        while True:
            while len(running) < n_workers:
                candidate = next(source, None)
                if candidate is None:
                    break
                running.append(candidate)
            if not running:
                return
            candidate = running.pop(rng.randint(len(running)))
            yield candidate, score(candidate), 0.1

    return evaluate


@pytest.mark.parametrize("interrupted_at", [1, 6, 9, 20])
def test_an_interrupt_keeps_what_has_finished(interrupted_at):
    numbers = count()

    def interrupted(candidates, n):
        for candidate in candidates:
            if next(numbers) == interrupted_at:
                raise KeyboardInterrupt
            yield candidate, score(candidate), 0.1

    reason, _, history = evolved(interrupted, n_generations=10)
    assert reason == "interrupted"
    assert history.n_evaluations == interrupted_at


# In a search


def search_of(estimator=None, space=None, **params):
    options = {"schedule": "steady-state", "random_state": 0, "cv": 3, **params}
    space = space or {"max_depth": range(1, 12), "min_samples_leaf": range(1, 30)}
    return GeneticSearchCV(estimator or DecisionTreeClassifier(random_state=0), space, **options)


@pytest.mark.parametrize("n_workers", [1, 2, 7, 40])
def test_candidates_that_are_still_running_are_not_waited_for(n_workers):
    reason, evolution, history = evolved(by_workers(n_workers), max_evaluations=150)
    assert reason == "max_evaluations"
    assert len({c.genome for c in evolution.candidates}) == history.n_evaluations == 150
    assert [row["n_evaluated"] for row in history.rows] == [6] * 25
    assert [row["generation"] for row in history.rows] == list(range(25))
    assert history.best > 1800


def test_a_finite_space_is_covered_once():
    evolution = make_evolution({"x": range(5), "y": range(4)})
    reason, evolution, history = evolved(by_workers(3), evolution, n_generations=99)
    assert reason == "space_exhausted"
    assert [row["n_evaluated"] for row in history.rows] == [6, 6, 6, 2]
    assert len({c.genome for c in evolution.candidates}) == 20


@pytest.mark.parametrize("n_workers", [1, 5])
def test_generations_are_as_large_as_the_population(n_workers):
    reason, evolution, history = evolved(by_workers(n_workers), n_generations=4)
    assert reason == "n_generations"
    assert len(evolution.candidates) == history.n_evaluations == 24


@pytest.mark.parametrize("n_workers", [1, 5])
def test_what_runs_at_the_end_is_finished(n_workers):
    rows = []

    def on_generation(row):
        rows.append(row)
        return row["generation"] == 2

    reason, evolution, history = evolved(
        by_workers(n_workers), on_generation=on_generation, max_evaluations=1000
    )
    assert reason == "callback"
    assert all(candidate.fitness is not None for candidate in evolution.candidates)
    assert history.n_evaluations == len(evolution.candidates) == 18 + n_workers - 1
    assert rows == history.rows


def test_ends_when_patience_is_exhausted():
    def constant(candidates, n):
        return ((candidate, 1.0, 0.1) for candidate in candidates)

    reason, _, history = evolved(constant, patience=3, n_generations=50)
    assert reason == "patience"
    assert len(history.rows) == 4


def test_ends_when_the_time_is_up():
    def slow(candidates, n):
        for candidate in candidates:
            time.sleep(0.01)
            yield candidate, 1.0, 0.1

    reason, evolution, history = evolved(slow, max_time=0.3)
    assert reason == "max_time"
    assert 0 < history.n_evaluations == len(evolution.candidates) <= 31


def test_failures_are_the_worst():
    def failing(candidates, n):
        return ((c, math.nan if c.index % 2 else score(c), 0.1) for c in candidates)

    _, evolution, history = evolved(failing, n_generations=5)
    assert sum(row["n_failed"] for row in history.rows) == 15
    assert not any(math.isnan(c.fitness) for c in evolution.population)


def test_one_job_is_reproducible():
    one, other = (search_of(n_generations=4).fit(X, y) for _ in range(2))
    assert one.cv_results_["params"] == other.cv_results_["params"]
    np.testing.assert_array_equal(
        one.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"]
    )
    assert one.n_evaluations_ == 40
    assert one.stop_reason_ == "n_generations"


@pytest.mark.parametrize("backend", ["loky", "threading"])
@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_scores_are_those_of_grid_search(backend, n_jobs):
    grid = {"C": [0.1, 1.0, 10.0, 100.0], "kernel": ["linear", "rbf", "poly"]}
    with joblib.parallel_config(backend=backend):
        ours = search_of(SVC(), grid, n_jobs=n_jobs, max_evaluations=100).fit(X, y)
    theirs = GridSearchCV(SVC(), grid, cv=3).fit(X, y)
    assert ours.stop_reason_ == "space_exhausted"
    by_setting = {
        str(sorted(params.items())): row for row, params in enumerate(theirs.cv_results_["params"])
    }
    rows = [by_setting[str(sorted(params.items()))] for params in ours.cv_results_["params"]]
    assert sorted(rows) == list(range(12))
    for key in ("split0_test_score", "split2_test_score", "mean_test_score"):
        np.testing.assert_array_equal(ours.cv_results_[key], theirs.cv_results_[key][rows])
    assert ours.best_score_ == theirs.best_score_


class Patient(BaseEstimator):
    """Notes in a folder that it was fitted; the one that waits, after twelve others were."""

    def __init__(self, folder=None, waits=True, value=0):
        self.folder = folder
        self.waits = waits
        self.value = value

    def fit(self, X, y=None):
        end = time.monotonic() + 60
        while self.waits and len(list(self.folder.iterdir())) < 12:
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.01)
        (self.folder / str(self.value)).touch()
        return self

    def score(self, X, y=None):
        return self.value


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_no_worker_waits_for_a_slow_fit(tmp_path, backend):
    space = [{"waits": [True]}, {"waits": [False], "value": range(1000)}]
    search = search_of(
        Patient(tmp_path),
        space,
        max_evaluations=20,
        population_size=2,
        n_jobs=2,
        cv=[(range(100), range(100, 150))],
        refit=False,
    )
    with joblib.parallel_config(backend=backend):
        search.fit(X)
    assert search.cv_results_["params"][0] == {"waits": True}
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert search.evolution_history_["n_evaluated"].tolist() == [2] * 10


class DiesOften(DecisionTreeClassifier):
    """Kills its worker at some settings, while another worker is at a fit."""

    # The parameters are those of the tree: scikit-learn 1.6 insists on it.
    def fit(self, X, y, sample_weight=None, check_input=True):
        is_deadly = self.min_samples_leaf in (6, 9)
        time.sleep(0.05 if is_deadly else 0.2)
        if is_deadly:
            os._exit(1)
        return super().fit(X, y, sample_weight, check_input)


def test_settings_that_kill_their_worker_cost_only_themselves():
    # Each death costs a new start of the workers. 6 is drawn in the beginning, 9 is bred later.
    space = {"min_samples_leaf": range(1, 13)}
    splits = [(range(0, 150, 2), range(1, 150, 2))]  # so that the other fit is another setting
    options = {"n_jobs": 2, "cv": splits, "population_size": 4, "max_evaluations": 12}
    search = search_of(DiesOften(random_state=0), space, **options)
    with (
        pytest.warns(RuntimeWarning, match="A worker process has died"),
        pytest.warns(Warning, match="fits failed"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(X, y)
    failed = [params["min_samples_leaf"] in (6, 9) for params in search.cv_results_["params"]]
    assert len(failed) == 12
    assert any(failed[:4])
    assert any(failed[4:])
    np.testing.assert_array_equal(np.isnan(search.cv_results_["mean_test_score"]), failed)


def test_an_error_while_breeding_is_raised():
    class Broken:
        def __init__(self):
            self.draws = count()

        def rvs(self, random_state=None):
            if next(self.draws) > 20:
                raise OSError("no more numbers")
            return random_state.rand()

    search = search_of(SVC(), {"C": Broken()}, n_jobs=2, max_evaluations=200)
    with pytest.raises(OSError, match="no more numbers"):
        search.fit(X, y)


@pytest.mark.parametrize(
    ("params", "backend", "message"),
    [
        ({"pre_dispatch": "all"}, "loky", "pre_dispatch='all'"),
        ({}, "multiprocessing", "MultiprocessingBackend"),
        ({"schedule": "steady"}, "loky", "'steady'"),
    ],
)
def test_what_cannot_be_is_refused(params, backend, message):
    with (
        joblib.parallel_config(backend=backend),
        pytest.raises(InvalidParameterError, match=message) as caught,
    ):
        search_of(n_jobs=2, **params).fit(X, y)
    assert "schedule" in str(caught.value)


def test_one_job_needs_no_backend():
    with joblib.parallel_config(backend="multiprocessing"):
        search = search_of(SVC(), {"C": [1, 2, 3]}, n_jobs=1).fit(X, y)
    assert search.n_evaluations_ == 3


def quotient(a, b):
    return a / b


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_maximize(n_jobs):
    result = maximize(
        quotient,
        {"a": range(1, 100), "b": range(1, 100)},
        schedule="steady-state",
        target=99,
        max_evaluations=2000,
        n_jobs=n_jobs,
        random_state=0,
    )
    assert result.fun == 99
    assert result.stop_reason == "target"
    assert result.nfev == len(result.candidates["value"]) < 2000


def test_a_distribution_on_two_jobs():
    search = search_of(SVC(), {"C": loguniform(1e-3, 1e3)}, n_jobs=2, max_evaluations=25)
    search.fit(X, y)
    assert search.n_evaluations_ == 25
    assert search.best_score_ > 0.95
    assert search.score(X, y) > 0.95
