import numpy as np
import pytest
from scipy import stats

from sklearn_natsel._evolution.surrogate.acquisition import by_random_optimism


def chosen(mean, std, n=1, seed=0):
    rng = np.random.RandomState(seed)
    return by_random_optimism(np.array(mean, float), np.array(std, float), n, rng)


@pytest.mark.parametrize("n", [0, 1, 5, 8])
def test_as_many_different_ones_are_chosen_as_asked_for(n):
    rng = np.random.RandomState(1)
    positions = chosen(rng.random_sample(8), rng.random_sample(8), n)
    assert len(positions) == len(set(positions)) == n
    assert set(positions) <= set(range(8))
    assert all(type(position) is int for position in positions)


def test_without_doubt_the_best_are_chosen_in_their_order():
    assert chosen([3, 9, 1, 7], [0, 0, 0, 0], n=3) == [1, 3, 0]


def test_of_equals_the_most_doubtful_is_chosen():
    assert chosen([1, 1, 1], [0.1, 0.3, 0.2], n=3) == [1, 2, 0]


def test_the_optimism_of_each_is_exponential():
    """The second one is chosen where the optimism is above 2: a share of exp(-2)."""
    n_bold = sum(chosen([2, 0], [0, 1], seed=seed)[0] for seed in range(3000))
    assert stats.binomtest(n_bold, 3000, np.exp(-2)).pvalue > 1e-3


def test_one_batch_has_safe_and_bold_ones():
    mean, std = np.linspace(1, 0, 50), np.linspace(0, 1, 50)
    positions = chosen(mean, std, n=10)
    assert min(positions) < 10
    assert max(positions) > 40


def test_what_is_expected_stays_as_it_was():
    mean, std = np.array([3.0, 1.0]), np.array([0.5, 0.5])
    by_random_optimism(mean, std, 2, np.random.RandomState(0))
    assert mean.tolist() == [3.0, 1.0]
    assert std.tolist() == [0.5, 0.5]
