import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.integrate import quad

from sklearn_natsel._evolution.surrogate.acquisition import log_expected_improvement


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
