import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional, GeneticSearchCV

X, Y = load_iris(return_X_y=True)
FOREST = RandomForestClassifier(n_estimators=2, random_state=0)
DEPTHS = {"max_depth": [1, 2, 3]}


def search(estimator, space, refit_params, **options):
    options = {"max_evaluations": 3, "random_state": 0, "cv": 2, **options}
    return GeneticSearchCV(estimator, space, refit_params=refit_params, **options)


def test_they_are_set_for_the_refit_alone():
    seen = []

    class Forest(RandomForestClassifier):
        def fit(self, X, y):
            seen.append(self.n_estimators)
            return super().fit(X, y)

    forest = Forest(n_estimators=2, random_state=0)
    fitted = search(forest, DEPTHS, {"n_estimators": 7}, error_score="raise").fit(X, Y)
    assert seen == [2] * 6 + [7]
    assert len(fitted.best_estimator_) == 7
    assert fitted.best_params_.keys() == {"max_depth"}
    plain = search(forest, DEPTHS, None).fit(X, Y)
    assert plain.best_params_ == fitted.best_params_
    assert plain.best_score_ == fitted.best_score_


def test_they_override_what_was_searched():
    fitted = search(FOREST, DEPTHS, {"max_depth": 9}).fit(X, Y)
    assert fitted.best_estimator_.max_depth == 9
    assert fitted.best_params_["max_depth"] in (1, 2, 3)


def test_nested_names_and_whole_steps():
    pipeline = Pipeline([("scale", StandardScaler()), ("model", FOREST)])
    space = {"model__max_depth": [1, 2]}
    refit_params = {"model__n_estimators": 5, "scale": "passthrough"}
    fitted = search(pipeline, space, refit_params).fit(X, Y)
    assert len(fitted.best_estimator_["model"]) == 5
    assert fitted.best_estimator_["scale"] == "passthrough"


def test_estimators_among_them_are_cloned():
    tree = DecisionTreeClassifier(random_state=0)
    pipeline = Pipeline([("scale", StandardScaler()), ("model", FOREST)])
    fitted = search(pipeline, {"scale__with_std": [True, False]}, {"model": tree}).fit(X, Y)
    assert isinstance(fitted.best_estimator_["model"], DecisionTreeClassifier)
    assert not hasattr(tree, "tree_")


@pytest.mark.parametrize(
    ("space", "refit_params", "message"),
    [
        ({"model__max_depth": [1, 2]}, {"model__n_estimator": 5}, "'model__n_estimator'"),
        (
            {"model": [FOREST, LogisticRegression()]},
            {"model__n_estimators": 5},
            r"not a parameter of LogisticRegression\(\), a choice of 'model'",
        ),
        ({"model__n_estimators": [2, 3]}, {"model": LogisticRegression()}, "model__n_estimators"),
    ],
)
def test_names_are_checked_before_anything_is_trained(space, refit_params, message):
    pipeline = Pipeline([("scale", StandardScaler()), ("model", FOREST)])
    wrong = search(pipeline, space, refit_params)
    with pytest.raises(ValueError, match=f"(?s)'refit_params' parameter has names.*{message}"):
        wrong.fit(X, Y)
    assert not hasattr(wrong, "cv_results_")


@pytest.mark.parametrize(
    ("refit_params", "message"),
    [
        ({"model__n_estimators": 0}, "for 'model__n_estimators': .* RandomForest.* Got 0"),
        ({"scale__with_std": "yes"}, "for 'scale__with_std': .* StandardScaler .* Got 'yes'"),
        ({"memory": 3}, "for 'memory': The 'memory' parameter of Pipeline"),
    ],
)
def test_values_are_checked_before_anything_is_trained(refit_params, message):
    pipeline = Pipeline([("scale", StandardScaler()), ("model", FOREST)])
    wrong = search(pipeline, {"model__max_depth": [1, 2]}, refit_params)
    with pytest.raises(
        ValueError, match=f"'refit_params' parameter has an invalid value {message}"
    ):
        wrong.fit(X, Y)
    assert not hasattr(wrong, "cv_results_")


def test_values_of_what_is_replaced_are_left_to_the_fit():
    pipeline = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())])
    space = {"model": [FOREST], "model__max_depth": [1, 2]}
    # It would be none of LogisticRegression.
    fitted = search(pipeline, space, {"model__class_weight": "balanced_subsample"}).fit(X, Y)
    assert fitted.best_estimator_["model"].class_weight == "balanced_subsample"
    refit_params = {"model": FOREST, "model__class_weight": "balanced_subsample"}
    fitted = search(pipeline, {"scale__with_std": [True, False]}, refit_params).fit(X, Y)
    assert fitted.best_estimator_["model"].class_weight == "balanced_subsample"


def test_with_alternatives_and_dependent_genes():
    space = [
        {"max_depth": [1, 2], "min_samples_leaf": Conditional([1, 5], "max_depth", 2)},
        {"max_features": [1, 2]},
    ]
    fitted = search(FOREST, space, {"n_estimators": 4, "max_depth": 3}).fit(X, Y)
    assert len(fitted.best_estimator_) == 4
    assert fitted.best_estimator_.max_depth == 3


def test_what_does_not_exist_with_them_is_left_out():
    pipeline = Pipeline([("scale", StandardScaler()), ("model", FOREST)])
    space = {
        "model": [FOREST, DecisionTreeClassifier(random_state=0)],
        "model__n_estimators": Conditional([2, 3], "model", RandomForestClassifier),
        "model__max_depth": [1, 2],
    }
    options = {"initial_params": {"model": FOREST, "model__n_estimators": 3}, "max_evaluations": 1}
    tree = DecisionTreeClassifier(min_samples_leaf=4)
    fitted = search(pipeline, space, {"model": tree}, **options).fit(X, Y)
    assert fitted.best_params_["model__n_estimators"] == 3
    assert fitted.best_estimator_["model"].min_samples_leaf == 4
    assert fitted.best_estimator_["model"].max_depth == fitted.best_params_["model__max_depth"]


def test_they_must_be_a_dict_and_survive_cloning():
    with pytest.raises(ValueError, match="'refit_params' parameter"):
        search(FOREST, DEPTHS, ["n_estimators"]).fit(X, Y)
    assert clone(search(FOREST, DEPTHS, {"n_estimators": 4})).refit_params == {"n_estimators": 4}
