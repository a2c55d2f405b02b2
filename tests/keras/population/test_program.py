"""A compiled epoch does what Keras does."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._population.group import train_group
from sklearn_natsel.keras._population.program import Program, State, program_of
from sklearn_natsel.keras._population.structure import Structure, structure_of
from sklearn_natsel.keras._training import PREDICTION_BATCH, train

LIKE_KERAS = [
    {},
    {"optimizer": "adamw", "weight_decay": 0.1},
    {"optimizer": "sgd", "weight_decay": 0.1, "learning_rate": 0.1},
    {"optimizer": "nadam", "hidden_activation": "elu"},
    {"batch_normalization": True, "batch_size": 100},
    {"batch_normalization": True, "batch_size": 130},  # with a rest
    {"batch_normalization": True, "neurons": 1},
    # Without Adam and ReLU, which make much of what is zero but for rounding.
    {
        "batch_normalization": True,
        "batch_size": 1,
        "optimizer": "sgd",
        "hidden_activation": "elu",
    },
    {"loss": keras.losses.CategoricalCrossentropy(label_smoothing=0.1)},
    {"n_hidden_layers": 0, "input_dropout": 1e-9},
]


@pytest.mark.parametrize("params", LIKE_KERAS, ids=", ".join)
def test_an_epoch_is_one_of_keras(begin, digits, params):
    training, same = begin(epochs=1, **params), begin(epochs=1, **params)
    (history,) = train_group(program_of(structure_of(training)), [training], digits[0])
    order = np.random.default_rng(training.seed).permutation(training.rows)
    X, targets = (array[order] for array in same.arrays)
    expected = same.network.fit(
        X, targets, batch_size=same.batch_size, shuffle=False, verbose=0
    ).history
    assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
    for ours, theirs in zip(training.network.get_weights(), same.network.get_weights()):
        assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_learning_rates_are_those_of_keras(begin, digits, schedule):
    params = {"learning_rate_schedule": schedule, "optimizer": "adamw", "weight_decay": 0.1}
    # All samples in each step, so that their order does not matter.
    params |= {"epochs": 9, "learning_rate": 0.01, "batch_size": 300}
    training, same = begin(**params), begin(**params)
    (history,) = train_group(program_of(structure_of(training)), [training], digits[0])
    assert_allclose(history["loss"], train(same)["loss"], rtol=1e-5)
    for ours, theirs in zip(training.network.get_weights(), same.network.get_weights()):
        assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)


def test_the_loss_of_validation_samples_is_that_of_keras(begin, digits):
    """Of more than are predicted at once, behind batch normalisation."""
    X, y = np.tile(digits[0], (8, 1)), np.tile(digits[1], 8)
    assert 0.9 * len(X) > PREDICTION_BATCH
    estimator = DenseClassifier(
        epochs=1,
        neurons=8,
        n_hidden_layers=1,
        batch_normalization=True,
        early_stopping=True,
        validation_fraction=0.9,
        random_state=0,
    )
    watched = clone(estimator).set_params(callbacks=[keras.callbacks.Callback()])
    histories = [network.fit(X, y).history_ for network in (estimator, watched)]
    assert_allclose(histories[0]["val_loss"], histories[1]["val_loss"], rtol=1e-4)


def test_programs_are_kept(begin):
    assert program_of(structure_of(begin())) is program_of(structure_of(begin(learning_rate=0.1)))


def test_dropout_leaves_the_mean_as_it_is():
    layers = [keras.layers.Input((3,)), keras.layers.Dropout(0.25), keras.layers.Dense(1)]
    network = keras.Sequential(layers)
    network.compile("sgd", "mse")
    network.set_weights([np.array([[1.0], [2.0], [4.0]]), np.zeros(1)])
    stacked = Program(Structure("", network))
    weights = [variable.value for variable in network.trainable_variables]
    others = [variable.value for variable in network.non_trainable_variables]
    state, many = State(weights, others, []), np.ones((20_000, 3), np.float32)
    key = np.uint32(0)
    trained, _ = stacked._outputs(state, many, np.ones(20_000), np.array([0.25]), key)
    assert len(np.unique(np.round(trained, 3))) == 8
    assert_allclose(np.mean(trained), 7, rtol=0.01)
    predicted, _ = stacked._outputs(state, many, np.ones(20_000), None, None)
    assert_allclose(predicted, 7)
