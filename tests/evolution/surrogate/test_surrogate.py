import math
import pickle
import sys
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from scipy.optimize import check_grad
from threadpoolctl import threadpool_info, threadpool_limits

from sklearn_natsel import Conditional, minimize
from sklearn_natsel._evolution.screening import choose
from sklearn_natsel._evolution.surrogate import gaussian_process
from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess, compressed
from sklearn_natsel._evolution.surrogate.turns import Surrogate, log_seconds, most_informative
from sklearn_natsel._space.space import Space

NUMBERS = {"x": stats.uniform(0, 1), "y": stats.uniform(0, 1), "z": stats.uniform(0, 1)}
CELL = {f"edge_{i}": ["none", "skip", "conv", "pool"] for i in range(6)}
CONDITIONAL = {
    "kernel": ["linear", "rbf"],
    "C": stats.loguniform(1e-3, 1e3),
    "gamma": Conditional(stats.loguniform(1e-3, 1e1), "kernel", "rbf"),
}


def make_forest(space):
    return Forest(space, np.random.RandomState(0))


def make_surrogate(space):
    return Surrogate(space, np.random.RandomState(0))


models = pytest.mark.parametrize("make", [make_forest, GaussianProcess])


def drawn(space, n, seed=0):
    rng = np.random.RandomState(seed)
    return [space.random(rng) for _ in range(n)]


def fitted(make, param_space, fitness_of, n):
    space = Space(param_space)
    genomes = drawn(space, n)
    fitness = np.array([fitness_of(space.decode(genome)) for genome in genomes], dtype=float)
    return space, make(space).fit(genomes, fitness)


def n_convolutions(params):
    return sum(value == "conv" for value in params.values())


def bowl(params):
    return -((params["x"] - 0.3) ** 2) - (params["y"] - 0.8) ** 2


def correlation_on_strangers(space, model, fitness_of):
    strangers = drawn(space, 300, seed=1)
    predicted, _ = model.predict(strangers)
    true = [fitness_of(space.decode(genome)) for genome in strangers]
    return stats.spearmanr(predicted, true).statistic


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


def test_a_gaussian_process_is_less_sure_far_from_what_it_knows():
    space = Space(NUMBERS)
    genomes = [g for g in drawn(space, 200) if space.decode(g)["x"] < 0.5]
    fitness = np.array([np.sin(9 * space.decode(g)["x"]) for g in genomes])
    strangers = drawn(space, 300, seed=1)
    _, std = GaussianProcess(space).fit(genomes, fitness).predict(strangers)
    x = np.array([space.decode(g)["x"] for g in strangers])
    assert std[x > 0.8].mean() > 1.2 * std[x < 0.4].mean()


def test_a_gaussian_process_tells_poor_settings_apart_when_most_are_good():
    """Late in a search the median is good: what is known of the rest must not be lost."""
    space = Space(NUMBERS)
    near = [genome for genome in drawn(space, 3000, seed=2) if bowl(space.decode(genome)) > -0.02]
    genomes = drawn(space, 20) + near[:60]
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    model = GaussianProcess(space).fit(genomes, fitness)
    assert correlation_on_strangers(space, model, bowl) > 0.95


def test_a_gaussian_process_finds_out_which_gene_matters():
    _, model = fitted(GaussianProcess, NUMBERS, lambda p: np.sin(9 * p["x"]), 100)
    x, *others = model._weights
    assert x > 10 * max(others)


def test_a_gaussian_process_finds_out_lengths_from_some_and_predicts_from_all(monkeypatch):
    seen = []

    def spied(logs, distances, linear, targets, *priors):
        seen.append((distances.shape[1:], linear.shape, len(targets)))
        return improbability(logs, distances, linear, targets, *priors)

    improbability = gaussian_process._negative_log_posterior
    monkeypatch.setattr(gaussian_process, "_negative_log_posterior", spied)
    space, model = fitted(GaussianProcess, NUMBERS, bowl, 150)
    assert set(seen) == {((100, 100), (100, 100), 100)}
    _, std = model.predict(drawn(space, 150))
    _, elsewhere = model.predict(drawn(space, 150, seed=1))
    assert std.max() < np.median(elsewhere)


def test_more_genes_than_lengths_share_one():
    bits = {f"bit_{i}": [0, 1] for i in range(100)}
    _, model = fitted(GaussianProcess, bits, lambda params: sum(params.values()), 40)
    assert len(model._weights) == 1
    assert correlation_on_strangers(Space(bits), model, lambda p: sum(p.values())) > 0.4


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_a_gaussian_process_keeps_to_one_thread(monkeypatch):
    """Several would wait for each other, and keep the workers from their fits."""
    during = []

    def minimize_and_look(*args, **kwargs):
        during.extend(blas_threads())
        return minimize(*args, **kwargs)

    minimize = gaussian_process.minimize
    monkeypatch.setattr(gaussian_process, "minimize", minimize_and_look)
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        fitted(GaussianProcess, NUMBERS, bowl, 20)
        assert blas_threads() == before
    assert set(during) == {1}


def test_the_gradient_is_that_of_the_negative_log_posterior():
    rng = np.random.RandomState(0)
    points = [rng.random_sample((20, 1)), rng.random_sample((20, 2))]
    distances = np.array([((p[:, None] - p[None]) ** 2).sum(-1) for p in points])
    trend = rng.random_sample((20, 3))
    targets = rng.standard_normal(20)
    args = distances, trend @ trend.T, targets, np.zeros(5), np.ones(5)

    def value(logs):
        return gaussian_process._negative_log_posterior(logs, *args)[0]

    def gradient(logs):
        return gaussian_process._negative_log_posterior(logs, *args)[1]

    for _ in range(3):
        logs = rng.standard_normal(5)
        assert check_grad(value, gradient, logs) < 1e-4 * (1 + np.abs(gradient(logs)).max())


LOG_2 = np.log(2)


@pytest.mark.parametrize(
    ("fitness", "expected"),
    [
        ([1, 2, 3, 4, 5], [-LOG_2, -np.log(1.5), 0, 0.5, 1]),
        ([3 - 2e6, 2, 3, 4, 5], [-4, -np.log(1.5), 0, 0.5, 1]),
        ([np.nan, 2, 3, 4, -np.inf], [-1, -LOG_2, 0, 1, -1]),
        ([-1e6, -1e6, 2, 3, 4], [-1, -1, -LOG_2, 0, 1]),
        ([-1e6, -1e6, np.nan, 2, 3, 13], [-1, -1, -1, -np.log(1.1), 0, 1]),
        ([np.nan, -9, 3, 3, 4], [-np.log(13), -np.log(13), 0, 0, 1]),
        ([1, 1, 1], [0, 0, 0]),
        ([1, 1, 2], [-1, -1, 0]),
        ([1, 1, np.nan], [0, 0, -1]),
        ([np.nan, np.nan], [0, 0]),
        ([0, 1, 2, np.inf, np.inf], [-LOG_2, -np.log(1.5), 0, 0, 0]),
        ([-1e308, 0, 1e308], [-LOG_2, 0, 1]),
        ([-1e308, 0, 1e-300], [-4, 0, 1]),
    ],
)
def test_compressed_scores(fitness, expected):
    assert_allclose(compressed(np.array(fitness, float)), expected, atol=1e-12)


@pytest.mark.parametrize("fitness", [[1, 2, 3, 4, 9], [1, 2, 3, 3, 3], [np.nan, 0, 1, 5]])
def test_units_of_the_scores_do_not_matter(fitness):
    fitness = np.array(fitness, float)
    assert_allclose(compressed(1e-6 * fitness + 7), compressed(fitness), rtol=1e-6)


def test_a_penalty_is_no_worse_than_a_failure():
    def distance(x, y, z, penalty):
        feasible = x + y + z <= 1.2
        return (x - 0.3) ** 2 + (y - 0.6) ** 2 + (z - 0.1) ** 2 if feasible else penalty

    def found(penalty):
        numbers = {name: stats.uniform() for name in "xyz"}
        searches = [
            minimize(
                partial(distance, penalty=penalty), numbers, max_evaluations=60, random_state=seed
            )
            for seed in range(3)
        ]
        return [search.x for search in searches]

    assert found(10.0) == found(1e6) == found(sys.float_info.max) == found(math.inf)


class AnyNumber:
    def rvs(self, random_state=None):
        return random_state.random_sample()


def chosen_of_turns(surrogate, genomes, fitness, candidates, n_turns):
    turns = []
    for _ in range(n_turns):
        mean, std = surrogate.fit(genomes, fitness, 0 * fitness).predict(candidates)
        turns.append(np.argsort(-mean - std)[:5].tolist())
    return turns


def choose_among(genomes, surrogate):
    return choose(*surrogate.predict(genomes), 8, np.random.RandomState(0))


def test_models_take_turns():
    space = Space(NUMBERS)
    genomes, candidates = drawn(space, 50), drawn(space, 100, seed=1)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    turns = chosen_of_turns(make_surrogate(space), genomes, fitness, candidates, 2)
    process, forest = GaussianProcess(space), make_forest(space)
    for model, favourites in zip((process, forest), turns):
        mean, std = model.fit(genomes, fitness).predict(candidates)
        assert_array_equal(favourites, np.argsort(-mean - std)[:5])


def test_where_no_gene_has_a_scale_the_forest_learns_alone():
    space = Space({"a": AnyNumber()})
    genomes, candidates = drawn(space, 50), drawn(space, 100, seed=1)
    fitness = np.array([space.decode(genome)["a"] for genome in genomes])
    for favourites in chosen_of_turns(make_surrogate(space), genomes, fitness, candidates, 2):
        assert min(space.decode(candidates[i])["a"] for i in favourites) > 0.8


def test_goes_on_identically_after_pickling():
    space = Space(NUMBERS)
    genomes, candidates = drawn(space, 50), drawn(space, 100, seed=1)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    surrogate = make_surrogate(space).fit(genomes, fitness, 0 * fitness)
    copy = pickle.loads(pickle.dumps(surrogate))
    for model in (surrogate, copy):
        model.turns = chosen_of_turns(model, genomes[:40], fitness[:40], candidates, 3)
    assert surrogate.turns == copy.turns


@pytest.mark.parametrize("n_turns", [1, 2])
def test_where_time_has_a_price_the_chosen_are_faster_and_not_much_worse(n_turns):
    """The time depends on another gene than the score."""
    space = Space(NUMBERS)
    genomes, strangers = drawn(space, 100), drawn(space, 300, seed=1)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    seconds = np.array([10 ** (2 * space.decode(genome)["z"]) for genome in genomes])
    z, score = {}, {}
    for per_second in (False, True):
        surrogate = Surrogate(space, np.random.RandomState(0), per_second=per_second)
        for _ in range(n_turns):
            surrogate.fit(genomes, fitness, seconds)
        chosen = [space.decode(strangers[i]) for i in choose_among(strangers, surrogate)]
        z[per_second] = np.mean([params["z"] for params in chosen])
        score[per_second] = np.mean([bowl(params) for params in chosen])
    assert z[True] < z[False] - 0.1
    assert score[True] > score[False] - 0.1


@pytest.mark.parametrize(
    ("seconds", "as_if"),
    [
        ([1, 10, 100], [1, 10, 100]),
        ([1, np.nan, 100], [1, 100, 100]),
        ([0, 10, 100], [10, 10, 100]),
        ([np.nan, np.nan], [1, 1]),
        ([0, 0], [1, 1]),
    ],
)
def test_unknown_times_count_as_long_and_none_as_short(seconds, as_if):
    assert_allclose(log_seconds(np.array(seconds, float)), np.log(as_if), atol=1e-12)


@pytest.mark.parametrize("n_turns", [1, 2])
def test_the_chosen_are_different_and_rather_the_best(n_turns):
    space = Space(NUMBERS)
    genomes, strangers = drawn(space, 100), drawn(space, 200, seed=1)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])
    surrogate = make_surrogate(space)
    for _ in range(n_turns):
        surrogate.fit(genomes, fitness, 0 * fitness)
    chosen = choose_among(strangers, surrogate)
    assert len(set(chosen)) == 8
    true = np.array([bowl(space.decode(genome)) for genome in strangers])
    assert true[chosen].mean() > np.quantile(true, 0.9)


@pytest.mark.parametrize("n", [0, 1, 9, 10])
def test_models_learn_from_all_settings_where_they_are_few(n):
    assert most_informative(np.zeros(n), 10) == list(range(n))


@pytest.mark.parametrize(
    ("fitness", "kept"),
    [
        ([9, 1, 8, np.nan, 0, 2, 7, 3], [0, 2, 6, 7]),
        ([0, 1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7]),
        ([np.nan, 1, 2, 0, -np.inf, np.nan], [1, 2, 4, 5]),
    ],
)
def test_of_many_settings_the_best_half_and_the_latest_others_are_learnt_from(fitness, kept):
    assert most_informative(np.array(fitness, float), 4) == kept
