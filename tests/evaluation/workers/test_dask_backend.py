"""A cluster of dask, of real processes on this machine."""

import contextlib
import os
import signal
import sys
import threading
import time
import warnings
from pathlib import Path

import joblib
import logging_classifier
import numpy as np
import pytest
from killed_search import make_data, make_search
from logging_classifier import DeadlyClassifier, fits_in
from sklearn.exceptions import FitFailedWarning

from sklearn_natsel._evaluation.workers.call_queue import CallQueue

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
pd = pytest.importorskip("pandas")

pytestmark = [
    pytest.mark.filterwarnings("default"),  # those of dask and of its event loop
    pytest.mark.filterwarnings("error:::sklearn_natsel"),
]


@pytest.fixture(scope="module")
def client():
    with (
        # A worker that has died, and is away again so long after, would never be replaced.
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        client.register_plugin(TestsOnPath(str(Path(logging_classifier.__file__).parent)))
        yield client


class TestsOnPath(distributed.WorkerPlugin):
    """Lets the workers import what the tests define, also after a new start."""

    __test__ = False

    def __init__(self, folder):
        self.folder = folder

    def setup(self, worker):
        sys.path.insert(0, self.folder)


TestsOnPath.__module__ = "__main__"  # to be sent by value


@pytest.fixture(scope="module")
def expected():
    return make_search(None, None, seconds=0).fit(*make_data())


def assert_same(search, expected):
    assert search.best_params_ == expected.best_params_
    for name, column in expected.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(search.cv_results_[name], column)


def test_cluster_changes_nothing(client, expected):
    with joblib.parallel_config(backend="dask"):
        search = make_search(None, None, seconds=0).fit(*make_data())
    assert_same(search, expected)


@contextlib.contextmanager
def killed_after(n_fits, log, victims):
    """Kill processes from outside, as soon as so many fits have ended."""

    def kill():
        while len(fits_in(log)) < n_fits:
            time.sleep(0.01)
        for victim in victims:
            os.kill(victim, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    yield
    killer.join()


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
@pytest.mark.parametrize("parts", [{}, {"racing": True, "resource": "n_samples"}])
def test_killed_worker_changes_nothing(client, tmp_path, schedule, parts):
    log = tmp_path / "log"
    options = {"schedule": schedule, "max_evaluations": 30, "refit": False, **parts}
    victim = next(iter(client.run(os.getpid).values()))
    with (
        killed_after(10, log, [victim]),
        joblib.parallel_config(backend="dask"),
        warnings.catch_warnings(),
    ):
        # Data of which dask has dropped copies can be lost with one worker; this tells of it.
        warnings.filterwarnings("ignore", "A worker process has died", RuntimeWarning)
        search = make_search(None, log, **options).fit(*make_data())
    assert victim not in client.run(os.getpid).values()
    if schedule == "generational":
        assert_same(search, make_search(None, None, seconds=0, **options).fit(*make_data()))
    assert len({str(params) for params in search.cv_results_["params"]}) >= 30
    assert search.n_evaluations_ == 30 or parts
    assert not np.isnan(search.cv_results_["split0_test_score"]).any()
    assert search.evolution_history_["n_failed"].sum() == 0
    client.wait_for_workers(2, timeout=120)


def test_workers_that_are_killed_all_at_once_change_nothing(
    client, expected, tmp_path, monkeypatch
):
    alone = []
    put_back = CallQueue.put_back

    def watched(queue, call, run_alone=False):
        alone.append(run_alone)
        put_back(queue, call, run_alone)

    monkeypatch.setattr(CallQueue, "put_back", watched)
    log = tmp_path / "log"
    victims = list(client.run(os.getpid).values())
    with (
        killed_after(10, log, victims),
        joblib.parallel_config(backend="dask"),
        pytest.warns(RuntimeWarning, match="has died"),
    ):
        search = make_search(None, log, refit=False).fit(*make_data())
    assert_same(search, expected)
    assert len(alone) > 1
    assert not any(alone)  # that would take long if many calls are lost
    client.wait_for_workers(2, timeout=120)


def test_workers_that_stay_away_for_long_are_waited_for(client, expected, tmp_path, monkeypatch):
    # As long as they take to start again is longer than dask and joblib wait for them.
    monkeypatch.setattr(client, "_timeout", 0.1)
    log = tmp_path / "log"
    with (
        killed_after(10, log, list(client.run(os.getpid).values())),
        joblib.parallel_config(backend="dask", wait_for_workers_timeout=0.1),
        pytest.warns(RuntimeWarning, match="has died"),
    ):
        search = make_search(None, log, refit=False).fit(*make_data())
    assert_same(search, expected)
    client.wait_for_workers(2, timeout=120)


def test_an_interrupt_while_no_worker_is_there_ends_the_search(tmp_path):
    log = tmp_path / "log"
    with (
        distributed.LocalCluster(
            n_workers=1, processes=False, dashboard_address=":0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
    ):

        def leave():
            while len(fits_in(log)) < 40:  # the first generation is 30 fits
                time.sleep(0.01)
            cluster.scale(0)
            while cluster.scheduler.workers:
                time.sleep(0.01)
            time.sleep(1)
            os.kill(os.getpid(), signal.SIGINT)

        leaver = threading.Thread(target=leave)
        leaver.start()
        with joblib.parallel_config(backend="dask"):
            search = make_search(None, log, refit=False).fit(*make_data())
        leaver.join()
    assert search.stop_reason_ == "interrupted"
    assert 10 <= search.n_evaluations_ < 30


def process_of_the_score(estimator, X, y):
    return os.getpid()


def test_single_worker_that_is_left_gets_the_work(client, monkeypatch):
    monkeypatch.setattr(client, "ncores", lambda: {"the only one": 1})
    search = make_search(None, None, scoring=process_of_the_score, n_generations=1, refit=False)
    with joblib.parallel_config(backend="dask"):
        search.fit(*make_data())
    assert os.getpid() not in search.cv_results_["split0_test_score"]


# With 0, dask gives the call up; with 3, all workers are dead before, and with them the data.
@pytest.mark.parametrize("allowed_failures", [0, 3])
def test_setting_that_kills_its_workers_costs_only_itself(client, monkeypatch, allowed_failures):
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", allowed_failures)
    search = make_search(None, None, cv=[(np.arange(30), np.arange(30, 60))])
    search.set_params(estimator=DeadlyClassifier(), param_space={"b": range(5)})
    with (
        joblib.parallel_config(backend="dask"),
        pytest.warns(RuntimeWarning, match="has died"),
        pytest.warns(FitFailedWarning, match="(?s)1 fits failed.*killed its worker"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(*make_data())
    scores = dict(zip(search.cv_results_["param_b"], search.cv_results_["mean_test_score"]))
    assert sorted(scores) == list(range(5))
    assert [b for b in scores if np.isnan(scores[b])] == [3]


def test_results_are_kept_by_the_client(client, expected, tmp_path):
    log = tmp_path / "log"
    for n_more_fits in (90 + 1, 1):  # and the refit
        n_before = len(fits_in(log))
        with joblib.parallel_config(backend="dask"):
            search = make_search(tmp_path / "memory", log, seconds=0).fit(*make_data())
        assert len(fits_in(log)) - n_before == n_more_fits
        assert_same(search, expected)


class Counted(pd.Series):
    """Targets that count how often they are pickled."""

    n_pickled = 0

    def __reduce_ex__(self, protocol):
        Counted.n_pickled += 1
        return pd.Series, (self.to_numpy(),)


def test_data_are_sent_once(client):
    X, y = make_data()
    with joblib.parallel_config(backend="dask"):
        make_search(None, None, seconds=0, refit=False).fit(X, Counted(y))
    assert Counted.n_pickled == 1


def test_timeout_that_cannot_be_kept_is_told(client):
    with (
        joblib.parallel_config(backend="dask"),
        pytest.warns(UserWarning, match="'fit_timeout' parameter has no effect"),
    ):
        make_search(None, None, n_generations=1, fit_timeout=60).fit(*make_data())


def test_steady_state_evaluates_each_setting_once(client, tmp_path):
    log = tmp_path / "log"
    options = {"schedule": "steady-state", "max_evaluations": 30, "refit": False}
    with joblib.parallel_config(backend="dask"):
        search = make_search(tmp_path / "memory", log, **options).fit(*make_data())
    assert search.n_evaluations_ == len({str(p) for p in search.cv_results_["params"]}) == 30
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert len(fits_in(log)) == 90
    log.unlink()
    with joblib.parallel_config(backend="dask"):
        again = make_search(tmp_path / "memory", log, **options).fit(*make_data())
    assert fits_in(log) == []
    assert_same(again, search)
