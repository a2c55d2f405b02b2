import time

import numpy as np
import pytest
from sklearn.datasets import load_digits

pytest.importorskip("tensorflow")
pytest.importorskip("scikeras")

import keras

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier, DenseRegressor

X, Y = load_digits(return_X_y=True)
X = X / 16
TINY = {"neurons": 16, "learning_rate": 0.02, "random_state": 0}


def test_training_time_is_limited_and_what_was_learnt_is_kept():
    model = DenseClassifier(epochs=10_000, max_training_time=3, **TINY)
    started = time.perf_counter()
    model.fit(X, Y)
    assert time.perf_counter() - started < 15
    assert 1 < len(model.history_["loss"]) < 10_000
    assert model.score(X, Y) > 0.9


def test_training_stops_between_batches():
    model = DenseClassifier(
        epochs=5, batch_size=1, steps_per_execution=10, max_training_time=0.01, **TINY
    ).fit(X, Y)
    assert len(model.history_["loss"]) == 1
    assert int(model.model_.optimizer.iterations) == 10


def test_early_stopping_returns_to_the_best_weights():
    y = np.random.default_rng(0).permutation(Y)[:300]
    model = DenseClassifier(
        epochs=200, early_stopping=True, patience=2, validation_fraction=0.3, **TINY
    ).fit(X[:300], y)
    losses = model.history_["val_loss"]
    assert len(losses) == int(np.argmin(losses)) + 3 < 200
    _, rows = model._split_off_validation(np.arange(300), y.reshape(-1, 1))
    probabilities = model.predict_proba(X[rows])[np.arange(len(rows)), y[rows]]
    assert -np.log(probabilities).mean() == pytest.approx(min(losses), rel=1e-3)


def test_early_stopping_of_a_regressor_with_weights():
    model = DenseRegressor(epochs=3, early_stopping=True, **TINY)
    model.fit(X, Y / 9, sample_weight=np.linspace(0, 1, len(Y)))
    assert len(model.history_["val_loss"]) == 3


def test_callbacks_are_copied_for_each_training():
    halving = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model = DenseClassifier(epochs=2, callbacks=[halving], **TINY).fit(X, Y)
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.005)
    assert getattr(halving, "_model", None) is None


def test_cheap_search_and_full_final_training(tmp_path):
    import joblib

    search = GeneticSearchCV(
        DenseClassifier(epochs=1, **TINY),
        {"batch_size": [16, 32], "optimizer": ["adam", "adamax"]},
        refit_params={"epochs": 30, "early_stopping": True},
        max_evaluations=2,
        cv=2,
        random_state=0,
    ).fit(X, Y)
    assert len(search.best_estimator_.history_["val_loss"]) > 5
    assert search.score(X, Y) > search.best_score_ + 0.02
    search.best_estimator_.model_.save(tmp_path / "network.keras")
    network = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_allclose(
        network.predict(X, verbose=0), search.predict_proba(X), rtol=1e-4, atol=1e-6
    )
    joblib.dump(search, tmp_path / "search.joblib")
    loaded = joblib.load(tmp_path / "search.joblib")
    np.testing.assert_array_equal(loaded.predict_proba(X), search.predict_proba(X))
    assert loaded.best_params_ == search.best_params_
