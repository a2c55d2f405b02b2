import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from spaces import CONTINUOUS, DISTRIBUTIONS, RandomState

from sklearn_natsel._space.domains.make import make_domain


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_continuous_distribution_is_drawn_by_its_quantiles(name):
    distribution = DISTRIBUTIONS[name]
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    values = [domain.decode(domain.draw(rng)) for _ in range(500)]
    assert all(type(value) is float for value in values)
    assert stats.kstest(values, distribution.cdf).pvalue > 1e-3
    assert domain.ordered
    assert domain.size == math.inf


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize("quantile", [0.0, 1.0, 0.5])
def test_extreme_draws_of_a_continuous_distribution_are_finite(name, quantile):
    class Fixed:
        def random_sample(self):
            return quantile

    domain = make_domain("a", DISTRIBUTIONS[name])
    allele = domain.draw(Fixed())
    assert math.isfinite(domain.decode(allele))
    for _ in range(3):
        allele = domain.step(allele, Fixed())
        assert math.isfinite(domain.decode(allele))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_given_value_of_a_continuous_distribution_comes_back_exactly(name):
    distribution = DISTRIBUTIONS[name]
    for value in [*distribution.ppf(np.linspace(0.01, 0.99, 20)), distribution.mean()]:
        if math.isnan(value):  # the Cauchy distribution has no mean
            continue
        domain = make_domain("a", distribution)
        assert domain.decode(domain.encode(value)) == value


@given(quantile=st.floats(1e-6, 1 - 1e-6))
@settings(max_examples=50, deadline=None)
def test_encoding_a_drawn_continuous_value_finds_its_quantile(quantile):
    for name in CONTINUOUS:
        domain = make_domain("a", DISTRIBUTIONS[name])
        assert domain.encode(domain.decode(quantile)) == pytest.approx(quantile, rel=1e-6)


def test_the_ends_of_a_continuous_distribution_are_inside_it():
    domain = make_domain("a", stats.loguniform(1e-3, 1e3))
    alleles = [domain.encode(value) for value in (1e-3, 1e3, 1)]
    assert [domain.decode(allele) for allele in alleles] == [1e-3, 1e3, 1.0]
    for value in (0.99e-3, 1.01e3, -1, 0):
        with pytest.raises(ValueError, match=r"between 0\.001 and 1000"):
            domain.encode(value)


def test_given_values_far_out_in_a_tail_stay_apart():
    # Their quantiles round to the same number.
    domain = make_domain("a", stats.norm())
    near, far = domain.encode(20.0), domain.encode(30.0)
    assert domain.decode(near) == 20.0
    assert domain.decode(far) == 30.0


def test_a_given_value_survives_copies_and_is_no_other():
    domain = make_domain("a", stats.loguniform(1e-3, 1e3))
    allele = domain.encode(123.456)
    for copied in (copy.deepcopy(allele), pickle.loads(pickle.dumps(allele))):
        assert domain.decode(copied) == 123.456
        assert copied == allele
        assert {allele: "found"}[copied] == "found"
    assert allele != domain.encode(123.457)
    assert domain.coordinate(allele) == pytest.approx(stats.loguniform(1e-3, 1e3).cdf(123.456))


def test_given_quantiles_differ_or_are_equal():
    domain = make_domain("x", stats.norm())
    near, far, again = (domain.encode(value) for value in (40.0, 50.0, 40.0))
    assert float(near) == float(far)  # so far out, the quantile is 1 but for the last bit
    assert (near == far, near != far) == (False, True)
    assert (near == again, near != again) == (True, False)


def test_integers_that_no_float_holds_are_given_as_the_nearest_one():
    domain = make_domain("a", stats.loguniform(1, 2.0**80))
    assert domain.decode(domain.encode(2**53 + 1)) == 2.0**53
    with pytest.raises(ValueError, match="is not between"):
        make_domain("a", stats.norm()).encode(10**400)


class Rounded:
    """Uniform from 0 to 10, rounded: what it draws are the integers, but it does not say so."""

    def ppf(self, quantile):
        return np.round(10 * np.asarray(quantile))

    def cdf(self, value):
        return np.clip(np.asarray(value) / 10, 0, 1)


class RoundedOneByOne:
    """The same, for numbers but not for arrays."""

    def ppf(self, quantile):
        return round(10 * quantile)

    def cdf(self, value):
        return min(max(value / 10, 0), 1)


@pytest.mark.parametrize("distribution", [Rounded(), RoundedOneByOne()])
def test_quantiles_of_one_value_are_one_allele(distribution):
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    alleles = [domain.draw(rng) for _ in range(500)]
    alleles += [domain.step(allele, rng) for allele in alleles]
    assert len({domain.decode(allele) for allele in alleles}) == len(set(alleles)) == 11
    assert {domain.encode(domain.decode(allele)) for allele in alleles} == set(alleles)


def test_loguniform_is_stepped_on_its_log_scale():
    domain = make_domain("a", stats.loguniform(1e-4, 1e4))
    rng = RandomState(0)
    start = domain.encode(1e-2)
    decades = [abs(math.log10(domain.decode(domain.step(start, rng))) + 2) for _ in range(500)]
    # The range has 8 decades, a step covers at most half of it, and often little.
    assert 0 < min(decades) < 0.05
    assert 2 < max(decades) <= 4.01
    assert 0.005 < np.median(decades) < 1


@given(quantile=st.floats(0.0, 1.0), seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_a_step_of_a_continuous_gene_stays_inside_and_moves(quantile, seed):
    domain = make_domain("a", stats.uniform())
    start = domain.encode(quantile)
    moved = domain.step(start, RandomState(seed))
    assert 0 < moved < 1
    assert moved != start
    assert abs(moved - start) <= 0.5
