"""Keras' optimizers, with the faster update that some backends have."""

from __future__ import annotations

from types import MethodType

import keras

from sklearn_natsel.keras._backends import backend
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
    update = backend.updates.get(type(optimizer))
    if update is not None:
        optimizer.update_step = MethodType(update, optimizer)
    return optimizer
