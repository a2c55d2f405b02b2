"""Which networks one program can train, and which must be trained alone."""

import keras
import numpy as np
import pytest

from sklearn_natsel.keras._population.structure import room_for, structure_of

ALIKE = [
    {"dropout": 0.3},
    {"learning_rate": 0.1},
    {"weight_decay": 0.01},
    {"random_state": 1},
    {"kernel_initializer": "he_normal"},
    {"epochs": 5},
]
UNLIKE = [
    {"neurons": 9},
    {"n_hidden_layers": 2},
    {"dropout": 0.0},
    {"hidden_activation": "elu"},
    {"batch_normalization": True},
    {"optimizer": "adamax"},
    {"learning_rate_schedule": "cosine"},
    {"loss": "mse"},
    {"batch_size": 64},
    {"early_stopping": True},
]
ALONE = [
    {"callbacks": [keras.callbacks.TerminateOnNaN()]},
    {"max_training_time": 60.0},
    {"verbose": 2},
    {"loss": keras.losses.CategoricalCrossentropy(reduction="sum")},
    {"loss": "dice"},
    {"loss": keras.losses.CosineSimilarity(axis=0)},
    {"optimizer": "muon", "weight_decay": 0.1},
]


@pytest.mark.parametrize("params", ALIKE, ids=", ".join)
def test_data_of_a_program(begin, params):
    assert structure_of(begin(dropout=0.1)) == structure_of(begin(**{"dropout": 0.1, **params}))


@pytest.mark.parametrize("params", UNLIKE, ids=", ".join)
def test_other_programs(begin, params):
    one, other = structure_of(begin(dropout=0.1)), structure_of(begin(**{"dropout": 0.1, **params}))
    assert None not in (one, other)
    assert one != other


@pytest.mark.parametrize("params", ALONE, ids=", ".join)
def test_what_is_trained_alone(begin, params):
    assert structure_of(begin(**params)) is None


@pytest.fixture
def precision():
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def test_networks_of_another_precision_have_another_program(begin, precision):
    one = structure_of(begin())
    precision("mixed_bfloat16")
    other = structure_of(begin())
    assert None not in (one, other)
    assert one != other
    precision("mixed_float16")  # Keras scales the loss
    assert structure_of(begin()) is None


def test_losses_with_arguments_count_by_them(begin):
    one, same, other = (
        structure_of(begin(loss=keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)))
        for smoothing in (0.1, 0.1, 0.2)
    )
    assert one == same != other


def test_losses_count_by_what_their_description_lacks(begin):
    one, other = (structure_of(begin(loss=keras.losses.Huber(delta))) for delta in (1.0, 0.1))
    assert one != other


@pytest.mark.parametrize(
    "change", [{"layers": [keras.layers.GaussianNoise(0.1)]}, {"frozen": True}], ids=", ".join
)
def test_layers_that_are_not_known(begin, change):
    training = begin()
    for layer in change.get("layers", []):
        training.network.add(layer)
    training.network.layers[0].trainable = not change.get("frozen", False)
    assert structure_of(training) is None


def test_splits_that_differ_by_a_row_have_one_structure(begin):
    one, other = (structure_of(begin(rows=np.arange(n))) for n in (199, 200))
    assert one == other
    sizes = [room_for(n) for n in range(1, 5000)]
    assert all(n <= size <= 1.125 * n + 1 for n, size in enumerate(sizes, start=1))
    assert sizes == sorted(sizes)
    assert len(set(sizes)) < 200
