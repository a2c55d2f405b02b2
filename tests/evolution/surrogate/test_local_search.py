import numpy as np
from numpy.testing import assert_array_equal

from sklearn_natsel._evolution.surrogate.local_search import local_search


def search(starts, movable, promise, seed=0):
    return local_search(np.array(starts, float), movable, promise, np.random.RandomState(seed))


def ridge(rows):
    """Narrow, and askew: along one coordinate alone there is little to gain."""
    return -((rows[:, 0] - 0.3) ** 2) - 100 * (rows[:, 1] - rows[:, 0] - 0.2) ** 2


def test_the_summit_is_found_nearly():
    found = search([[0.9, 0.1], [0.8, 0.8]], [0, 1], ridge)
    assert ridge(found[np.newaxis])[0] > -0.01


def test_nothing_is_lost():
    for seed in range(20):
        start = np.random.RandomState(seed).random_sample((3, 2))
        found = search(start, [0, 1], ridge, seed)
        assert ridge(found[np.newaxis])[0] >= ridge(start).max()


def test_only_what_is_movable_moves_and_stays_between_0_and_1():
    seen = []

    def upwards(rows):
        seen.append(rows.copy())
        return rows[:, 1]

    found = search([[0.25, 0.99, np.nan]], [1], upwards)
    rows = np.vstack(seen)
    assert_array_equal(rows[:, [0, 2]], np.tile([0.25, np.nan], (len(rows), 1)))
    assert rows[:, 1].min() >= 0
    assert rows[:, 1].max() <= 1
    assert found[1] > 0.999


def test_the_starts_stay_as_they_are():
    starts = np.array([[0.9, 0.1]])
    search(starts, [0, 1], ridge)
    local_search(starts, [0, 1], ridge, np.random.RandomState(0))
    assert starts.tolist() == [[0.9, 0.1]]


def test_the_seed_decides():
    found = [search([[0.9, 0.1]], [0, 1], ridge, seed).tolist() for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]
