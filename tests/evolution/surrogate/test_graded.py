"""A surrogate that learns from scores on all rungs chooses for the last one."""

from functools import partial

import numpy as np
from toy_models import NUMBERS, anything, bowl, drawn

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.candidates import Candidate, Child
from sklearn_natsel._evolution.surrogate.graded import Graded
from sklearn_natsel._evolution.surrogate.turns import Turns
from sklearn_natsel._space import Space


class Recorded:
    """Remembers what it was told; prefers the first ones."""

    def __init__(self, space):
        self.space = space

    def learn(self, told):
        self.told = told

    def favourites(self, children, n):
        self.shown = children
        return children[:n]

    def choose(self, children, n, is_new):
        return self.favourites([child for child in children if is_new(child.genome)], n)


def candidate_of(index, genome, *scores):
    """Return one whose scores let one expect the same in the end."""
    known = {"fitness": scores[-1], "scores": list(scores), "estimates": list(scores)}
    return Candidate(index, genome, {}, 0, "random", (), **known)


def test_each_estimate_is_learnt_with_its_rung():
    graded = Graded(Recorded, Space({"x": range(9)}), 3)
    inner = graded._surrogate
    graded.learn([candidate_of(0, (4,), 0.1, 0.2, 0.3), candidate_of(1, (7,), 0.5)])
    assert [c.genome for c in inner.told] == [(4, 0), (4, 1), (4, 2), (7, 0)]
    assert [c.fitness for c in inner.told] == [0.1, 0.2, 0.3, 0.5]


def test_children_are_compared_on_the_last_rung_and_come_back_as_they_were():
    graded = Graded(Recorded, Space({"x": range(9)}), 3)
    children = [Child((i,), "random", (i, 0)) for i in range(5)]
    assert graded.favourites(children, 2) == children[:2]
    assert {child.genome[-1] for child in graded._surrogate.shown} == {2}
    assert graded.choose(children, 2, lambda genome: genome in {(1,), (3,), (4,)}) == [
        children[1],
        children[3],
    ]
    assert {child.genome[-1] for child in graded._surrogate.shown} == {2}


def turns(space):
    return Turns(space, np.random.RandomState(0), lambda n: 1)


def test_many_cheap_scores_and_few_dear_ones_tell_where_the_best_is():
    space = Space(NUMBERS)
    candidates = []
    for i, genome in enumerate(drawn(space, 60)):
        # Another level on the last rung, which few have seen.
        final = bowl(space.decode(genome)) + 3
        scores = [final - 2, final] if i % 10 == 0 else [final - 2]
        candidates.append(candidate_of(i, genome, *scores))
    graded = Graded(turns, space, 2)
    for _ in range(2):  # both models take a turn
        graded.learn(candidates)
        strangers = [Child(genome, "random") for genome in drawn(space, 200, seed=1)]
        chosen = [bowl(space.decode(c.genome)) for c in graded.favourites(strangers, 20)]
        every = [bowl(space.decode(c.genome)) for c in strangers]
        assert np.mean(chosen) > np.quantile(every, 0.8)


def test_with_dependent_genes_and_alternatives():
    space = Space(
        [
            {"kind": ["a", "b"], "x": Conditional(range(9), "kind", "a")},
            {"kind": ["c"], "y": range(5)},
        ]
    )
    genomes = drawn(space, 30)
    graded = Graded(partial(turns), space, 3)
    graded.learn([candidate_of(i, g, *[0.1 * i] * (1 + i % 3)) for i, g in enumerate(genomes)])
    children = [Child(genome, "random") for genome in drawn(space, 30, seed=1)]
    chosen = graded.choose(children, 4, anything)
    assert len(chosen) == 4
    assert all(child in children for child in chosen)
