"""Callbacks that are told of the fits of candidates, and not only of the search."""

import os
import pickle
import time
from collections import Counter

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from scipy.stats import uniform
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_natsel import GeneticSearchCV

callback = pytest.importorskip("sklearn.callback", reason="callbacks came with 1.9")

from sklearn.callback._transport import open_listener, send  # noqa: E402

X = np.zeros((12, 1))
y = np.arange(12)
FIT = "candidate-split-evaluation"
FINITE = {"max_iter": [1, 2, 3]}


class Number(BaseEstimator):
    """Scores its parameter."""

    def __init__(self, max_iter=2):
        self.max_iter = max_iter

    def fit(self, X, y):
        return self

    def score(self, X, y, sample_weight=None):
        return self.max_iter

    def predict(self, X):
        return np.full(len(X), self.max_iter)


class Iterative(callback.CallbackSupportMixin, Number):
    """Takes steps; what goes wrong goes wrong after its callbacks were told of the fit."""

    def __init__(self, max_iter=2, trouble=None):
        super().__init__(max_iter)
        self.trouble = trouble

    @callback.with_callbacks
    def fit(self, X, y, sample_weight=None):
        context = self._init_callback_context(max_subtasks=self.max_iter)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        for n_steps in range(1, self.max_iter + 1):
            self.n_steps_ = n_steps
            step = context.subcontext(task_name="step").call_on_fit_task_begin(estimator=self)
            fitted = {"n_steps_": n_steps}
            if step.call_on_fit_task_end(
                estimator=self, X=X, y=y, reconstruction_attributes=fitted
            ):
                break
        if self.trouble == "error" and self.max_iter > 1:
            raise RuntimeError("no fit")
        if self.trouble == "exit" and self.max_iter > 1:
            os._exit(3)
        if self.trouble == "hang" and self.max_iter > 1:
            time.sleep(60)
        context.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self


class Watch:
    """Notes what it is told, in whatever process, as (when, names of tasks, details)."""

    def __init__(self, stop_at=None):
        self.stop_at = stop_at
        self.told = []
        self.listener = open_listener(self.told.append, owner=self)

    def __getstate__(self):
        return {**self.__dict__, "told": []}

    def setup(self, estimator, context):
        self.tell("setup", estimator, context)

    def teardown(self, estimator, context):
        self.tell("teardown", estimator, context)

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None, metadata=None):
        self.tell("begin", estimator, context, X=X, y=y, metadata=metadata)

    def on_fit_task_end(self, estimator, context):
        self.tell("end", estimator, context)
        return context.task_name == self.stop_at

    def tell(self, when, estimator, context, **data):
        names, ids, task = [], [], context
        while task is not None:
            names.insert(0, task.source_task_name or task.task_name)
            ids.insert(0, task.task_id)
            task = task.parent
        sent = len(pickle.dumps((estimator, context)))
        details = {"by": type(estimator).__name__, "ids": tuple(ids), "bytes": sent, **data}
        details |= {"process": os.getpid(), "has_results": hasattr(estimator, "cv_results_")}
        send(self.listener, (when, tuple(names), details))

    def count(self, when):
        return Counter(names for told, names, _ in self.told if told == when)

    def details(self, when, name):
        return [more for told, names, more in self.told if told == when and names[-1] == name]


class DeepWatch(Watch):
    max_propagation_depth = None


ABOVE = ("fit", "evolution", "generation", "evaluation", FIT)


def search_of(estimator=None, space=FINITE, **params):
    return GeneticSearchCV(estimator or Iterative(), space, cv=2, random_state=0, **params)


def is_balanced(watch):
    return watch.count("begin") == watch.count("end")


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("refit", [True, False])
def test_each_evaluation_has_its_fits_and_these_the_steps_of_the_estimator(schedule, n_jobs, refit):
    flat, deep = Watch(), DeepWatch()
    search = search_of(schedule=schedule, n_jobs=n_jobs, refit=refit)
    search.set_callbacks(flat, deep).fit(X, y)
    n_steps = 2 * search.cv_results_["param_max_iter"].sum()
    expected = {
        ABOVE[:1]: 1,
        ABOVE[:2]: 1,
        ABOVE[:3]: search.n_generations_,
        ABOVE[:4]: 3,
        ABOVE: 6,
    }
    if refit:
        expected["fit", "refit-with-best-params"] = 1
    assert flat.count("begin") == flat.count("end") == expected
    expected[(*ABOVE, "step")] = n_steps
    if refit:
        expected["fit", "refit-with-best-params", "step"] = search.best_estimator_.n_steps_
    assert deep.count("begin") == deep.count("end") == expected
    for watch in (flat, deep):
        assert watch.count("setup").total() == watch.count("teardown").total() == 1
    # Each task has a place of its own, and the last of a fit's is its split.
    fits = [more["ids"] for more in deep.details("begin", FIT)]
    assert len(set(fits)) == 6
    assert Counter(ids[-1] for ids in fits) == {0: 3, 1: 3}
    assert (len({more["process"] for more in deep.details("begin", FIT)} - {os.getpid()}) > 0) == (
        n_jobs == 2
    )


@pytest.mark.parametrize("estimator", [Iterative(), Number()])
def test_without_a_callback_of_that_depth_fits_are_no_tasks(estimator):
    watch = Watch()
    search = search_of(estimator).set_callbacks(watch).fit(X, y)
    assert watch.count("begin") == watch.count("end")
    assert watch.details("begin", FIT) == watch.details("begin", "step") == []
    assert watch.count("begin")[ABOVE[:4]] == search.n_evaluations_ == 3


@pytest.mark.filterwarnings("ignore:The estimator Number does not support callbacks")
def test_an_estimator_without_callbacks_can_not_be_reached():
    watch = DeepWatch()
    search_of(Number()).set_callbacks(watch).fit(X, y)
    assert watch.details("begin", FIT) == []


def test_depth_counts_from_the_search():
    for depth, n_fits in ((0, 0), (1, 6)):
        watch = DeepWatch()
        watch.max_propagation_depth = depth
        search_of().set_callbacks(watch).fit(X, y)
        assert len(watch.details("begin", FIT)) == n_fits


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fits_are_told_by_the_search_with_their_own_rows(n_jobs):
    flat = Watch()
    weights = np.arange(12.0)
    search = search_of(n_jobs=n_jobs).set_callbacks(flat, DeepWatch())
    search.fit(X, y, sample_weight=weights)
    fits = flat.details("begin", FIT)
    assert {more["by"] for more in fits} == {"GeneticSearchCV"}
    for more in fits:
        rows = np.arange(6) if more["ids"][-1] else np.arange(6, 12)
        assert_array_equal(more["y"], rows)
        assert_array_equal(more["metadata"]["sample_weight"], rows)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_fits_that_fail_end_for_the_callbacks_of_the_search(n_jobs):
    flat, deep = Watch(), DeepWatch()
    search = search_of(Iterative(trouble="error"), n_jobs=n_jobs, error_score=-1.0)
    search.set_callbacks(flat, deep)
    with pytest.warns(FitFailedWarning, match="4 fits failed"):
        search.fit(X, y)
    assert search.best_params_ == {"max_iter": 1}
    assert flat.count("end")[ABOVE] == 6
    assert is_balanced(flat)


@pytest.mark.filterwarnings("ignore:A worker process has died")
@pytest.mark.parametrize(
    ("trouble", "options"), [("exit", {}), ("hang", {"fit_timeout": 1})], ids=["exit", "hang"]
)
def test_fits_that_cost_their_worker_end_too(trouble, options):
    flat, deep = Watch(), DeepWatch()
    options = {"n_jobs": 2, "error_score": -1.0, **options}
    search = search_of(Iterative(trouble=trouble), {"max_iter": [1, 2]}, **options)
    search.set_callbacks(flat, deep)
    with pytest.warns(FitFailedWarning, match="2 fits failed"):
        search.fit(X, y)
    assert search.best_params_ == {"max_iter": 1}
    for watch in (flat, deep):
        # One that was running is run again: it begins twice and ends once. One that was done, but
        # whose result was lost with the worker, ends twice.
        assert set(watch.count("begin")) == set(watch.count("end"))
        assert 4 <= watch.count("end")[ABOVE] <= watch.count("begin")[ABOVE]
        assert watch.count("end")[ABOVE[:4]] == 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_step_ends_its_fit_an_evaluation_ends_the_search(n_jobs):
    search = search_of(Iterative(3), n_jobs=n_jobs).set_callbacks(DeepWatch("step")).fit(X, y)
    assert search.n_evaluations_ == 3
    assert search.best_estimator_.n_steps_ == 1
    watch = DeepWatch("evaluation")
    search = search_of(n_jobs=n_jobs, space={"max_iter": list(range(1, 60))}, population_size=50)
    search.set_callbacks(watch).fit(X, y)
    assert search.stop_reason_ == "callback"
    assert search.n_evaluations_ < 50
    assert is_balanced(watch)


def test_what_is_known_is_not_fitted(tmp_path):
    search_of(memory=tmp_path, refit=False).fit(X, y)
    watch = DeepWatch()
    search_of(memory=tmp_path, refit=False).set_callbacks(watch).fit(X, y)
    assert watch.details("begin", FIT) == []
    assert watch.count("end")[ABOVE[:4]] == 3


def test_threads_share_the_tree():
    watch = DeepWatch()
    with parallel_config(backend="threading", n_jobs=2):
        search_of().set_callbacks(watch).fit(X, y)
    assert is_balanced(watch)
    assert watch.count("begin")[ABOVE] == 6


def test_what_is_sent_does_not_grow_with_the_search():
    watch = DeepWatch()
    space = {"max_iter": [1], "trouble": uniform(0, 1)}
    search = search_of(Iterative(1), space, n_jobs=2, max_evaluations=60)
    search.set_callbacks(watch).fit(X, y)
    fits = watch.details("begin", FIT)
    assert len(fits) == 120
    assert os.getpid() not in {more["process"] for more in fits}
    sizes = [more["bytes"] for more in fits]
    assert max(sizes) < 1.1 * min(sizes)


def test_results_of_an_earlier_fit_are_not_sent():
    flat = Watch()
    search = search_of(n_jobs=2).fit(X, y)
    search.set_callbacks(flat, DeepWatch()).fit(X, y)
    fits = flat.details("begin", FIT)
    assert len(fits) == 6
    assert not any(more["has_results"] for more in fits)
    assert all(more["has_results"] for more in flat.details("begin", "evaluation"))


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("in_pipeline", [False, True])
def test_scoring_monitor_of_the_estimator_logs_one_run(n_jobs, in_pipeline):
    monitor = callback.ScoringMonitor(scoring="r2")
    estimator = Iterative().set_callbacks(monitor)
    space = FINITE
    if in_pipeline:
        estimator = make_pipeline(StandardScaler(), estimator)
        space = {"iterative__max_iter": [1, 2, 3]}
    search_of(estimator, space, n_jobs=n_jobs).fit(X, y)
    (log,) = monitor.get_logs(select="all")
    assert log.estimator_name == "GeneticSearchCV"
    # 1, 2, 3 steps on two splits, and 3 of the refit.
    assert len(log.data) == 2 * (1 + 2 + 3) + 3


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_progress_bar_shows_the_fits(capsys, schedule, n_jobs):
    pytest.importorskip("rich")
    bar = callback.ProgressBar(max_propagation_depth=1)
    search_of(schedule=schedule, n_jobs=n_jobs, refit=False).set_callbacks(bar).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert sum(FIT in line for line in lines) == 6
    assert sum("GeneticSearchCV - evaluation" in line for line in lines) == 3
    assert all("100%" in line for line in lines)
