"""TensorFlow: it takes a search for a mistake, and would keep the data."""

import gc
import logging
import weakref

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

if keras.backend.backend() != "tensorflow":
    pytest.skip("Keras runs on another backend", allow_module_level=True)

from sklearn_natsel.keras._backends import backend


def test_only_messages_about_many_networks_are_held_back(caplog):
    logger = logging.getLogger("tensorflow")
    logger.warning("5 out of the last 5 calls triggered tf.function retracing.")
    logger.warning("something else")
    assert "retracing" not in caplog.text
    assert "something else" in caplog.text


def test_batches_do_not_keep_the_arrays_once_they_are_taken_away():
    arrays = [np.zeros((8, 2), dtype=np.float32)]
    watched = weakref.ref(arrays[0])
    assert len(list(backend.batches(arrays, np.arange(8), 4, seed=0))) == 2
    arrays.clear()
    gc.collect()
    assert watched() is None


def test_updates_are_for_optimizers_of_keras():
    assert set(backend.updates) == {
        keras.optimizers.Adam,
        keras.optimizers.AdamW,
        keras.optimizers.Adamax,
    }
