"""What reaches fit, scorer and splitter is what GridSearchCV sends there."""

import inspect

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sklearn_natsel import GeneticSearchCV

X, y = load_iris(return_X_y=True)
X, y = X[::5], y[::5]
WEIGHT = np.linspace(1, 2, len(y))
GROUPS = np.arange(len(y)) % 3
SPACE = {"strength": [1, 2, 3, 4, 5]}

calls = []


def note(role, **received):
    calls.append((role, {name: describe(value) for name, value in received.items()}))


def describe(value):
    return np.asarray(value).tolist() if hasattr(value, "__len__") else value


class Recorder(ClassifierMixin, BaseEstimator):
    """Notes what it is given."""

    def __init__(self, strength=0):
        self.strength = strength

    def fit(self, X, y, sample_weight=None, mood=None, rows=None):
        note("fit", strength=self.strength, n=len(X), weight=sample_weight, mood=mood, rows=rows)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.strength % 3)

    def score(self, X, y, sample_weight=None):
        note("score", strength=self.strength, n=len(X), weight=sample_weight)
        return super().score(X, y, sample_weight)


def noted_accuracy(y_true, y_pred, sample_weight=None):
    note("metric", n=len(y_true), weight=sample_weight, predicted=y_pred[0])
    return accuracy_score(y_true, y_pred, sample_weight=sample_weight)


def plain_scorer(estimator, X, y):
    note("plain scorer", strength=estimator.strength, n=len(X))
    return estimator.strength


def weighted_scorer(estimator, X, y, sample_weight=None):
    note("weighted scorer", strength=estimator.strength, n=len(X), weight=sample_weight)
    return estimator.strength


class NotedKFold(GroupKFold):
    def split(self, X, y=None, groups=None):
        note("split", groups=groups)
        if groups is None:
            return KFold(3, shuffle=True, random_state=0).split(X, y)
        return super().split(X, y, groups)

    def get_n_splits(self, X=None, y=None, groups=None):
        note("n_splits", groups=groups)
        return super().get_n_splits(X, y, groups)


def outcome(search, **params):
    """Fit a search; return all calls, order aside, and its error.

    Of a search that ends in an error, which candidates came first would show: return less.
    """
    calls.clear()
    error = None
    try:
        search.fit(X, y, **params)
    except (ValueError, TypeError) as raised:
        error = type(raised)
        return {role for role, _ in calls}, error
    return sorted(calls, key=repr), error


def last_setting(results):
    """Choose the row to refit, also where scores are tied."""
    return max(range(len(results["params"])), key=lambda row: repr(results["params"][row]))


def assert_like_grid_search(estimator, params, space=SPACE, **options):
    options = {"cv": 2, "refit": last_setting, **options}
    grid = GridSearchCV(estimator, space, **options)
    # As many generations as it takes to try all.
    search = GeneticSearchCV(estimator, space, random_state=0, n_generations=100, **options)
    received, error = outcome(search, **params)
    assert (received, error) == outcome(grid, **params)
    return received, error


SCORINGS = {
    "default": None,
    "name": "accuracy",
    "scorer": make_scorer(noted_accuracy),
    "plain": plain_scorer,
    "weighted": weighted_scorer,
    "several": {"a": make_scorer(noted_accuracy), "b": "balanced_accuracy"},
}


@pytest.mark.filterwarnings("ignore:.*does not support sample_weight")
@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"sample_weight": WEIGHT},
        {"sample_weight": list(WEIGHT)},
        {"sample_weight": None},
        {"mood": "good", "rows": WEIGHT},
        {"groups": GROUPS},
        {"groups": GROUPS, "sample_weight": WEIGHT, "mood": "bad"},
    ],
    ids=lambda params: "+".join(params) or "none",
)
def test_without_routing(params, scoring):
    received, error = assert_like_grid_search(
        Recorder(), params, scoring=SCORINGS[scoring], cv=NotedKFold(3)
    )
    assert error is None
    fits = [call for role, call in received if role == "fit"]
    weighted = params.get("sample_weight") is not None
    assert all((call["weight"] is not None) is weighted for call in fits)
    assert all(call["weight"] is None or len(call["weight"]) == call["n"] for call in fits)


@pytest.mark.filterwarnings("ignore:None of the first")
def test_unknown_fit_parameter_fails_every_fit():
    for search in (
        GridSearchCV(Recorder(), SPACE, cv=2),
        GeneticSearchCV(Recorder(), SPACE, cv=2, n_generations=100),
    ):
        with pytest.raises(ValueError, match=r"(?s)All the 10 fits failed.*colour"):
            search.fit(X, y, colour="red")


def test_scorer_that_takes_no_weights_is_told_once():
    kind = "does not support sample_weight"
    counts = []
    for search_class in (GridSearchCV, GeneticSearchCV):
        search = search_class(Recorder(), SPACE, cv=2, scoring=plain_scorer)
        if "sample_weight" not in inspect.getsource(GridSearchCV._get_routed_params_for_fit):
            pytest.skip("this scikit-learn sends no weights to scorers")
        with pytest.warns(UserWarning, match=kind) as caught:
            search.fit(X, y, sample_weight=WEIGHT)
        counts.append(len([w for w in caught if kind in str(w.message)]))
    assert counts[1] == counts[0]


@pytest.mark.parametrize("fit_request", [True, False, None])
@pytest.mark.parametrize("score_request", [True, False, None])
@pytest.mark.parametrize("scoring", ["default", "scorer", "several"])
def test_with_routing_each_gets_what_it_asked_for(fit_request, score_request, scoring):
    with config_context(enable_metadata_routing=True):
        estimator = Recorder().set_fit_request(sample_weight=fit_request)
        estimator.set_score_request(sample_weight=score_request)
        own = make_scorer(noted_accuracy).set_score_request(sample_weight=score_request)
        scorings = {"default": None, "scorer": own, "several": {"a": own, "b": "accuracy"}}
        received, error = assert_like_grid_search(
            estimator,
            {"sample_weight": WEIGHT},
            scoring=scorings[scoring],
        )
    if scoring != "several":
        assert (error is UnsetMetadataPassedError) is (None in (fit_request, score_request))
    if error is None:
        fits = [call for role, call in received if role == "fit"]
        assert len(fits) == 11
        assert all((call["weight"] is not None) is bool(fit_request) for call in fits)


def test_routing_to_splitter_scorer_and_fit_by_other_names():
    with config_context(enable_metadata_routing=True):
        estimator = Recorder().set_fit_request(sample_weight="importance", mood=True, rows=False)
        scorer = make_scorer(noted_accuracy).set_score_request(sample_weight="test_importance")
        params = {
            "importance": WEIGHT,
            "test_importance": WEIGHT[::-1],
            "mood": "good",
            "groups": GROUPS,
        }
        received, error = assert_like_grid_search(
            estimator, params, scoring=scorer, cv=NotedKFold(3)
        )
    assert error is None
    assert ("split", {"groups": GROUPS.tolist()}) in received
    assert all(call["mood"] == "good" for role, call in received if role == "fit")


def test_routing_through_a_pipeline():
    with config_context(enable_metadata_routing=True):
        pipeline = make_pipeline(MinMaxScaler(), Recorder().set_fit_request(sample_weight=True))
        space = {f"recorder__{name}": values for name, values in SPACE.items()}
        # Pipeline.score wants a request of its own in 1.6, so this asks a scorer.
        scorer = make_scorer(noted_accuracy).set_score_request(sample_weight=True)
        params = {"sample_weight": WEIGHT}
        received, error = assert_like_grid_search(pipeline, params, space, scoring=scorer)
    assert error is None
    assert all(call["weight"] is not None for _, call in received)


@pytest.mark.parametrize("scoring", ["default", "scorer", "several"])
def test_routing_is_described_as_by_grid_search(scoring):
    with config_context(enable_metadata_routing=True):
        options = {"scoring": SCORINGS[scoring], "cv": GroupKFold(3)}
        options["refit"] = "a" if scoring == "several" else True
        estimator = Recorder().set_fit_request(sample_weight=True)
        search = GeneticSearchCV(estimator, SPACE, **options)
        grid = GridSearchCV(estimator, SPACE, **options)
        assert str(search.get_metadata_routing()) == str(grid.get_metadata_routing())


def test_score_routes_as_grid_search():
    with config_context(enable_metadata_routing=True):
        estimator = Recorder().set_score_request(sample_weight=True)
        estimator.set_fit_request(sample_weight=False)
        received = []
        for search in (
            GridSearchCV(estimator, SPACE, cv=2, refit=last_setting),
            GeneticSearchCV(estimator, SPACE, cv=2, refit=last_setting, n_generations=100),
        ):
            search.fit(X, y)
            calls.clear()
            search.score(X, y, sample_weight=WEIGHT)
            received.append(list(calls))
    assert received[0] == received[1]
    assert received[0][0][1]["weight"] == WEIGHT.tolist()
