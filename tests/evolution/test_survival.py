import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from scores import SCORES

from sklearn_natsel._evolution.candidates import Candidate
from sklearn_natsel._evolution.survival import (
    best_candidate,
    best_first,
    best_fitness,
    first_best,
    fittest,
    is_better,
    reaches,
    shares,
    survivors,
)

INF, NAN = math.inf, math.nan


def with_fitness(*fitness):
    """Return candidates, numbered from 0, that were told these scores."""
    return [
        Candidate(i, (i,), {}, 0, "random", (), fitness=score) for i, score in enumerate(fitness)
    ]


@pytest.mark.parametrize(
    ("fitness", "order"),
    [
        ([1, 3, 2], [1, 2, 0]),
        ([-1, -3, -2], [0, 2, 1]),
        ([1, 1, 1], [2, 1, 0]),
        ([2, 1, 2, 1], [2, 0, 3, 1]),
        ([NAN, 1, NAN, 2], [3, 1, 2, 0]),
        ([NAN, -INF, 0, INF], [3, 2, 1, 0]),
        ([-INF, NAN], [0, 1]),
        ([INF, INF, 1], [1, 0, 2]),
        ([0.0, -0.0], [1, 0]),
        ([NAN, NAN], [1, 0]),
        ([5], [0]),
        ([], []),
    ],
)
def test_best_first_puts_the_later_of_equals_first_and_nan_last(fitness, order):
    assert best_first(np.array(fitness, dtype=float)) == order


@given(fitness=SCORES)
@settings(max_examples=100, deadline=None)
def test_best_first_sorts(fitness):
    order = best_first(np.array(fitness))
    assert sorted(order) == list(range(len(fitness)))
    for before, after in itertools.pairwise(order):
        a, b = fitness[before], fitness[after]
        if math.isnan(a):
            assert math.isnan(b)
        elif not math.isnan(b):
            assert a >= b
        if a == b or (math.isnan(a) and math.isnan(b)):
            assert before > after


@pytest.mark.parametrize(
    ("fitness", "position", "value"),
    [
        ([1, 3, 2], 1, 3),
        ([2, 1, 2], 0, 2),
        ([NAN, -5, NAN], 1, -5),
        ([NAN, -INF], 1, -INF),
        ([INF, INF], 0, INF),
        ([NAN, NAN], None, NAN),
        ([], None, NAN),
    ],
)
def test_the_best_is_the_first_of_equals_and_never_nan(fitness, position, value):
    fitness = np.array(fitness, dtype=float)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert first_best(fitness) == position
        assert best_fitness(fitness) == pytest.approx(value, nan_ok=True)


def test_the_best_candidate_is_the_one_that_was_bred_first_in_whatever_order_they_come():
    scores = [NAN, 2.0, 3.0, 3.0]
    candidates = with_fitness(*scores)
    for order in itertools.permutations(zip(candidates, scores)):
        assert best_candidate(dict(order)) is candidates[2]
    assert best_candidate({candidates[0]: NAN}) is None
    assert best_candidate({}) is None


@pytest.mark.parametrize(
    ("fitness", "other", "tol", "better"),
    [
        (2, 1, 0.0, True),
        (1, 1, 0.0, False),
        (1, 2, 0.0, False),
        (1.5, 1, 0.5, False),
        (1.75, 1, 0.5, True),
        (NAN, 1, 0.0, False),
        (-1e9, -INF, 5.0, True),
        (INF, INF, 0.0, False),
    ],
)
def test_better_is_above_by_more_than_tol(fitness, other, tol, better):
    assert is_better(fitness, other, tol) is better


@pytest.mark.parametrize(
    ("fitness", "target", "reached"),
    [(2, 1, True), (1, 1, True), (0.9, 1, False), (NAN, -INF, False), (INF, None, False)],
)
def test_a_target_is_reached_by_what_is_not_below_it(fitness, target, reached):
    assert reaches(fitness, target) is reached


def test_the_fittest_come_best_first_and_of_equals_the_later():
    candidates = with_fitness(1.0, 3.0, NAN, 3.0, 2.0)
    for order in itertools.permutations(candidates):
        assert [candidate.index for candidate in fittest(order, 4)] == [3, 1, 4, 0]
    assert [candidate.index for candidate in fittest(candidates, 9)] == [3, 1, 4, 0, 2]


def test_elites_survive_and_of_the_others_a_share_by_luck():
    population = with_fitness(*range(1000))
    rng = np.random.RandomState(0)
    assert survivors(population, 10, 0.0, rng) == population[:10]
    assert survivors(population, 10, 1.0, rng) == population
    alive = survivors(population, 100, 0.3, rng)
    assert alive[:100] == population[:100]
    assert 200 < len(alive) - 100 < 340
    assert alive == sorted(alive, key=lambda candidate: candidate.index)
    assert survivors(population[:3], 10, 0.5, rng) == population[:3]


@pytest.mark.parametrize(
    ("fitness", "expected"),
    [
        ([0, 1, 4], [0, 0.25, 1]),
        ([-4, -3, 0], [0, 0.25, 1]),
        ([5, 5, 5], [0, 0, 0]),
        # One spread beyond the finite ones, and NaN as bad as -inf.
        ([0, 1, INF, -INF, NAN], [1 / 3, 2 / 3, 1, 0, 0]),
        ([NAN, 3], [0, 1]),
        ([NAN, NAN], [0, 0]),
        ([-1.7e308, 0, 1.7e308], [0, 0.5, 1]),
    ],
)
def test_shares_are_of_what_exceeds_the_worst(fitness, expected):
    found = shares(np.array(fitness, dtype=float))
    assert found == pytest.approx(np.array(expected) + 0.01)
