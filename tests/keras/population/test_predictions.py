"""Predictions are those of Keras, by programs that models share."""

import keras
import numpy as np
from keras import layers
from numpy.testing import assert_allclose

from sklearn_natsel.keras._population import programs
from sklearn_natsel.keras._population.predictions import Predictions


class Noisy(layers.Layer):
    """Draws anew in each prediction."""

    def __init__(self, scale):
        super().__init__()
        self.scale, self.seeds = scale, keras.random.SeedGenerator(0)

    def call(self, inputs):
        shape = keras.ops.shape(inputs)
        return inputs + self.scale * keras.random.normal(shape, seed=self.seeds)


def two_outputs(scale=0.5):
    inputs = layers.Input((64,), name="features")
    outputs = [layers.Dense(2)(Noisy(scale)(inputs)), layers.Dense(1)(inputs)]
    return keras.Model({"features": inputs}, outputs)


def test_predictions_are_those_of_keras(digits):
    X = digits[0][:75].astype(np.float64)
    keras.utils.set_random_seed(0)
    ours = two_outputs()
    keras.utils.set_random_seed(0)
    theirs = two_outputs()
    predict = Predictions(ours, {"features": X[:1]}, 25)
    for n in (75, 50):
        outputs = predict({"features": X[:n]})
        expected = theirs.predict({"features": X[:n]}, batch_size=25, verbose=0)
        assert [part.shape for part in outputs] == [(n, 2), (n, 1)]
        for part, same in zip(outputs, expected):
            assert part.dtype == same.dtype
            assert_allclose(part, same, rtol=1e-4, atol=1e-5)
    before = outputs[1]
    ours.layers[-1].bias.assign([7.0])
    assert_allclose(predict({"features": X[:50]})[1], before + 7, rtol=1e-4)


def test_the_last_batch_may_be_smaller(digits):
    model = keras.Sequential([layers.Input((64,)), layers.Dense(2)])
    expected = keras.ops.convert_to_numpy(model(digits[0]))
    assert_allclose(Predictions(model, digits[0], 128)(digits[0]), expected, rtol=1e-4, atol=1e-5)
    few = digits[0][:3]
    assert_allclose(Predictions(model, few, 128)(few), expected[:3], rtol=1e-4, atol=1e-5)


def test_models_that_do_the_same_share_a_program(digits, monkeypatch):
    monkeypatch.setattr(programs, "_programs", {})
    for scale in (0.1, 0.2):
        Predictions(two_outputs(scale), {"features": digits[0]}, 10)
    assert len(programs._programs) == 1
