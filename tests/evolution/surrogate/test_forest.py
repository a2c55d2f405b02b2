import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from toy_models import NUMBERS, bowl, drawn

from sklearn_natsel._evolution.surrogate.forest import Forest, ranks
from sklearn_natsel._space import Space


@pytest.mark.parametrize(
    ("fitness", "expected"),
    [
        ([5, 7, 6, 8], [0.25, 0.75, 0.5, 1]),
        ([1, 1, 2, 2], [0.375, 0.375, 0.875, 0.875]),
        ([math.nan, -math.inf, 0, math.inf], [0.25, 0.5, 0.75, 1]),
        ([math.nan], [1]),
    ],
)
def test_ranks(fitness, expected):
    assert_allclose(ranks(np.array(fitness, float)), expected)


def test_only_the_order_of_the_scores_matters():
    space = Space(NUMBERS)
    genomes, strangers = drawn(space, 40), drawn(space, 40, seed=1)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    predicted = []
    for scores in (
        fitness,
        np.exp(9 * fitness),
        np.where(fitness < -0.5, fitness * 1e300, fitness),
    ):
        model = Forest(space, np.random.RandomState(0)).fit(genomes, scores)
        predicted.append(model.predict(strangers))
    for other in predicted[1:]:
        assert_array_equal(other, predicted[0])


def test_another_scale_is_what_is_learnt_and_predicted():
    space = Space({"x": range(1, 101)})
    genomes = list(space.genomes())
    model = Forest(space, np.random.RandomState(0), scale=np.log)
    mean, _ = model.fit(genomes, np.arange(1.0, 101)).predict(genomes)
    assert_allclose(mean, np.log(np.arange(1, 101)), atol=0.2)


def test_it_is_less_sure_between_what_it_knows_than_there():
    space = Space({"x": range(101)})
    known = [(0,), (100,)] * 5
    model = Forest(space, np.random.RandomState(0)).fit(known, np.array([0.0, 1.0] * 5))
    _, std = model.predict([(0,), (50,), (100,)])
    assert std[1] > 0.1
    assert max(std[0], std[2]) < 1e-9


def test_the_seed_decides_what_it_learns():
    space = Space(NUMBERS)
    genomes, strangers = drawn(space, 40), drawn(space, 40, seed=1)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    first, again, other = (
        Forest(space, np.random.RandomState(seed)).fit(genomes, fitness).predict(strangers)[0]
        for seed in (0, 0, 1)
    )
    assert_array_equal(first, again)
    assert (first != other).any()
