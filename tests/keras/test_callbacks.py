"""Callbacks of a training: the user's, and those that end it."""

import time

import numpy as np
import pytest
from sklearn.datasets import load_digits

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._backends import backend
from sklearn_natsel.keras._callbacks import TrainingTime, make_callbacks

X, Y = load_digits(return_X_y=True)
X = X / 16
TINY = {"neurons": 16, "learning_rate": 0.02, "random_state": 0}


def test_only_what_is_asked_for():
    assert make_callbacks(None, patience=None, max_training_time=None) == []
    early, limit = make_callbacks([], patience=4, max_training_time=2.5)
    assert isinstance(early, keras.callbacks.EarlyStopping)
    assert early.patience == 4
    assert isinstance(limit, TrainingTime)
    assert limit.seconds == 2.5


def test_what_is_no_callback_is_an_error():
    with pytest.raises(ValueError, match=r"The 'callbacks' parameter .* Got 'x' in it"):
        DenseClassifier(callbacks=["x"]).fit(X, Y)


def test_callbacks_are_copied_for_each_training():
    halving = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    model = DenseClassifier(epochs=2, callbacks=[halving], **TINY).fit(X, Y)
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.005)
    assert getattr(halving, "_model", None) is None


def test_training_time_is_limited_and_what_was_learnt_is_kept():
    model = DenseClassifier(epochs=10_000, max_training_time=2, **TINY)
    started = time.perf_counter()
    model.fit(X, Y)
    assert time.perf_counter() - started < 15
    assert 1 < len(model.history_["loss"]) < 10_000
    assert model.score(X, Y) > 0.9


def test_training_stops_between_batches():
    steps = min(10, backend.longest_execution)
    model = DenseClassifier(
        epochs=5, batch_size=1, steps_per_execution=steps, max_training_time=0.01, **TINY
    ).fit(X, Y)
    assert len(model.history_["loss"]) == 1
    assert int(model.model_.optimizer.iterations) == steps
    assert np.isfinite(model.history_["loss"]).all()
