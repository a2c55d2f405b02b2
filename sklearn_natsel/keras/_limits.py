"""Limits on the training of one network."""

from __future__ import annotations

import time
from typing import Any

import keras


class TrainingTime(keras.callbacks.Callback):
    """End the training when its time is over, and keep what was learnt.

    Looks at the clock after each call of Keras' training function, which is
    `steps_per_execution` batches.

    Parameters
    ----------
    seconds : float
        The most that the training may take.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the clock."""
        self._end = time.monotonic() + self.seconds

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stop if the time is over."""
        if time.monotonic() >= self._end:
            self.model.stop_training = True
