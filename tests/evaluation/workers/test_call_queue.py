"""In which order calls are run."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice

import pytest

from sklearn_natsel._evaluation.workers.call import Known
from sklearn_natsel._evaluation.workers.call_queue import CallQueue


@pytest.fixture
def calls():
    return [Known(key, None) for key in range(6)]


def test_new_calls_are_taken_when_they_are_needed(calls):
    source = iter(calls)
    queue = CallQueue(source)
    assert list(islice(queue.next_calls(), 2)) == calls[:2]
    assert next(source) is calls[2]
    assert queue.n_taken == 2
    assert not queue.is_done
    assert list(queue.next_calls()) == calls[3:]
    assert queue.is_done


def test_what_was_lost_comes_before_what_is_new(calls):
    queue = CallQueue(calls)
    first, second, third = islice(queue.take(), 3)
    queue.put_back(third)
    queue.put_back(first)
    assert list(queue.take()) == [third, first, *calls[3:]]
    queue.put_back(second)
    assert not queue.is_done


def test_calls_run_alone_one_after_the_other_before_all_others(calls):
    queue = CallQueue(calls)
    for call in list(islice(queue.take(), 3)):
        queue.put_back(call, run_alone=call is not calls[1])
    assert queue.next_calls() == [calls[0]]
    assert queue.alone is calls[0]
    assert queue.next_calls() == [calls[2]]
    assert list(queue.next_calls()) == [calls[1], *calls[3:]]
    assert queue.alone is None
    assert queue.is_done


def test_when_the_cause_is_found_none_runs_alone(calls):
    queue = CallQueue(calls[:3])
    for call in list(queue.take()):
        queue.put_back(call, run_alone=True)
    assert queue.next_calls() == [calls[0]]
    queue.run_none_alone()
    assert not queue.is_done
    assert list(queue.next_calls()) == calls[1:3]
    assert queue.is_done


def test_threads_may_take_calls_at_the_same_time():
    calls = (Known(key, None) for key in range(20_000))  # can't be advanced by two at once
    queue = CallQueue(calls)
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda _: [call.key for call in queue.take()], range(4)))
    assert sorted(chain(*taken)) == list(range(20_000))
