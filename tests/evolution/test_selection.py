import math
import warnings
from functools import partial

import numpy as np
import pytest
from chances import agrees
from hypothesis import given, settings
from hypothesis import strategies as st
from scores import SCORES

from sklearn_natsel._evolution.selection import make_selection, rank, roulette, tournament

RandomState = np.random.RandomState
INF, NAN = math.inf, math.nan


SELECTIONS = {
    name: make_selection(name, tournament_size=3) for name in ("tournament", "rank", "roulette")
}


def draw_counts(select, fitness, n=1, draws=2000):
    """Count how often each position is selected in repeated draws of n."""
    rng = RandomState(0)
    counts = np.zeros(len(fitness), dtype=int)
    for _ in range(draws):
        counts[select(np.array(fitness, dtype=float), n, rng)] += 1
    return counts


@given(fitness=SCORES, data=st.data(), seed=st.integers(0, 1000))
@settings(max_examples=150, deadline=None)
def test_selections_return_n_positions_without_repetition(fitness, data, seed):
    select = SELECTIONS[data.draw(st.sampled_from(sorted(SELECTIONS)))]
    n = data.draw(st.integers(0, len(fitness)))
    given_fitness = np.array(fitness)
    chosen = select(given_fitness, n, RandomState(seed))
    assert len(chosen) == len(set(chosen)) == n
    assert set(chosen) <= set(range(len(fitness)))
    assert all(type(position) is int for position in chosen)
    np.testing.assert_array_equal(given_fitness, fitness)
    assert select(given_fitness, n, RandomState(seed)) == chosen


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize(
    "fitness",
    [
        [0.1, 0.2, 0.3, 0.9],
        [-9, -3, -2, -1],
        [-10, 0, 10, 20],
        [1e-9, 2e-9, 3e-9, 4e-9],
    ],
    ids=str,
)
def test_better_is_selected_more_often(select, fitness):
    assert (np.diff(draw_counts(select, fitness)) > 0).all()
    assert (np.diff(draw_counts(select, fitness[::-1])) < 0).all()


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
def test_selecting_some_prefers_the_better_too(select):
    counts = draw_counts(select, [1, 2, 3, 4, 5, 6], n=3, draws=2000)
    assert counts.sum() == 6000
    assert (np.diff(counts) > 0).all()


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize("worse", [NAN, -INF], ids=str)
def test_failures_are_selected_least_but_can_be(select, worse):
    counts = draw_counts(select, [4, worse, 1, 2], draws=3000)
    assert 0 < counts[1] < counts[3] < counts[0]
    # Roulette gives failures the small share of the worst.
    assert counts[1] < 1.5 * counts[2] < 1.5 * counts[3]


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize(
    "fitness",
    [[INF, 1, 1], [INF, NAN, NAN], [INF, 1, NAN], [1, -INF, -INF], [1, NAN, NAN], [INF, -INF, 0]],
    ids=str,
)
def test_the_best_is_selected_most_often_among_infinite_scores(select, fitness):
    counts = draw_counts(select, fitness)
    assert counts[0] > counts[1:].max()


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
def test_infinity_is_selected_at_least_as_often_as_the_best_number(select):
    counts = draw_counts(select, [0, 1, 2, INF])
    assert counts[0] < counts[1] < counts[2] < 1.1 * counts[3]


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
@pytest.mark.parametrize(
    "fitness",
    [
        [1.7e308, -1.7e308, NAN, INF],
        [1e300, -1e300, 0],
        [5e-324, 0, 5e-324],
        [0.1 + 0.2, 0.3, 0.3],
        [INF, -INF, NAN],
        [NAN, NAN],
    ],
    ids=str,
)
def test_selections_take_any_numbers_without_a_warning(select, fitness):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = select(np.array(fitness, dtype=float), len(fitness), RandomState(0))
    assert sorted(chosen) == list(range(len(fitness)))


@pytest.mark.parametrize("value", [0.0, 0.7, -3.0, NAN, INF, -INF])
def test_roulette_draws_equals_evenly(value):
    assert agrees(draw_counts(roulette, [value] * 4), [1 / 4] * 4)


def test_roulette_is_proportional_to_what_exceeds_the_worst():
    chances = np.array([0, 1, 2, 4]) / 4 + 0.01
    for fitness in ([0, 1, 2, 4], [10, 11, 12, 14], [-4, -3, -2, 0], [0, 1e-3, 2e-3, 4e-3]):
        assert agrees(draw_counts(roulette, fitness), chances / chances.sum())


def test_roulette_draws_infinite_scores_as_if_they_were_one_spread_beyond_the_others():
    for numbers in ([0.9, 1.0, 0.95], [-4.0, 4.0], [3e5, 1e5, 2e5]):
        spread = max(numbers) - min(numbers)
        beyond = [max(numbers) + spread, min(numbers) - spread, min(numbers) - spread]
        infinite = draw_counts(roulette, [*numbers, INF, NAN, -INF], draws=500)
        bounded = draw_counts(roulette, [*numbers, *beyond], draws=500)
        assert infinite == pytest.approx(bounded, abs=2)


def test_rank_falls_linearly_whatever_the_scores():
    for fitness in ([1, 2, 3, 4], [-1e9, 0, 1, 1e9], [NAN, -INF, 0, INF]):
        assert agrees(draw_counts(rank, fitness), [0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_tournament_is_won_by_the_best_of_its_entrants(size):
    # The best of k entrants drawn from n with repetition stands at or below rank r with
    # chance (r / n) ** k.
    chances = np.diff((np.arange(6) / 5) ** size)
    counts = draw_counts(partial(tournament, size=size), [1, 2, 3, 4, 5])
    assert agrees(counts, chances)


def test_a_tournament_larger_than_the_population_is_one_of_all():
    assert len(tournament(np.array([1.0, 2.0]), 2, RandomState(0), size=10)) == 2
    counts = draw_counts(partial(tournament, size=100), [1, 2])
    assert agrees(counts, [1 / 4, 3 / 4])


def test_a_selection_is_made_by_its_name_and_a_tournament_by_its_size():
    assert make_selection("rank", 3) is rank
    assert make_selection("roulette", 3) is roulette
    fitness = np.arange(9.0)
    for size in (1, 3, 100):
        expected = tournament(fitness, 5, RandomState(0), size=size)
        assert make_selection("tournament", size)(fitness, 5, RandomState(0)) == expected
