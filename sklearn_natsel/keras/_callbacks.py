"""What watches the training of a network and may end it."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from typing import Any

import keras
from sklearn.utils._param_validation import InvalidParameterError


def make_callbacks(
    callbacks: Sequence[keras.callbacks.Callback] | None,
    *,
    patience: int | None,
    max_training_time: float | None,
) -> list[keras.callbacks.Callback]:
    """Make the callbacks of one training.

    Parameters
    ----------
    callbacks : list of keras.callbacks.Callback or None
        Those of the user. They keep the network and their state, so that each
        training needs copies of its own.

    patience : int or None
        Epochs without a lower validation loss after which the training ends; None
        means not to stop early.

    max_training_time : float or None
        Seconds after which it ends; None means no limit.

    Returns
    -------
    callbacks : list of keras.callbacks.Callback
        The copies, and the callbacks that stop the training.

    Raises
    ------
    InvalidParameterError
        If one of the user's is no callback.
    """
    made = [copy.deepcopy(callback) for callback in callbacks or []]
    for callback in made:
        if not isinstance(callback, keras.callbacks.Callback):
            raise InvalidParameterError(
                "The 'callbacks' parameter must be a list of instances of "
                f"keras.callbacks.Callback. Got {callback!r} in it instead."
            )
    if patience is not None:
        made.append(keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True))
    if max_training_time is not None:
        made.append(TrainingTime(max_training_time))
    return made


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
