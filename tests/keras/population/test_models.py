"""Any models are trained as Keras trains them, alone and in groups."""

import jax
import keras
import numpy as np
import pytest
from keras import layers
from numpy.testing import assert_allclose

from sklearn_natsel.keras._population import groups, models, programs
from sklearn_natsel.keras._population.models import ModelTraining, train_models


def own_loss(y, outputs):
    return keras.ops.square(y - outputs) + keras.ops.abs(outputs)


def manifold():
    """A bit of all: two inputs, convolutions, penalties, noise, a loss and a rate of one's own."""
    image, row = layers.Input((8, 8, 1), name="image"), layers.Input((64,), name="row")
    penalty = keras.regularizers.L2(0.01)
    of_image = layers.Conv2D(2, 3, strides=3, kernel_regularizer=penalty)(image)
    of_row = layers.BatchNormalization()(layers.Dense(4, "relu")(row))
    joined = layers.Concatenate()([layers.Flatten()(of_image), layers.Dropout(0.2)(of_row)])
    model = keras.Model({"image": image, "row": row}, layers.Dense(1)(joined))
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 20)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=0.1, clipnorm=1.0)
    model.compile(optimizer, own_loss, weighted_metrics=["mae"])
    return model


class OwnStep(keras.Sequential):
    def train_step(self, state, data):
        logs, state = super().train_step(state, data)
        return {"own": logs["loss"] * 2}, state


def with_own_step(rate=0.1):
    model = OwnStep([layers.Input((64,)), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


@pytest.fixture
def samples(digits):
    X, y = digits[0][:75], digits[1][:75].astype(np.float32)
    both = {"image": X[:64].reshape(-1, 8, 8, 1), "row": X[:64]}
    # The last batch of one of them is smaller.
    return {manifold: (both, y[:64]), with_own_step: (X, y)}


def training_of(model, *data, epochs=2, **options):
    generator = np.random.RandomState(0)
    options |= {"batch_size": 32, "epochs": epochs}
    return ModelTraining(model=model, data=data, generator=generator, **options)


def trained_by_keras(model, x, y, weights):
    """Let Keras train with the orders of the samples that our generator draws."""
    rng, history = np.random.RandomState(0), {}
    for epoch in (1, 2):
        rows = rng.permutation(len(y))
        ordered = {k: v[rows] for k, v in x.items()} if isinstance(x, dict) else x[rows]
        options = {"initial_epoch": epoch, "epochs": epoch + 1, "shuffle": False, "verbose": 0}
        of_epoch = model.fit(ordered, y[rows], sample_weight=weights[rows], **options).history
        for name, (value,) in of_epoch.items():
            history.setdefault(name, []).append(value)
    return history


@pytest.mark.parametrize("make", [manifold, with_own_step])
def test_a_training_is_that_of_keras(make, samples):
    x, y = samples[make]
    data = x, y, np.linspace(0.1, 1, len(y), dtype=np.float32)
    keras.utils.set_random_seed(1)
    ours = make()
    keras.utils.set_random_seed(1)
    theirs = make()
    (history,) = train_models([training_of(ours, *data, initial_epoch=1, epochs=3)])
    expected = trained_by_keras(theirs, *data)
    assert history.keys() == expected.keys()
    for name, values in history.items():
        assert_allclose(values, expected[name], rtol=1e-4)
    for value, same in zip(ours.variables, theirs.variables):
        assert_allclose(np.asarray(value), np.asarray(same), rtol=1e-3, atol=1e-3)
    assert int(ours.optimizer.iterations) == int(theirs.optimizer.iterations)


def test_what_is_no_number_stays_in_its_network(samples, monkeypatch):
    monkeypatch.setattr(groups, "_GROUP_SIZES", {"cpu": 3, "gpu": 3})
    together = [with_own_step(rate) for rate in (0.1, 1e30, 0.1)]
    for model in together:
        model.set_weights(together[0].get_weights())
    data = samples[with_own_step]
    first, broken, last = train_models([training_of(model, *data, epochs=3) for model in together])
    assert first == last
    assert np.isfinite(first["own"]).all()
    assert not np.isfinite(broken["own"]).all()


def test_each_keeps_its_numbers_if_programs_are_forgotten_in_between(samples, monkeypatch):
    monkeypatch.setattr(groups, "_GROUP_SIZES", {"cpu": 2, "gpu": 2})
    monkeypatch.setattr(programs, "_MOST_PROGRAMS", 1)
    data = samples[with_own_step]

    def with_penalty(l2):
        keras.utils.set_random_seed(0)
        dense = layers.Dense(1, kernel_regularizer=keras.regularizers.L2(l2))
        model = keras.Sequential([layers.Input((64,)), dense])
        model.compile("sgd", "mse")
        return model

    def histories(penalties):
        return train_models([training_of(with_penalty(l2), *data) for l2 in penalties])

    # There are two sizes of batches: the step of one makes that of the other forgotten.
    assert histories([0.0, 1.0]) == [*histories([0.0]), *histories([1.0])]


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="is about CPUs")
def test_convolutions_are_not_stacked(digits, monkeypatch):
    monkeypatch.setattr(groups, "_GROUP_SIZES", {"cpu": 2})
    sizes, train = [], models._train_group
    monkeypatch.setattr(models, "_train_group", lambda *of: sizes.append(len(of[0])) or train(*of))

    def convolutional():
        parts = [layers.Conv2D(1, 3), layers.GlobalMaxPooling2D()]
        model = keras.Sequential([layers.Input((8, 8, 1)), *parts])
        model.compile("sgd", "mse")
        return model

    images, y = digits[0][:32].reshape(-1, 8, 8, 1), digits[1][:32]
    train_models([training_of(convolutional(), images, y) for _ in range(2)])
    assert sizes == [1, 1]
    train_models([training_of(with_own_step(), digits[0][:32], y) for _ in range(2)])
    assert sizes == [1, 1, 2]


def test_models_that_keras_must_train(samples, monkeypatch):
    class Branching(layers.Layer):
        def compute_output_shape(self, shape):
            return shape

        def call(self, inputs):
            return -inputs if inputs[0, 0] > 0 else inputs

    model = keras.Sequential([layers.Input((64,)), Branching(), layers.Dense(1)])
    model.compile("sgd", "mse")
    trainings = [
        training_of(model, *samples[with_own_step]),
        training_of(with_own_step(), np.array([["a"]] * 9), np.zeros(9)),
    ]
    assert train_models(trainings) == [None, None]

    def refuse(*arguments):
        raise NotImplementedError("no batching rule")

    monkeypatch.setattr(models, "_train_group", refuse)
    assert train_models([training_of(with_own_step(), *samples[with_own_step])]) == [None]
