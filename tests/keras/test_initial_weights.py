"""Initial weights have the distribution that Keras would draw from."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras._initial_weights import draw_weights

SHAPE = (70, 30)
NAMES = [
    *("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"),
    "VarianceScaling",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_distribution_is_that_of_keras(name):
    initializer = getattr(keras.initializers, name)(seed=3)
    ours = draw_weights(initializer, SHAPE)
    theirs = keras.ops.convert_to_numpy(initializer(SHAPE))
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    assert ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 0.01
    assert ours.std() == pytest.approx(theirs.std(), rel=0.06)


def test_modes_and_distributions_are_heeded():
    deviations = {
        mode: draw_weights(
            keras.initializers.VarianceScaling(9, mode, "untruncated_normal", seed=0), SHAPE
        ).std()
        for mode in ("fan_in", "fan_out", "fan_avg")
    }
    expected = {"fan_in": 3 / 70**0.5, "fan_out": 3 / 30**0.5, "fan_avg": 3 / 50**0.5}
    assert deviations == pytest.approx(expected, rel=0.06)


def test_the_seed_decides():
    draws = [
        draw_weights(keras.initializers.HeNormal(seed=seed), SHAPE).tolist() for seed in (0, 0, 1)
    ]
    assert draws[0] == draws[1] != draws[2]


def test_others_draw_by_themselves():
    weights = keras.ops.convert_to_numpy(draw_weights(keras.initializers.Identity(), (3, 3)))
    np.testing.assert_array_equal(weights, np.eye(3))
