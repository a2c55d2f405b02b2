"""What networks need of the library that Keras computes with, as most libraries do it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from sklearn_natsel.keras._augmentation import Augmentation


class Backend:
    """What is done in the same way unless a subclass overrides it.

    Attributes
    ----------
    longest_execution : int
        The most batches in one call of Keras' training function: enough to make the
        overhead of a call small, few enough to stop in time.

    jit_compile : bool
        Whether Keras is to compile a network by XLA.

    trains_together : bool
        Whether `train_together` does anything.

    updates : dict of type -> callable
        What replaces the `update_step` of optimizers.
    """

    longest_execution = 64
    jit_compile = False
    trains_together = False
    updates: dict[type, Callable[..., None]] = {}

    def batches(
        self,
        arrays: list[np.ndarray],
        rows: np.ndarray,
        batch_size: int,
        seed: int | None,
        augmentation: Augmentation | None = None,
    ) -> Any:
        """Gather batches by their rows, in another order for each epoch if there is a seed."""
        return Batches(arrays, rows, batch_size, seed, augmentation)

    def outputs(self, network: keras.Model, X: np.ndarray) -> np.ndarray:
        """Return the outputs of a network for a batch.

        A dense network is a handful of operations, so running them one by one beats
        `keras.Model.predict`, which compiles them first.
        """
        return keras.ops.convert_to_numpy(network(X, training=False))

    def train_together(self, trainings: Sequence[Any]) -> Sequence[dict[str, list[float]] | None]:
        """Return the losses by epoch of each training; None where Keras has to train."""
        return [None] * len(trainings)

    def forget(self) -> None:
        """Free what was compiled for a network, once it is trained."""


def gather(
    arrays: Sequence[np.ndarray], rows: np.ndarray, augmentation: Augmentation | None, key: Any
) -> list[np.ndarray]:
    """Gather the rows of a batch, and augment the first array, the features, as the key decides."""
    features, *others = (np.take(array, rows, axis=0) for array in arrays)
    if augmentation is not None:
        features = augmentation.augment(features, np.random.default_rng(key))
    return [features, *others]


class Batches(keras.utils.PyDataset):
    """Batches, gathered by NumPy.

    Parameters
    ----------
    arrays : list of ndarray
        Features, targets and, possibly, weights of the samples.

    rows : ndarray of int
        Those that are used.

    batch_size : int
        Rows in a batch; the last one has what is left.

    seed : int or None
        Decides their order, which each epoch changes, and their augmentation; None
        leaves them in order.

    augmentation : Augmentation or None
        How they are changed.
    """

    def __init__(
        self,
        arrays: list[np.ndarray],
        rows: np.ndarray,
        batch_size: int,
        seed: int | None,
        augmentation: Augmentation | None = None,
    ) -> None:
        super().__init__()
        self._arrays, self._rows, self._batch_size = arrays, rows, batch_size
        self._seed, self._augmentation, self._n_epochs = seed, augmentation, 0
        self._rng = None if seed is None else np.random.default_rng(seed)
        self._order, self._is_over = rows, True

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._batch_size)

    def __getitem__(self, i: int) -> tuple[np.ndarray, ...]:
        start = i * self._batch_size
        batch = self._order[start : start + self._batch_size]
        self._is_over = i == len(self) - 1
        key = self._seed, self._n_epochs, i
        return tuple(gather(self._arrays, batch, self._augmentation, key))

    def on_epoch_begin(self) -> None:
        """Draw the order of this epoch, unless the one before was not used.

        Keras begins an epoch only to look at its first batch, and then begins again.
        """
        if not self._is_over:
            return
        self._n_epochs += 1
        self._is_over = False
        if self._rng is not None:
            self._order = self._rng.permutation(self._rows)
