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
    tensors = tuple(tf.convert_to_tensor(array, tf.float32) for array in arrays)
    if steps_per_execution == "auto":
        steps_per_execution = min(math.ceil(len(rows) / batch_size), _LONGEST_EXECUTION)
    network.steps_per_execution = steps_per_execution
    # Variables made while the training function is being traced make it be traced twice.
    network.optimizer.build(network.trainable_variables)
    return network.fit(
        _batches(tensors, rows, batch_size, seed),
        validation_data=(
            None
            if validation_rows is None
            else _batches(tensors, validation_rows, _PREDICTION_BATCH, None)
        ),
        # The batches are shuffled already.
        shuffle=False,
        **options,
    ).history


def _batches(
    tensors: tuple[tf.Tensor, ...], rows: np.ndarray, batch_size: int, seed: int | None
) -> tf.data.Dataset:
    """Gather batches by their rows from tensors, which are there once for all epochs.

    With a seed, the order of the rows is another one in each epoch.
    """
    indices = tf.data.Dataset.from_tensor_slices(rows)
    if seed is not None:
        indices = indices.shuffle(len(rows), seed=seed)
    batches = indices.batch(batch_size).map(lambda i: tuple(tf.gather(t, i) for t in tensors))
    return batches.prefetch(tf.data.AUTOTUNE)


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
