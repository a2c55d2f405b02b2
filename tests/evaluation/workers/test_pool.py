"""Workers that die, hang or run out of memory."""

import ctypes
import os
import shutil
import signal
import sys
import threading
import time

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from joblib.parallel import ThreadingBackend
from processes import workers_of
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import ShuffleSplit

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation.workers.crash_log import CallState, CrashLog
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.call import Call
from sklearn_natsel._evaluation.workers.pool import Pool

CRASH_LOG = "sklearn_natsel._evaluation.workers.crash_log"


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


def test_a_third_of_the_settings_kill_their_worker():
    deadly = {2: leave, 5: be_killed, 8: segfault}
    with (
        pytest.warns(RuntimeWarning, match="A worker process has died") as caught,
        pytest.warns(FitFailedWarning, match="3 fits failed out of(?s:.*)killed its worker"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search(deadly).fit(X, y)
    check_only_these_failed(search, deadly)
    assert sum("has died" in str(warning.message) for warning in caught) == 1


def test_error_score_raise_raises_the_death():
    search = make_search({4: leave}, n_settings=6, error_score="raise")
    with (
        pytest.warns(RuntimeWarning, match="has died"),
        pytest.raises(RuntimeError, match="killed its worker process twice"),
    ):
        search.fit(X, y)


def test_worker_killed_from_outside_changes_nothing():
    def kill_one_worker():
        deadline = time.time() + 30
        while len(workers := workers_of(os.getpid())) < 2 and time.time() < deadline:
            time.sleep(0.01)
        time.sleep(1)
        os.kill(workers[0], signal.SIGKILL)

    get_reusable_executor().shutdown(wait=True)  # so that workers_of finds those of this search
    killer = threading.Thread(target=kill_one_worker)
    killer.start()
    search = make_search(dict.fromkeys(range(30), do_nothing_slowly), n_settings=30)
    with pytest.warns(RuntimeWarning, match="has died"):
        search.fit(X, y)
    killer.join()
    expected = make_search(None, n_settings=30, n_jobs=1).fit(X, y)
    for name, column in expected.cv_results_.items():
        if not name.endswith("_time"):
            np.testing.assert_array_equal(column, search.cv_results_[name])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_out_of_memory_costs_one_setting(n_jobs):
    greedy = {2: exhaust_memory, 8: exhaust_memory}
    with (
        pytest.warns(FitFailedWarning, match="(?s)2 fits failed out of.*MemoryError"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search(greedy, n_jobs=n_jobs).fit(X, y)
    check_only_these_failed(search, greedy)


def test_fits_that_hang_are_ended():
    hanging = {2: hang, 5: hang_in_compiled_code}
    with (
        pytest.warns(FitFailedWarning, match="(?s)2 fits failed out of.*longer than 2 seconds"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search(hanging, n_settings=6, fit_timeout=2).fit(X, y)
    check_only_these_failed(search, hanging, n_settings=6)


def test_timeout_is_of_each_fit():
    slow = dict.fromkeys(range(20), do_nothing_slowly)
    search = make_search(slow, n_settings=20, fit_timeout=1.5, error_score="raise").fit(X, y)
    assert search.cv_results_["mean_fit_time"].sum() > 2 * 1.5


@pytest.mark.parametrize(("backend", "n_jobs"), [("threading", 2), ("loky", 1)])
def test_timeout_that_cannot_be_kept_is_told(backend, n_jobs):
    with (
        joblib.parallel_config(backend=backend),
        pytest.warns(UserWarning, match="'fit_timeout' parameter has no effect"),
    ):
        search = make_search(None, n_jobs=n_jobs, fit_timeout=5).fit(X, y)
    assert search.best_params_ == {"a": 8}


def test_call_without_room_for_its_file_is_made_all_the_same(monkeypatch):
    monkeypatch.setattr(f"{CRASH_LOG}.end_with_parent", lambda parent: None)
    crash_log = CrashLog()
    crash_log.close()
    assert crash_log.record_call(0, None, int, {}) == 0
    assert crash_log.pop_state(0) is CallState.NOT_RUNNING


def test_fits_that_hang_are_ended_if_the_temporary_folder_has_been_cleaned(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    get_reusable_executor().shutdown(wait=True)

    def clean(search, record):
        for folder in tmp_path.glob("sklearn_natsel-*"):
            shutil.rmtree(folder)

    options = {"fit_timeout": 2, "callback": clean, "population_size": 2}
    with (
        pytest.warns(RuntimeWarning, match="has died"),
        pytest.warns(FitFailedWarning, match="1 fits failed out of"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search({5: hang}, n_settings=6, **options).fit(X, y)
    check_only_these_failed(search, {5}, n_settings=6)


@pytest.mark.filterwarnings("ignore")
def test_fits_run_without_room_for_temporary_files(monkeypatch):
    def no_room(**options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"{CRASH_LOG}.tempfile.mkdtemp", no_room)
    search = make_search({3: leave}, n_settings=6, fit_timeout=30).fit(X, y)
    check_only_these_failed(search, {3}, n_settings=6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_sys_exit_in_a_worker_costs_one_setting(schedule):
    search = make_search({5: sys.exit}, n_settings=8, schedule=schedule).fit(X, y)
    check_only_these_failed(search, {5}, n_settings=8)


def test_sys_exit_in_this_process_is_one():
    with pytest.raises(SystemExit):
        make_search({5: sys.exit}, n_settings=8, n_jobs=1).fit(X, y)


class Immobile:
    """A value that can be copied, but not sent."""

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        raise TypeError("stays at home")


class Carrier(Faulty):
    def __init__(self, a=0, faults=None, load=None):
        super().__init__(a, faults)
        self.load = load


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_a_value_that_cannot_be_sent_costs_its_setting(schedule):
    space = {"a": range(2), "load": [None, Immobile()]}
    search = GeneticSearchCV(
        Carrier(), space, n_jobs=2, cv=ShuffleSplit(1, random_state=0), schedule=schedule
    )
    with (
        pytest.warns(FitFailedWarning, match=r"(?s)2 fits failed out of .*stays at home"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search.fit(X, y)
    assert search.best_params_ == {"a": 1, "load": None}
    failed = np.isnan(search.cv_results_["mean_test_score"])
    assert all((p["load"] is None) != f for p, f in zip(search.cv_results_["params"], failed))


def test_a_callback_may_end_the_workers():
    def callback(search, record):
        get_reusable_executor().shutdown(wait=True)

    options = {"callback": callback, "population_size": 4, "n_offspring": 4}
    search = make_search(None, n_settings=12, **options).fit(X, y)
    check_only_these_failed(search, set(), n_settings=12)
    assert search.n_generations_ == 3


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_a_callback_may_use_the_same_workers(schedule):
    def callback(search, record):
        assert joblib.Parallel(2)(joblib.delayed(abs)(i) for i in range(3)) == [0, 1, 2]

    options = {"callback": callback, "population_size": 4, "schedule": schedule}
    with joblib.parallel_config(backend="loky"):
        search = make_search(None, n_settings=12, **options).fit(X, y)
    check_only_these_failed(search, set(), n_settings=12)


class AtHome(Faulty):
    """Can't be made anew in another process."""

    def __setstate__(self, state):
        if os.environ["HOME_OF_THE_ESTIMATOR"] != str(os.getpid()):
            raise RuntimeError("far from home")
        super().__setstate__(state)


@pytest.mark.parametrize("error_score", ["raise", np.nan])
def test_what_cannot_be_rebuilt_in_a_worker_is_told_at_once(monkeypatch, error_score):
    monkeypatch.setenv("HOME_OF_THE_ESTIMATOR", str(os.getpid()))
    search = GeneticSearchCV(AtHome(), {"a": [1, 2]}, n_jobs=2, cv=2, error_score=error_score)
    get_reusable_executor().shutdown(wait=True)
    with (
        pytest.warns(RuntimeWarning, match="has died"),
        pytest.raises(RuntimeError, match=r"(?s)failed to un-serialize.*far from home"),
    ):
        search.fit(X, y)
    get_reusable_executor().shutdown(wait=True)


kept = []


def leak():
    time.sleep(0.6)  # joblib looks at the memory once a second
    kept.append(np.ones(25_000_000))


def test_workers_that_grow_are_replaced():
    # Warnings are errors here, those in joblib's threads too.
    pytest.importorskip("psutil")
    get_reusable_executor().shutdown(wait=True)
    search = make_search(dict.fromkeys(range(12), leak), n_settings=12, refit=False)
    search.fit(X, y)
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert len(search.cv_results_["params"]) == 12


@pytest.mark.parametrize(
    ("seconds", "n_calls", "expected"),
    [(1.0, 20, 1), (0.005, 20, 2), (0.001, 20, 5), (0.001, 400, 10), (0.001, 2, 1), (0, 80, 20)],
)
def test_short_calls_travel_together(seconds, n_calls, expected):
    pool = Pool(2, "2*n_jobs", None, Interrupts())
    sizes = []

    class Backend(ThreadingBackend):
        def submit(self, func, callback=None):
            sizes.append(len(func.items))
            return super().submit(func, callback)

        def apply_async(self, func, callback=None):  # joblib < 1.5
            sizes.append(len(func.items))
            return super().apply_async(func, callback)

    with joblib.parallel_config(backend=Backend()), pool:
        calls = (Call(i, do_nothing, {}) for i in range(n_calls))
        pool._message_size.learn(seconds)
        assert sorted(key for key, _ in pool.outcomes(calls, n_calls)) == list(range(n_calls))
    assert max(sizes) == expected


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_calls_that_are_too_late_are_not_made(n_jobs):
    late = time.time() - 1
    calls = [Call("late", os.getpid, {}, deadline=late), Call("in time", os.getpid, {})]
    with Pool(n_jobs, "2*n_jobs", None, Interrupts()) as pool:
        outcomes = dict(pool.outcomes(calls))
    assert outcomes["late"] is None
    assert isinstance(outcomes["in time"], int)
