"""What is to be trained, and how Keras trains it without the fixed costs of its input pipeline."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
import numpy as np

from sklearn_natsel.keras._augmentation import Augmentation
from sklearn_natsel.keras._backends import backend
from sklearn_natsel.keras._callbacks import make_callbacks
from sklearn_natsel.keras._schedules import make_schedule

# Large enough that the overhead of a call does not matter, small enough for any memory.
PREDICTION_BATCH = 2048


@dataclass(kw_only=True)
class Training:
    """The training of one network.

    Parameters
    ----------
    network : keras.Model
        The network, compiled.

    arrays : list of ndarray of float32
        Features, targets and, possibly, weights of the samples.

    rows : ndarray of int
        The rows to train on.

    validation_rows : ndarray of int or None
        The rows to validate on after each epoch.

    batch_size : int
        Rows in a step of the optimizer.

    steps_per_execution : int or "auto"
        Batches in one call of the training function.

    augmentation : Augmentation or None
        How samples are changed at random.

    schedule : {"constant", "cosine", "one_cycle"}
        How the learning rate changes.

    seed : int
        Decides the order of the rows and their augmentation.

    initial_epoch, epochs : int
        The number of the first epoch, and that of the last one plus one.

    patience : int or None
        Epochs without a lower validation loss after which the training ends.

    max_training_time : float or None
        Seconds after which it ends.

    callbacks : list of keras.callbacks.Callback or None
        Those of the user.

    verbose : int
        How much Keras tells.
    """

    network: keras.Model
    arrays: list[np.ndarray]
    rows: np.ndarray
    validation_rows: np.ndarray | None = None
    batch_size: int
    steps_per_execution: int | str = "auto"
    augmentation: Augmentation | None = None
    schedule: str = "constant"
    seed: int
    initial_epoch: int = 0
    epochs: int
    patience: int | None = None
    max_training_time: float | None = None
    callbacks: list[keras.callbacks.Callback] | None = None
    verbose: int = 0

    @property
    def steps_per_epoch(self) -> int:
        """Steps of the optimizer in an epoch."""
        return math.ceil(len(self.rows) / self.batch_size)


def train(training: Training) -> dict[str, list[float]]:
    """Train a network, and return its losses by epoch."""
    callbacks = make_callbacks(
        training.callbacks,
        patience=training.patience,
        max_training_time=training.max_training_time,
    )
    network, arrays, rows = training.network, training.arrays, training.rows
    steps = training.steps_per_execution
    if steps == "auto":
        steps = min(training.steps_per_epoch, backend.longest_execution)
    if steps != network.steps_per_execution:
        # Keras would keep the functions that it has made for another number.
        network.steps_per_execution = steps
        network.train_function = network.test_function = None
    if training.schedule != "constant":
        n_steps = training.epochs * training.steps_per_epoch
        peak = float(keras.ops.convert_to_numpy(network.optimizer.learning_rate))
        network.optimizer.learning_rate = make_schedule(training.schedule, peak, n_steps)
    # Variables made while the training function is being traced make it be traced twice.
    network.optimizer.build(network.trainable_variables)
    validation_data = None
    if training.validation_rows is not None:
        validation_data = backend.batches(arrays, training.validation_rows, PREDICTION_BATCH, None)
    try:
        return network.fit(
            backend.batches(
                arrays, rows, training.batch_size, training.seed, training.augmentation
            ),
            validation_data=validation_data,
            # The batches are shuffled already.
            shuffle=False,
            initial_epoch=training.initial_epoch,
            epochs=training.epochs,
            verbose=training.verbose,
            callbacks=callbacks,
        ).history
    finally:
        # Keras keeps what fetches the batches, and TensorFlow never forgets its functions.
        arrays.clear()
        backend.forget()


def predict(network: keras.Model, X: np.ndarray) -> np.ndarray:
    """Return the outputs of a network."""
    outputs = [
        backend.outputs(network, X[start : start + PREDICTION_BATCH])
        for start in range(0, len(X), PREDICTION_BATCH)
    ]
    return np.concatenate(outputs).astype(np.float64)
