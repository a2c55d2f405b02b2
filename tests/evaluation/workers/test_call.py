"""What a worker does with a call."""

import math
import os
import pickle
import sys
import threading
import time
import warnings

import pytest
from faulty_classifier import X, check_only_these_failed, make_search, y

from sklearn_natsel._evaluation.workers.call import Call, Known, run_call
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.pool import Pool


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_sys_exit_in_a_worker_costs_one_setting(schedule):
    search = make_search({5: sys.exit}, n_settings=8, schedule=schedule).fit(X, y)
    check_only_these_failed(search, {5}, n_settings=8)


def test_sys_exit_in_this_process_is_one():
    with pytest.raises(SystemExit):
        make_search({5: sys.exit}, n_settings=8, n_jobs=1).fit(X, y)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_calls_that_are_too_late_are_not_made(n_jobs):
    late = time.time() - 1
    calls = [Call("late", os.getpid, {}, deadline=late), Call("in time", os.getpid, {})]
    with Pool(n_jobs, "2*n_jobs", None, Interrupts()) as pool:
        outcomes = dict(pool.outcomes(calls))
    assert outcomes["late"] is None
    assert isinstance(outcomes["in time"], int)


class UnsendableError(Exception):
    """Can't be pickled."""

    def __init__(self, reason):
        super().__init__(reason)
        self.lock = threading.Lock()


def fail():
    raise UnsendableError("my reason")


def run(function, search_pid, **kwargs):
    return run_call(3, function, math.inf, None, None, search_pid, **kwargs)


def test_an_error_that_cannot_be_sent_comes_as_its_text():
    with pytest.raises(RuntimeError, match=r"(?s)in fail.*UnsendableError: my reason") as caught:
        run(fail, search_pid=os.getpid() + 1)
    assert caught.value.__context__ is None
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


def divide(by):
    warnings.warn("divides", UserWarning, stacklevel=1)
    return 6 / by


@pytest.mark.filterwarnings("ignore:divides")
def test_an_error_that_can_be_sent_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        run(divide, os.getpid() + 1, by=0)
    with pytest.raises(UnsendableError):  # nothing needs to be sent
        run(fail, search_pid=os.getpid())


@pytest.mark.filterwarnings("always")
def test_the_outcome_comes_with_its_warnings_and_its_seconds():
    number, outcome, [(message, category, filename, _)], seconds = run(divide, os.getpid(), by=2)
    assert (number, outcome, message, category) == (3, 3.0, "divides", UserWarning)
    assert filename == __file__
    assert 0 < seconds < 10


def test_an_outcome_that_is_known_is_given_back():
    calls = [Known("a", 1), Call("b", int, {}), Known("c", None)]
    with Pool(2, "2*n_jobs", None, Interrupts()) as pool:
        assert dict(pool.outcomes(calls)) == {"a": 1, "b": 0, "c": None}
