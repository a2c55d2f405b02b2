"""Arrays of several networks are stacked, and given back."""

import keras
import numpy as np

from sklearn_natsel.keras._population.stacking import give_back, stack, take


def test_what_is_stacked_comes_back():
    networks = [([keras.Variable([i, 2.0])], [keras.Variable(10 * i)]) for i in range(3)]
    (first,), (second,) = stack(networks)
    np.testing.assert_array_equal(first, [[0, 2], [1, 2], [2, 2]])
    give_back(([first + 1], [second + 1]), networks)
    assert [float(second[0].value) for _, second in networks] == [1, 11, 21]
    np.testing.assert_array_equal(networks[2][0][0].value, [3, 3])


def test_batches_have_the_floats_of_keras_and_other_numbers_as_they_are():
    samples = {"a": np.arange(8.0).reshape(4, 2), "b": (np.arange(4),)}
    batch = take(samples, np.array([3, 0]))
    assert batch["a"].dtype == np.float32
    assert batch["b"][0].dtype == samples["b"][0].dtype
    np.testing.assert_array_equal(batch["a"], [[6, 7], [0, 1]])
    np.testing.assert_array_equal(batch["b"][0], [3, 0])
