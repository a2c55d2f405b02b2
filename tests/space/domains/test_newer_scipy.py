import math

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_iris
from sklearn.svm import SVC
from sklearn.utils._param_validation import InvalidParameterError
from spaces import RandomState

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._space.domains.make import make_domain
from sklearn_natsel._space.domains.newer_scipy import in_frozen_form

if not hasattr(stats, "make_distribution"):
    pytest.skip("since scipy 1.15", allow_module_level=True)

CONTINUOUS = {
    "uniform": (lambda: stats.Uniform(a=1.0, b=3.0), stats.uniform(1, 2)),
    "normal": (lambda: stats.Normal(mu=2.0, sigma=3.0), stats.norm(2, 3)),
    "loguniform": (
        lambda: stats.make_distribution(stats.loguniform)(a=1e-3, b=1e3),
        stats.loguniform(1e-3, 1e3),
    ),
}


@pytest.mark.parametrize(("make", "frozen"), CONTINUOUS.values(), ids=CONTINUOUS)
def test_a_continuous_one_is_searched_as_the_frozen_one(make, frozen):
    domain, other = make_domain("x", make()), make_domain("x", frozen)
    first, second = RandomState(0), RandomState(0)
    for _ in range(20):
        allele = domain.draw(first)
        assert allele == other.draw(second)
        assert domain.decode(allele) == pytest.approx(other.decode(allele), abs=1e-12)
        assert type(domain.decode(allele)) is float
        assert domain.step(allele, first) == other.step(allele, second)
    assert domain.decode(domain.encode(2.5)) == 2.5
    assert domain.signature == make_domain("x", make()).signature
    assert domain.signature == pytest.approx(other.signature, abs=1e-12)


def test_a_value_outside_is_told():
    with pytest.raises(ValueError, match=r"5 is not between 1\.0 and 3\.0"):
        make_domain("x", stats.Uniform(a=1.0, b=3.0)).encode(5)


@pytest.mark.skipif(not hasattr(stats, "Binomial"), reason="since scipy 1.16")
def test_discrete_ones_are_searched_by_integers():
    binomial = make_domain("n", stats.Binomial(n=8, p=0.3))
    assert list(binomial.alleles()) == list(range(9))
    assert binomial.encode(3.0) == 3
    randint = make_domain("n", stats.make_distribution(stats.randint)(low=1, high=11))
    assert list(randint.alleles()) == list(range(1, 11))
    geometric = make_domain("n", stats.make_distribution(stats.geom)(p=0.2))
    assert geometric.size == math.inf
    rng = RandomState(0)
    drawn = [geometric.decode(geometric.draw(rng)) for _ in range(500)]
    assert all(type(value) is int for value in drawn)
    assert 4 < np.mean(drawn) < 6


@pytest.mark.skipif(not hasattr(stats, "Binomial"), reason="since scipy 1.16")
def test_one_of_infinite_variance_is_drawn_from():
    domain = make_domain("n", stats.make_distribution(stats.zipf)(a=1.2))
    first, second = ([domain.draw(RandomState(seed)) for seed in range(20)] for _ in range(2))
    assert first == second
    assert len({domain.decode(allele) for allele in first}) > 3
    assert all(type(domain.decode(allele)) is int for allele in first)


@pytest.mark.parametrize("entry", [stats.norm(), [1, 2], "a"], ids=["frozen", "list", "text"])
def test_all_else_stays_as_it_is(entry):
    assert in_frozen_form(entry) is entry


def test_those_without_a_single_value_are_told():
    with pytest.raises(InvalidParameterError, match=r"'x' .* a single number for each"):
        make_domain("x", stats.Normal(mu=[0.0, 1.0], sigma=1.0))
    with pytest.raises(InvalidParameterError, match=r"'x' .* without values: its median is NaN"):
        make_domain("x", stats.Uniform(a=2.0, b=1.0))


def test_what_scipy_makes_of_distributions_is_taken():
    for made in (
        stats.truncate(stats.Normal(mu=0.0, sigma=1.0), lb=-1, ub=2),
        stats.exp(stats.Uniform(a=0.0, b=2.0)),
        stats.Mixture([stats.Normal(mu=0, sigma=1), stats.Normal(mu=3, sigma=1)]),
    ):
        domain = make_domain("x", made)
        assert domain.ordered
        assert domain.decode(0.5) == pytest.approx(made.median())


def test_a_search_takes_them():
    X, y = load_iris(return_X_y=True)
    space = {"C": stats.make_distribution(stats.loguniform)(a=1e-3, b=1e3)}
    search = GeneticSearchCV(SVC(), space, max_evaluations=5, cv=2, random_state=0).fit(X, y)
    assert search.cv_results_["origin"][0] == "default"
    assert all(1e-3 <= params["C"] <= 1e3 for params in search.cv_results_["params"])
