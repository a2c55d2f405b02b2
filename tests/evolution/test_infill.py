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
        self.expected = []

    def learn(self, told):
        raise AssertionError("who breeds tells it what to learn")

    def favourites(self, children, n):
        self.asked.append([child.genome for child in children])
        return sorted(children, key=self.promise, reverse=True)[:n]

    def refined(self, children):
        return children[0].genome

    def expect(self, child):
        self.expected.append(child)

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
    imagined = {genome for asked in nursery.oracle.asked for genome in asked}
    assert len(nursery.oracle.asked[0]) > 5 * n
    assert len(set(genomes)) == n
    assert len(imagined) > len(nursery.oracle.asked[0]) + 50 * n
    assert max(genomes) == max(imagined)
    assert min(genomes) >= sorted(nursery.oracle.asked[0])[-n]
    assert all(len(asked) == len(set(asked)) for asked in nursery.oracle.asked)


def test_the_chosen_are_expected_one_after_the_other_and_not_asked_about_again():
    nursery = Nursery()
    children = nursery.children(5)
    assert nursery.oracle.expected == children
    assert len(set(genomes_of(children))) == 5


def test_imagined_generations_climb():
    """Each is bred from the best so far, so mutants of mutants are among the parents."""
    nursery = Nursery()
    nursery.children(1)
    first = nursery.oracle.asked[0]
    bred_later = [genome for genome in nursery.mutated if genome not in first]
    assert len(bred_later) > 30


@pytest.mark.parametrize("is_better", [True, False])
def test_what_is_refined_is_trained_if_it_promises_more(is_better):
    nursery = Nursery()
    refined = (1.5,) if is_better else (-1.0,)
    nursery.oracle.refined = lambda children: refined
    [child] = nursery.children(1)
    assert (child.genome == refined) == is_better


def test_what_is_refined_to_something_known_is_trained_as_it_was():
    nursery = Nursery(seen=[(1.5,)])
    nursery.oracle.refined = lambda children: (1.5,)
    assert nursery.children(1)[0].genome[0] < 1


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
    parents = set(nursery.mutated[:25])
    assert 1 < len(parents) < 10
    assert parents == set(sorted(promise, key=promise.get)[-len(parents) :])


def test_mutants_have_the_parents_of_what_they_are_mutants_of():
    nursery = Nursery()
    kinds = set()

    def favourites(children, n):
        kinds.update((child.origin, child.parents) for child in children)
        return [
            next((c for c in children if c.origin == origin), children[0])
            for origin in ("random", "crossover")
        ]

    nursery.oracle.favourites = favourites
    nursery.children(1)
    assert kinds == {
        ("random", ()),
        ("crossover", (3, 4)),
        ("crossover+mutation", (3, 4)),
        ("mutation", ()),
    }


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
    children = nursery.children(20)
    assert {nursery.space.decode(child.genome)["side"] for child in children} == {"heads", "tails"}
    assert len(children) == 2
    assert nursery.n_bred < 1000


@pytest.mark.parametrize("n", [10**5, 10**9])
def test_no_more_are_imagined_than_there_can_be(n):
    nursery = Nursery({"x": range(30)})
    assert len(nursery.children(n)) == 30
    assert nursery.n_bred < 1000
    assert len(nursery.mutated) < 100 * 30


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
