"""What is used of joblib beside its documented names."""

import threading
import time
from contextlib import suppress

import joblib
import pytest
from faulty_classifier import X, check_only_these_failed, make_search, y

from sklearn_natsel._evaluation.workers.joblib_internals import (
    active_backend,
    can_be_sent,
    is_loky,
    own_backend,
    take_finished,
    unread_jobs,
)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_a_callback_may_use_the_same_workers(schedule):
    def callback(search, record):
        assert joblib.Parallel(2)(joblib.delayed(abs)(i) for i in range(3)) == [0, 1, 2]

    options = {"callback": callback, "population_size": 4, "schedule": schedule}
    with joblib.parallel_config(backend="loky"):
        search = make_search(None, n_settings=12, **options).fit(X, y)
    check_only_these_failed(search, set(), n_settings=12)


def test_a_parallel_has_a_loky_backend_of_its_own():
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        outer = active_backend()
        with own_backend():
            own = active_backend()
    assert is_loky(own)
    assert own is not outer
    assert own.inner_max_num_threads == 1
    assert own.nesting_level == outer.nesting_level


def test_backends_other_than_loky_are_shared():
    with joblib.parallel_config(backend="threading"):
        outer = active_backend()
        assert not is_loky(outer)
        with own_backend():
            assert active_backend() is outer


def fail_after(jobs):
    """Raise an error when another call has ended: before, joblib would give that one up."""
    while not jobs:
        time.sleep(0.01)
    raise ValueError


def test_what_has_failed_is_no_result():
    with joblib.Parallel(2, backend="threading", return_as="generator_unordered") as parallel:
        jobs = unread_jobs(parallel)
        output = parallel([joblib.delayed(int)("1"), joblib.delayed(fail_after)(jobs)])
        deadline = time.time() + 30
        while len(jobs) < 2 and time.time() < deadline:
            time.sleep(0.01)
        assert list(take_finished(jobs)) == [1]
        assert not jobs
        with suppress(ValueError):
            list(output)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("a"), True),
        (ValueError(lambda: 0), True),  # which Python's own pickle can't do
        (ValueError(threading.Lock()), False),
    ],
)
def test_errors_that_can_be_sent(error, expected):
    assert can_be_sent(error) is expected


def test_an_error_that_cannot_be_made_anew_cannot_be_sent():
    # Defined here: dask teaches all errors that exist when it is imported to be made anew.
    class NeedsTwoError(Exception):
        def __init__(self, one, two):
            super().__init__(one)

    assert not can_be_sent(NeedsTwoError(1, 2))
