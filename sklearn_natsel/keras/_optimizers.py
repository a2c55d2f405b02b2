"""Keras' optimizers, with their update as one operation where TensorFlow has it.

Keras writes the update of Adam as a dozen operations, each of which goes
through all weights in memory: for a dense network and small batches that costs
as much as the gradients.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import keras
import tensorflow as tf

from sklearn_natsel.keras._lookup import look_up


def make_optimizer(name: str, **settings: float | None) -> keras.optimizers.Optimizer:
    """Make an optimizer.

    Parameters
    ----------
    name : str
        Its name in Keras.

    **settings
        Its parameters; None leaves one as Keras has it.

    Returns
    -------
    optimizer : keras.optimizers.Optimizer
        The optimizer. It is saved and loaded as Keras' own.
    """
    look_up("optimizer", "an optimizer", keras.optimizers.get, name)
    config = {key: value for key, value in settings.items() if value is not None}
    optimizer = keras.optimizers.get({"class_name": name, "config": config})
    update = _UPDATES.get(type(optimizer))
    if update is not None:
        optimizer.update_step = MethodType(update, optimizer)
    return optimizer


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


_UPDATES = {
    keras.optimizers.Adam: _update_adam,
    keras.optimizers.AdamW: _update_adam,
    keras.optimizers.Adamax: _update_adamax,
}
