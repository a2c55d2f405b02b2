"""Each parameter of the parts is validated once, and has the same default wherever it stands."""

import inspect
from dataclasses import fields

import pytest

from sklearn_natsel import GeneticSearchCV, maximize, minimize
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._run.parameters import EVOLUTION, LIMITS
from sklearn_natsel._run.stopping import Stopping


def defaults(function):
    return {name: p.default for name, p in inspect.signature(function).parameters.items()}


def test_every_parameter_of_the_evolution_is_validated():
    assert set(EVOLUTION) == set(defaults(Evolution)) - {"space", "rng", "default_params"}


def test_every_limit_is_validated():
    assert set(LIMITS) == {f.name for f in fields(Stopping)} - {"target_score", "started"}


@pytest.mark.parametrize("function", [GeneticSearchCV, maximize, minimize])
def test_defaults_are_those_of_the_parts(function):
    parts = {**defaults(Evolution), **defaults(Stopping)}
    own = defaults(function)
    assert {name: own[name] for name in [*EVOLUTION, *LIMITS]} == {
        name: parts[name] for name in [*EVOLUTION, *LIMITS]
    }
