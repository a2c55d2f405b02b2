"""What is said of a crash."""

import pickle
import warnings
from concurrent.futures import BrokenExecutor, CancelledError

import pytest
from joblib.externals.loky.process_executor import ShutdownExecutorError, TerminatedWorkerError

from sklearn_natsel._evaluation.workers.errors import (
    Crash,
    FitTimeoutError,
    LostCallsError,
    WorkerDiedError,
    crash_error,
    is_death,
    warn_of_crash,
)


def caused(error, cause):
    error.__cause__ = cause
    return error


DEAD = TerminatedWorkerError("A worker ... The exit codes of the workers are {SIGKILL(-9)}")
LOST = LostCallsError([1, 2], KeyError("k"))
UNSENDABLE = caused(pickle.PicklingError("Could not pickle."), TypeError("stays at home"))
UNREADABLE = caused(BrokenExecutor("A task has failed."), ImportError("no such package"))
ENDED = ShutdownExecutorError("ended by other code")


@pytest.mark.parametrize("crash", [DEAD, LOST, UNSENDABLE, UNREADABLE, ENDED, CancelledError()])
def test_all_of_them_are_crashes(crash):
    assert isinstance(crash, Crash)
    assert is_death(crash) is (crash not in (UNSENDABLE, ENDED))


@pytest.mark.parametrize(
    ("crash", "text"),
    [
        (DEAD, "The fit killed its worker process twice (SIGKILL(-9)), the second time"),
        (LOST, "The fit killed its worker process twice (KeyError), the second time"),
        (CancelledError(), "The fit killed its worker process twice, the second time"),
        (UNSENDABLE, "Could not pickle. stays at home"),
        (UNREADABLE, "A task has failed. In the worker process: no such package"),
    ],
)
def test_the_error_of_the_cause_says_what_is_known(crash, text):
    error = crash_error(crash)
    assert type(error) is WorkerDiedError
    assert str(error).startswith(text)


def test_the_warning_says_what_the_system_tells():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_crash(DEAD)
    assert [w.category for w in caught] == [RuntimeWarning]
    assert str(caught[0].message).startswith("A worker process has died (SIGKILL(-9)).")


def test_lost_calls_are_numbered():
    assert LOST.numbers == {1, 2}
    assert LOST.reason == "KeyError"


def test_a_timeout_names_its_seconds_and_the_parameter():
    assert "2.5 seconds" in str(FitTimeoutError(2.5))
    assert "fit_timeout" in str(FitTimeoutError(2.5))
