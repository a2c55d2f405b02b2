"""Which surrogate a search has."""

import numpy as np
import pytest

from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._evolution.surrogate.make import make_surrogate
from sklearn_natsel._evolution.surrogate.turns import Turns
from sklearn_natsel._space import Space

SPACE = Space({"x": range(100), "y": range(100)})


def make(kind):
    return make_surrogate(kind, SPACE, np.random.RandomState(0), lambda n: 2)


def test_no_surrogate_is_made_where_none_is_wanted():
    assert make(False) is None


@pytest.mark.parametrize("kind", [True, np.True_, "per_second"])
def test_by_default_models_take_turns(kind):
    assert isinstance(make(kind), Turns)


class Largest:
    """Knows what is good: a large sum."""

    def __init__(self):
        self.n_told = []

    def learn(self, told):
        self.n_told.append(len(told))

    def favourites(self, children, n):
        return sorted(children, key=lambda child: -sum(child.genome))[:n]

    def choose(self, children, n, is_new):
        return self.favourites(children, n)


def test_a_surrogate_that_is_made_already_is_asked():
    largest = Largest()
    assert make(largest) is largest
    evolution = Evolution(SPACE, np.random.RandomState(0), surrogate=largest)
    for _ in range(5):
        for candidate in evolution.ask():
            evolution.tell(candidate, -1.0)  # what it says counts, not the fitness
    assert largest.n_told == [10, 12, 14, 16]
    sums = [sum(candidate.params.values()) for candidate in evolution.candidates]
    assert min(sums[-2:]) > np.median(sums[:10])
