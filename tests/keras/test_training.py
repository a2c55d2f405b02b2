"""Training and prediction of a network, without an estimator around it."""

import gc
import weakref

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

import sklearn_natsel.keras  # noqa: F401, prepares Keras
from sklearn_natsel.keras._backends import backend
from sklearn_natsel.keras._training import Training, predict, train

X = np.arange(40, dtype=np.float32)[:, np.newaxis]
EVEN, ODD = np.arange(0, 40, 2), np.arange(1, 40, 2)


class Recorder(keras.Model):
    """Learns nothing, and remembers the batches that it is given."""

    def __init__(self):
        super().__init__()
        self.trained_on, self.tested_on = [], []
        self.compile("sgd", "mse", run_eagerly=True)

    def call(self, inputs):
        return 2 * inputs

    def train_step(self, *state_and_batch):
        return record(self.trained_on, *state_and_batch)

    def test_step(self, *state_and_batch):
        return record(self.tested_on, *state_and_batch)


def record(batches, *state_and_batch):
    """Do what a step does; that of JAX is given a state, and returns it."""
    *state, batch = state_and_batch
    batches.append([keras.ops.convert_to_numpy(part) for part in batch])
    return ({"loss": 0.0}, *state) if state else {"loss": 0.0}


def trained(*arrays, rows=EVEN, validation_rows=None, **options):
    defaults = {"batch_size": 8, "steps_per_execution": 1, "seed": 0, "epochs": 1}
    network = Recorder()
    data = {"arrays": list(arrays) or [X, -X], "rows": rows, "validation_rows": validation_rows}
    return network, train(Training(network=network, **data, **{**defaults, **options}))


def order_of(network):
    return np.concatenate([features.ravel() for features, *_ in network.trained_on]).tolist()


def test_each_row_is_in_one_batch_of_an_epoch():
    network, history = trained(epochs=2)
    assert [len(features) for features, _ in network.trained_on] == [8, 8, 4] * 2
    order = order_of(network)
    assert sorted(order[:20]) == sorted(order[20:]) == EVEN.tolist()
    assert history["loss"] == [0.0, 0.0]


def test_the_seed_decides_the_order_which_each_epoch_changes():
    first, again, other = (order_of(trained(epochs=2, seed=s)[0]) for s in (0, 0, 1))
    assert first == again != other
    assert first[:20] != first[20:]
    assert first[:20] != EVEN.tolist()


def test_targets_and_weights_stay_with_their_features():
    network, _ = trained(X, -X, X.ravel() / 2)
    for features, targets, weights in network.trained_on:
        np.testing.assert_array_equal(targets, -features)
        np.testing.assert_array_equal(weights, features.ravel() / 2)


def test_validation_rows_are_not_trained_on():
    network, history = trained(validation_rows=ODD, epochs=2)
    assert sorted(order_of(network)[:20]) == EVEN.tolist()
    tested = [features.ravel().tolist() for features, _ in network.tested_on]
    assert tested == [ODD.tolist()] * 2
    assert history["val_loss"] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("n_rows", "chosen", "expected"), [(20, "auto", 20), (100, "auto", 64), (100, 7, 7)]
)
def test_steps_in_one_call_are_those_of_an_epoch_at_most_64(n_rows, chosen, expected):
    if chosen != "auto" and backend.longest_execution == 1:
        pytest.skip("Keras takes one batch after the other with this backend")
    arrays = [np.zeros((n_rows, 1), dtype=np.float32)] * 2
    network, _ = trained(*arrays, rows=np.arange(n_rows), batch_size=1, steps_per_execution=chosen)
    assert network.steps_per_execution == min(expected, backend.longest_execution)


def test_the_data_are_given_back():
    data = np.zeros((40, 3), dtype=np.float32)
    watched = weakref.ref(data)
    trained(data, X)
    del data
    gc.collect()
    assert watched() is None


def test_predictions_are_made_in_pieces_as_accurate_numbers():
    pieces = []

    class Doubling(Recorder):
        def call(self, inputs, training=None):
            assert training is False
            pieces.append(len(inputs))
            return 2 * inputs

    many = np.arange(5000, dtype=np.float32)[:, np.newaxis]
    outputs = predict(Doubling(), many)
    np.testing.assert_array_equal(outputs, 2 * many)
    assert outputs.dtype == np.float64
    assert max(pieces) < sum(pieces) == 5000
