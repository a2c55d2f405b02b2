import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.integrate import quad

from sklearn_natsel._evolution.surrogate.acquisition import (
    by_random_optimism,
    log_expected_improvement,
    mean_per_std,
)


def log_improvement(gain, std):
    gain, std = np.broadcast_arrays(np.asarray(gain, float), np.asarray(std, float))
    return log_expected_improvement(gain, std)


@pytest.mark.parametrize("gain", [-3.0, -0.5, 0.0, 0.5, 3.0])
@pytest.mark.parametrize("std", [0.5, 2.0])
def test_it_is_the_logarithm_of_what_is_gained_on_average(gain, std):
    density = stats.norm(gain, std).pdf
    expected, _ = quad(lambda x: x * density(x), 0, gain + 12 * std, points=[max(gain, 0)])
    assert_allclose(log_improvement([gain], [std]), np.log(expected), rtol=1e-6)


def test_without_doubt_it_is_the_gain_itself():
    assert_allclose(log_improvement([1e-3, 2.0, 1e6], 0.0), np.log([1e-3, 2.0, 1e6]), rtol=1e-6)


def test_far_below_the_best_the_better_and_the_less_sure_still_promise_more():
    gain = -np.geomspace(1e-3, 1e9, 400)
    promise = log_improvement(gain, 1.0)
    assert np.isfinite(promise).all()
    assert (np.diff(promise) < 0).all()
    assert (log_improvement(gain, 2.0) > promise).all()


def test_it_rises_steadily_through_the_best():
    promise = log_improvement(np.linspace(-1, 1, 2001), 0.1)
    assert (np.diff(promise) > 0).all()


@pytest.mark.parametrize("std", [0.0, 1e-300, 1e-12])
def test_where_there_is_no_doubt_and_no_gain_it_is_finite(std):
    assert np.isfinite(log_improvement([-1.0, -1e-9, 0.0], std)).all()


@pytest.mark.parametrize("gain", [-30.0, -3.0, 0.0, 3.0])
def test_a_mean_and_a_doubt_that_are_worth_the_same_are_exchanged_at_that_rate(gain):
    step = 1e-4
    of_mean = log_improvement([gain + step], [1.0]) - log_improvement([gain - step], [1.0])
    of_doubt = log_improvement([gain], [1.0 + step]) - log_improvement([gain], [1.0 - step])
    rate = mean_per_std(np.array([gain]), np.array([1.0]))
    assert_allclose(rate, of_mean / of_doubt, rtol=1e-3)


def test_far_above_the_best_the_rate_is_finite():
    assert np.isfinite(mean_per_std(np.array([1e6]), np.array([1e-3]))).all()


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
