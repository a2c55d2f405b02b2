"""The settings that displays draw, of a search or of a function."""

import numpy as np
import pytest
from partial_searches import partial_result, partial_search
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV, maximize, minimize
from sklearn_natsel._displays.table import (
    EvaluatedSettings,
    check_is_evolved,
    last_values,
    metric_of,
)

X, y = load_iris(return_X_y=True)
SPACE = {"max_depth": [1, 2, 3]}
TREE = DecisionTreeClassifier(random_state=0)


def fitted(**params):
    return GeneticSearchCV(TREE, SPACE, cv=2, random_state=0, **params).fit(X, y)


def test_a_search_gives_its_rows_and_its_choice():
    search = fitted(scoring="balanced_accuracy")
    settings = EvaluatedSettings.from_search(search)
    assert settings.best_index == search.best_index_
    assert settings.score_name == "Mean test balanced_accuracy"
    np.testing.assert_array_equal(
        settings.candidates["value"], search.cv_results_["mean_test_score"]
    )
    assert list(settings.candidates["params"]) == search.cv_results_["params"]
    assert EvaluatedSettings.from_search(search, "Quality").score_name == "Quality"


def failing_at_one(estimator, X, y):
    return np.nan if estimator.max_depth == 1 else estimator.score(X, y)


@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_without_a_refit_the_best_of_the_first_metric_is_taken():
    search = fitted(scoring={"own": failing_at_one, "f1": "f1_macro"}, refit=False)
    assert metric_of(search) == "own"
    settings = EvaluatedSettings.from_search(search)
    value = settings.candidates["value"]
    assert np.isnan(value).sum() == 1
    assert value[settings.best_index] == np.nanmax(value)


@pytest.mark.parametrize(("optimize", "best"), [(maximize, 3), (minimize, 1)])
def test_a_result_gives_the_values_of_the_function(optimize, best):
    result = optimize(lambda max_depth: max_depth, SPACE, random_state=0)
    settings = EvaluatedSettings.from_result(result)
    assert settings.candidates["params"][settings.best_index] == {"max_depth": best}
    assert settings.score_name == "Value"


def test_other_estimators_are_refused():
    with pytest.raises(NotFittedError):
        check_is_evolved(GeneticSearchCV(TREE, SPACE))
    with pytest.raises(ValueError, match=r"must be a fitted GeneticSearchCV\. Got GridSearchCV"):
        check_is_evolved(GridSearchCV(TREE, SPACE, cv=2).fit(X, y))


def test_of_settings_that_were_evaluated_in_part_the_last_score_is_known():
    search = partial_search()
    candidates = EvaluatedSettings.from_search(search).candidates
    results, value = search.cv_results_, candidates["value"]
    for row, n in enumerate(results["n_splits"]):
        own = np.mean([results[f"split{i}_test_score"][row] for i in range(n)])
        assert candidates["last_value"][row] == pytest.approx(own)
    np.testing.assert_array_equal(
        last_values(candidates), np.where(np.isnan(value), candidates["last_value"], value)
    )
    assert np.isnan(value).any()


def test_results_of_functions_tell_the_last_value_themselves():
    result = partial_result()
    settings = EvaluatedSettings.from_result(result)
    np.testing.assert_array_equal(last_values(settings.candidates), result.candidates["last_value"])
    assert settings.candidates["value"][settings.best_index] == result.fun


def test_without_parts_the_value_is_the_last_one():
    value = np.array([1.0, np.nan])
    np.testing.assert_array_equal(last_values({"value": value}), value)
