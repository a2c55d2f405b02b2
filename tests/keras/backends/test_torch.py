"""Torch: no graph of gradients is kept for a prediction."""

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

if keras.backend.backend() != "torch":
    pytest.skip("Keras runs on another backend", allow_module_level=True)

import torch

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._backends import backend


class Watching(keras.Model):
    def call(self, inputs, training=None):
        self.was_recording = torch.is_grad_enabled()
        return inputs


def test_predictions_record_no_gradients():
    network = Watching()
    backend.outputs(network, np.zeros((2, 3), dtype=np.float32))
    assert network.was_recording is False


def test_several_batches_in_one_call_are_refused_by_name(iris):
    with pytest.raises(ValueError, match="steps_per_execution"):
        DenseClassifier(steps_per_execution=2).fit(*iris)
