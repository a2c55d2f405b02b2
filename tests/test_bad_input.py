"""Bad input is told with name, value and mend, before anything is trained."""

import re
import warnings

import numpy as np
import pytest
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import Conditional, GeneticSearchCV, maximize
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._run.parameters import make_space

X, y = load_iris(return_X_y=True)
SPACE = {"a": [1, 2, 3, 4, 5], "b": loguniform(1e-3, 1.0)}


class Counting(BaseEstimator):
    """Counts how often it is fitted."""

    fits = 0

    def __init__(self, a=1, b=0.1):
        self.a = a
        self.b = b

    def fit(self, X, y):
        Counting.fits += 1
        return self

    def score(self, X, y):
        return self.a


def assert_rejected(search, *parts, error=InvalidParameterError):
    """Check the class of the error, that it says each of the parts, and that nothing ran."""
    Counting.fits = 0
    with pytest.raises(error) as caught:
        search.fit(X, y)
    assert Counting.fits == 0
    assert not hasattr(search, "n_splits_")
    for part in parts:
        assert part in str(caught.value)


def test_no_space_at_all():
    assert_rejected(
        GeneticSearchCV(Counting(), []),
        "'param_space' parameter",
        "a list of at least one dict",
        "[]",
    )


def test_masked_values():
    values = np.ma.array([1, 2, 3], mask=[False, True, False])
    assert_rejected(
        GeneticSearchCV(Counting(), {"a": values}),
        "'a' entry of the 'param_space' parameter",
        "compressed()",
    )
    unmasked = GeneticSearchCV(Counting(), {"a": np.ma.array([1, 2])}, cv=2, random_state=0)
    assert unmasked.fit(X, y).best_params_ == {"a": 2}


@pytest.mark.parametrize("values", [[], (), range(0), np.array([])], ids=repr)
def test_empty_list_of_values(values):
    assert_rejected(
        GeneticSearchCV(Counting(), {"a": values}),
        "'a' entry of the 'param_space' parameter",
        "at least one value",
        repr(values),
    )


@pytest.mark.parametrize("space", ["a", None, 5, {"a"}, SVC()], ids=repr)
def test_space_that_is_no_dict(space):
    assert_rejected(
        GeneticSearchCV(Counting(), space), "'param_space' parameter", repr(space), "dict"
    )


@pytest.mark.parametrize("space", [[SPACE, "b"], [None], [[SPACE]]])
def test_list_of_spaces_with_something_else(space):
    assert_rejected(
        GeneticSearchCV(Counting(), space),
        "'param_space'",
        repr(space),
        "list of at least one dict",
    )


def test_name_that_is_no_string():
    assert_rejected(GeneticSearchCV(Counting(), {3: [1]}), "'param_space'", "must be strings", "3")


@pytest.mark.parametrize("as_list", [False, True])
def test_all_unknown_names_at_once(as_list):
    space = {"a": [1, 2], "colour": ["red"], "weight": [1, 2]}
    assert_rejected(
        GeneticSearchCV(Counting(), [{"a": [1]}, space] if as_list else space),
        "'param_space'",
        "'colour'",
        "'weight'",
        "Counting()",
        "Valid names are: ['a', 'b']",
    )


def test_unknown_names_inside_of_compositions():
    pipeline = Pipeline([("scale", StandardScaler()), ("classify", SVC())])
    space = {"classify__C": [1], "classify__colour": [1], "C": [1], "nothing__C": [1]}
    with pytest.raises(InvalidParameterError) as caught:
        GeneticSearchCV(pipeline, space).fit(X, y)
    for name in ("'classify__colour'", "'C'", "'nothing__C'"):
        assert name in str(caught.value)
    assert "no parameter of" in str(caught.value)


class TakesAliases(Counting):
    """Like some wrappers: it can be given parameters that it does not list."""

    def set_params(self, **params):
        return super().set_params(**{"a" if n == "alias" else n: v for n, v in params.items()})

    def fit(self, X, y):
        self.is_fitted_ = True
        return super().fit(X, y)


@pytest.mark.parametrize(
    ("estimator", "prefix"), [(TakesAliases(), ""), (Pipeline([("c", TakesAliases())]), "c__")]
)
def test_names_that_are_taken_but_not_listed(estimator, prefix):
    space = {f"{prefix}alias": [1, 5, 3]}
    search = GeneticSearchCV(estimator, space, cv=2).fit(X, y)
    assert search.best_params_ == {f"{prefix}alias": 5}
    assert search.best_estimator_.get_params()[f"{prefix}a"] == 5
    assert_rejected(GeneticSearchCV(estimator, {f"{prefix}alas": [1]}), f"'{prefix}alas'")
    chosen = GeneticSearchCV(
        Pipeline([("s", estimator)]),
        {"s": [estimator], f"s__{prefix}alias": [1, 5, 3]},
        cv=2,
    )
    assert chosen.fit(X, y).best_score_ == 5


def test_names_that_another_value_brings_to_a_chosen_sub_estimator():
    tree = DecisionTreeClassifier()
    space = {
        "m": [Pipeline([("z", tree)])],
        "m__steps": [[("b", SVC())]],
        "m__b__C": [1, 2],
    }
    search = GeneticSearchCV(Pipeline([("m", tree)]), space, cv=2).fit(X, y)
    assert search.n_evaluations_ == 2
    assert_rejected(
        GeneticSearchCV(Pipeline([("m", tree)]), {**space, "m__c__C": [1]}), "'m__c__C'"
    )


def test_name_that_a_chosen_sub_estimator_lacks():
    pipeline = Pipeline([("classify", SVC())])
    space = {"classify": [SVC(), Counting()], "classify__gamma": [0.1, 1.0]}
    with pytest.raises(
        InvalidParameterError, match=r"'classify__gamma' \(not a parameter of Counting"
    ):
        GeneticSearchCV(pipeline, space).fit(X, y)


@pytest.mark.parametrize(
    "values",
    [3, None, "abc", b"abc", {1, 2}, {1: 2}, (i for i in range(3)), SVC(), len],
    ids=lambda values: type(values).__name__,
)
def test_values_that_are_neither_list_nor_distribution(values):
    assert_rejected(
        GeneticSearchCV(Counting(), {"a": values}),
        "'a' entry of the 'param_space' parameter",
        "must be a list of values",
        "or a distribution",
        repr(values),
    )


def test_array_of_two_dimensions():
    assert_rejected(
        GeneticSearchCV(Counting(), {"a": np.ones((2, 3))}), "'a'", "one-dimensional", "(2, 3)"
    )


@pytest.mark.parametrize("distribution", [loguniform, randint], ids=["loguniform", "randint"])
def test_distribution_that_is_not_frozen(distribution):
    assert_rejected(GeneticSearchCV(Counting(), {"a": distribution}), "'a'", "frozen distribution")


@pytest.mark.parametrize(
    "distribution",
    [loguniform(1, 0.1), uniform(0, -1), randint(5, 2)],
    ids=["log", "uniform", "int"],
)
def test_distribution_without_values(distribution):
    assert_rejected(GeneticSearchCV(Counting(), {"a": distribution}), "'a'", "without values")


@pytest.mark.parametrize(
    ("entry", "here"),
    [
        ((1e-6, 1e6, "log-uniform"), "loguniform(1e-06, 1000000.0)"),
        ((10, 3000, "log-uniform"), "lograndint(10, 3001)"),
    ],
)
def test_range_in_the_notation_of_scikit_optimize(entry, here):
    assert_rejected(
        GeneticSearchCV(Counting(), {"a": entry}), "'a'", "scikit-optimize", f"Write {here}"
    )


@pytest.mark.parametrize(
    ("space", "parts"),
    [
        ({"b": Conditional([1], "c", 1)}, ["'b'", "'c'", "not in the same space", "['b']"]),
        (
            {"a": Conditional([1], "b", 1), "b": Conditional([1], "a", 1)},
            ["cycle", "a -> b -> a"],
        ),
        ({"a": Conditional([1], "a", 1)}, ["cycle", "a -> a"]),
        ({"a": [1, 2], "b": Conditional([], "a", 1)}, ["'b'", "at least one value"]),
        ({"a": [1, 2], "b": Conditional(7, "a", 1)}, ["'b'", "list of values", "7"]),
        ({"a": [1, 2], "c": Conditional([7], "a", 1)}, ["'c'", "no parameter of"]),
        ([{"a": [1, 2]}, {"b": Conditional([1], "a", 1)}], ["'b'", "'a'", "not in the same space"]),
    ],
)
def test_conditional_entries(space, parts):
    assert_rejected(GeneticSearchCV(Counting(), space), "'param_space'", *parts)


KERNELS = ["linear", "rbf"]


@pytest.mark.parametrize("condition", ["rfb", ["rfb", "poly"], 1, SVC, lambda kernel: False])
def test_condition_that_no_value_satisfies_is_told(condition):
    space = {"kernel": KERNELS, "gamma": Conditional([0.1, 1.0], "kernel", condition)}
    with pytest.warns(UserWarning, match=r"'gamma' entry .* never searched.* 'kernel' .*'rbf'"):
        GeneticSearchCV(SVC(), space, refit_params={"C": 2}).fit(X, y)
    with pytest.warns(UserWarning, match=r"'gamma' entry .* never searched.* 'kernel' .*'rbf'"):
        maximize(lambda kernel, gamma=0: gamma, space)


@pytest.mark.parametrize(
    ("parent", "condition", "refit_params"),
    [
        (KERNELS, "rbf", {"kernel": "linear"}),
        (KERNELS, ["rbf", "poly"], {}),
        (["linear", SVC()], SVC, {}),
    ],
)
def test_condition_that_a_value_satisfies_is_not_told(parent, condition, refit_params):
    space = {"kernel": parent, "gamma": Conditional([0.1, 1.0], "kernel", condition)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Evolution(make_space(space), np.random.RandomState(0))
        if refit_params:
            GeneticSearchCV(SVC(), space, refit_params=refit_params).fit(X, y)


def test_fewer_layers_than_a_space_is_made_for_are_no_mistake():
    space = {"n_layers": [1, 2], "third": Conditional([8, 16], "n_layers", range(3, 9))}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert make_space(space).size == 2


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("population_size", [1, 0, -3, 2.5, "10", None, np.nan]),
        ("n_generations", [0, -1, 2.5, "all"]),
        ("surrogate", ["per_minute", 2, None]),
        ("n_offspring", [0, -1, 0.0, 1.0, 1.5, np.nan, "all"]),
        ("elite_fraction", [1.5, -0.1, np.nan, "half", None]),
        ("lucky_rate", [1.5, -0.1, np.nan, "half", None]),
        ("breeder_fraction", [1.5, -0.1, np.nan, "half", None]),
        ("mutation_rate", [1.5, -0.1, np.nan, "half", None]),
        ("gene_mutation_rate", [1.5, -0.1, np.nan, "two"]),
        ("step_rate", [1.5, -0.1, np.nan, "half", None]),
        ("initial_mutation_rate", [1.5, -0.1, np.nan, "half", None]),
        ("selection", ["best", None, 3, ["rank"]]),
        ("crossover", ["two_points", None, 3]),
        ("tournament_size", [0, -1, 2.5, None]),
        ("initial_params", ["a", 3]),
        ("max_evaluations", [0, -1, 2.5, "all"]),
        ("max_time", [0, -1.0, "1h", np.nan]),
        ("patience", [0, -1, 2.5, "none"]),
        ("tol", [-1e-9, "small", None, np.nan]),
        ("target_score", ["high", [1.0]]),
        ("callback", ["print", 3]),
        ("random_state", ["seed", -1, 1.5]),
        ("scoring", ["no such score", 3]),
        ("n_jobs", ["two", 1.5]),
        ("refit", [3, None]),
        ("cv", ["three", 1.5]),
        ("verbose", [-1, "yes"]),
        ("pre_dispatch", [1.5, None]),
        ("error_score", ["ignore", None]),
        ("return_train_score", ["yes", None]),
    ],
)
def test_value_that_a_parameter_cannot_have(name, values):
    for value in values:
        search = GeneticSearchCV(Counting(), SPACE).set_params(**{name: value})
        # Name, mend and value, in the words of scikit-learn.
        assert_rejected(search, f"The {name!r} parameter of GeneticSearchCV must be", repr(value))


def test_elites_that_leave_no_room_for_children():
    for params in ({"elite_fraction": 1.0}, {"elite_fraction": 0.95}, {"lucky_rate": 1.0}):
        options = {"n_offspring": None, "elite_fraction": 0.5, "population_size": 10, **params}
        assert_rejected(
            GeneticSearchCV(Counting(), SPACE, **options),
            "'elite_fraction'",
            "no room for children",
            repr(options["elite_fraction"]),
            "Lower them, or set 'n_offspring'",
        )


@pytest.mark.parametrize(
    ("initial", "parts"),
    [
        ({"a": 9}, ["{'a': 9}", "outside the space", "9 is none of the choices"]),
        ({"a": True}, ["{'a': True}", "outside the space"]),
        ({"a": "1"}, ["'1'", "outside the space"]),
        ({"b": 2.0}, ["b", "2.0", "is not between 0.001 and 1.0"]),
        ({"b": "high"}, ["b", "'high'", "is not between"]),
        ({"b": None}, ["b", "None", "is not between"]),
        ({"b": np.nan}, ["b", "nan", "is not between"]),
        ({"colour": 1, "a": 1, "weight": 2}, ["['colour', 'weight']", "does not have"]),
        ([{"a": 1}, {"a": 9}], ["{'a': 9}", "outside the space"]),
        ([{"a": 1}, 5], ["5 is not a dict"]),
        (["a"], ["'a' is not a dict"]),
    ],
    ids=str,
)
def test_initial_params_outside_the_space(initial, parts):
    assert_rejected(
        GeneticSearchCV(Counting(), SPACE, initial_params=initial),
        "'initial_params' parameter must be a setting of 'param_space', or a list of such",
        *parts,
    )


def test_cv_with_one_split():
    assert_rejected(GeneticSearchCV(Counting(), SPACE, cv=1), "'cv'", "1", error=ValueError)


def test_cv_without_splits():
    Counting.fits = 0
    for cv in ([], iter([])):
        with pytest.raises(ValueError, match=r"'cv' .* at least one split.* use a list"):
            GeneticSearchCV(Counting(), SPACE, cv=cv).fit(X, y)
    assert Counting.fits == 0


def test_data_of_different_lengths():
    Counting.fits = 0
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        GeneticSearchCV(Counting(), SPACE).fit(X, y[:-1])
    assert Counting.fits == 0


def test_estimator_that_is_none():
    search = GeneticSearchCV(5, SPACE)
    with pytest.raises(InvalidParameterError, match="'estimator' parameter of GeneticSearchCV"):
        search.fit(X, y)


def test_errors_are_value_errors_and_type_errors_as_those_of_scikit_learn():
    search = GeneticSearchCV(Counting(), [])
    for error in (ValueError, TypeError):
        with pytest.raises(error, match=re.escape("'param_space'")):
            search.fit(X, y)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
@pytest.mark.parametrize(
    ("pre_dispatch", "n_jobs"), [(0, 1), (-1, 2), ("0*n_jobs", 2), ("n_jobs/3", 2), (1.5, 1)]
)
def test_pre_dispatch_that_starts_no_fit(pre_dispatch, n_jobs, schedule):
    search = GeneticSearchCV(
        SVC(), {"C": [1, 2]}, pre_dispatch=pre_dispatch, n_jobs=n_jobs, schedule=schedule
    )
    with pytest.raises(InvalidParameterError, match=re.escape(f"Got {pre_dispatch!r}")):
        search.fit(X, y)
    assert not hasattr(search, "cv_results_")


def test_a_class_instead_of_an_estimator():
    with pytest.raises(TypeError, match="instance of scikit-learn estimator instead of a class"):
        GeneticSearchCV(SVC, {"C": [1, 2]}).fit(X, y)
