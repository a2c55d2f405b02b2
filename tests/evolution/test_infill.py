"""Children that were never seen; with a surrogate, the promising ones of many."""

import numpy as np
import pytest
from scipy import stats

from sklearn_natsel._evolution.candidates import Child
from sklearn_natsel._evolution.infill import Infill
from sklearn_natsel._space import Space

# Its genomes are numbers between 0 and 1.
UNIT = {"x": stats.uniform()}


class Oracle:
    """A surrogate that expects of a genome the number in it, and may have its doubts."""

    def __init__(self, doubt):
        self.doubt = doubt
        self.asked = []

    def learn(self, told):
        raise AssertionError("who breeds tells it what to learn")

    def favourites(self, children, n):
        self.asked.append([child.genome for child in children])
        return sorted(children, key=self.promise, reverse=True)[:n]

    def choose(self, children, n, is_new):
        self.asked.append([child.genome for child in children])
        return sorted(children, key=lambda child: child.genome, reverse=True)[:n]

    def promise(self, child):
        return child.genome[0] + self.doubt(child.genome[0])


class Nursery:
    """An infill, what breeds for it, and what it has made of that."""

    def __init__(self, param_space=UNIT, seen=(), doubt=lambda number: 0.0, oracle=True):
        self.space = Space(param_space)
        self.rng = np.random.RandomState(0)
        self.oracle = Oracle(doubt) if oracle else None
        self.mutated = []
        self.n_bred = 0
        self.infill = Infill(self.space, np.random.RandomState(1), self.mutate, self.oracle)
        self.infill.seen.update(seen)

    def breed(self):
        self.n_bred += 1
        return Child(self.space.random(self.rng), "crossover", (3, 4))

    def mutate(self, genome):
        self.mutated.append(genome)
        return self.space.random(self.rng)

    def children(self, n):
        return self.infill.children(self.breed, n)


def genomes_of(children):
    return [child.genome for child in children]


@pytest.mark.parametrize("n", [1, 3, 100])
def test_as_many_as_are_asked_for_are_the_best_of_many_more(n):
    nursery = Nursery()
    genomes = genomes_of(nursery.children(n))
    first, both = nursery.oracle.asked
    assert len(first) > 5 * n
    assert both[: len(first)] == first
    assert len(both) == len(set(both)) == 2 * len(first)
    assert sorted(genomes) == sorted(both)[-n:]


def test_without_a_surrogate_the_first_that_are_new_are_taken():
    nursery = Nursery(oracle=False)
    children = nursery.children(20)
    assert nursery.n_bred == len(set(genomes_of(children))) == 20
    assert {child.origin for child in children} == {"crossover"}


def test_most_are_bred_by_others_and_some_are_drawn_at_random():
    nursery = Nursery()
    nursery.children(100)
    n_imagined = len(nursery.oracle.asked[0])
    assert 0.5 * n_imagined < nursery.n_bred < n_imagined


@pytest.mark.parametrize("doubt", [lambda number: 0.0, lambda number: 3 * (1 - number)])
def test_mutants_are_of_the_few_that_may_be_the_best(doubt):
    nursery = Nursery(doubt=doubt)
    nursery.children(10)
    promise = {genome: genome[0] + doubt(genome[0]) for genome in nursery.oracle.asked[0]}
    parents = set(nursery.mutated)
    assert 1 < len(parents) < 10
    assert parents == set(sorted(promise, key=promise.get)[-len(parents) :])


def test_mutants_have_the_parents_of_what_they_are_mutants_of():
    nursery = Nursery()
    nursery.oracle.favourites = lambda children, n: [
        next(child for child in children if child.origin == origin)
        for origin in ("random", "crossover")
    ]
    nursery.oracle.choose = lambda children, n, is_new: children[-n:]
    kinds = {(child.origin, child.parents) for child in nursery.children(100)}
    assert kinds == {("crossover+mutation", (3, 4)), ("mutation", ())}


@pytest.mark.parametrize("oracle", [True, False])
def test_what_was_seen_is_not_bred_again(oracle):
    seen = [(i,) for i in range(100, 200)]
    nursery = Nursery({"x": range(200)}, seen, oracle=oracle)
    genomes = genomes_of(nursery.children(20))
    assert len(set(genomes)) == 20
    assert max(genomes) < (100,)


@pytest.mark.parametrize("oracle", [True, False])
def test_of_a_finite_space_all_that_is_left_is_bred_and_no_more(oracle):
    nursery = Nursery({"x": range(200)}, [(i,) for i in range(3, 200)], oracle=oracle)
    assert sorted(genomes_of(nursery.children(20))) == [(0,), (1,), (2,)]
    nursery.infill.seen.update([(0,), (1,), (2,)])
    assert nursery.children(20) == []
    assert nursery.n_bred < 1000


class Coin:
    """Draws two values and no third; nobody can know that there is none."""

    def rvs(self, random_state):
        return ["heads", "tails"][random_state.randint(2)]


@pytest.mark.parametrize("oracle", [True, False])
def test_the_search_for_what_there_may_not_be_has_an_end(oracle):
    nursery = Nursery({"side": Coin()}, oracle=oracle)
    if oracle:
        nursery.oracle.promise = lambda child: 0.0
        nursery.oracle.choose = lambda children, n, is_new: children[:n]
    children = nursery.children(20)
    assert {nursery.space.decode(child.genome)["side"] for child in children} == {"heads", "tails"}
    assert len(children) == 2
    assert nursery.n_bred < 1000


@pytest.mark.parametrize("n", [10**5, 10**9])
def test_no_more_are_imagined_than_there_can_be(n):
    nursery = Nursery({"x": range(30)})
    assert len(nursery.children(n)) == 30
    assert nursery.n_bred < 1000
    assert len(nursery.mutated) < 1000


def test_what_the_surrogate_leaves_open_is_filled_up():
    nursery = Nursery()
    nursery.oracle.choose = lambda children, n, is_new: children[:3]
    genomes = genomes_of(nursery.children(8))
    assert genomes[:3] == nursery.oracle.asked[0][:3]
    assert len(set(genomes)) == 8


def test_what_the_surrogate_makes_of_children_may_be_known_and_is_not_trained_again():
    nursery = Nursery({"x": range(200)}, [(7,)])
    nursery.oracle.choose = lambda children, n, is_new: [
        Child((7,), "mutation"),
        *children[: n - 1],
    ]
    genomes = genomes_of(nursery.children(5))
    assert (7,) not in genomes
    assert len(set(genomes)) == 5


def test_the_first_ones_are_kept_and_the_others_differ_from_them():
    nursery = Nursery({"x": range(10)}, oracle=False)
    first = [Child((i,), "initial") for i in (7, 2)]
    children = nursery.infill.fill(nursery.breed, 10, first)
    assert children[:2] == first
    assert sorted(genomes_of(children)) == [(i,) for i in range(10)]
    assert nursery.infill.fill(nursery.breed, 1, first) == first[:1]


def test_children_that_had_been_seen_are_counted_but_not_those_that_were_imagined():
    seen = [(i,) for i in range(1000) if i != 500]
    nursery = Nursery({"x": range(1000)}, seen, oracle=False)
    assert genomes_of(nursery.children(1)) == [(500,)]
    # Bred and then drawn 20 times each, before the last one was looked up.
    assert nursery.n_bred == 20
    assert nursery.infill.n_reused == 40
    imagined = Nursery({"x": range(1000)}, seen[:500])
    imagined.children(1)
    assert imagined.n_bred > 10
    assert imagined.infill.n_reused == 0
