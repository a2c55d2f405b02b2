"""TensorFlow: an input pipeline without fixed costs, and optimizers of one operation.

Keras writes the update of Adam as a dozen operations, each of which goes
through all weights in memory: for a dense network and small batches that costs
as much as the gradients.
"""

from __future__ import annotations

import logging
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sklearn_natsel.keras._augmentation import Augmentation
from sklearn_natsel.keras._backends.base import Backend, gather


class TensorFlow(Backend):
    """Takes the memory of GPUs as it needs it, and does not warn of many networks."""

    def __init__(self) -> None:
        self.updates = {
            keras.optimizers.Adam: _update_adam,
            keras.optimizers.AdamW: _update_adam,
            keras.optimizers.Adamax: _update_adamax,
        }
        try:
            # This also makes TensorFlow look for GPUs now, while it is muted.
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:
            # It has been used already, so the GPUs are set up as the user wants them.
            pass
        logging.getLogger("tensorflow").addFilter(_is_not_about_retracing)

    def batches(
        self,
        arrays: list[np.ndarray],
        rows: np.ndarray,
        batch_size: int,
        seed: int | None,
        augmentation: Augmentation | None = None,
    ) -> tf.data.Dataset:
        """Gather batches in threads of TensorFlow.

        By NumPy: TensorFlow would copy the arrays as a whole, twice, and keep the memory.
        """

        def load(batch: tf.Tensor, *key: tf.Tensor) -> tuple[tf.Tensor, ...]:
            parts = tf.numpy_function(
                lambda rows, *key: gather(arrays, rows, augmentation, key),
                [batch, *key],
                [tf.float32] * len(arrays),
                stateful=False,
            )
            return tuple(tf.ensure_shape(p, (None, *a.shape[1:])) for p, a in zip(parts, arrays))

        indices = tf.data.Dataset.from_tensor_slices(rows)
        if seed is not None:
            indices = indices.shuffle(len(rows), seed=seed)
        batches = indices.batch(batch_size)
        if augmentation is not None:
            # Batches are gathered at the same time: what each draws must not depend on that.
            keys = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)
            batches = tf.data.Dataset.zip(batches, keys)
        return batches.map(load).prefetch(tf.data.AUTOTUNE)


def _is_not_about_retracing(record: logging.LogRecord) -> bool:
    # TensorFlow takes the networks of a search for one that is compiled again and again.
    return "triggered tf.function retracing" not in record.getMessage()


def _update_adam(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
    i = self._get_variable_index(variable)
    step = tf.cast(self.iterations + 1, variable.dtype)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=self._momentums[i].value.handle,
        v=self._velocities[i].value.handle,
        beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
        beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), step),
        lr=tf.cast(learning_rate, variable.dtype),
        beta1=self.beta_1,
        beta2=self.beta_2,
        epsilon=self.epsilon,
        grad=gradient,
    )


def _update_adamax(self: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
    i = self._get_variable_index(variable)
    step = tf.cast(self.iterations + 1, variable.dtype)
    tf.raw_ops.ResourceApplyAdaMax(
        var=variable.handle,
        m=self._m[i].value.handle,
        v=self._u[i].value.handle,
        beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
        lr=tf.cast(learning_rate, variable.dtype),
        beta1=self.beta_1,
        beta2=self.beta_2,
        epsilon=self.epsilon,
        grad=gradient,
    )


BACKEND = TensorFlow()
