import numpy as np
import pytest
from scipy import stats

from sklearn_natsel import Conditional
from sklearn_natsel._space import Space
from sklearn_natsel._surrogate import Surrogate

NUMBERS = {"x": stats.uniform(0, 1), "y": stats.uniform(0, 1), "z": stats.uniform(0, 1)}
CELL = {f"edge_{i}": ["none", "skip", "conv", "pool"] for i in range(6)}
CONDITIONAL = {
    "kernel": ["linear", "rbf"],
    "C": stats.loguniform(1e-3, 1e3),
    "gamma": Conditional(stats.loguniform(1e-3, 1e1), "kernel", "rbf"),
}


def drawn(space, n, seed=0):
    rng = np.random.RandomState(seed)
    return [space.random(rng) for _ in range(n)]


def fitted(param_space, fitness_of, n, seed=0):
    space = Space(param_space)
    genomes = drawn(space, n, seed)
    fitness = np.array([fitness_of(space.decode(genome)) for genome in genomes], dtype=float)
    return space, Surrogate(space, np.random.RandomState(seed)).fit(genomes, fitness)


def n_convolutions(params):
    return sum(value == "conv" for value in params.values())


def bowl(params):
    return -((params["x"] - 0.3) ** 2) - (params["y"] - 0.8) ** 2


def correlation_on_strangers(space, surrogate, fitness_of):
    strangers = drawn(space, 300, seed=1)
    predicted, _ = surrogate.predict(strangers)
    true = [fitness_of(space.decode(genome)) for genome in strangers]
    return stats.spearmanr(predicted, true).statistic


@pytest.mark.parametrize(
    ("param_space", "fitness_of", "n", "at_least"),
    [(NUMBERS, bowl, 30, 0.8), (NUMBERS, bowl, 200, 0.9), (CELL, n_convolutions, 15, 0.8)],
)
def test_predicts_the_ranks_of_settings_that_it_has_not_seen(param_space, fitness_of, n, at_least):
    space, surrogate = fitted(param_space, fitness_of, n)
    assert correlation_on_strangers(space, surrogate, fitness_of) > at_least


def test_what_is_learnt_of_one_gene_holds_for_others_of_its_family():
    """No setting that was seen has a convolution on the last edge."""
    space = Space(CELL)
    genomes = [g for g in drawn(space, 60) if space.decode(g)["edge_5"] != "conv"]
    fitness = np.array([n_convolutions(space.decode(g)) for g in genomes], dtype=float)
    surrogate = Surrogate(space, np.random.RandomState(0)).fit(genomes, fitness)
    setting = dict.fromkeys(CELL, "pool") | {"edge_0": "conv"}
    with_one_more = setting | {"edge_5": "conv"}
    predicted, _ = surrogate.predict([space.encode(setting), space.encode(with_one_more)])
    assert predicted[1] > predicted[0] + 0.05


def test_a_trend_that_predicts_nothing_is_not_trusted():
    noise = np.random.RandomState(0)
    _, surrogate = fitted(NUMBERS, lambda params: noise.random_sample(), 100)
    _, of_a_bowl = fitted(NUMBERS, bowl, 100)
    assert surrogate._trust_in_trend < 0.05 < of_a_bowl._trust_in_trend


def test_the_trend_fades_as_settings_become_known():
    trust = [fitted(NUMBERS, bowl, n)[1]._trust_in_trend for n in (25, 100, 300)]
    assert 0 < trust[2] < trust[1] < trust[0] < 0.5


@pytest.mark.parametrize("fitness", [[0, 0, 0, 0], [np.nan] * 4, [0, 1, np.nan, -np.inf], [2, 1]])
def test_failures_ties_and_few_settings_can_be_learnt_from(fitness):
    space = Space(CONDITIONAL)
    genomes = drawn(space, len(fitness))
    surrogate = Surrogate(space, np.random.RandomState(0)).fit(genomes, np.array(fitness, float))
    mean, std = surrogate.predict(drawn(space, 50, seed=1))
    assert np.isfinite(mean).all()
    assert (std >= 0).all()


class AnyNumber:
    def rvs(self, random_state=None):
        return random_state.random_sample()


def test_learns_where_no_gene_has_a_trend():
    space, surrogate = fitted({"a": AnyNumber()}, lambda params: params["a"], 50)
    assert correlation_on_strangers(space, surrogate, lambda params: params["a"]) > 0.9


def test_the_chosen_are_different_and_rather_the_best():
    space, surrogate = fitted(NUMBERS, bowl, 100)
    strangers = drawn(space, 200, seed=1)
    chosen = surrogate.choose(strangers, 8)
    assert len(set(chosen)) == 8
    true = np.array([bowl(space.decode(genome)) for genome in strangers])
    assert true[chosen].mean() > np.quantile(true, 0.9)
