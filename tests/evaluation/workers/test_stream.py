"""joblib's workers: what comes back when, and what is given up."""

import time
import warnings

import joblib
import numpy as np
import pytest
from faulty_classifier import X, make_search, y
from joblib.externals.loky import get_reusable_executor
from sklearn.utils.parallel import delayed

from sklearn_natsel._evaluation.workers.stream import Stream

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


def give(number, seconds=0.0):
    time.sleep(seconds)
    return number


def gives(*args):
    return [delayed(give)(*arg) for arg in args]


def open_stream(backend, n_jobs=2):
    with joblib.parallel_config(backend=backend):
        stream = Stream(n_jobs, "2*n_jobs", ())
        stream.open()
    return stream


def give_after(number, other):
    """Wait until somebody has made a file."""
    while not other.exists():
        time.sleep(0.01)
    return number


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_what_is_done_comes_before_what_is_running(backend, tmp_path):
    stream = open_stream(backend)
    assert stream.is_one_by_one
    file = tmp_path / "done"
    stream.start([delayed(give_after)(0, file), delayed(give)(1)], batch_size=1)
    assert stream.receive() == 1
    file.touch()
    assert stream.receive() == 0
    assert stream.receive() is None
    stream.close()


# Threads share the filters of the process, and may undo the one by which a stream keeps quiet.
@pytest.mark.filterwarnings("ignore:.*tasks:UserWarning:joblib")
def test_what_has_come_back_is_not_lost_when_the_rest_is_given_up():
    stream = open_stream("threading")
    stream.start(gives((0, 0.0), (1, 0.0), (2, 0.5)), batch_size=1)
    assert stream.receive() in (0, 1)
    time.sleep(0.2)
    assert list(stream.take_unread()) in ([0], [1])
    assert stream.receive() is None
    stream.start(gives((3, 0.0)), batch_size=1)
    assert stream.receive() == 3
    stream.close()


@pytest.mark.filterwarnings("ignore:.*tasks:UserWarning:joblib")
def test_a_stream_can_be_opened_anew():
    stream = open_stream("threading")
    stream.start(gives((0, 0.2)), batch_size=1)
    stream.close()
    stream.open()
    stream.start(gives((1, 0.0)), batch_size=1)
    assert stream.receive() == 1
    stream.close()


@pytest.mark.parametrize(("n_jobs", "one_by_one"), [(1, True), (2, False)])
def test_backends_that_return_lists(n_jobs, one_by_one):
    stream = open_stream("multiprocessing", n_jobs)
    assert stream.n_workers == n_jobs
    assert not stream.can_replace_workers
    assert stream.is_one_by_one is one_by_one
    stream.start(gives((0,), (1,)), batch_size=1)
    assert sorted([stream.receive(), stream.receive()]) == [0, 1]
    assert stream.receive() is None
    stream.close()


@pytest.mark.parametrize(
    ("backend", "n_jobs", "expected"), [("loky", 2, 1), ("loky", 1, 0), ("threading", 2, 0)]
)
def test_only_workers_that_can_be_replaced_need_a_filter_of_warnings(backend, n_jobs, expected):
    before = list(warnings.filters)
    stream = open_stream(backend, n_jobs)
    assert len(warnings.filters) - len(before) == expected
    stream.close()
    assert warnings.filters == before
