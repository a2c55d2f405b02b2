import math

import numpy as np
import pytest
from sklearn.svm import SVC
from spaces import RandomState, Rvs, is_same

from sklearn_natsel._space.domains.make import make_domain


def test_rvs_alone_is_drawn_with_the_given_generator():
    values = [f"value {i}" for i in range(100)]
    domain = make_domain("a", Rvs(*values))
    first, second = RandomState(7), RandomState(7)
    drawn = [domain.decode(domain.draw(first)) for _ in range(20)]
    assert drawn == [Rvs(*values).rvs(random_state=second) for _ in range(20)]
    assert not domain.ordered
    assert domain.size == math.inf


def test_rvs_alone_mutates_by_drawing():
    domain = make_domain("a", Rvs("a", "b", "c"))
    rng = RandomState(0)
    for move in (domain.redraw, domain.step):
        assert {domain.decode(move("a", rng)) for _ in range(50)} == {"a", "b", "c"}


@pytest.mark.parametrize(
    "values",
    [
        (1, 2.5, "a"),
        ((1, 2), (3,)),
        ([1, 2], [3]),
        ({"a": 1}, {"a": 2}),
        (np.array([1, 2]), np.array([1, 3])),
        (np.float64(0.5), np.float64(0.25)),
        (SVC, len),
        (None, 3),
        (True, 1, 1.0),
    ],
    ids=repr,
)
def test_values_of_rvs_alone_round_trip_and_stay_apart(values):
    domain = make_domain("a", Rvs(*values))
    rng = RandomState(0)
    alleles = {domain.draw(rng) for _ in range(100)}
    # None as an allele would mean an inactive gene.
    assert None not in alleles
    assert len(alleles) == len(values)
    decoded = [domain.decode(allele) for allele in alleles]
    assert all(any(is_same(value, found) for found in decoded) for value in values)
    assert all(domain.encode(domain.decode(allele)) == allele for allele in alleles)


def test_nan_from_rvs_is_one_value():
    domain = make_domain("a", Rvs(math.nan, np.float64("nan"), 1))
    assert len({domain.draw(RandomState(seed)) for seed in range(20)}) == 2


def test_equal_arrays_from_rvs_are_the_same_allele():
    domain = make_domain("a", Rvs(np.array([1, 2])))
    first, second = domain.encode(np.array([1, 2])), domain.encode(np.array([1, 2]))
    assert first == second
    assert hash(first) == hash(second)
    assert first != domain.encode(np.array([1, 3]))
