"""scikeras' estimators, whose models are trained together."""

import pickle

import keras
import numpy as np
import pandas as pd
import pytest
import scikeras.wrappers
from keras import layers
from numpy.testing import assert_allclose
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.model_selection import KFold
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.metaestimators import available_if

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel.keras import KerasClassifier, KerasRegressor
from sklearn_natsel.keras._population import groups


def build(dropout=0.1, activation="relu"):
    return keras.Sequential(
        [
            layers.Input((64,)),
            layers.Dense(8, activation),
            layers.Dropout(dropout),
            layers.Dense(10, "softmax"),
        ]
    )


def build_with_factor(factor, curve):
    """Build what Keras describes in the same words whatever the lambda has closed over."""
    parts = [layers.Input((64,)), layers.Lambda(lambda x: curve(x * factor))]
    return keras.Sequential([*parts, layers.Dense(10, "softmax")])


OPTIONS = {
    "optimizer": "sgd",
    "optimizer__learning_rate": 0.1,
    "loss": "sparse_categorical_crossentropy",
    "metrics": ["accuracy"],
    "batch_size": 50,
    "epochs": 2,
    "verbose": 0,
    "random_state": 0,
}


class Together(KerasClassifier):
    """Counts what it fits together."""

    groups: list[int] = []

    @available_if(lambda self: True)
    def fit_many(self, settings, *arguments, **params):
        fitted = super().fit_many(settings, *arguments, **params)
        Together.groups.append(len(settings) - fitted.count(None))
        return fitted


class Alone(KerasClassifier):
    @available_if(lambda self: False)
    def fit_many(self):
        """There is none."""


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    monkeypatch.setattr(groups, "_GROUP_SIZES", {"cpu": 3, "gpu": 3})
    Together.groups.clear()
    return Together.groups


def assert_same_network(one, other, X):
    assert one.history_.keys() == other.history_.keys()
    for name, values in one.history_.items():
        assert_allclose(values, other.history_[name], rtol=1e-4)
    assert_allclose(one.predict_proba(X), other.predict_proba(X), rtol=5e-3, atol=1e-5)


def test_each_network_is_the_one_that_is_fitted_alone(digits):
    X, y = digits
    network, rows = KerasClassifier(build, **OPTIONS), np.arange(200)
    settings = [
        {"model__dropout": 0.3},
        {"optimizer__learning_rate": 0.2, "random_state": 1},
        {"optimizer__weight_decay": 0.1},
        {"optimizer": "no such optimizer"},
    ]
    splits = [rows, rows, rows[::-1], rows]
    *fitted, refused = network.fit_many(settings, X, y, splits)
    for one, setting, own in zip(fitted, settings, splits):
        assert_same_network(one, clone(network).set_params(**setting).fit(X[own], y[own]), X)
    with pytest.raises(type(refused), match="no such optimizer"):
        raise refused
    assert not hasattr(network, "model_")


def test_networks_are_those_of_scikeras(digits):
    X, y = digits
    ours = KerasClassifier(build, class_weight="balanced", **OPTIONS)
    theirs = scikeras.wrappers.KerasClassifier(build, class_weight="balanced", **OPTIONS)
    assert ours.get_params() == theirs.get_params()
    for each in (ours, theirs):
        each.fit(X[:250], y[:250], np.linspace(0.1, 1, 250)).partial_fit(
            X, y, sample_weight=y + 1.0
        )
    assert_same_network(ours, theirs, X)
    assert ours.current_epoch == 3
    assert_same_network(pickle.loads(pickle.dumps(ours)), theirs, X)


def test_a_training_that_goes_on_after_pickling_is_that_of_scikeras(digits):
    # Without dropout: a layer that was pickled has another seed.
    fitted = (
        kind(build, model__dropout=0.0, **OPTIONS).fit(*digits)
        for kind in (KerasClassifier, scikeras.wrappers.KerasClassifier)
    )
    ours, theirs = (pickle.loads(pickle.dumps(each)).partial_fit(*digits) for each in fitted)
    assert_same_network(ours, theirs, digits[0])


def test_the_model_is_left_as_keras_leaves_it(digits):
    network = KerasClassifier(build, **OPTIONS).fit(*digits)
    assert network.model_.history.epoch == [0, 1]
    last = {name: values[-1] for name, values in network.history_.items()}
    assert {n: float(v) for n, v in network.model_.get_metrics_result().items()} == last


def test_predictions_do_not_depend_on_what_would_be_trained(digits):
    network = KerasClassifier(build, **OPTIONS).fit(*digits)
    before = network.predict_proba(digits[0])
    network.model_.layers[0].trainable = False
    assert_allclose(network.predict_proba(digits[0]), before, rtol=1e-5)


@pytest.mark.parametrize(
    "other", [(3.0, keras.ops.relu), (1.0, keras.ops.tanh)], ids=["number", "function"]
)
def test_what_a_lambda_has_closed_over_is_seen(digits, other):
    network = KerasClassifier(build_with_factor, **OPTIONS)
    names = "model__factor", "model__curve"
    settings = [dict(zip(names, values)) for values in ((1.0, keras.ops.relu), other)] * 2
    fitted = network.fit_many(settings[:3], *digits, [np.arange(300)] * 3)
    for one, setting in zip(fitted, settings):
        assert_same_network(one, clone(network).set_params(**setting).fit(*digits), digits[0])
    assert abs(fitted[0].predict_proba(digits[0]) - fitted[1].predict_proba(digits[0])).max() > 0.01


def test_what_keras_must_train_it_trains(digits):
    network = KerasClassifier(build, **{**OPTIONS, "batch_size": 240})
    watched = [{"verbose": 2}, {"callbacks": keras.callbacks.History}, {"validation_split": 0.2}]
    assert network.fit_many(watched, *digits, [np.arange(300)] * 3) == [None] * 3
    network.set_params(**watched[-1]).fit(*digits)
    assert len(network.history_["val_loss"]) == 2


def test_who_goes_on_after_the_training_is_fitted_alone(digits):
    class Learned(KerasClassifier):
        def fit(self, X, y, **params):
            super().fit(X, y, **params)
            self.bias_ = self.model_.get_weights()[-1]
            return self

    learned = Learned(build, **OPTIONS)
    assert not hasattr(learned, "fit_many")
    assert abs(learned.fit(*digits).bias_).sum() > 0
    assert hasattr(KerasRegressor(), "fit_many")


SPACE = {"optimizer__learning_rate": loguniform(0.03, 0.3), "model__dropout": [0.1, 0.2]}


def search_of(network, space=SPACE, **options):
    sizes = {"population_size": 4, "n_generations": 1}
    options = {**sizes, "cv": KFold(3), "scoring": "accuracy", "random_state": 0, **options}
    return GeneticSearchCV(network, space, **options)


def assert_alike(joint, alone):
    assert joint.cv_results_["params"] == alone.cv_results_["params"]
    for name in ("mean_test_score", "std_test_score", "rank_test_score"):
        assert_allclose(joint.cv_results_[name], alone.cv_results_[name], rtol=1e-4)


def test_the_search_is_that_of_single_fits(digits, counted):
    X, y = pd.DataFrame(digits[0]), pd.Series(digits[1])
    weights = {"sample_weight": np.linspace(0.1, 2, 300)}
    joint = search_of(Together(build, **OPTIONS)).fit(X, y, **weights)
    assert counted == [12]
    assert_alike(joint, search_of(Alone(build, **OPTIONS)).fit(X, y, **weights))
    loaded = pickle.loads(pickle.dumps(joint))
    np.testing.assert_array_equal(loaded.predict(X), joint.predict(X))


def test_scores_are_found_again_after_whatever_was_trained(digits, tmp_path):
    network = KerasClassifier(build, **OPTIONS).fit(*digits)
    first, again = (
        search_of(network, memory=tmp_path, population_size=2, refit=False).fit(*digits)
        for _ in range(2)
    )
    times = (search.cv_results_["mean_fit_time"].tolist() for search in (first, again))
    assert len(set(map(tuple, times))) == 1


def last_loss(estimator, X, y):
    return -estimator.history_["loss"][-1]


@pytest.mark.filterwarnings("ignore")
def test_a_network_of_nan_and_a_bad_setting_cost_themselves_alone(digits):
    space = {"optimizer__learning_rate": [0.1, 1e30], "model__activation": ["relu", "none"]}
    options = {"scoring": last_loss, "refit": False}
    joint = search_of(Together(build, **OPTIONS), space, **options).fit(*digits)
    assert_alike(joint, search_of(Alone(build, **OPTIONS), space, **options).fit(*digits))
    params = np.array(joint.cv_results_["params"])
    scored = params[~np.isnan(joint.cv_results_["mean_test_score"])]
    assert scored.tolist() == [{"model__activation": "relu", "optimizer__learning_rate": 0.1}]


def build_of_numbers():
    return keras.Sequential([layers.Input((64,)), layers.Dense(1)])


def halves(X):
    return {"left": X[:, :32], "right": X[:, 32:]}


def build_of_halves():
    left, right = (layers.Input((32,), name=name) for name in ("left", "right"))
    joined = layers.Concatenate()([layers.Dense(2)(left), right])
    return keras.Model({"left": left, "right": right}, layers.Dense(1)(joined))


class OfHalves(KerasRegressor):
    @property
    def feature_encoder(self):
        return FunctionTransformer(halves)


def test_two_inputs(digits):
    options = {"loss": "mae", "optimizer": "sgd", "verbose": 0, "random_state": 0}
    network = OfHalves(build_of_halves, **options)
    settings = [{"random_state": seed} for seed in range(3)]
    fitted = network.fit_many(settings, *digits, [np.arange(128)] * 3)
    for one, setting in zip(fitted, settings):
        alone = clone(network).set_params(**setting).fit(digits[0][:128], digits[1][:128])
        assert_allclose(one.predict(digits[0]), alone.predict(digits[0]), rtol=1e-3, atol=1e-4)
    assert abs(fitted[0].predict(digits[0]) - fitted[1].predict(digits[0])).max() > 0.01


def test_numbers_in_several_processes(digits):
    options = {**OPTIONS, "loss": "mse", "metrics": None, "optimizer__learning_rate": 0.01}
    network = KerasRegressor(build_of_numbers, **options)
    several = {"refit": False, "scoring": "r2"}
    space = {"optimizer__learning_rate": loguniform(0.001, 0.01)}
    joint = search_of(network, space, n_jobs=2, **several).fit(*digits)
    assert_alike(joint, search_of(network, space, **several).fit(*digits))
