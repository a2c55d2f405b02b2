"""A search whose networks are trained together is the search in which each is trained alone."""

import numpy as np
import pytest
from same_search import assert_same_search
from scipy.stats import loguniform
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.metaestimators import available_if

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier

TINY = {"n_hidden_layers": 1, "neurons": 16, "epochs": 3, "learning_rate": 1e-3, "random_state": 0}
SPACE = {"learning_rate": loguniform(3e-4, 3e-3), "dropout": [0.1, 0.2]}


class Together(DenseClassifier):
    """Counts what it fits together."""

    groups: list[int] = []

    def fit_many(self, settings, *arguments, **params):
        fitted = super().fit_many(settings, *arguments, **params)
        Together.groups.append(len(settings) - fitted.count(None))
        return fitted


class Alone(DenseClassifier):
    @available_if(lambda self: False)
    def fit_many(self):
        """There is none."""


@pytest.fixture(autouse=True)
def groups():
    Together.groups.clear()
    return Together.groups


def search_of(network, space=SPACE, **options):
    sizes = {"population_size": 5, "n_offspring": 4, "n_generations": 2}
    return GeneticSearchCV(network, space, **{**sizes, "cv": 2, "random_state": 0, **options})


def assert_alike(joint, alone):
    """Assert that two searches are the same, but for the rounding of losses."""
    assert joint.cv_results_["params"] == alone.cv_results_["params"]
    for name in ("mean_test_score", "std_test_score", "rank_test_score"):
        np.testing.assert_allclose(joint.cv_results_[name], alone.cv_results_[name], rtol=1e-4)


OPTIONS = {
    "as it is": {},
    "log loss": {"scoring": "neg_log_loss"},
    "epochs": {"resource": "epochs", "max_resources": 9, "min_resources": 1},
    "racing": {"racing": True, "cv": 3, "max_evaluations": 6, "n_generations": None},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_the_search_is_that_of_single_fits(name, digits, groups):
    options = {"refit": False, **OPTIONS[name]}
    joint = search_of(Together(**TINY), **options).fit(*digits)
    assert_alike(joint, search_of(Alone(**TINY), **options).fit(*digits))
    if name in ("as it is", "log loss"):
        assert groups == [10, 8]


def test_several_processes_train_groups(digits):
    joint = search_of(DenseClassifier(**TINY), n_jobs=2, n_generations=1, refit=False).fit(*digits)
    alone = search_of(DenseClassifier(**TINY), n_generations=1, refit=False).fit(*digits)
    assert_alike(joint, alone)


def test_in_a_pipeline_with_sample_weights(digits, groups):
    X, y = digits
    weights = {"together__sample_weight": np.linspace(0.1, 2, len(y))}
    space = {f"together__{name}": values for name, values in SPACE.items()}
    joint = search_of(make_pipeline(StandardScaler(), Together(**TINY)), space)
    joint.fit(X, y, **weights)
    assert groups == [5, 5, 4, 4]
    assert joint.best_estimator_.predict(X).shape == y.shape
    alone = make_pipeline(StandardScaler(), Alone(**TINY))
    alone.steps[-1] = ("together", alone[-1])
    assert_alike(joint, search_of(alone, space).fit(X, y, **weights))


@pytest.mark.filterwarnings("ignore")
def test_a_network_of_nan_costs_itself_alone(digits):
    space = {"learning_rate": [1e-3, 2e-3, 1e30], "dropout": [0.1]}
    options = {"scoring": "neg_log_loss", "n_generations": 1, "refit": False}
    joint = search_of(Together(**TINY), space, **options).fit(*digits)
    assert_alike(joint, search_of(Alone(**TINY), space, **options).fit(*digits))
    failed = np.isnan(joint.cv_results_["mean_test_score"])
    assert joint.cv_results_["param_learning_rate"][failed].tolist() == [1e30]


@pytest.mark.filterwarnings("ignore")
def test_a_setting_that_is_refused_costs_itself_alone(digits, groups):
    space = {"learning_rate": [1e-3, 2e-3, -1.0], "dropout": [0.1]}
    search = search_of(Together(**TINY), space, n_generations=1, refit=False).fit(*digits)
    failed = np.isnan(search.cv_results_["mean_test_score"])
    assert search.cv_results_["param_learning_rate"][failed].tolist() == [-1.0]
    assert groups == [6]


def test_networks_that_are_watched_are_trained_alone(digits, groups):
    network = {**TINY, "epochs": 1, "max_training_time": 60}
    options = {"n_generations": 1, "refit": False}
    search = search_of(Together(**network), {"dropout": [0.1]}, **options).fit(*digits)
    assert groups == [0]
    alone = search_of(Alone(**network), {"dropout": [0.1]}, **options).fit(*digits)
    assert_same_search(search, alone)


def test_rows_may_be_masks(digits):
    X, y = digits
    rows = np.arange(0, len(y), 2)
    mask = np.isin(np.arange(len(y)), rows)
    network = DenseClassifier(**TINY)
    of_rows, of_mask = network.fit_many([{}, {}], X, y, [rows, mask])
    np.testing.assert_array_equal(of_mask.predict_proba(X), of_rows.predict_proba(X))
