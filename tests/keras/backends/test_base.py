"""What is done in the same way with most backends: batches and outputs by Keras and NumPy."""

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras._backends import backend
from sklearn_natsel.keras._backends.base import Backend

X = np.arange(10, dtype=np.float32)[:, np.newaxis]
ROWS = np.arange(1, 9)
BACKENDS = pytest.mark.parametrize("own", [Backend(), backend], ids=["common", "this"])


def batches(own, seed, epochs=1):
    data = own.batches([X, -X], ROWS, 3, seed)
    steps = range(len(data))
    is_indexed = isinstance(data, keras.utils.PyDataset)
    for _ in range(epochs):
        if is_indexed:
            data.on_epoch_begin()
        yield [
            [keras.ops.convert_to_numpy(part).ravel().tolist() for part in batch]
            for batch in ([data[i] for i in steps] if is_indexed else data)
        ]


@BACKENDS
def test_batches_without_a_seed_keep_the_order_and_the_rest_is_the_last_one(own):
    (epoch,) = batches(own, seed=None)
    assert epoch == [
        [[1, 2, 3], [-1, -2, -3]],
        [[4, 5, 6], [-4, -5, -6]],
        [[7, 8], [-7, -8]],
    ]


@BACKENDS
def test_a_seed_decides_the_order_of_each_epoch(own):
    first, second = batches(own, seed=0, epochs=2)
    assert first != second
    assert [first, second] == list(batches(own, seed=0, epochs=2))
    assert first != next(batches(own, seed=1))
    for epoch in (first, second):
        assert sorted(x for features, _ in epoch for x in features) == ROWS.tolist()
        assert all(targets == [-x for x in features] for features, targets in epoch)


@BACKENDS
def test_outputs_are_those_of_the_network_when_it_is_not_trained(own):
    network = keras.Sequential(
        [keras.layers.Input((1,)), keras.layers.Dropout(0.9), keras.layers.Dense(2)]
    )
    weights = np.array([[1.0, 2.0]])
    network.set_weights([weights, np.zeros(2)])
    outputs = own.outputs(network, X)
    assert isinstance(outputs, np.ndarray)
    np.testing.assert_allclose(outputs, X * weights)
