"""Each parameter of the parts is validated once, and has the same default wherever it stands."""

import inspect
import warnings
from dataclasses import fields

import pytest

from sklearn_natsel import Conditional, GeneticSearchCV, maximize, minimize
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._run.parameters import COMMON, EVOLUTION, LIMITS, make_space
from sklearn_natsel._run.stopping import Stopping


def defaults(function):
    return {name: p.default for name, p in inspect.signature(function).parameters.items()}


def test_every_parameter_of_the_evolution_is_validated():
    assert set(EVOLUTION) == set(defaults(Evolution)) - {
        "space",
        "rng",
        "default_params",
        "promotion",
    }


def test_what_the_search_and_maximize_have_in_common_is_validated_once():
    own = {"estimator", "scoring", "refit", "refit_params", "cv", "return_train_score", "racing"}
    own |= {"target_score", "verbose", "error_score"}
    assert set(COMMON) == set(defaults(GeneticSearchCV)) - own
    assert set(COMMON) == set(defaults(maximize)) - {"function", "target", "verbose", "error_score"}
    assert set(EVOLUTION) < set(COMMON)
    assert set(LIMITS) < set(COMMON)


def test_every_limit_is_validated():
    given = {field.name for field in fields(Stopping) if field.init}
    assert set(LIMITS) == given - {"target_score", "started"}


@pytest.mark.parametrize("function", [GeneticSearchCV, maximize, minimize])
def test_defaults_are_those_of_the_parts(function):
    parts = {**defaults(Evolution), **defaults(Stopping)}
    own = defaults(function)
    assert {name: own[name] for name in [*EVOLUTION, *LIMITS]} == {
        name: parts[name] for name in [*EVOLUTION, *LIMITS]
    }


def test_what_both_faces_have_has_the_same_default():
    search, function = defaults(GeneticSearchCV), defaults(maximize)
    common = set(search) & set(function) - {"param_space", "error_score"}
    assert len(common) > 25
    assert {name: search[name] for name in common} == {name: function[name] for name in common}


def test_an_entry_that_can_never_be_searched_is_told():
    space = {"kernel": ["rbf", "poly"], "degree": Conditional([2, 3], "kernel", "ploy")}
    with pytest.warns(UserWarning, match="'degree' entry .* is never searched") as caught:
        assert len(make_space(space).genes) == 2
    assert len(caught) == 1
    assert "['rbf', 'poly']" in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_space({**space, "degree": Conditional([2, 3], "kernel", "poly")})
