import copy
import math
import pickle
import warnings

import pytest
from scipy import stats
from spaces import DISTRIBUTIONS, LISTS, RandomState, Rvs

from sklearn_natsel._space.domains.base import is_enumerable
from sklearn_natsel._space.domains.make import make_domain


def test_spaces_beyond_a_bound_are_not_enumerable():
    assert is_enumerable(1000)
    assert not is_enumerable(1e9)
    assert not is_enumerable(math.inf)


@pytest.mark.parametrize(
    "values", [range(5), [5, 3, 1], DISTRIBUTIONS["loguniform"], DISTRIBUTIONS["randint"]]
)
def test_coordinates_lie_between_0_and_1_and_keep_the_order(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    alleles = sorted({domain.draw(rng) for _ in range(200)})
    coordinates = [domain.coordinate(allele) for allele in alleles]
    assert coordinates == sorted(coordinates)
    assert len(set(coordinates)) == len(alleles)
    assert coordinates[0] >= 0
    assert coordinates[-1] <= 1


@pytest.mark.parametrize(
    "values",
    [
        range(5),
        [5, 3, 1],
        range(10**9),
        DISTRIBUTIONS["uniform"],
        DISTRIBUTIONS["loguniform"],
        DISTRIBUTIONS["randint"],
        stats.randint(3, 10**9),
        stats.poisson(20),
    ],
)
def test_at_its_coordinate_an_allele_is_found_again(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    for allele in [domain.draw(rng) for _ in range(50)]:
        assert domain.nearest(domain.coordinate(allele)) == pytest.approx(allele, rel=1e-9)
    ends = [domain.nearest(0.0), domain.nearest(1.0)]
    assert domain.coordinate(ends[0]) < 0.05
    assert domain.coordinate(ends[1]) > 0.95


@pytest.mark.parametrize("values", [Rvs(1, None, "a", (1,)), ["only"], stats.randint(4, 5)])
def test_every_allele_has_a_finite_coordinate(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    assert all(math.isfinite(domain.coordinate(domain.draw(rng))) for _ in range(20))


@pytest.mark.parametrize("values", [DISTRIBUTIONS["uniform"], Rvs(1)])
def test_what_has_no_list_of_values_says_so(values):
    with pytest.raises(ValueError, match="no list of values"):
        make_domain("a", values).alleles()


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))])
@pytest.mark.parametrize(
    "values",
    [range(5), [None, "a"], [1, 1.0, True], *DISTRIBUTIONS.values(), Rvs(1, 2)],
    ids=lambda values: type(values).__name__,
)
def test_a_copied_domain_draws_the_same(values, copier):
    domain = make_domain("a", values)
    copied = copier(domain)
    first, second = RandomState(3), RandomState(3)
    for _ in range(20):
        allele = domain.draw(first)
        assert copied.draw(second) == allele
        assert copied.decode(allele) == domain.decode(allele)
        assert domain.step(allele, first) == copied.step(allele, second)


def test_no_move_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for values in [*LISTS.values(), *DISTRIBUTIONS.values(), Rvs(1, "a")]:
            domain = make_domain("a", values)
            rng = RandomState(0)
            allele = domain.redraw(domain.draw(rng), rng)
            if domain.ordered:
                allele = domain.step(allele, rng)
            domain.decode(allele)
            domain.coordinate(allele)
