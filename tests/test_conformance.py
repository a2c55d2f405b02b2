"""GeneticSearchCV is a scikit-learn estimator wherever GridSearchCV is one."""

import pickle
import subprocess
import sys
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import estimator_html_repr, get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

from sklearn_natsel import GeneticSearchCV

SPACES = [
    (LogisticRegression(tol=0.01), {"C": [0.01, 0.1, 1.0]}),
    (DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}),
    (Ridge(), {"alpha": [0.1, 1.0, 10.0]}),
    (make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 1.0, 10.0]}),
]
IDS = ["logistic", "tree", "ridge", "pipeline"]


def small_search(estimator, space, **params):
    """Search in two generations of two, so that each check meets crossover too."""
    options = {"population_size": 2, "n_offspring": 2, "n_generations": 2, "cv": 2, **params}
    return GeneticSearchCV(estimator, space, **options)


def iris_search(**params):
    return small_search(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, **params)


# As parametrize_with_checks does; that of scikit-learn 1.6 and 1.7 hands pytest a generator, which
# pytest 9 deprecates.
CHECKS = [
    pytest.param(search, check, id=f"{name}-{check.func.__name__}-{number}")
    for name, checked in [
        *((name, small_search(*setup)) for name, setup in zip(IDS, SPACES)),
        ("in parts", iris_search(racing=True, resource="n_samples", min_resources=5)),
    ]
    for number, (search, check) in enumerate(estimator_checks_generator(checked))
]


# The lists of expected failures differ by version of scikit-learn, and all that counts is
# that there is no other one than those of GridSearchCV: so a check that fails is run on that.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_fails_no_check_of_scikit_learn_that_grid_search_passes(estimator, check):
    try:
        check(estimator)
    except SkipTest:
        raise
    except Exception as error:
        try:
            check(GridSearchCV(estimator.estimator, estimator.param_space, cv=2))
        except Exception:
            pytest.xfail(f"GridSearchCV fails too: {error}")
        raise


@pytest.mark.parametrize(("estimator", "space"), SPACES, ids=IDS)
def test_tags_are_those_of_grid_search(estimator, space):
    ours, theirs = small_search(estimator, space), GridSearchCV(estimator, space)
    assert get_tags(ours) == get_tags(theirs)
    assert is_classifier(ours) == is_classifier(estimator)
    assert is_regressor(ours) == is_regressor(estimator)


def test_clone_has_equal_parameters_and_is_not_fitted():
    X, y = load_iris(return_X_y=True)
    search = iris_search(random_state=3, tol=0.5).fit(X, y)
    copy = clone(search)
    ours, copied = search.get_params(deep=False), copy.get_params(deep=False)
    assert ours.keys() == copied.keys()
    for name in ours.keys() - {"estimator", "error_score"}:
        assert ours[name] == copied[name]
    assert np.isnan(copied["error_score"])
    assert not hasattr(copy, "cv_results_")
    assert copy.fit(X, y).cv_results_["params"] == search.cv_results_["params"]


def test_fit_does_not_change_a_parameter():
    X, y = load_iris(return_X_y=True)
    space = {"max_depth": [1, 2, 3], "criterion": ["gini", "entropy"]}
    initial = {"max_depth": 2}
    search = small_search(DecisionTreeClassifier(), space, initial_params=initial)
    before = search.get_params(deep=True)
    search.fit(X, y)
    after = search.get_params(deep=True)
    assert all(after[name] is value for name, value in before.items())
    assert space == {"max_depth": [1, 2, 3], "criterion": ["gini", "entropy"]}
    assert initial == {"max_depth": 2}
    assert not hasattr(search.estimator, "tree_")


def test_set_params_of_every_parameter_takes_effect():
    X, y = load_iris(return_X_y=True)
    search = iris_search().set_params(
        param_space={"max_depth": [4, 5], "min_samples_leaf": [2]},
        estimator__criterion="entropy",
        population_size=5,
        max_evaluations=1,
        return_train_score=True,
        scoring=["accuracy", "balanced_accuracy"],
        refit="balanced_accuracy",
        cv=4,
    )
    search.fit(X, y)
    assert search.n_evaluations_ == 1
    assert search.n_splits_ == 4
    assert search.best_params_["max_depth"] in (4, 5)
    assert search.best_estimator_.criterion == "entropy"
    assert "mean_train_balanced_accuracy" in search.cv_results_


def test_fitting_again_forgets_the_first_fit():
    X, y = load_iris(return_X_y=True)
    search = iris_search(random_state=0).fit(X, y)
    search.set_params(max_evaluations=1).fit(X[:, :2], y)
    assert search.n_features_in_ == 2
    assert len(search.cv_results_["params"]) == 1
    assert len(search.evolution_history_["generation"]) == 1


def test_the_same_seed_gives_the_same_search_when_fitted_again():
    X, y = load_iris(return_X_y=True)
    search = iris_search(random_state=0)
    first = search.fit(X, y).cv_results_["params"]
    assert search.fit(X, y).cv_results_["params"] == first


def test_predictions_and_scores_are_those_of_the_best_estimator():
    X, y = load_iris(return_X_y=True)
    search = small_search(SVC(), {"C": [0.1, 1, 10]}, random_state=0).fit(X, y)
    best = SVC(**search.best_params_).fit(X, y)
    np.testing.assert_array_equal(search.predict(X), best.predict(X))
    np.testing.assert_array_equal(search.decision_function(X), best.decision_function(X))
    np.testing.assert_array_equal(search.classes_, best.classes_)
    assert search.score(X, y) == best.score(X, y)
    assert not hasattr(search, "transform")


def test_transforms_as_the_best_estimator():
    X, _ = load_iris(return_X_y=True)
    search = small_search(PCA(), {"n_components": [1, 2, 3]}, random_state=0).fit(X)
    assert search.transform(X).shape == (150, search.best_params_["n_components"])
    assert search.inverse_transform(search.transform(X)).shape == X.shape


def test_unfitted_search_says_so():
    X, y = load_iris(return_X_y=True)
    search = iris_search()
    assert not hasattr(search, "n_features_in_")
    assert not hasattr(search, "classes_")
    with pytest.raises(NotFittedError):
        search.predict(X)
    with pytest.raises(NotFittedError):
        search.score(X, y)


def test_names_and_number_of_features():
    pd = pytest.importorskip("pandas")
    X, y = load_iris(return_X_y=True)
    frame = pd.DataFrame(X, columns=list("abcd"))
    search = iris_search().fit(frame, y)
    assert search.n_features_in_ == 4
    assert list(search.feature_names_in_) == list("abcd")
    assert not hasattr(iris_search().fit(X, y), "feature_names_in_")


@pytest.mark.parametrize("refit", [True, False])
def test_pickle_round_trip(refit):
    X, y = load_iris(return_X_y=True)
    search = iris_search(refit=refit, random_state=0).fit(X, y)
    loaded = pickle.loads(pickle.dumps(search))
    assert loaded.best_params_ == search.best_params_
    assert loaded.cv_results_["params"] == search.cv_results_["params"]
    np.testing.assert_array_equal(
        loaded.evolution_history_["best"], search.evolution_history_["best"]
    )
    assert loaded.stop_reason_ == search.stop_reason_
    if refit:
        np.testing.assert_array_equal(loaded.predict(X), search.predict(X))


def test_pickle_of_unfitted_search_can_be_fitted():
    X, y = load_iris(return_X_y=True)
    search = pickle.loads(pickle.dumps(iris_search(random_state=0)))
    assert search.fit(X, y).n_evaluations_ >= 2


def test_fitted_search_keeps_nothing_of_the_data():
    X, y = load_iris(return_X_y=True)
    sizes = []
    for copies in (1, 100):
        many = np.tile(X, (copies, 1)), np.tile(y, copies)
        search = iris_search(random_state=0, max_evaluations=2).fit(*many)
        sizes.append(len(pickle.dumps(search)))
    assert sizes[1] < sizes[0] + 1000


def test_what_an_earlier_fit_left_on_the_estimator_is_not_sent_to_the_workers():
    X, y = load_iris(return_X_y=True)
    estimator = RandomForestClassifier(n_estimators=2, random_state=0).fit(X, y)
    estimator.cannot_be_pickled_ = (i for i in range(3))
    # Without scoring the scorer of scikit-learn would hold the estimator itself.
    search = small_search(
        estimator, {"max_depth": [1, 2, 3]}, scoring="accuracy", n_jobs=2, random_state=0
    )
    assert search.fit(X, y).n_evaluations_ == 3


@pytest.mark.parametrize("fitted", [False, True])
def test_html_shows_search_and_estimator(fitted):
    X, y = load_iris(return_X_y=True)
    search = iris_search()
    if fitted:
        search.fit(X, y)
    html = estimator_html_repr(search)
    assert "GeneticSearchCV" in html
    assert ("best_estimator_: DecisionTreeClassifier" in html) is fitted


def test_repr_shows_what_differs_from_the_defaults():
    text = repr(iris_search(patience=7))
    assert "patience=7" in text
    assert "max_time" not in text


def test_works_as_a_step_of_a_pipeline():
    X, y = load_iris(return_X_y=True)
    pipeline = Pipeline([("scale", StandardScaler()), ("search", iris_search(random_state=0))])
    assert pipeline.fit(X, y).score(X, y) > 0.9
    assert pipeline.set_params(search__estimator__max_depth=1).get_params()["search__cv"] == 2


LAZY = ["matplotlib", "keras", "tensorflow", "pandas", "polars", "rich"]


def test_import_loads_no_optional_package():
    code = (
        "import sys; import sklearn_natsel; "
        f"print([name for name in {LAZY} if name in sys.modules])"
    )
    # scikit-learn itself may load pandas or the like; what counts is what comes on top.
    without = code.replace("import sklearn_natsel", "import sklearn.model_selection")
    loaded, expected = (
        subprocess.run([sys.executable, "-c", c], check=True, capture_output=True, text=True).stdout
        for c in (code, without)
    )
    assert loaded == expected
    assert "matplotlib" not in loaded
    assert "keras" not in loaded
