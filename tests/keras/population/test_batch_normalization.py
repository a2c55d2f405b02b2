"""Batch normalisation of samples of which some do not count."""

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_natsel.keras._population.batch_normalization import BatchNormalization

FEW = np.random.RandomState(0).normal(3, 2, size=(5, 4)).astype(np.float32)
FILLED = np.concatenate([FEW, np.full((3, 4), 1e6, np.float32)])
MASK = np.arange(8) < 5


@pytest.mark.parametrize("n_samples", [5, 1])
@pytest.mark.parametrize("n_features", [4, 1])
def test_samples_that_do_not_count_change_nothing(n_samples, n_features):
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization()
    mask = np.arange(8) < n_samples
    outputs = ours(FILLED[:, :n_features], training=True, mask=mask)
    expected = theirs(FEW[:n_samples, :n_features], training=True)
    assert_allclose(outputs[:n_samples], expected, rtol=1e-5, atol=1e-6)
    for one, other in zip(ours.get_weights(), theirs.get_weights()):
        assert_allclose(one, other, rtol=1e-5)


def test_without_a_mask_and_without_training_it_is_the_layer_of_keras():
    ours, theirs = BatchNormalization(), keras.layers.BatchNormalization()
    for training in (True, False):
        outputs, expected = (layer(FEW, training=training) for layer in (ours, theirs))
        np.testing.assert_array_equal(outputs, expected)
    assert_allclose(ours(FILLED, training=False, mask=MASK)[:5], expected, rtol=1e-6)
