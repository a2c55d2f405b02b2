import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from spaces import RandomState

from sklearn_natsel._space.domains.make import make_domain
from sklearn_natsel._space.domains.steps import step_length


@given(size=st.integers(3, 60), allele=st.integers(0, 59), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_a_step_in_a_list_moves_at_least_one_and_at_most_half_the_range(size, allele, seed):
    domain = make_domain("a", range(size))
    allele %= size
    moved = domain.step(allele, RandomState(seed))
    assert 0 <= moved < size
    assert 1 <= abs(moved - allele) <= max(1, math.ceil((size - 1) / 2))


def test_steps_reach_both_neighbours_and_farther_values():
    domain = make_domain("a", range(101))
    rng = RandomState(0)
    moves = np.array([domain.step(50, rng) - 50 for _ in range(1000)])
    assert {-1, 1} <= set(moves)
    assert np.median(np.abs(moves)) < 10
    assert np.abs(moves).max() > 25
    assert 400 < (moves > 0).sum() < 600


def test_step_lengths_are_spread_over_the_scales():
    rng = RandomState(0)
    lengths = [step_length(0.001, 1.0, rng) for _ in range(2000)]
    assert min(lengths) >= 0.001
    assert max(lengths) <= 1.0
    decades = np.histogram(np.log10(lengths), bins=[-3, -2, -1, 0])[0]
    assert stats.chisquare(decades).pvalue > 1e-3
