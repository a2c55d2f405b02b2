"""Feed data to Keras without the fixed costs of its own input pipeline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from sklearn_natsel.keras._backends import backend

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
        steps_per_execution = min(math.ceil(len(rows) / batch_size), backend.longest_execution)
    network.steps_per_execution = steps_per_execution
    # Variables made while the training function is being traced make it be traced twice.
    network.optimizer.build(network.trainable_variables)
    validation_data = None
    if validation_rows is not None:
        validation_data = backend.batches(arrays, validation_rows, _PREDICTION_BATCH, None)
    try:
        return network.fit(
            backend.batches(arrays, rows, batch_size, seed),
            validation_data=validation_data,
            # The batches are shuffled already.
            shuffle=False,
            **options,
        ).history
    finally:
        # Keras keeps what fetches the batches, and TensorFlow never forgets its functions.
        arrays.clear()


def predict(network: keras.Model, X: np.ndarray) -> np.ndarray:
    """Return the outputs of a network."""
    outputs = [
        backend.outputs(network, X[start : start + _PREDICTION_BATCH])
        for start in range(0, len(X), _PREDICTION_BATCH)
    ]
    return np.concatenate(outputs).astype(np.float64)
