"""What every model of the fitness must be able to do."""

import numpy as np
import pytest
from scipy import stats
from toy_models import (
    CELL,
    NUMBERS,
    bowl,
    correlation_on_strangers,
    drawn,
    fitted,
    n_convolutions,
)

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._space import Space

CONDITIONAL = {
    "kernel": ["linear", "rbf"],
    "C": stats.loguniform(1e-3, 1e3),
    "gamma": Conditional(stats.loguniform(1e-3, 1e1), "kernel", "rbf"),
}


def make_forest(space):
    return Forest(space, np.random.RandomState(0))


models = pytest.mark.parametrize("make", [make_forest, GaussianProcess])


@pytest.mark.parametrize(
    ("make", "param_space", "fitness_of", "n", "at_least"),
    [
        (make_forest, NUMBERS, bowl, 30, 0.75),
        (make_forest, NUMBERS, bowl, 200, 0.9),
        (make_forest, CELL, n_convolutions, 30, 0.8),
        (GaussianProcess, NUMBERS, bowl, 30, 0.9),
        (GaussianProcess, NUMBERS, bowl, 200, 0.98),
        (GaussianProcess, CELL, n_convolutions, 15, 0.85),
    ],
)
def test_predicts_the_order_of_settings_that_it_has_not_seen(
    make, param_space, fitness_of, n, at_least
):
    space, model = fitted(make, param_space, fitness_of, n)
    assert correlation_on_strangers(space, model, fitness_of) > at_least


@models
def test_what_is_learnt_of_one_gene_holds_for_others_of_its_family(make):
    """No setting that was seen has a convolution on the last edge."""
    space = Space(CELL)
    genomes = [g for g in drawn(space, 60) if space.decode(g)["edge_5"] != "conv"]
    fitness = np.array([n_convolutions(space.decode(g)) for g in genomes], dtype=float)
    model = make(space).fit(genomes, fitness)
    setting = dict.fromkeys(CELL, "pool") | {"edge_0": "conv"}
    with_one_more = setting | {"edge_5": "conv"}
    predicted, _ = model.predict([space.encode(setting), space.encode(with_one_more)])
    assert predicted[1] > predicted[0] + 0.05


@models
@pytest.mark.parametrize(
    "fitness", [[0, 0, 0, 0], [np.nan] * 4, [0, 1, np.nan, -np.inf], [np.inf, 1, 2], [2, 1]]
)
def test_failures_ties_and_few_settings_can_be_learnt_from(make, fitness):
    space = Space(CONDITIONAL)
    genomes = drawn(space, len(fitness))
    mean, std = make(space).fit(genomes, np.array(fitness, float)).predict(drawn(space, 50, seed=1))
    assert np.isfinite(mean).all()
    assert (std >= 0).all()
