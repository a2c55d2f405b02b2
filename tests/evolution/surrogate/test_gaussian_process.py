import math
import sys
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.optimize import check_grad
from threadpoolctl import threadpool_info, threadpool_limits
from toy_models import NUMBERS, bowl, correlation_on_strangers, drawn, fitted

from sklearn_natsel import minimize
from sklearn_natsel._evolution.surrogate import gaussian_process
from sklearn_natsel._evolution.surrogate.acquisition import log_expected_improvement
from sklearn_natsel._evolution.surrogate.features import Features
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess, compressed
from sklearn_natsel._space import Space

LOG_2 = np.log(2)


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
    assert correlation_on_strangers(space, model, bowl) > 0.9


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
    space, model = fitted(GaussianProcess, NUMBERS, lambda p: np.sin(9 * p["x"] * p["y"]), 150)
    assert set(seen) == {((100, 100), (100, 100), 100)}
    _, std = model.predict(drawn(space, 150))
    _, elsewhere = model.predict(drawn(space, 150, seed=1))
    assert std.max() < np.median(elsewhere)


def test_more_genes_than_lengths_share_one():
    bits = {f"bit_{i}": [0, 1] for i in range(100)}
    _, model = fitted(GaussianProcess, bits, lambda params: sum(params.values()), 40)
    assert len(model._weights) == 1
    assert correlation_on_strangers(Space(bits), model, lambda p: sum(p.values())) > 0.4


def test_what_is_expected_of_a_setting_is_taken_for_granted():
    space, model = fitted(GaussianProcess, NUMBERS, bowl, 15)
    genome, *others = drawn(space, 100, seed=1)
    mean, std = model.predict([genome, *others])
    best = model.best
    model.expect(genome)
    new_mean, new_std = model.predict([genome, *others])
    assert_allclose(new_mean, mean, atol=1e-6)
    assert new_std[0] < 0.5 * std[0]
    assert (new_std <= std + 1e-6).all()
    assert model.best == pytest.approx(max(best, mean[0]))


def test_what_is_expected_makes_others_as_sure_as_if_it_was_so(monkeypatch):
    """Compared with a process that learns it as a score, with the same lengths and variances."""
    space, model = fitted(GaussianProcess, NUMBERS, bowl, 15)
    *known, genome = drawn(space, 15) + drawn(space, 1, seed=3)
    strangers = drawn(space, 50, seed=1)
    model.expect(genome)
    _, std = model.predict(strangers)
    known_too = GaussianProcess(space)
    known_too._logs = model._logs
    monkeypatch.setattr(gaussian_process, "_N_STEPS", 0)
    fitness = np.array([bowl(space.decode(g)) for g in [*known, genome]])
    _, learnt = known_too.fit([*known, genome], fitness).predict(strangers)
    assert stats.spearmanr(std, learnt).statistic > 0.99


@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_slopes_point_to_where_more_improvement_is_expected(margin):
    """Compared with small steps; their lengths in one place differ by one factor alone."""
    families = {f"u_{i}": stats.uniform() for i in range(2)}
    mixed = {**families, "x": stats.loguniform(1, 9), "k": ["a", "b"], "n": [1, 2, 3]}
    space, model = fitted(
        GaussianProcess, mixed, lambda p: np.sin(3 * p["u_0"]) * p["u_1"] - p["x"] + p["n"], 40
    )
    model.expect(drawn(space, 1, seed=3)[0])
    coordinates = Features(space).coordinates(drawn(space, 10, seed=1))

    def promise(coordinates):
        mean, std = model.predict_at(coordinates)
        return log_expected_improvement(mean - model.best - margin, std)

    heights, slopes = model.slopes_at(coordinates, margin)
    assert_allclose(heights, promise(coordinates), rtol=1e-6)
    steps = 1e-5 * np.eye(5)[:3]
    rises = np.transpose([promise(coordinates + s) - promise(coordinates - s) for s in steps])
    factors = rises / slopes[:, :3]
    assert (factors > 0).all()
    assert_allclose(factors, factors[:, [0, 0, 0]], rtol=1e-3)


def test_with_many_settings_only_each_third_fit_finds_the_lengths_anew(monkeypatch):
    space = Space(NUMBERS)
    genomes = drawn(space, 60)
    fitness = np.array([bowl(space.decode(genome)) for genome in genomes])

    def n_searches(sizes):
        searches = []
        found = gaussian_process.minimize
        with monkeypatch.context() as patched:
            patched.setattr(
                gaussian_process,
                "minimize",
                lambda *args, **kwargs: searches.append(1) or found(*args, **kwargs),
            )
            model = GaussianProcess(space)
            for n in sizes:
                model.fit(genomes[:n], fitness[:n])
        return len(searches)

    assert n_searches([10, 12, 14, 16]) == 4
    assert n_searches([54, 55, 56, 57]) == 2


def test_the_best_is_what_it_expects_of_the_best_that_it_knows():
    space, model = fitted(GaussianProcess, NUMBERS, bowl, 30)
    mean, _ = model.predict(drawn(space, 30))
    assert model.best == pytest.approx(mean.max())


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
                partial(distance, penalty=penalty), numbers, max_evaluations=30, random_state=seed
            )
            for seed in range(2)
        ]
        return [search.x for search in searches]

    assert found(10.0) == found(1e6) == found(sys.float_info.max) == found(math.inf)
