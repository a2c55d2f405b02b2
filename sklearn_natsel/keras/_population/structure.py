"""What networks must have in common to be trained by one program."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import keras

from sklearn_natsel.keras._augmentation import Augmentation
from sklearn_natsel.keras._training import PREDICTION_BATCH, Training

_LAYERS = (
    keras.layers.Activation,
    keras.layers.BatchNormalization,
    keras.layers.Dense,
    keras.layers.Dropout,
)

# These give the loss of each sample, whatever the others in its batch are.
_LOSSES = (
    keras.losses.binary_crossentropy,
    keras.losses.binary_focal_crossentropy,
    keras.losses.categorical_crossentropy,
    keras.losses.categorical_focal_crossentropy,
    keras.losses.categorical_hinge,
    keras.losses.cosine_similarity,
    keras.losses.hinge,
    keras.losses.huber,
    keras.losses.kl_divergence,
    keras.losses.log_cosh,
    keras.losses.mean_absolute_error,
    keras.losses.mean_absolute_percentage_error,
    keras.losses.mean_squared_error,
    keras.losses.mean_squared_logarithmic_error,
    keras.losses.poisson,
    keras.losses.sparse_categorical_crossentropy,
    keras.losses.squared_hinge,
)

# In these, networks of one structure may differ: they are data of the program.
_DATA = {"kernel_initializer", "learning_rate", "name", "rate", "seed", "weight_decay"}


@dataclass(frozen=True)
class Structure:
    """What a program is compiled for. Two are equal if one program serves both."""

    key: str
    network: keras.Model = field(compare=False)
    schedule: str = field(default="constant", compare=False)
    augmentation: Augmentation | None = field(default=None, compare=False)


def room_for(n_rows: int) -> int:
    """Return a size that rows fit into, so that splits that differ by few have the same one."""
    step = max(1, 2 ** (n_rows.bit_length() - 5))
    return -(-n_rows // step) * step


def structure_of(training: Training) -> Structure | None:
    """Return the structure of a training; None if it must be trained alone, by Keras.

    So must be what asks for single epochs or batches (callbacks, a progress display, a
    limit in seconds), and what has layers, a loss or a decay of weights that are not known here.
    """
    network = training.network
    watched = training.callbacks or training.verbose or training.max_training_time
    if watched or not _is_known(network):
        return None
    validation_rows, augmentation = training.validation_rows, training.augmentation
    key = {
        "layers": [_without_data(keras.layers.serialize(layer)) for layer in network.layers],
        "precision": [layer.dtype_policy.name for layer in network.layers],
        "schedule": training.schedule,
        "augmentation": None
        if augmentation is None
        else asdict(replace(augmentation, max_shift=0)),
        "optimizer": _without_data(keras.optimizers.serialize(network.optimizer)),
        "loss": _arguments(network.loss),
        "shapes": [array.shape[1:] for array in training.arrays[:2]],
        "room": room_for(len(training.arrays[0])),
        "batch": min(training.batch_size, len(training.rows)),
        "steps": training.steps_per_epoch,
        "validation": 0
        if validation_rows is None
        else -(-len(validation_rows) // PREDICTION_BATCH),
    }
    return Structure(json.dumps(key, default=str), network, training.schedule, augmentation)


def _is_known(network: keras.Model) -> bool:
    return (
        _has_known_layers(network)
        and _is_by_sample(network.loss)
        and _steps_by_gradient_alone(network.optimizer)
    )


def _steps_by_gradient_alone(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether all weights decay alike, and the loss is not scaled for numbers of 16 bits."""
    others = keras.optimizers.LossScaleOptimizer, getattr(keras.optimizers, "Muon", ())
    return not isinstance(optimizer, others)


def _has_known_layers(network: keras.Model) -> bool:
    is_known = all(type(layer) in _LAYERS and layer.trainable for layer in network.layers)
    return type(network) is keras.Sequential and is_known


def _is_by_sample(loss: Any) -> bool:
    if isinstance(loss, keras.losses.Loss):
        has_mean = loss.reduction == "sum_over_batch_size"
        arguments = [value for value in vars(loss).values() if isinstance(value, dict)]
        return (
            type(loss).__module__.startswith("keras.")
            and has_mean
            and all(each.get("axis", -1) == -1 for each in arguments)
            and _is_by_sample(getattr(loss, "fn", None))
        )
    return loss in _LOSSES


def _arguments(loss: Any) -> Any:
    """Return what a loss was made with, of which its description may lack some, as with Huber."""
    is_object = isinstance(loss, keras.losses.Loss)
    return vars(loss) if is_object else keras.losses.serialize(loss)


def _without_data(config: Any) -> Any:
    """Take out of the description of a layer or an optimizer what may differ."""
    if not isinstance(config, dict):
        return config
    return {name: _without_data(value) for name, value in config.items() if name not in _DATA}
