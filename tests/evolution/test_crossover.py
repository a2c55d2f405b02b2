import itertools

import numpy as np
import pytest
from chances import agrees
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.crossover import (
    CROSSOVERS,
    single_point_crossover,
    uniform_crossover,
)
from sklearn_natsel._space import Space

RandomState = np.random.RandomState


A, B = tuple("abcdefgh"), tuple("ABCDEFGH")


@pytest.mark.parametrize("cross", CROSSOVERS.values(), ids=CROSSOVERS)
@given(n=st.integers(1, 8), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_each_gene_of_a_child_is_that_of_a_parent(cross, n, seed):
    child = cross(A[:n], B[:n], RandomState(seed))
    assert isinstance(child, tuple)
    assert len(child) == n
    assert all(x in pair for x, pair in zip(child, zip(A, B)))
    assert cross(A[:n], B[:n], RandomState(seed)) == child


@given(n=st.integers(2, 8), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_single_point_crossover_switches_parents_exactly_once(n, seed):
    child = single_point_crossover(A[:n], B[:n], RandomState(seed))
    from_a = [x.islower() for x in child]
    assert from_a[0]
    assert not from_a[-1]
    assert sum(before != after for before, after in itertools.pairwise(from_a)) == 1


def test_single_point_crossover_cuts_everywhere_equally_often():
    rng = RandomState(0)
    points = [sum(x.islower() for x in single_point_crossover(A, B, rng)) for _ in range(2000)]
    counts = np.bincount(points, minlength=9)
    assert counts[0] == counts[8] == 0
    assert agrees(counts[1:8], [1 / 7] * 7)


def test_uniform_crossover_takes_each_gene_from_either_with_the_same_chance():
    rng = RandomState(0)
    children = np.array([uniform_crossover(A, B, rng) for _ in range(2000)])
    from_a = np.char.islower(children)
    assert (np.abs(from_a.mean(axis=0) - 0.5) < 0.05).all()
    # Each gene for itself: correlations between genes vanish.
    off_diagonal = np.corrcoef(from_a.T) - np.eye(8)
    assert np.abs(off_diagonal).max() < 0.1
    switches = (np.diff(from_a.astype(int), axis=1) != 0).sum(axis=1)
    assert set(switches) >= set(range(1, 7))


@pytest.mark.parametrize("cross", CROSSOVERS.values(), ids=CROSSOVERS)
def test_a_gene_that_one_parent_lacks_comes_from_the_other(cross):
    rng = RandomState(0)
    for _ in range(50):
        child = cross((1, None, 3, None), (5, 6, None, None), rng)
        assert child[0] in (1, 5)
        assert child[1:] == (6, 3, None)


def test_crossed_and_completed_children_have_the_genes_of_their_condition():
    space = Space(
        {
            "kernel": ["linear", "rbf"],
            "C": [1, 2],
            "gamma": Conditional([0.1, 0.2, 0.3], "kernel", "rbf"),
        }
    )
    linear = space.encode({"kernel": "linear", "C": 1})
    rbf = space.encode({"kernel": "rbf", "C": 2, "gamma": 0.3})
    rng = RandomState(0)
    children = [
        space.decode(space.complete(uniform_crossover(linear, rbf, rng), rng)) for _ in range(50)
    ]
    assert {child["kernel"] for child in children} == {"linear", "rbf"}
    for child in children:
        # gamma is inherited, not drawn anew
        assert child.get("gamma") == (0.3 if child["kernel"] == "rbf" else None)
