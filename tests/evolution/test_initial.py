"""The settings to begin with, and what the first generation makes of them."""

import itertools
import math

import numpy as np
import pytest
from sklearn.svm import SVC
from sklearn.utils._param_validation import InvalidParameterError
from toy_evolutions import MIXED, WIDE, make, run, tell_all

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.initial import known_settings
from sklearn_natsel._space import Space

NAN = math.nan
GENOME = dict.fromkeys(WIDE, 500)


def test_known_settings_are_the_given_ones_and_then_the_present_one():
    space = Space({"a": range(10)})
    children = known_settings(space, np.random.RandomState(0), {"a": 4}, [{"a": 7}, {"a": 2}])
    assert [(space.decode(child.genome)["a"], child.origin) for child in children] == [
        (7, "initial"),
        (2, "initial"),
        (4, "default"),
    ]
    assert {child.parents for child in children} == {()}
    assert [child.is_default for child in children] == [False, False, True]
    # If it is given as well, it stays where it is, and is known for what it is.
    children = known_settings(space, np.random.RandomState(0), {"a": 4}, [{"a": 7}, {"a": 4}])
    assert [(child.origin, child.is_default) for child in children] == [
        ("initial", False),
        ("initial", True),
    ]
    assert known_settings(space, np.random.RandomState(0), None, None) == []


DEFAULTS = {"kernel": "rbf", "C": 1.0, "gamma": 0.5, "degree": 3, "n": 5, "tol": 1e-3}


def test_the_present_setting_comes_first_if_it_is_in_the_space():
    evolution = make(MIXED, default_params=DEFAULTS)
    first, *others = evolution.ask()
    assert len(others) == 9
    assert first.params == {"kernel": "rbf", "C": 1.0, "gamma": 0.5, "n": 5}
    assert first.origin == "default"
    assert {candidate.origin for candidate in others} == {"random"}


@pytest.mark.parametrize(
    "change",
    [{"kernel": "sigmoid"}, {"gamma": "scale"}, {"C": 1e9}, {"n": 50}, {"n": 2.5}, {"n": None}],
    ids=str,
)
def test_the_present_setting_is_skipped_if_it_is_outside_the_space(change):
    evolution = make(MIXED, default_params={**DEFAULTS, **change})
    asked = evolution.ask()
    assert len(asked) == 10
    assert {candidate.origin for candidate in asked} == {"random"}


@pytest.mark.parametrize("n", [math.inf, -math.inf, NAN])
def test_the_present_setting_is_skipped_if_a_number_is_not_finite(n):
    evolution = make(MIXED, default_params={**DEFAULTS, "n": n})
    assert {candidate.origin for candidate in evolution.ask()} == {"random"}


def test_the_present_setting_is_skipped_if_it_lacks_a_parameter():
    without = {name: value for name, value in DEFAULTS.items() if name != "gamma"}
    assert make(MIXED, default_params=without).ask()[0].origin == "random"
    # A linear kernel needs no gamma.
    assert make(MIXED, default_params={**without, "kernel": "linear"}).ask()[0].origin == "default"


def test_the_present_setting_is_found_when_its_values_are_estimators():
    space = {"clf": [SVC(), SVC(C=2)], "clf__C": Conditional([1, 3], "clf", SVC(C=2))}
    evolution = make(space, default_params={"clf": SVC(C=2), "clf__C": 3})
    assert evolution.ask()[0].origin == "default"


@pytest.mark.parametrize(
    "initial_params",
    [
        {"kernel": "linear", "C": 0.5, "n": 3},
        [{"kernel": "linear", "C": 0.5, "n": 3}],
    ],
    ids=lambda given: type(given).__name__,
)
def test_initial_params_come_first(initial_params):
    evolution = make(MIXED, initial_params=initial_params, default_params=DEFAULTS)
    asked = evolution.ask()
    assert len(asked) == 10
    assert asked[0].params == {"kernel": "linear", "C": 0.5, "n": 3}
    assert [candidate.origin for candidate in asked[:2]] == ["initial", "default"]


def test_several_initial_params_come_in_their_order():
    initial = [{"a": 5}, {"a": 3}, {"a": 8}]
    evolution = make({"a": range(10)}, initial_params=initial, population_size=5)
    assert [candidate.params for candidate in evolution.ask()[:3]] == initial


@pytest.mark.parametrize(
    ("initial", "default"),
    [([5, 3, 5], None), ([5, 3], 5), ([5, 3], 3), ([5, 3, 3, 5], 3)],
)
def test_initial_params_given_twice_are_asked_for_once_in_their_order(initial, default):
    evolution = make(
        {"a": range(1000)},
        initial_params=[{"a": a} for a in initial],
        default_params=None if default is None else {"a": default},
        initial_mutation_rate=0.0,
        population_size=6,
    )
    asked = evolution.ask()
    assert [candidate.params["a"] for candidate in asked[:2]] == [5, 3]
    assert [candidate.origin for candidate in asked] == ["initial"] * 2 + ["random"] * 4


@pytest.mark.parametrize("initial_params", [None, []])
def test_no_initial_params_are_fine(initial_params):
    asked = make(MIXED, initial_params=initial_params).ask()
    assert {candidate.origin for candidate in asked} == {"random"}


def test_more_initial_params_than_the_population_are_all_asked_for():
    initial = [{"a": a} for a in (8, 1, 6, 3, 5)]
    evolution = make({"a": range(10)}, initial_params=initial, population_size=3)
    asked = [evolution.ask()]
    tell_all(evolution, asked[0])
    asked.append(evolution.ask())
    origins = {c.params["a"]: c.origin for c in itertools.chain(*asked)}
    assert [origins.get(params["a"]) for params in initial] == ["initial"] * 5


def test_many_initial_params_do_not_push_out_the_present_setting():
    initial = [{"a": a} for a in (8, 1, 6)]
    evolution = make(
        {"a": range(10)}, initial_params=initial, default_params={"a": 4}, population_size=3
    )
    run(evolution, 2)
    assert [c.params for c in evolution.candidates if c.origin == "default"] == [{"a": 4}]


def test_what_initial_params_leave_out_is_drawn():
    drawn = set()
    for seed in range(30):
        first = make(MIXED, seed, initial_params={"kernel": "poly", "n": 7}).ask()[0]
        assert first.origin == "initial"
        assert (first.params["kernel"], first.params["n"]) == ("poly", 7)
        drawn.add(first.params["degree"])
    assert drawn == {2, 3, 4}


@pytest.mark.parametrize(
    ("initial_params", "parts"),
    [
        ({"kernel": "sigmoid"}, ["kernel", "'sigmoid'", "outside the space"]),
        ({"C": 1e9}, ["C", "1000000000.0", "outside the space"]),
        ({"C": "1"}, ["C", "'1'", "outside the space"]),
        ({"n": 2.5}, ["n", "2.5", "outside the space"]),
        ({"n": math.inf}, ["n", "inf", "outside the space"]),
        ({"kernel": "poly", "degree": 9}, ["degree", "9", "outside the space"]),
        ({"kernal": "rbf", "Q": 1}, ["'kernal'", "'Q'", "the space does not have"]),
        ([{"kernel": "rbf"}, {"Q": 1}], ["'Q'", "the space does not have"]),
        ([{"kernel": "rbf"}, {"kernel": "sigmoid"}], ["'sigmoid'", "outside the space"]),
        (["rbf"], ["'rbf'", "not a dict"]),
        ("rbf", ["not a dict"]),
        ([[1]], ["[1]", "not a dict"]),
        (5, ["5"]),
        ({1: 2, "Q": 3}, ["1", "'Q'", "the space does not have"]),
    ],
)
def test_bad_initial_params_are_an_error_that_names_parameter_value_and_mend(initial_params, parts):
    with pytest.raises(InvalidParameterError) as caught:
        make(MIXED, initial_params=initial_params)
    message = str(caught.value)
    assert "'initial_params'" in message
    assert "'param_space'" in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.8, 1.0])
def test_a_share_of_the_first_generation_are_mutants_of_the_given(rate):
    evolution = make(WIDE, initial_params=GENOME, initial_mutation_rate=rate, population_size=1001)
    initial, *others = evolution.ask()
    assert initial.origin == "initial"
    mutants = [candidate for candidate in others if candidate.origin == "mutation"]
    strangers = [candidate for candidate in others if candidate.origin == "random"]
    assert len(mutants) + len(strangers) == 1000
    assert abs(len(mutants) / 1000 - rate) < 0.06
    for mutant in mutants:
        changed = sum(mutant.params[name] != value for name, value in GENOME.items())
        assert 0 < changed < 10
    for stranger in strangers:
        assert sum(stranger.params[name] == value for name, value in GENOME.items()) < 3


def test_mutants_descend_from_each_of_the_initial_params_but_not_from_the_default():
    initial = [dict.fromkeys(WIDE, value) for value in (1, 2)]
    evolution = make(
        WIDE,
        initial_params=initial,
        default_params=dict.fromkeys(WIDE, 3),
        initial_mutation_rate=1.0,
        step_rate=0,
        population_size=203,
    )
    mutants = evolution.ask()[3:]
    assert {candidate.origin for candidate in mutants} == {"mutation"}
    ancestors = [max((1, 2, 3), key=list(c.params.values()).count) for c in mutants]
    counts = [ancestors.count(value) for value in (1, 2, 3)]
    assert counts[2] == 0
    assert min(counts[:2]) > 70
