"""What all networks share: training, its randomness, prediction, errors."""

import pickle
import random

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier, DenseRegressor
from sklearn_natsel.keras._backends import backend

TINY = {
    "n_hidden_layers": 1,
    "neurons": 16,
    "dropout": 0.2,
    "epochs": 5,
    "learning_rate": 0.05,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def model(iris):
    return DenseClassifier(**TINY).fit(*iris)


def test_the_loss_falls_and_is_kept(model):
    losses = model.history_["loss"]
    assert len(losses) == 5
    assert losses[-1] < losses[0] / 2


def test_random_state_decides(iris, model):
    again, other = (DenseClassifier(**{**TINY, "random_state": s}).fit(*iris) for s in (0, 1))
    assert again.history_ == model.history_
    assert other.history_ != model.history_
    np.testing.assert_array_equal(again.predict_proba(iris[0]), model.predict_proba(iris[0]))


@pytest.mark.parametrize("random_state", [0, None])
def test_global_generators_stay_untouched(iris, random_state):
    before, python_before = np.random.get_state()[1].tolist(), random.getstate()
    DenseClassifier(**{**TINY, "random_state": random_state, "epochs": 1}).fit(*iris)
    assert np.random.get_state()[1].tolist() == before
    assert random.getstate() == python_before


def test_partial_fit_goes_on(iris):
    model = DenseClassifier(**TINY)
    for _ in range(3):
        model.partial_fit(*iris)
    assert len(model.history_["loss"]) == 3
    assert model.history_["loss"][2] < model.history_["loss"][0]


def test_a_later_part_may_be_larger():
    network = DenseRegressor(n_hidden_layers=0, callbacks=[keras.callbacks.Callback()])
    X = np.random.RandomState(0).normal(size=(3200, 2))
    for rows in (slice(32), slice(None)):
        network.partial_fit(X[rows], X[rows, 0])
    assert int(network.model_.optimizer.iterations) == 1 + 100


def test_who_watches_the_training_changes_nothing(iris):
    """But for rounding, and for dropout with JAX, which is drawn by the program for many."""
    model = DenseClassifier(**{**TINY, "dropout": 0.0, "learning_rate": 0.01, "epochs": 3})
    watchers = {"max_training_time": 1e6, "callbacks": [keras.callbacks.Callback()]}
    outputs = [
        network.fit(*iris).predict_proba(iris[0])
        for network in (model, clone(model).set_params(**watchers))
    ]
    np.testing.assert_allclose(*outputs, atol=1e-5)


def test_a_fit_that_fails_leaves_what_was_learnt_or_nothing(iris):
    X, y = iris
    model = DenseClassifier(**TINY).fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="NaN"):
        model.fit(np.full_like(X, np.nan), y)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.classes_.tolist() == ["se", "ve", "vi"]
    with pytest.raises(ValueError, match="kernel_initializer"):
        model.set_params(kernel_initializer="typo").fit(X, np.char.add("other ", y))
    with pytest.raises(NotFittedError):  # the old network with the new classes would be wrong
        model.predict(X)
    for wrong in ({"horizontal_flip": True}, {"callbacks": [1]}):
        model = DenseClassifier(**TINY, **wrong)
        with pytest.raises((AttributeError, ValueError)):
            model.fit(X, y)
        with pytest.raises(NotFittedError):  # a network was built, and has not learnt
            model.predict(X)


def test_partial_fit_knows_its_classes(iris):
    X, y = iris
    few, all_classes = y != "vi", ["ve", "vi", "se"]
    model = DenseClassifier(**TINY).partial_fit(X[few], y[few], classes=all_classes)
    model.partial_fit(X, y).partial_fit(X, y, classes=all_classes)
    assert model.predict_proba(X).shape == (len(X), 3)
    with pytest.raises(ValueError, match=r"'classes' parameter must be the same.*Got .*'vo'"):
        model.partial_fit(X, y, classes=["se", "ve", "vo"])
    with pytest.raises(ValueError, match=r"y has the classes .*'vi'.*'classes' parameter"):
        DenseClassifier(**TINY).partial_fit(X[few], y[few]).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y has the classes .*'vi'.*'classes' parameter"):
        DenseClassifier(**TINY).partial_fit(X, y, classes=["se", "ve"])


def test_pickle_and_clone_of_a_fitted_estimator(iris, model):
    pipeline = make_pipeline(StandardScaler(), model)
    pipeline[0].fit(iris[0])
    copy = pickle.loads(pickle.dumps(pipeline))
    np.testing.assert_array_equal(copy.predict_proba(iris[0]), pipeline.predict_proba(iris[0]))
    with pytest.raises(NotFittedError):
        clone(pipeline)[-1].predict(iris[0])


@pytest.mark.parametrize("name", ["epochs", "batch_size", "patience"])
def test_invalid_parameters_are_named(iris, name):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of DenseClassifier .* Got 0"):
        DenseClassifier(**{name: 0}).fit(*iris)


@pytest.mark.parametrize("parameter", ["optimizer", "loss"])
def test_names_that_keras_does_not_know(iris, parameter):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter .* Got 'nonsense' instead"):
        DenseClassifier(**TINY, **{parameter: "nonsense"}).fit(*iris)


def test_early_stopping_returns_to_the_best_weights():
    X, y = load_digits(return_X_y=True)
    X, y = X[:300] / 16, np.random.default_rng(0).permutation(y)[:300]
    model = DenseClassifier(
        neurons=16,
        learning_rate=0.02,
        random_state=0,
        epochs=200,
        early_stopping=True,
        patience=2,
        validation_fraction=0.3,
    ).fit(X, y)
    losses = model.history_["val_loss"]
    assert len(losses) == int(np.argmin(losses)) + 3 < 200
    _, rows = model._split_off_validation(np.arange(300), y.reshape(-1, 1))
    probabilities = model.predict_proba(X[rows])[np.arange(len(rows)), y[rows]]
    assert -np.log(probabilities).mean() == pytest.approx(min(losses), rel=1e-3)


def test_early_stopping_of_a_regressor_with_weights(iris):
    X = iris[0]
    model = DenseRegressor(**{**TINY, "epochs": 3}, early_stopping=True)
    model.fit(X[:, 1:], X[:, 0], sample_weight=np.linspace(0, 1, len(X)))
    assert len(model.history_["val_loss"]) == 3


def test_too_little_to_set_aside_is_told(iris):
    model = DenseClassifier(early_stopping=True, validation_fraction=0.01)
    with pytest.raises(ValueError, match=r"'validation_fraction' of 0.01 of 150 samples"):
        model.fit(*iris)


def test_cheap_search_and_full_final_training(iris, tmp_path):
    import joblib
    import keras

    X, y = iris
    search = GeneticSearchCV(
        DenseClassifier(**{**TINY, "epochs": 1, "learning_rate": 0.005}),
        {"batch_size": [16, 32], "optimizer": ["adam", "adamax"]},
        refit_params={"epochs": 30, "early_stopping": True},
        max_evaluations=2,
        cv=2,
        random_state=0,
    ).fit(X, y)
    assert len(search.best_estimator_.history_["val_loss"]) > 5
    assert search.score(X, y) > search.best_score_ + 0.02
    search.best_estimator_.model_.save(tmp_path / "network.keras")
    network = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(
        network.predict(X.astype("float32"), verbose=0),
        search.predict_proba(X),
        rtol=1e-4,
        atol=1e-6,
    )
    joblib.dump(search, tmp_path / "search.joblib")
    loaded = joblib.load(tmp_path / "search.joblib")
    np.testing.assert_array_equal(loaded.predict_proba(X), search.predict_proba(X))
    assert loaded.best_params_ == search.best_params_


def test_several_fits_at_once_are_offered_where_they_are_faster():
    assert hasattr(DenseClassifier(), "fit_many") == backend.trains_together


class OwnFit(DenseClassifier):
    def fit(self, X, y, sample_weight=None):
        return super().fit(X, y, sample_weight)


def test_who_fits_otherwise_is_fitted_alone():
    assert not hasattr(OwnFit(), "fit_many")


TOGETHER = pytest.mark.skipif(not backend.trains_together, reason="needs JAX as the backend")


def fit_each(estimator, settings, X, y, splits, sample_weight=None):
    """Do what `fit_many` does, one by one."""
    weights = [None if sample_weight is None else sample_weight[rows] for rows in splits]
    return [
        clone(estimator).set_params(**setting).fit(X[rows], y[rows], weight)
        for setting, rows, weight in zip(settings, splits, weights)
    ]


@TOGETHER
@pytest.mark.parametrize("weights", [None, np.tile([0, 1, 2], 50)], ids=["alike", "weighed"])
def test_many_fits_are_as_good_as_single_ones(iris, weights):
    X, y = iris
    settings = [{"neurons": n, "learning_rate": r} for n in (8, 16) for r in (0.01, 0.05)]
    splits = [np.arange(0, 150, 2), np.arange(1, 150, 3)] * 2
    estimator = DenseClassifier(**TINY)
    many = estimator.fit_many(settings, X, y, splits, weights)
    for one, alone in zip(many, fit_each(estimator, settings, X, y, splits, weights)):
        assert one.get_params() == alone.get_params()
        assert vars(one).keys() == vars(alone).keys()
        np.testing.assert_allclose(one.history_["loss"], alone.history_["loss"], rtol=1e-4)
        np.testing.assert_allclose(one.predict_proba(X), alone.predict_proba(X), atol=1e-5)
    assert not hasattr(estimator, "model_")


@TOGETHER
def test_classes_of_a_split_are_its_own(iris):
    X, y = iris
    splits = [np.arange(100), np.arange(50, 150), np.arange(150)]
    many = DenseClassifier(**TINY).fit_many([{}] * 3, X, y, splits)
    assert [one.classes_.tolist() for one in many] == [["se", "ve"], ["ve", "vi"], [*np.unique(y)]]
    assert [len(one.predict_proba(X)[0]) for one in many] == [2, 2, 3]


@TOGETHER
def test_a_fit_that_fails_fails_alone(iris):
    X, y = iris
    rows = np.arange(150)
    settings = [{}, {"neurons": 0}, {"verbose": 2}, {"optimizer": "nonsense"}, {"epochs": 1}]
    first, wrong, alone, unknown, last = DenseClassifier(**TINY).fit_many(
        settings, X, y, [rows] * 5
    )
    assert len(first.history_["loss"]) == 5
    assert len(last.history_["loss"]) == 1
    assert isinstance(wrong, ValueError)
    assert "The 'neurons' parameter of DenseClassifier" in str(wrong)
    assert "Got 'nonsense'" in str(unknown)
    assert alone is None


@TOGETHER
def test_data_that_some_splits_cannot_take_are_left_to_single_fits(iris):
    X = iris[0].copy()
    X[0, 0] = np.nan
    assert DenseClassifier(**TINY).fit_many([{}], X, iris[1], [np.arange(1, 150)]) == [None]


@TOGETHER
def test_negative_rows_count_from_the_end(iris):
    X, y = iris
    rows = np.arange(-100, 0)
    (one,) = DenseClassifier(**TINY).fit_many([{}], X, y, [rows])
    alone = DenseClassifier(**TINY).fit(X[rows], y[rows])
    np.testing.assert_allclose(one.predict_proba(X), alone.predict_proba(X), atol=1e-5)


@TOGETHER
def test_sparse_data_are_left_to_single_fits(iris):
    X = sparse.csr_array(iris[0])
    assert DenseClassifier(**TINY).fit_many([{}], X, iris[1], [np.arange(150)]) == [None]


@TOGETHER
def test_many_regressors_of_images_in_a_data_frame_of_targets():
    pd = pytest.importorskip("pandas")
    images = np.random.default_rng(0).normal(size=(60, 2, 3))
    targets = pd.DataFrame(images.mean(axis=2), columns=["top", "bottom"])
    rows = np.arange(10, 60)
    estimator = DenseRegressor(**TINY, flatten=True)
    (one,) = estimator.fit_many([{}], images, targets, [rows])
    alone = clone(estimator).fit(images[rows], targets.iloc[rows])
    np.testing.assert_allclose(one.predict(images), alone.predict(images), atol=1e-5)


def test_images_of_any_layout_are_copied_once():
    images = np.zeros((9, 3, 4, 4), np.float32).transpose(0, 2, 3, 1)
    network = DenseRegressor(flatten=True)
    checked, _ = network._check_arrays(images, None, reset=True)
    assert np.shares_memory(network._arrange_samples(checked), checked)
