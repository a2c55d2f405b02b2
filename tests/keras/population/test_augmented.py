"""Augmentation inside a compiled program."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._augmentation import Augmentation
from sklearn_natsel.keras._population.augmented import augmented
from sklearn_natsel.keras._population.group import train_group
from sklearn_natsel.keras._population.program import program_of
from sklearn_natsel.keras._population.structure import structure_of


@pytest.fixture
def begin(digits):
    """Return a function that gives the training of a network on images."""
    X, y = digits[0].reshape(-1, 8, 8), digits[1]

    def begin(**params):
        tiny = {"n_hidden_layers": 1, "neurons": 8, "epochs": 2, "random_state": 0}
        model = DenseClassifier(flatten=True, **{**tiny, **params})
        return model._begin(X, y, np.arange(len(X)), None)

    return begin


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_all_variants_are_as_likely(limit):
    augmentation = Augmentation((5, 5, 1), horizontal_flip=True, max_shift=0)
    image = np.arange(25.0, dtype=np.float32).reshape(1, 25)
    n = 2 * (2 * limit + 1) ** 2
    many = np.repeat(image, 1000 * n, axis=0)
    found = np.asarray(augmented(augmentation, many, np.float32(limit), np.uint32(7)))
    variants, counts = np.unique(found, axis=0, return_counts=True)
    assert len(variants) == n
    assert counts.min() > 850
    assert counts.max() < 1150
    rng = np.random.default_rng(0)
    expected = Augmentation((5, 5, 1), True, limit).augment(many, rng)
    assert_array_equal(variants, np.unique(expected, axis=0))


def test_keys_decide():
    augmentation = Augmentation((5, 5, 1), horizontal_flip=False, max_shift=0)
    many = np.repeat(np.arange(25.0, dtype=np.float32).reshape(1, 25), 50, axis=0)
    one, same, other = (augmented(augmentation, many, 2.0, np.uint32(key)) for key in (1, 1, 2))
    assert_array_equal(one, same)
    assert (np.asarray(one) != np.asarray(other)).any()


def test_a_group_is_as_good_as_single_trainings(begin):
    different = [{"max_shift": shift, "random_state": shift} for shift in (0, 1, 3)]
    options = {"horizontal_flip": True, "dropout": 0.1, "learning_rate_schedule": "one_cycle"}
    together, alone = ([begin(**options, **each) for each in different] for _ in range(2))
    program = program_of(structure_of(together[0]))
    features = together[0].arrays[0]
    histories = train_group(program, together, features)
    for ours, single, history in zip(together, alone, histories):
        (expected,) = train_group(program, [single], features)
        assert_allclose(history["loss"], expected["loss"], rtol=1e-4)
        for value, same in zip(ours.network.variables, single.network.variables):
            assert_allclose(np.asarray(value), np.asarray(same), rtol=1e-3, atol=1e-4)


def test_what_is_validated_on_is_not_changed(begin):
    options = {"early_stopping": True, "epochs": 1, "learning_rate": 1e-12}
    plain, moved = (begin(**options, max_shift=shift) for shift in (0, 2))
    losses = [train_group(program_of(structure_of(t)), [t], t.arrays[0])[0] for t in (plain, moved)]
    assert losses[0]["val_loss"] == pytest.approx(losses[1]["val_loss"], rel=1e-6)
    assert losses[0]["loss"] != pytest.approx(losses[1]["loss"], rel=1e-3)


def test_what_a_program_is_compiled_for(begin):
    base, farther = (structure_of(begin(max_shift=shift)) for shift in (1, 2))
    assert base == farther
    for params in ({}, {"max_shift": 1, "horizontal_flip": True}):
        assert structure_of(begin(**params)) != base
