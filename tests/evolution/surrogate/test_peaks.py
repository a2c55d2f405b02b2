"""What a Gaussian process expects most of is found wherever it is."""

import numpy as np
import pytest
from scipy import stats
from toy_models import NUMBERS, anything, bowl, drawn, fitted

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.candidates import Child
from sklearn_natsel._evolution.surrogate.acquisition import log_expected_improvement
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess
from sklearn_natsel._evolution.surrogate.peaks import Peaks

MODELS = {
    "model": ["a", "b"],
    "a": Conditional(stats.uniform(), "model", "a"),
    "b": Conditional(stats.loguniform(1e-3, 1), "model", "b"),
    "step": [1, 2, 3, 4],
}


def of_models(params):
    if params["model"] == "a":
        return -((params["a"] - 0.7) ** 2) - 0.1 * params["step"]
    return -1 - (np.log10(params["b"]) + 1.5) ** 2


def peaks_of(param_space, fitness_of, n):
    space, process = fitted(GaussianProcess, param_space, fitness_of, n)
    return space, process, Peaks(space, process, np.random.RandomState(0))


def children_of(space, n=20, seed=1):
    return [Child(genome, "crossover", (3, 4)) for genome in drawn(space, n, seed)]


def test_what_is_chosen_promises_more_than_any_of_many_random_settings():
    space, process, peaks = peaks_of(NUMBERS, bowl, 30)
    promise = {}
    for name, genomes in {
        "random": drawn(space, 2000, seed=5),
        "chosen": [child.genome for child in peaks.choose(children_of(space), 1, anything)],
    }.items():
        _, process = fitted(GaussianProcess, NUMBERS, bowl, 30)
        mean, std = process.predict(genomes)
        promise[name] = log_expected_improvement(mean - process.best, std).max()
    assert promise["chosen"] > promise["random"]


@pytest.mark.parametrize("n_calls", [1, 2])
def test_the_second_one_is_elsewhere(n_calls):
    """Also where they are chosen one by one."""
    space, _, peaks = peaks_of(NUMBERS, bowl, 60)
    chosen = [
        child
        for _ in range(n_calls)
        for child in peaks.choose(children_of(space), 2 // n_calls, anything)
    ]
    first, second = (np.array(child.genome) for child in chosen)
    assert np.abs(first[:2] - [0.3, 0.8]).max() < 0.05
    assert np.abs(second - first).max() > 0.2


def test_all_are_different_and_none_is_known():
    space, _, peaks = peaks_of({"x": range(30)}, lambda params: -abs(params["x"] - 7), 10)
    known = {(i,) for i in range(4, 11)}
    children = children_of(space, 5)
    chosen = [
        child.genome for child in peaks.choose(children, 5, lambda genome: genome not in known)
    ]
    assert len(set(chosen)) == len(chosen) > 1
    assert not known & set(chosen)
    assert peaks.choose(children, 5, lambda genome: False) == []


def test_what_an_alternative_lacks_is_not_set():
    space, _, peaks = peaks_of(MODELS, of_models, 60)
    chosen = peaks.choose(children_of(space, 30), 4, anything)
    for params in (space.decode(child.genome) for child in chosen):
        assert set(params) == {"model", "step", params["model"]}
    best = space.decode(chosen[0].genome)
    assert best["model"] == "a"
    assert best["a"] == pytest.approx(0.7, abs=0.1)


def test_a_peak_has_the_parents_of_the_child_that_the_climb_began_at():
    space, _, peaks = peaks_of(NUMBERS, bowl, 30)
    children = children_of(space)
    (chosen,) = peaks.choose(children, 1, anything)
    assert chosen not in children
    assert (chosen.origin, chosen.parents) == ("crossover+mutation", (3, 4))
    (mutant,) = peaks.choose([Child(c.genome, "random") for c in children], 1, anything)
    assert (mutant.origin, mutant.parents) == ("mutation", ())
