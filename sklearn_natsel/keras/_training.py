"""Feed data to Keras without the fixed costs of its own input pipeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Batches in one call of the training function: enough to make its overhead small, few enough
# to stop in time.
_LONGEST_EXECUTION = 64

# Large enough that the overhead of a call does not matter, small enough for any memory.
_PREDICTION_BATCH = 2048


def train(
    network: keras.Model,
    arrays: Sequence[np.ndarray],
    rows: np.ndarray,
    validation_rows: np.ndarray | None,
    *,
    batch_size: int,
    steps_per_execution: int | str,
    seed: int,
    **options: Any,
) -> dict[str, list[float]]:
    """Train a compiled network on rows of arrays.

    Parameters
    ----------
    network : keras.Model
        The network.

    arrays : list of ndarray
        Features, targets and, possibly, weights of the samples.

    rows : ndarray of int
        The rows to train on.

    validation_rows : ndarray of int or None
        The rows to validate on after each epoch.

    batch_size : int
        Rows in a step of the optimizer.

    steps_per_execution : int or "auto"
        Batches in one call of the training function.

    seed : int
        Decides the order of the rows.

    **options
        Passed on to `keras.Model.fit`.

    Returns
    -------
    history : dict of str -> list
        Loss by epoch.
    """
    arrays = [np.asarray(array, dtype=np.float32) for array in arrays]
    if steps_per_execution == "auto":
        steps_per_execution = min(math.ceil(len(rows) / batch_size), _LONGEST_EXECUTION)
    network.steps_per_execution = steps_per_execution
    # Variables made while the training function is being traced make it be traced twice.
    network.optimizer.build(network.trainable_variables)
    validation_data = None
    if validation_rows is not None:
        validation_data = _batches(arrays, validation_rows, _PREDICTION_BATCH, None)
    try:
        return network.fit(
            _batches(arrays, rows, batch_size, seed),
            validation_data=validation_data,
            # The batches are shuffled already.
            shuffle=False,
            **options,
        ).history
    finally:
        # TensorFlow never forgets the functions that fetch the batches, and they know the list.
        arrays.clear()


def _batches(
    arrays: list[np.ndarray], rows: np.ndarray, batch_size: int, seed: int | None
) -> tf.data.Dataset:
    """Gather batches by their rows, in another order for each epoch if there is a seed.

    By NumPy: TensorFlow would copy the arrays as a whole, twice, and keep the memory.
    """

    def gather(batch: np.ndarray) -> list[np.ndarray]:
        return [np.take(array, batch, axis=0) for array in arrays]

    def load(batch: tf.Tensor) -> tuple[tf.Tensor, ...]:
        parts = tf.numpy_function(gather, [batch], [tf.float32] * len(arrays), stateful=False)
        return tuple(tf.ensure_shape(p, (None, *a.shape[1:])) for p, a in zip(parts, arrays))

    indices = tf.data.Dataset.from_tensor_slices(rows)
    if seed is not None:
        indices = indices.shuffle(len(rows), seed=seed)
    return indices.batch(batch_size).map(load).prefetch(tf.data.AUTOTUNE)


def predict(network: keras.Model, X: np.ndarray) -> np.ndarray:
    """Return the outputs of a network.

    A dense network is a handful of operations, so running them one by one beats
    `keras.Model.predict`, which compiles them first.
    """
    outputs = [
        keras.ops.convert_to_numpy(network(X[start : start + _PREDICTION_BATCH], training=False))
        for start in range(0, len(X), _PREDICTION_BATCH)
    ]
    return np.concatenate(outputs).astype(np.float64)
