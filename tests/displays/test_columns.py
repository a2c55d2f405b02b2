"""Values of parameters as numbers."""

import numpy as np
import pytest
from scipy.stats import loguniform, norm, randint, uniform
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional
from sklearn_natsel._displays.columns import is_logarithmic, label_of, make_columns


def test_numbers_stay_and_what_does_not_exist_is_nan():
    (column,) = make_columns([{"C": 3}, {}, {"C": 0.5}])
    np.testing.assert_array_equal(column.positions, [3, np.nan, 0.5])
    assert column.labels is None


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["b", "a", "b"], ["a", "b"]),
        ([None, 10, 2], ["2", "10", "None"]),
        ([True, False], ["False", "True"]),
        ([1, True, "1"], ["1", "1", "True"]),
        ([{0: 1}, {0: 2}], ["{0: 1}", "{0: 2}"]),
        ([SVC(), DecisionTreeClassifier()], ["DecisionTreeClassifier", "SVC"]),
        ([SVC(C=1), SVC(C=2)], ["SVC(C=1)", "SVC(C=2)"]),
        ([(1, 2), (3,)], ["(1, 2)", "(3,)"]),
        ([np.mean, max], ["max", "mean"]),
    ],
)
def test_other_values_are_categories(values, labels):
    (column,) = make_columns([{"p": value} for value in values])
    assert column.labels == labels
    assert not column.logarithmic
    assert len(set(column.positions)) == len(labels)


def test_space_decides_the_order_of_parameters_and_categories():
    space = {"size": ["small", "large", "huge"], "C": [1, 2, 3]}
    size, c = make_columns([{"C": 2, "size": "large"}, {"C": 1, "size": "small"}], space)
    assert (size.name, size.labels) == ("size", ["small", "large", "huge"])
    np.testing.assert_array_equal(size.positions, [1, 0])
    assert c.labels is None


def test_parameters_that_the_space_lacks_are_kept():
    columns = make_columns([{"new": 1, "old": 2}], {"old": [1, 2]})
    assert [column.name for column in columns] == ["old", "new"]


def test_a_list_of_dicts_is_one_space():
    space = [{"kernel": ["linear"]}, {"kernel": ["rbf"], "gamma": loguniform(1e-3, 1)}]
    kernel, gamma = make_columns([{"kernel": "linear"}, {"kernel": "rbf", "gamma": 0.1}], space)
    assert kernel.labels == ["linear", "rbf"]
    assert gamma.logarithmic


@pytest.mark.parametrize(
    ("entry", "logarithmic"),
    [
        (loguniform(1e-3, 1e3), True),
        (Conditional(loguniform(1e-3, 1), "q", 1), True),
        ([0.01, 0.1, 1, 10], True),
        ([1, 2, 5, 10, 20, 50, 100], True),
        (uniform(0.001, 1000), False),
        (randint(1, 1000), False),
        (range(1, 10000), False),
        ([16, 32, 64], False),  # too narrow to matter
        (norm(0, 100), False),
        ([0, 0.01, 0.1, 1, 10], False),  # 0 has no logarithm
    ],
)
def test_space_decides_which_scales_are_logarithmic(entry, logarithmic):
    columns = make_columns([{"p": 5, "q": 1}], {"p": entry, "q": [1]})
    assert columns[-1 if isinstance(entry, Conditional) else 0].logarithmic is logarithmic


def test_without_a_space_the_values_decide():
    assert is_logarithmic([1e-3, 0.02, 0.1, 30])
    assert not is_logarithmic([1, 100, 400, 700, 1000])
    assert not is_logarithmic([])
    assert not is_logarithmic([np.nan, np.inf])


def test_without_a_space_the_settings_that_crowd_do_not_decide():
    drawn, bred = np.linspace(0.02, 0.98, 10), np.geomspace(0.02, 0.1, 40)
    (column,) = make_columns([{"p": value} for value in [*drawn, *bred]])
    assert not column.logarithmic


def test_labels_tell_the_ends_of_long_values():
    assert label_of((512, 256, 128, 64, 32, 16, 8)) == "(512, 256, 128…2, 16, 8)"
    assert label_of((512, 256, 128, 64, 32, 16)) == "(512, 256, 128…, 32, 16)"


def test_labels_are_short_and_on_one_line():
    assert label_of("a\n b " + "c" * 100) == "a b " + "c" * 10 + "…" + "c" * 9
    assert label_of(1 / 3) == "0.3333"
    assert label_of(None) == "None"


@pytest.mark.parametrize("not_a_number", [float("nan"), np.float64("nan"), np.float32("nan")])
def test_nan_is_one_category(not_a_number):
    settings = [{"missing": float("nan")}, {"missing": "mean"}, {"missing": not_a_number}]
    (column,) = make_columns(settings, {"missing": [np.nan, "mean"]})
    assert column.labels == ["nan", "mean"]
    np.testing.assert_array_equal(column.positions, [0, 1, 0])


def test_nan_among_numbers_is_a_category_and_not_what_does_not_exist():
    settings = [{"missing": np.nan}, {"missing": -1}, {"other": 0}]
    column, _ = make_columns(settings, {"missing": [np.nan, -1], "other": [0]})
    assert column.labels == ["nan", "-1"]
    np.testing.assert_array_equal(column.positions, [0, 1, np.nan])
    (alone, _) = make_columns(settings)
    assert sorted(alone.labels) == ["-1", "nan"]


def test_integers_that_no_float_reaches_are_infinite():
    (column,) = make_columns([{"n": 1}, {"n": 10**400}, {"n": -(10**400)}])
    np.testing.assert_array_equal(column.positions, [1, np.inf, -np.inf])


def test_values_that_a_logarithm_can_not_show_make_the_scale_linear():
    space = [{"p": [0.1, 1, 10, 100]}, {"p": uniform(-1, 1)}]
    for other in (-0.5, 0.0):
        (column,) = make_columns([{"p": 100}, {"p": other}], space)
        assert not column.logarithmic
    (column,) = make_columns([{"p": 100}, {"p": 0.5}], space)
    assert column.logarithmic
