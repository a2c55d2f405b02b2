import math

import pytest
from sklearn.utils._param_validation import InvalidParameterError
from spaces import Rvs

from sklearn_natsel._space.domains.make import make_domain
from sklearn_natsel._space.domains.other_libraries import rewritten


@pytest.mark.parametrize(
    ("values", "here"),
    [
        ((1e-6, 1e6, "log-uniform"), "loguniform(1e-06, 1000000.0)"),
        ([1e-6, 1e6, "loguniform"], "loguniform(1e-06, 1000000.0)"),
        ((2.0, 5.0, "uniform"), "uniform(2.0, 3.0)"),
        ((1, 10, "uniform"), "range(1, 11)"),
        ((10, 3000, "log-uniform"), "lograndint(10, 3001)"),
        ((1, 1024, "log-uniform", 2), "lograndint(1, 1025)"),
    ],
)
def test_numbers_beside_the_name_of_a_scale(values, here):
    assert rewritten(values) == ("scikit-optimize", here)
    with pytest.raises(InvalidParameterError) as caught:
        make_domain("C", values)
    for text in ("'C' entry", "scikit-optimize", f"Write {here} instead of {values!r}"):
        assert text in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        ["uniform", "distance"],
        (1, 2),
        (1, 2, "auto"),
        (None, 1, "uniform"),
        ("a", "b", "uniform"),
        [1, 2, math.nan],
        range(3),
        Rvs(1, 2),
    ],
    ids=lambda values: "rvs" if hasattr(values, "rvs") else repr(values),
)
def test_all_else_is_no_notation_of_another_library(values):
    assert rewritten(values) is None
    make_domain("a", values)


class Attributes:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def of_library(module, class_name, **attributes):
    return type(class_name, (Attributes,), {"__module__": module})(**attributes)


@pytest.mark.parametrize(
    ("module", "class_name", "attributes", "here"),
    [
        ("skopt.space.space", "Real", {"low": 2, "high": 5, "prior": "uniform"}, "uniform(2.0"),
        (
            "skopt.space.space",
            "Integer",
            {"low": 1, "high": 9, "prior": "log-uniform"},
            "lograndint(1, 10)",
        ),
        ("skopt.space.space", "Categorical", {"categories": ("a", "b")}, "['a', 'b']"),
        (
            "optuna.distributions",
            "IntDistribution",
            {"low": 1, "high": 10, "log": False, "step": 3},
            "range(1, 11, 3)",
        ),
        (
            "ConfigSpace.hyperparameters.uniform_float",
            "UniformFloatHyperparameter",
            {"lower": 0.1, "upper": 10.0, "log": True},
            "loguniform(0.1, 10.0)",
        ),
        ("ConfigSpace.hyperparameters.constant", "Constant", {"value": 3}, "a list of values"),
    ],
)
def test_objects_of_other_libraries(module, class_name, attributes, here):
    with pytest.raises(InvalidParameterError) as caught:
        make_domain("C", of_library(module, class_name, **attributes))
    assert f"Write {here}" in str(caught.value)


def test_dimensions_of_scikit_optimize_itself():
    space = pytest.importorskip("skopt.space")
    assert rewritten(space.Real(1e-3, 1e3, prior="log-uniform"))[1] == "loguniform(0.001, 1000.0)"
    assert rewritten(space.Integer(1, 10))[1] == "range(1, 11)"
    assert rewritten(space.Categorical(["a", "b"]))[1] == "['a', 'b']"


def test_distributions_of_optuna_itself():
    distributions = pytest.importorskip("optuna.distributions")
    scale = distributions.FloatDistribution(1e-3, 1e3, log=True)
    assert rewritten(scale) == ("Optuna", "loguniform(0.001, 1000.0)")
    assert rewritten(distributions.IntDistribution(1, 10))[1] == "range(1, 11)"
    assert rewritten(distributions.CategoricalDistribution(["a", "b"]))[1] == "['a', 'b']"
