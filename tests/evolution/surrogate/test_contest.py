"""Two models foretell what settings score; the better one chooses the children to train."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from toy_models import NUMBERS, bowl, drawn

from sklearn_natsel._evolution.candidates import Candidate, Child
from sklearn_natsel._evolution.surrogate.contest import (
    Contest,
    log_seconds,
    mistakes_of,
    most_informative,
)
from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._space import Space


class AnyNumber:
    def rvs(self, random_state=None):
        return random_state.random_sample()


def one(n_learnt):
    return 1


def make_contest(space, interval=one, **params):
    return Contest(space, np.random.RandomState(0), interval, **params)


def told(space, n, fitness_of, seconds_of=lambda params: 1.0):
    """Return candidates that were evaluated."""
    candidates = []
    for i, genome in enumerate(drawn(space, n)):
        params = space.decode(genome)
        known = {"fitness": fitness_of(params), "seconds": seconds_of(params)}
        candidates.append(Candidate(i, genome, params, 0, "random", (), **known))
    return candidates


def strangers_of(space, n=200):
    return [Child(genome, "random") for genome in drawn(space, n, seed=1)]


def params_of(space, children):
    return [space.decode(child.genome) for child in children]


def after_learning(space, candidates, n_times, **params):
    """Return a contest that has learnt from all candidates, and before from all but a few."""
    contest = make_contest(space, **params)
    for n_left in reversed(range(n_times)):
        contest.learn(candidates[: len(candidates) - 10 * n_left])
    return contest


def chosen_of(contest, children, n):
    """Return the favourites one after the other, each expected before the next."""
    left, chosen = list(children), []
    for _ in range(n):
        chosen += contest.favourites(left, 1)
        contest.expect(chosen[-1])
        left.remove(chosen[-1])
    return chosen


def cliffs(params):
    """Says nothing of its steps until they are there."""
    return float(sum(int(7 * x) % 2 for x in params.values()))


@pytest.mark.parametrize(("fitness_of", "believed"), [(bowl, GaussianProcess), (cliffs, Forest)])
def test_the_model_is_believed_that_foretells_better(fitness_of, believed):
    space = Space(NUMBERS)
    candidates = told(space, 150, fitness_of)
    contest = make_contest(space, interval=lambda n_learnt: 10)
    for n in range(30, 151, 10):
        contest.learn(candidates[:n])
    assert type(contest._believed) is believed


class Prophet:
    """Expects of a setting what it is told to."""

    def __init__(self, of):
        self.of = of

    def predict(self, genomes):
        return np.array([self.of(*genome) for genome in genomes]), np.zeros(len(genomes))


@pytest.mark.parametrize(
    ("of", "least", "most"),
    [
        (lambda x: x, 0, 0),
        (lambda x: 1e6 * x**3, 0, 0),
        (lambda x: -x, 1, 1),
        (lambda x: min(x, 0.7), 0.3, 0.9),
        (lambda x: max(x, 0.3), 0, 0.01),
    ],
)
def test_a_mistake_is_a_wrong_order_and_counts_more_among_the_best(of, least, most):
    candidates = [
        Candidate(i, (x,), {}, 0, "random", (), fitness=x)
        for i, x in enumerate(np.linspace(0, 1, 101))
    ]
    new, known = candidates[95:96], candidates[:95] + candidates[96:]
    assert least <= mistakes_of(Prophet(of), new, known) <= most


def test_failures_are_foretold_as_the_worst():
    scores = [np.nan, -np.inf, 0.0, 1.0]
    known = [Candidate(i, (float(i),), {}, 0, "", (), fitness=s) for i, s in enumerate(scores)]
    new = [Candidate(4, (-1.0,), {}, 0, "", (), fitness=np.nan)]
    assert mistakes_of(Prophet(lambda x: x), new, known) == 0
    assert mistakes_of(Prophet(lambda x: -x), new, known) > 0.9


def test_they_learn_again_when_as_many_more_were_told_as_the_interval_says(monkeypatch):
    learnt = []
    for model in (GaussianProcess, Forest):
        fit = model.fit
        monkeypatch.setattr(
            model,
            "fit",
            lambda self, genomes, fitness, fit=fit: (
                learnt.append((type(self), len(genomes))) or fit(self, genomes, fitness)
            ),
        )
    space = Space(NUMBERS)
    candidates = told(space, 30, bowl)
    contest = make_contest(space, interval=lambda n_learnt: n_learnt)
    for n in range(1, 31):
        contest.learn(candidates[:n])
    both = (Forest, GaussianProcess)
    assert learnt == [(model, n) for n in (1, 2, 4, 8, 16) for model in both]


def test_where_no_gene_has_a_scale_the_forest_learns_alone():
    space = Space({"a": AnyNumber()})
    candidates, strangers = told(space, 50, lambda params: params["a"]), strangers_of(space, 100)
    for n_times in (1, 2):
        contest = after_learning(space, candidates, n_times)
        assert (
            min(params["a"] for params in params_of(space, contest.favourites(strangers, 5))) > 0.8
        )


def test_goes_on_identically_after_pickling():
    space = Space(NUMBERS)
    candidates, strangers = told(space, 60, bowl), strangers_of(space)
    contest = after_learning(space, candidates[:50], 1)
    copy = pickle.loads(pickle.dumps(contest))
    chosen = []
    for surrogate in (contest, copy):
        chosen.append([])
        for n in (52, 57, 60):
            surrogate.learn(candidates[:n])
            chosen[-1] += [child.genome for child in surrogate.favourites(strangers, 5)]
            chosen[-1] += [surrogate.refined(strangers[:5])]
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize("n_times", [1, 2])
def test_the_chosen_are_different_and_rather_the_best(n_times):
    space = Space(NUMBERS)
    strangers = strangers_of(space)
    chosen = chosen_of(after_learning(space, told(space, 100, bowl), n_times), strangers, 8)
    assert len({child.genome for child in chosen}) == 8
    true = [bowl(params) for params in params_of(space, strangers)]
    assert np.mean([bowl(params) for params in params_of(space, chosen)]) > np.quantile(true, 0.9)


def test_where_time_has_a_price_a_little_is_gained_fast():
    """What is promised differs little, for little is known; the time depends on another gene."""
    space = Space(NUMBERS)
    candidates = told(space, 12, bowl, seconds_of=lambda params: 10 ** (4 * params["z"]))
    z = {}
    for per_second in (False, True):
        contest = after_learning(space, candidates, 1, per_second=per_second)
        chosen = params_of(space, chosen_of(contest, strangers_of(space, 300), 8))
        z[per_second] = np.mean([params["z"] for params in chosen])
    assert z[True] < z[False] - 0.1


def test_of_few_children_all_are_taken():
    space = Space(NUMBERS)
    contest, strangers = after_learning(space, told(space, 20, bowl), 1), strangers_of(space, 3)
    assert len(contest.favourites(strangers, 5)) == 3


def test_what_is_refined_is_better_and_differs_in_fine_scales_alone():
    space = Space(NUMBERS | {"kind": ["a", "b"], "size": [1, 2, 3]})
    contest = after_learning(space, told(space, 100, bowl), 1)
    favourites = contest.favourites(strangers_of(space), 5)
    before, after = space.decode(favourites[0].genome), space.decode(contest.refined(favourites))
    assert bowl(after) > bowl(before)
    assert {name: after[name] for name in ("kind", "size")} == {
        name: before[name] for name in ("kind", "size")
    }


def test_without_fine_scales_nothing_is_refined():
    space = Space({"kind": ["a", "b"], "size": [1, 2, 3]})
    contest = after_learning(space, told(space, 6, lambda params: params["size"]), 1)
    favourites = contest.favourites(strangers_of(space, 10), 5)
    assert contest.refined(favourites) == favourites[0].genome


def test_children_of_one_batch_keep_apart():
    """After one is expected, its twin promises less than before, others about as much."""
    space = Space(NUMBERS)
    contest = after_learning(space, told(space, 20, lambda p: np.sin(9 * p["x"] * p["y"])), 1)
    strangers = strangers_of(space)
    best, *_ = contest.favourites(strangers, 1)
    twin = Child(space.encode({k: v + 1e-4 for k, v in space.decode(best.genome).items()}), "")
    assert contest.favourites([twin, *strangers], 2)[0] in (twin, best)
    contest.expect(best)
    assert contest.favourites([twin, *strangers], 1)[0] is not twin


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
