"""Workers that die, and calls that can't be sent to them."""

import os
import signal
import sys
import threading
import time

import joblib
import numpy as np
import pytest
from faulty_classifier import (
    Faulty,
    X,
    be_killed,
    check_only_these_failed,
    do_nothing_slowly,
    exhaust_memory,
    leave,
    make_search,
    segfault,
    y,
)
from joblib.externals.loky import get_reusable_executor
from processes import workers_of
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import ShuffleSplit

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation.workers.call import Call, Group
from sklearn_natsel._evaluation.workers.errors import WorkerDiedError
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.pool import Pool


def test_a_third_of_the_settings_kill_their_worker():
    deadly = {1: be_killed, 4: segfault}
    with (
        pytest.warns(RuntimeWarning, match="A worker process has died") as caught,
        pytest.warns(FitFailedWarning, match="2 fits failed out of(?s:.*)killed its worker"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = make_search(deadly, n_settings=6).fit(X, y)
    check_only_these_failed(search, deadly, n_settings=6)
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
        time.sleep(0.5)
        os.kill(workers[0], signal.SIGKILL)

    get_reusable_executor().shutdown(wait=True)  # so that workers_of finds those of this search
    killer = threading.Thread(target=kill_one_worker)
    killer.start()
    search = make_search(dict.fromkeys(range(20), do_nothing_slowly), n_settings=20)
    with pytest.warns(RuntimeWarning, match="has died"):
        search.fit(X, y)
    killer.join()
    expected = make_search(None, n_settings=20, n_jobs=1).fit(X, y)
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


@pytest.mark.parametrize(("backend", "n_jobs"), [("threading", 2), ("loky", 1)])
def test_timeout_that_cannot_be_kept_is_told(backend, n_jobs):
    with (
        joblib.parallel_config(backend=backend),
        pytest.warns(UserWarning, match="'fit_timeout' parameter has no effect"),
    ):
        search = make_search(None, n_jobs=n_jobs, fit_timeout=5).fit(X, y)
    assert search.best_params_ == {"a": 8}


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
    search = make_search(None, n_settings=8, **options).fit(X, y)
    check_only_these_failed(search, set(), n_settings=8)
    assert search.n_generations_ == 2


class AtHome(Faulty):
    """Can't be made anew in another process."""

    def __setstate__(self, state):
        if os.environ["HOME_OF_THE_ESTIMATOR"] != str(os.getpid()):
            raise RuntimeError("far from home")
        super().__setstate__(state)


def test_what_cannot_be_rebuilt_in_a_worker_is_told_at_once(monkeypatch):
    monkeypatch.setenv("HOME_OF_THE_ESTIMATOR", str(os.getpid()))
    search = GeneticSearchCV(AtHome(), {"a": [1, 2]}, n_jobs=2, cv=2, error_score=np.nan)
    get_reusable_executor().shutdown(wait=True)
    with (
        pytest.warns(RuntimeWarning, match="has died"),
        pytest.raises(RuntimeError, match=r"(?s)failed to un-serialize.*far from home"),
    ):
        search.fit(X, y)
    get_reusable_executor().shutdown(wait=True)


def test_a_search_that_is_refused_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    search = GeneticSearchCV(
        Faulty(),
        {"a": [0, 1]},
        schedule="steady-state",
        pre_dispatch="all",
        n_jobs=2,
    )
    with pytest.raises(ValueError, match="pre_dispatch='all'"):
        search.fit(X, y)
    assert not list(tmp_path.iterdir())


# Groups


def alone(number):
    if number == 13:
        be_killed()
    return f"alone: {number}"


def together(numbers, fault=int):
    fault()
    return [None if number % 5 == 0 else f"together: {number}" for number in numbers]


def group_of(*numbers, **options):
    calls = [Call(number, alone, {"number": number}) for number in numbers]
    return Group(calls, together, {"numbers": numbers, **options.pop("kwargs", {})}, **options)


def outcomes(*calls, n_jobs=2):
    with Pool(n_jobs, "2*n_jobs", None, Interrupts()) as pool:
        found = list(pool.outcomes(calls))
    assert len(found) == len(dict(found))
    return dict(found)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_call_of_a_group_has_its_outcome_and_what_it_left_out_is_made_alone(n_jobs):
    calls = [group_of(1, 5, 2), Call(7, alone, {"number": 7}), group_of(10, 3)]
    assert outcomes(*calls, n_jobs=n_jobs) == {
        **{number: f"together: {number}" for number in (1, 2, 3)},
        **{number: f"alone: {number}" for number in (5, 7, 10)},
    }


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_group_that_is_too_late_is_not_made(n_jobs):
    late = group_of(1, 5, deadline=time.time() - 1)
    assert outcomes(late, group_of(2, 3), n_jobs=n_jobs) == {2: "together: 2", 3: "together: 3"}


@pytest.mark.parametrize("fault", [be_killed, sys.exit])
def test_the_calls_of_a_group_that_kills_its_worker_are_made_alone(fault, recwarn):
    found = outcomes(group_of(1, 2, kwargs={"fault": fault}), group_of(3, 4), group_of(5, 6))
    assert found[1] == "alone: 1"
    assert found[2] == "alone: 2"
    assert {found[number].split()[-1] for number in (3, 4, 5, 6)} == {"3", "4", "5", "6"}
    assert len(recwarn) == (fault is be_killed)


def test_the_call_of_a_group_that_kills_its_worker_is_found():
    with pytest.warns(RuntimeWarning, match="has died"):
        found = outcomes(group_of(13, 2, 3, kwargs={"fault": be_killed}))
    assert isinstance(found[13], WorkerDiedError)
    assert (found[2], found[3]) == ("alone: 2", "alone: 3")
