"""Two models take turns, and choose the children that are trained."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from toy_models import CELL, NUMBERS, anything, bowl, drawn, n_convolutions

from sklearn_natsel._evolution.candidates import Candidate, Child
from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._evolution.surrogate.turns import Turns, log_seconds, most_informative
from sklearn_natsel._evolution.survival import best_first
from sklearn_natsel._space import Space


class AnyNumber:
    def rvs(self, random_state=None):
        return random_state.random_sample()


def one(n_learnt):
    return 1


def make_turns(space, interval=one, **params):
    return Turns(space, np.random.RandomState(0), interval, **params)


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


def after_turns(space, candidates, n_turns, **params):
    """Return a surrogate whose newest model has learnt from all candidates."""
    turns = make_turns(space, **params)
    for n_left in reversed(range(n_turns)):
        turns.learn(candidates[: len(candidates) - n_left])
    return turns


def test_models_take_turns():
    space = Space(CELL)
    candidates, strangers = told(space, 50, n_convolutions), strangers_of(space)
    genomes = [candidate.genome for candidate in candidates]
    fitness = np.array([candidate.fitness for candidate in candidates])
    process, forest = GaussianProcess(space), Forest(space, np.random.RandomState(0))
    turns = make_turns(space)
    for n, model in [(49, process), (50, forest)]:
        turns.learn(candidates[:n])
        model.fit(genomes[:n], fitness[:n])
        mean, std = model.predict([child.genome for child in strangers])
        best = best_first(mean + std)[:5]
        favourites = turns.favourites(strangers, 5)
        assert [child.genome for child in favourites] == [strangers[i].genome for i in best]


@pytest.mark.parametrize(
    ("param_space", "fitness_of", "of_the_forest"),
    [(CELL, n_convolutions, [2, 8]), (NUMBERS, bowl, [8])],
)
def test_they_learn_again_when_as_many_more_were_told_as_the_interval_says(
    monkeypatch, param_space, fitness_of, of_the_forest
):
    """Where the process can climb along fine scales, it has three turns of four."""
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
    space = Space(param_space)
    candidates = told(space, 30, fitness_of)
    turns = make_turns(space, interval=lambda n_learnt: n_learnt)
    for n in range(1, 31):
        turns.learn(candidates[:n])
    assert learnt == [
        (Forest if n in of_the_forest else GaussianProcess, n) for n in (1, 2, 4, 8, 16)
    ]


def test_where_no_gene_has_a_scale_the_forest_learns_alone():
    space = Space({"a": AnyNumber()})
    candidates, strangers = told(space, 50, lambda params: params["a"]), strangers_of(space, 100)
    for n_turns in (1, 2):
        turns = after_turns(space, candidates, n_turns)
        assert min(params["a"] for params in params_of(space, turns.favourites(strangers, 5))) > 0.8


def test_goes_on_identically_after_pickling():
    space = Space(NUMBERS)
    candidates, strangers = told(space, 60, bowl), strangers_of(space)
    turns = after_turns(space, candidates[:50], 1)
    copy = pickle.loads(pickle.dumps(turns))
    chosen = []
    for surrogate in (turns, copy):
        chosen.append([])
        for n in (52, 57, 60):
            surrogate.learn(candidates[:n])
            chosen[-1] += [child.genome for child in surrogate.favourites(strangers, 5)]
            chosen[-1] += [child.genome for child in surrogate.choose(strangers, 5, anything)]
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize("n_turns", [1, 4])
def test_the_chosen_are_different_and_rather_the_best(n_turns):
    space = Space(NUMBERS)
    strangers = strangers_of(space)
    chosen = after_turns(space, told(space, 100, bowl), n_turns).choose(strangers, 8, anything)
    assert len({child.genome for child in chosen}) == 8
    true = [bowl(params) for params in params_of(space, strangers)]
    assert np.mean([bowl(params) for params in params_of(space, chosen)]) > np.quantile(true, 0.9)


@pytest.mark.parametrize("n_turns", [1, 2])
def test_where_time_has_a_price_the_chosen_are_faster_and_not_much_worse(n_turns):
    """The time depends on another gene than the score."""
    space = Space(NUMBERS)
    candidates = told(space, 100, bowl, seconds_of=lambda params: 10 ** (2 * params["z"]))
    z, score = {}, {}
    for per_second in (False, True):
        turns = after_turns(space, candidates, n_turns, per_second=per_second)
        chosen = params_of(space, turns.choose(strangers_of(space, 300), 8, anything))
        z[per_second] = np.mean([params["z"] for params in chosen])
        score[per_second] = np.mean([bowl(params) for params in chosen])
    assert z[True] < z[False] - 0.1
    assert score[True] > score[False] - 0.1


def test_with_fine_scales_the_process_chooses_what_no_child_is():
    """It is better than the best of them; not where the forest chooses, or time has a price."""
    space = Space(NUMBERS)
    candidates, strangers = told(space, 40, bowl), strangers_of(space, 30)
    best = max(bowl(params) for params in params_of(space, strangers))
    for n_turns, per_second, finds_better in [
        (3, False, True),
        (4, False, False),
        (3, True, False),
    ]:
        turns = after_turns(space, candidates, n_turns, per_second=per_second)
        (chosen,) = turns.choose(strangers, 1, anything)
        assert (chosen not in strangers) is finds_better
        assert (bowl(space.decode(chosen.genome)) > best) is finds_better


def test_of_few_children_all_are_taken():
    space = Space(NUMBERS)
    turns, strangers = after_turns(space, told(space, 20, bowl), 1), strangers_of(space, 3)
    assert len(turns.favourites(strangers, 5)) == len(turns.choose(strangers, 5, anything)) == 3


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
