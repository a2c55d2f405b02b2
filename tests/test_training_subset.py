import numpy as np
import pytest

from sklearn_natsel._training_subset import most_informative


@pytest.mark.parametrize("n", [0, 1, 9, 10])
def test_all_are_kept_where_they_are_few(n):
    assert most_informative(np.zeros(n), 10) == list(range(n))


def test_the_best_half_and_the_latest_are_kept_in_their_order():
    fitness = np.array([9.0, 1.0, 8.0, np.nan, 0.0, 2.0, 7.0, 3.0])
    assert most_informative(fitness, 4) == [0, 2, 6, 7]


def test_the_latest_are_others_than_the_best():
    assert most_informative(np.arange(8.0), 4) == [4, 5, 6, 7]


def test_failures_are_only_kept_if_they_are_late():
    fitness = np.array([np.nan, 1.0, 2.0, 0.0, -np.inf, np.nan])
    assert most_informative(fitness, 4) == [1, 2, 4, 5]
