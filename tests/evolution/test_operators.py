import itertools
import math
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.crossover import (
    CROSSOVERS,
    single_point_crossover,
    uniform_crossover,
)
from sklearn_natsel._evolution.mutation import mutate
from sklearn_natsel._evolution.selection import rank, roulette, tournament
from sklearn_natsel._evolution.survival import best_first
from sklearn_natsel._space.space import Space

RandomState = np.random.RandomState
INF, NAN = math.inf, math.nan

SELECTIONS = {
    "tournament": partial(tournament, size=3),
    "rank": rank,
    "roulette": roulette,
}
FITNESS = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.sampled_from([NAN, INF, -INF, 0.0, 1.0])),
    min_size=1,
    max_size=12,
)


def draw_counts(select, fitness, n=1, draws=2000):
    """Count how often each position is selected in repeated draws of n."""
    rng = RandomState(0)
    counts = np.zeros(len(fitness), dtype=int)
    for _ in range(draws):
        counts[select(np.array(fitness, dtype=float), n, rng)] += 1
    return counts


def agrees(counts, chances):
    """Whether counts could be draws with these chances."""
    expected = np.asarray(chances) * counts.sum()
    return stats.chisquare(counts, expected).pvalue > 1e-3


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


@given(fitness=FITNESS)
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


@given(fitness=FITNESS, data=st.data(), seed=st.integers(0, 1000))
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


BITS = Space({f"bit_{i}": [0, 1] for i in range(10)})
NUMBERS = Space({f"n_{i}": range(101) for i in range(4)})


def changes(space, genome, n=1000, step_rate=0.0, gene_rate=None):
    """Count, for each of n mutants, how many genes differ."""
    rng = RandomState(0)
    mutants = [
        mutate(genome, space, rng, gene_rate=gene_rate, step_rate=step_rate) for _ in range(n)
    ]
    return np.array([[a != b for a, b in zip(genome, mutant)] for mutant in mutants])


@pytest.mark.parametrize(("gene_rate", "chance"), [(None, 0.1), (0.3, 0.3), (0.9, 0.9)])
def test_each_gene_mutates_with_the_given_chance(gene_rate, chance):
    changed = changes(BITS, (0,) * 10, gene_rate=gene_rate)
    tolerance = 4 * np.sqrt(chance * (1 - chance) / 1000)
    assert (np.abs(changed.mean(axis=0) - chance) < tolerance).all()
    expected = stats.binom(10, chance).pmf(np.arange(11)) * 1000
    counts = np.bincount(changed.sum(axis=1), minlength=11)
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 1).all()


@pytest.mark.parametrize(
    ("gene_rate", "n_changed"), [(0.0, 0), (1.0, 10), (0, 0), (1, 10), ("one", 1)]
)
@pytest.mark.parametrize("step_rate", [0.0, 1.0])
def test_rates_at_the_ends_change_no_gene_one_or_all(gene_rate, n_changed, step_rate):
    for genome in ((0,) * 10, (0, 1) * 5):
        changed = changes(BITS, genome, n=100, gene_rate=gene_rate, step_rate=step_rate)
        assert (changed.sum(axis=1) == n_changed).all()


def test_one_gene_is_any_of_them_with_the_same_chance():
    counts = changes(BITS, (0,) * 10, n=2000, gene_rate="one").sum(axis=0)
    assert agrees(counts, [0.1] * 10)


def test_the_rate_1_over_n_counts_active_genes_alone():
    space = Space(
        {"a": [0, 1], "b": [0, 1], **{f"c_{i}": Conditional([0, 1], "a", 1) for i in range(8)}}
    )
    without = space.encode({"a": 0, "b": 0})
    rng = RandomState(0)
    mutants = [mutate(without, space, rng, gene_rate=None, step_rate=0) for _ in range(1000)]
    for gene in (0, 1):
        assert 0.45 < np.mean([mutant[gene] != without[gene] for mutant in mutants]) < 0.55


def test_one_gene_is_never_one_that_has_a_single_value():
    space = Space({"a": ["only"], "b": [0, 1], "c": ["only"]})
    assert changes(space, (0, 0, 0), n=50, gene_rate="one")[:, 1].all()


def test_one_gene_is_never_an_inactive_one():
    space = Space({"a": [0, 1], "b": Conditional([0, 1], "a", 1), "c": [0, 1]})
    start = space.encode({"a": 0, "c": 0})
    rng = RandomState(0)
    for _ in range(50):
        mutant = mutate(start, space, rng, gene_rate="one", step_rate=0)
        assert (mutant[0] != start[0]) + (mutant[2] != start[2]) == 1


def test_a_mutated_parent_brings_and_drops_the_genes_that_depend_on_it():
    space = Space({"a": [0, 1], "b": Conditional([5, 6, 7], "a", 1)})
    rng = RandomState(0)
    mutate_all = partial(mutate, space=space, rng=rng, gene_rate=1.0, step_rate=0)
    gained = [space.decode(mutate_all(space.encode({"a": 0}))) for _ in range(50)]
    assert {setting["b"] for setting in gained} == {5, 6, 7}
    assert {setting["a"] for setting in gained} == {1}
    lost = space.decode(mutate_all(space.encode({"a": 1, "b": 6})))
    assert lost == {"a": 0}


def test_a_mutant_of_one_dict_may_move_to_another():
    space = Space([{"a": [1, 2]}, {"b": [3, 4]}])
    rng = RandomState(0)
    start = space.encode({"a": 1})
    mutants = [
        space.decode(mutate(start, space, rng, gene_rate="one", step_rate=0)) for _ in range(100)
    ]
    keys = {frozenset(mutant.items()) for mutant in mutants}
    assert keys == {frozenset({name: v}.items()) for name, v in [("a", 2), ("b", 3), ("b", 4)]}


def test_step_rate_0_draws_and_step_rate_1_steps():
    start = (50,) * 4
    rng = RandomState(0)

    def distances(step_rate):
        mutants = [
            mutate(start, NUMBERS, rng, gene_rate=1.0, step_rate=step_rate) for _ in range(300)
        ]
        return np.abs(np.array(mutants) - 50).ravel()

    drawn, stepped, mixed = distances(0.0), distances(1.0), distances(0.5)
    assert 20 < np.median(drawn) < 30
    assert np.median(stepped) < 10
    assert np.median(stepped) < np.median(mixed) < np.median(drawn)
    assert min(drawn.min(), stepped.min(), mixed.min()) > 0


def test_a_share_step_rate_of_the_changes_are_steps():
    # A step in a range of 2001 rarely lands where a draw does: beyond half of it never.
    space = Space({"n": range(2001)})
    rng = RandomState(0)
    start = (0,)
    mutants = [mutate(start, space, rng, gene_rate=1.0, step_rate=0.75)[0] for _ in range(2000)]
    beyond = np.mean([n > 1000 for n in mutants])
    assert abs(beyond - 0.25 / 2) < 0.03


def test_genes_without_an_order_are_drawn_even_with_step_rate_1():
    space = Space({"a": list("abcdefgh")})
    rng = RandomState(0)
    mutants = {mutate((3,), space, rng, gene_rate=1.0, step_rate=1.0) for _ in range(300)}
    assert mutants == {(i,) for i in range(8)} - {(3,)}


def test_mutation_leaves_its_genome_alone_and_follows_the_seed():
    space = Space({"a": [1, 2, 3], "x": stats.uniform(), "n": stats.randint(0, 50)})
    genome = space.random(RandomState(1))
    before = tuple(genome)
    mutants = [
        mutate(genome, space, RandomState(5), gene_rate=0.7, step_rate=0.5) for _ in range(3)
    ]
    assert genome == before
    assert mutants[0] == mutants[1] == mutants[2]
    assert mutants[0] != mutate(genome, space, RandomState(6), gene_rate=0.7, step_rate=0.5)
