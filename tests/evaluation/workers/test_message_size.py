"""How many calls are sent at once."""

import joblib
import pytest
from joblib.parallel import ThreadingBackend

from sklearn_natsel._evaluation.workers.call import Call
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.message_size import MessageSize
from sklearn_natsel._evaluation.workers.pool import Pool


@pytest.mark.parametrize(
    ("seconds", "n_calls", "expected"),
    [(1.0, 20, 1), (0.005, 20, 2), (0.001, 20, 5), (0.001, 400, 10), (0.001, 2, 1), (0, 80, 20)],
)
def test_short_calls_travel_together(seconds, n_calls, expected):
    size = MessageSize(n_workers=2)
    for _ in range(3):
        size.learn(seconds)
    size.learn(1000.0)  # one that took long says little of the others
    assert size.choose(n_calls) == expected


def test_without_knowledge_joblib_chooses():
    size = MessageSize(n_workers=2)
    assert size.choose(20) == "auto"
    size.learn(0.001)
    assert size.choose(None) == "auto"
    alone = MessageSize(n_workers=1)
    alone.learn(0.001)
    assert alone.choose(20) == "auto"


class CountingBackend(ThreadingBackend):
    """Knows how many calls it was given at once."""

    def __init__(self, **options):
        super().__init__(**options)
        self.sizes = []

    def submit(self, func, callback=None):
        self.sizes.append(len(func.items))
        return super().submit(func, callback)

    def apply_async(self, func, callback=None):  # joblib < 1.5
        self.sizes.append(len(func.items))
        return super().apply_async(func, callback)


def test_a_pool_learns_from_its_calls():
    backend = CountingBackend()
    with (
        joblib.parallel_config(backend=backend),
        Pool(2, "2*n_jobs", None, Interrupts()) as pool,
    ):
        dict(pool.outcomes(Call(i, int, {}) for i in range(20)))
        backend.sizes.clear()
        assert len(dict(pool.outcomes((Call(i, int, {}) for i in range(80)), 80))) == 80
    assert max(backend.sizes) == 20
