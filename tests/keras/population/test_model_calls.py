"""Which calls of Keras' `fit` and `predict` are answered here."""

import keras
import numpy as np
import pytest
from keras import layers

from sklearn_natsel.keras._population.model_calls import predictions_of, training_of

X, Y = np.zeros((9, 2)), np.zeros(9)


def model_of(kind=keras.Sequential, **options):
    model = kind([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", **options)
    return model


class OwnLoop(keras.Sequential):
    def fit(self, *arguments, **options):
        return super().fit(*arguments, **options)

    def predict(self, *arguments, **options):
        return super().predict(*arguments, **options)


def test_what_is_trained_follows_from_the_call():
    training = training_of(
        model_of(), X, Y, sample_weight=Y + 1, verbose=0, batch_size=4, initial_epoch=2, epochs=5
    )
    assert (training.initial_epoch, training.epochs) == (2, 5)
    assert training.sizes() == [4, 1]
    assert len(training.data) == 3
    assert sorted(training.order()) == list(range(9))
    assert training_of(model_of(), X, Y, verbose=0).sizes() == [9]
    in_order = training_of(model_of(), X, Y, verbose=0, shuffle=False)
    assert in_order.order().tolist() == list(range(9))


@pytest.mark.parametrize(
    "option",
    [
        {"verbose": 1},
        {"verbose": "auto"},
        {"callbacks": [keras.callbacks.TerminateOnNaN()]},
        {"validation_split": 0.1},
        {"validation_data": (X, Y)},
        {"class_weight": {0: 1.0}},
        {"steps_per_epoch": 2},
        {"shuffle": "batch"},
        {"epochs": 0},
        {"initial_epoch": 1},
        {"batch_size": -5},
        {"x": X.astype(object)},
        {"x": [X, X[:3]]},
        {"y": [Y, Y], "sample_weight": Y},
    ],
    ids=lambda option: next(iter(option)),
)
def test_calls_that_keras_must_answer(option):
    call = {"x": X, "y": Y, "verbose": 0}
    assert training_of(model_of(), **call) is not None
    assert training_of(model_of(), **{**call, **option}) is None


@pytest.mark.parametrize(
    "model",
    [model_of(OwnLoop), model_of(run_eagerly=True), model_of(jit_compile=False)],
    ids=["own loop", "eagerly", "uncompiled"],
)
def test_models_that_keras_must_train(model):
    assert training_of(model, X, Y, verbose=0) is None
    assert predictions_of(model, {}, X, verbose=0) is None


def test_orders_are_those_of_a_seed_and_change_without_one():
    def orders(seed=None):
        if seed is not None:
            np.random.seed(seed)
        return [training_of(model_of(), X, Y, verbose=0).order().tolist() for _ in range(2)]

    before = np.random.get_state()
    try:
        first, second = orders(seed=1)
        assert first != second
        assert orders(seed=1) == [first, second]
        assert orders() != [first, second]
    finally:
        np.random.set_state(before)


def test_predictions_are_made_once_for_inputs_of_a_kind():
    model, known = model_of(), {}
    assert predictions_of(model, known, X, verbose=0).shape == (9, 1)
    (made,) = known.values()
    predictions_of(model, known, X[:3], verbose=0)
    assert list(known.values()) == [made]
    predictions_of(model, known, X, verbose=0, batch_size=2)
    assert len(known) == 2
    assert predictions_of(model, known, X, verbose=1) is None
    assert predictions_of(model, known, X, verbose=0, steps=1) is None
    assert predictions_of(model, known, np.array([["a"]]), verbose=0) is None
    assert predictions_of(model, known, np.zeros((3, 5)), verbose=0) is None
