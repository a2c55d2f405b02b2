from functools import partial

import numpy as np
import pytest
from chances import agrees
from scipy import stats

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.mutation import mutate
from sklearn_natsel._space import Space

RandomState = np.random.RandomState


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
