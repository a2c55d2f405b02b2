import math

import numpy as np
import pytest
from scipy import stats
from spaces import DISCRETE, DISTRIBUTIONS, RandomState, alleles_of

from sklearn_natsel import lograndint
from sklearn_natsel._space.domains.make import make_domain


@pytest.mark.parametrize("name", DISCRETE)
def test_a_discrete_distribution_is_drawn_as_it_says(name):
    distribution = DISTRIBUTIONS[name]
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    values = [domain.decode(domain.draw(rng)) for _ in range(1000)]
    assert all(type(value) is int for value in values)
    kinds, counts = np.unique(values, return_counts=True)
    expected = distribution.pmf(kinds) * 1000
    assert (expected > 0).all()
    # Within five standard deviations of the binomial.
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 1).all()


@pytest.mark.parametrize("name", DISCRETE)
def test_moves_of_a_discrete_gene_stay_in_the_support(name):
    distribution = DISTRIBUTIONS[name]
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    allele = domain.draw(rng)
    for _ in range(100):
        stepped, redrawn = domain.step(allele, rng), domain.redraw(allele, rng)
        assert distribution.pmf([stepped, redrawn]).min() > 0
        assert domain.encode(domain.decode(stepped)) == stepped
        allele = stepped


@pytest.mark.parametrize("name", ["randint", "binom", "poisson", "negative integers"])
def test_moves_of_a_discrete_gene_without_gaps_always_move(name):
    domain = make_domain("a", DISTRIBUTIONS[name])
    rng = RandomState(0)
    for allele in [domain.draw(rng) for _ in range(100)]:
        assert domain.step(allele, rng) != allele
        assert domain.redraw(allele, rng) != allele


def test_a_step_of_a_discrete_gene_covers_at_most_half_the_range():
    domain = make_domain("a", stats.randint(0, 101))
    rng = RandomState(0)
    steps = np.array([abs(domain.step(50, rng) - 50) for _ in range(500)])
    assert steps.min() == 1
    assert 25 < steps.max() <= 50
    assert np.median(steps) < 10


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("randint", list(range(1, 11))),
        ("randint of one value", [4]),
        ("binom", list(range(9))),
        ("negative integers", [-5, -4, -3, -2]),
        ("gaps", [1, 5, 10]),
    ],
)
def test_a_finite_discrete_distribution_lists_its_values(name, values):
    domain = make_domain("a", DISTRIBUTIONS[name])
    assert alleles_of(domain) == values
    assert domain.size == len(values)


@pytest.mark.parametrize("name", ["poisson", "geom", "shifted poisson"])
def test_the_size_of_an_infinite_discrete_distribution_is_infinite(name):
    assert make_domain("a", DISTRIBUTIONS[name]).size == math.inf


def test_a_discrete_distribution_encodes_only_integers_that_it_draws():
    domain = make_domain("a", stats.randint(1, 5))
    assert [domain.encode(value) for value in (1, 4, 3.0, np.int64(2))] == [1, 4, 3, 2]
    assert type(domain.encode(3.0)) is int
    for stranger in (0, 5, 2.5):
        with pytest.raises(ValueError, match=str(stranger)):
            domain.encode(stranger)


@pytest.mark.parametrize("distribution", [stats.randint(0, 10**9), stats.geom(1e-8)])
def test_very_many_integers_are_drawn_and_stepped_without_a_list_of_them(distribution):
    domain, rng = make_domain("a", distribution), RandomState(0)
    alleles = [domain.draw(rng) for _ in range(50)]
    assert len(set(alleles)) == 50
    for allele in alleles:
        moved = domain.step(allele, rng)
        assert moved != allele
        assert domain.encode(domain.decode(moved)) == moved
    by_value = [domain.coordinate(allele) for allele in sorted(alleles)]
    assert by_value == sorted(by_value)
    assert by_value[0] >= 0
    with pytest.raises(ValueError, match="no list"):
        domain.alleles()


@pytest.mark.parametrize("value", [10**25, 10**400, -(10**400), math.inf, math.nan])
def test_what_no_integer_distribution_can_draw_is_not_in_it(value):
    for distribution in (stats.randint(1, 10), stats.geom(0.1)):
        with pytest.raises(ValueError, match="is not an integer that the distribution"):
            make_domain("x", distribution).encode(value)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_draw_is_in_the_support_where_scipy_leaves_it():
    domain = make_domain("a", stats.geom(1.0))
    assert {domain.draw(RandomState(seed)) for seed in range(5)} == {1}


COUNT = np.arange(1, 301)
RECIPROCAL = stats.rv_discrete(values=(COUNT, 1 / COUNT / np.sum(1 / COUNT)))


@pytest.mark.parametrize("distribution", [RECIPROCAL, stats.geom(0.01)], ids=["1 / k", "geom"])
def test_integers_of_unequal_chances_are_stepped_in_their_quantiles(distribution):
    domain, rng = make_domain("a", distribution), RandomState(0)
    middle = int(distribution.ppf(0.5))
    assert domain.coordinate(middle) == pytest.approx(0.5, abs=0.05)
    moved = np.array([domain.step(middle, rng) for _ in range(500)])
    assert 0.35 < np.mean(moved < middle) < 0.65
    assert middle not in moved


def test_integers_of_equal_chances_are_stepped_one_by_one():
    even = stats.rv_discrete(values=([1, 10, 100], [1 / 3] * 3))
    domain, rng = make_domain("a", even), RandomState(0)
    assert [domain.coordinate(value) for value in (1, 10, 100)] == [0, 0.5, 1]
    assert {domain.step(10, rng) for _ in range(50)} == {1, 100}


def test_a_step_leaves_an_integer_that_is_drawn_nearly_always():
    domain = make_domain("a", stats.rv_discrete(values=([1, 2, 3], [0.01, 0.98, 0.01])))
    rng = RandomState(0)
    assert {domain.step(2, rng) for _ in range(50)} == {1, 3}
    assert 1 not in {domain.step(1, rng) for _ in range(50)}


@pytest.mark.parametrize(
    "distribution",
    [stats.randint(-3, 40), stats.binom(30, 0.2), stats.hypergeom(50, 10, 20), lograndint(4, 999)],
)
def test_of_a_listed_distribution_quantiles_are_looked_up(monkeypatch, distribution):
    domain = make_domain("a", distribution)
    quantiles = np.append(np.linspace(0, 1, 92)[1:-1], [1e-9, 1 - 1e-9])
    expected = [int(distribution.ppf(quantile)) for quantile in quantiles]

    def refuse(self, *args):
        raise AssertionError("scipy is too slow to be asked for each draw")

    monkeypatch.setattr(type(domain.distribution), "ppf", refuse)
    assert [domain._at(quantile) for quantile in quantiles] == expected
