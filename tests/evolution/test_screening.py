"""Many children are imagined; the most promising ones are returned."""

import itertools

import numpy as np
import pytest

from sklearn_natsel._evolution.candidates import Child
from sklearn_natsel._evolution.screening import Screening


class Oracle:
    """Stands in for a surrogate: the number in a genome is expected of it, with some doubt."""

    def __init__(self, doubt):
        self.doubt = doubt
        self.asked = []

    def predict(self, genomes):
        self.asked.append(genomes)
        mean = np.array([number for number, *_ in genomes])
        return mean, np.array([self.doubt(number) for number in mean])


def no_doubt(number):
    return 0.0


class Nursery:
    """A screening whose genomes are random numbers, and what it has made of them."""

    def __init__(self, doubt=no_doubt, is_known=lambda genome: False, numbers=None):
        self.oracle = Oracle(doubt)
        self.numbers = numbers or iter(np.random.RandomState(0).random_sample, None)
        self.mutated = []
        self.n_bred = 0
        self.screening = Screening(
            self.oracle,
            np.random.RandomState(1),
            mutate=self.mutate,
            immigrant=lambda: Child((next(self.numbers),), "random"),
            is_new=lambda genome, brood: genome not in brood and not is_known(genome),
        )

    def breed(self):
        self.n_bred += 1
        return Child((next(self.numbers),), "crossover", (3, 4))

    def mutate(self, genome):
        self.mutated.append(genome)
        return genome[0] + next(self.numbers) / 10 - 0.05, "mutated"

    def children(self, n):
        return self.screening.children(self.breed, n)


@pytest.mark.parametrize("n", [1, 3, 100])
def test_as_many_as_are_asked_for_are_the_best_of_many_more(n):
    nursery = Nursery()
    genomes = [child.genome for child in nursery.children(n)]
    first, both = nursery.oracle.asked
    assert len(first) > 5 * n
    assert both[: len(first)] == first
    assert len(both) == len(set(both)) == 2 * len(first)
    assert sorted(genomes) == sorted(both)[-n:]


def test_most_are_bred_by_others_and_some_are_immigrants():
    nursery = Nursery()
    nursery.children(100)
    n_imagined = len(nursery.oracle.asked[0])
    assert 0.5 * n_imagined < nursery.n_bred < n_imagined


@pytest.mark.parametrize("doubt", [no_doubt, lambda number: 3 * (1 - number)])
def test_mutants_are_of_the_few_that_may_be_the_best(doubt):
    nursery = Nursery(doubt)
    nursery.children(10)
    promise = {genome: genome[0] + doubt(genome[0]) for genome in nursery.oracle.asked[0]}
    parents = set(nursery.mutated)
    assert 1 < len(parents) < 10
    assert parents == set(sorted(promise, key=promise.get)[-len(parents) :])


def test_children_have_the_parents_of_what_they_are_mutants_of():
    kinds = {(child.origin, child.parents) for child in Nursery().children(400)}
    assert kinds == {("crossover+mutation", (3, 4)), ("mutation", ())}


def test_known_ones_are_not_returned_and_the_search_for_others_has_an_end():
    half = Nursery(is_known=lambda genome: genome[0] > 0.5).children(20)
    assert len(half) == 20
    assert max(child.genome[0] for child in half) <= 0.5
    nursery = Nursery(is_known=lambda genome: True)
    assert nursery.children(20) == []
    assert nursery.n_bred < 1000


def test_fewer_are_returned_where_there_are_no_more():
    nursery = Nursery(numbers=itertools.cycle([0.25, 0.5]))
    genomes = [child.genome for child in nursery.children(20)]
    assert sorted(genomes) == sorted(nursery.oracle.asked[1])
    assert {(0.25,), (0.5,)} < set(genomes)
