import math
import re

import numpy as np
import pytest
from spaces import DISCRETE, DISTRIBUTIONS, RandomState

from sklearn_natsel._space.domains.make import make_domain


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("stranger", ["a", None, True, math.nan, [1.0]])
def test_a_distribution_encodes_numbers_only(name, stranger):
    with pytest.raises(ValueError, match=re.escape(repr(stranger))):
        make_domain("a", DISTRIBUTIONS[name]).encode(stranger)


@pytest.mark.parametrize("name", ["loguniform", "uniform", *DISCRETE])
@pytest.mark.parametrize("stranger", [math.inf, -math.inf, np.float64("inf")])
def test_infinity_is_neither_an_integer_nor_within_bounds(name, stranger):
    with pytest.raises(ValueError, match="inf"):
        make_domain("a", DISTRIBUTIONS[name]).encode(stranger)


class Percent:
    """Has ppf and cdf, but neither support nor any other method of scipy's."""

    def ppf(self, q):
        return 100 * q

    def cdf(self, x):
        return x / 100


def test_ppf_and_cdf_alone_make_a_distribution():
    domain = make_domain("a", Percent())
    rng = RandomState(0)
    assert domain.ordered
    assert 40 < np.mean([domain.decode(domain.draw(rng)) for _ in range(500)]) < 60
    assert domain.decode(domain.encode(25)) == 25
