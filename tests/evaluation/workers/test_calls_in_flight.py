"""Calls that are with the workers."""

from concurrent.futures import BrokenExecutor, CancelledError

import pytest

from sklearn_natsel._evaluation.workers.call import Call, Known
from sklearn_natsel._evaluation.workers.calls_in_flight import CallsInFlight
from sklearn_natsel._evaluation.workers.crash_log import CallState, CrashLog
from sklearn_natsel._evaluation.workers.errors import LostCallsError

CALL = Call("a", int, {})
NOT_RUNNING, RUNNING, TIMED_OUT = CallState.NOT_RUNNING, CallState.RUNNING, CallState.TIMED_OUT


# joblib is to run what scikit-learn's `delayed` makes, not this test.
@pytest.mark.filterwarnings("ignore:`sklearn.utils.parallel.delayed`")
def test_each_call_is_known_by_its_number_until_it_is_back():
    calls = [Call("a", int, {}), Known("b", 5), Call("c", complex, {"imag": 1})]
    in_flight = CallsInFlight(None, None)
    returned = [function(*args, **kwargs) for function, args, kwargs in in_flight.send(calls)]
    assert [number for number, *_ in returned] == [0, 1, 2]
    assert [outcome for _, outcome, *_ in returned] == [0, 5, 1j]
    assert in_flight.receive(1) is calls[1]
    assert in_flight.receive(1) is None
    assert in_flight.give_up() == {0: calls[0], 2: calls[2]}
    assert in_flight.receive(0) is None
    list(in_flight.send(calls[:1]))
    assert in_flight.give_up() == {3: calls[0]}


def test_without_a_log_any_call_may_have_caused_the_crash():
    states = CallsInFlight(None, None).states({1: CALL, 2: CALL}, BrokenExecutor())
    assert states == {1: RUNNING, 2: RUNNING}


def test_a_cluster_tells_which_calls_have_caused_it():
    crash = LostCallsError([2], RuntimeError())
    lost = {1: CALL, 2: CALL}
    assert CallsInFlight(None, None).states(lost, crash) == {1: NOT_RUNNING, 2: RUNNING}


def test_calls_that_are_lost_with_data_twice_may_have_caused_it():
    innocent, deadly, late = (Call(key, int, {}) for key in "abc")
    in_flight, crash = CallsInFlight(None, None), CancelledError()
    assert in_flight.states({1: innocent, 2: deadly}, crash) == {1: NOT_RUNNING, 2: NOT_RUNNING}
    assert in_flight.states({3: late}, crash) == {3: NOT_RUNNING}
    assert in_flight.states({4: deadly, 5: late}, crash) == {4: RUNNING, 5: RUNNING}
    assert in_flight.states({6: innocent}, crash) == {6: RUNNING}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["", "2"], {1: NOT_RUNNING, 2: RUNNING, 3: NOT_RUNNING}),
        (["1", "3"], {1: RUNNING, 2: NOT_RUNNING, 3: RUNNING}),
        # The end of one that took too long is why the other one was lost.
        (["1", "3Timeout (0:00:02)!"], {1: NOT_RUNNING, 2: NOT_RUNNING, 3: TIMED_OUT}),
        (["", "7"], {1: RUNNING, 2: RUNNING, 3: RUNNING}),
    ],
)
def test_workers_have_written_which_calls_ran(tmp_path, monkeypatch, files, expected):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    in_flight = CallsInFlight(CrashLog(), None)
    [folder] = tmp_path.iterdir()
    for i, text in enumerate(files):
        (folder / str(i)).write_text(text[:1].rjust(20) + text[1:])
    assert in_flight.states(dict.fromkeys([1, 2, 3], CALL), BrokenExecutor()) == expected
