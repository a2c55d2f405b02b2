"""Train networks of one structure, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from sklearn_natsel.keras._population.early_stopping import EarlyStopping
from sklearn_natsel.keras._population.program import Batches, Data, Dials, Program, State
from sklearn_natsel.keras._population.stacking import give_back, stack
from sklearn_natsel.keras._population.structure import room_for
from sklearn_natsel.keras._training import PREDICTION_BATCH, Training

History = dict[str, list[float]]


def train_group(program: Program, trainings: Sequence[Training], features: Any) -> list[History]:
    """Train networks that the program serves, and leave in each what it has learnt.

    Parameters
    ----------
    program : Program
        What trains them.

    trainings : list of Training
        All of one structure, with the same features.

    features : jax.Array
        These, on the device.

    Returns
    -------
    histories : list of dict
        Of each network the loss by epoch.
    """
    first = trainings[0]
    state = State(*stack([_variables(training.network) for training in trainings]))
    dials = Dials(*stack([_dials(training) for training in trainings]))
    data = Data(features, *stack([_targets_and_weights(training) for training in trainings]))
    orders = [np.random.default_rng(training.seed) for training in trainings]
    validation = _validation(trainings)
    stopping = EarlyStopping([training.patience for training in trainings], first.initial_epoch)
    losses = []
    for epoch in range(first.initial_epoch, first.epochs):
        rows = [rng.permutation(each.rows) for rng, each in zip(orders, trainings)]
        batches = _batches(rows, first.batch_size)
        state, loss = program.epoch(state, dials, batches, data, epoch, first.epochs)
        losses.append([loss])
        if validation is not None:
            losses[-1].append(program.loss(state, validation, data))
            stopping.look(epoch, np.asarray(losses[-1][-1]), state)
            if stopping.all_stopped:
                break
    if validation is not None:
        state = State(stopping.best.trainable, stopping.best.others, stopping.last.optimizer)
    give_back(state, [_variables(training.network) for training in trainings])
    return _histories(np.asarray(losses), stopping.lengths(len(losses)))


def _variables(network: keras.Model) -> tuple[list[Any], list[Any], list[Any]]:
    network.optimizer.build(network.trainable_variables)
    return (
        network.trainable_variables,
        network.non_trainable_variables,
        network.optimizer.variables,
    )


def _dials(training: Training) -> tuple[Any, ...]:
    optimizer = training.network.optimizer
    rate = keras.ops.convert_to_numpy(optimizer.learning_rate)
    decay = optimizer.weight_decay or 0.0
    layers, augmentation = training.network.layers, training.augmentation
    dropouts = [layer.rate for layer in layers if isinstance(layer, keras.layers.Dropout)]
    max_shift = 0 if augmentation is None else augmentation.max_shift
    numbers = (dropouts, rate, decay, max_shift)
    return *(np.array(number, np.float32) for number in numbers), np.uint32(training.seed)


def _targets_and_weights(training: Training) -> tuple[np.ndarray, np.ndarray]:
    _, targets, *weights = training.arrays
    return filled(targets), filled(weights[0] if weights else np.ones(len(targets), np.float32))


def filled(array: np.ndarray) -> np.ndarray:
    """Repeat rows until there are as many as the program is compiled for."""
    return np.resize(array, (room_for(len(array)), *array.shape[1:]))


def _batches(rows: Sequence[np.ndarray], batch_size: int) -> Batches:
    """Cut the rows of each network into batches; the last one is filled by rows of it."""
    most = max(map(len, rows))
    batch_size = min(batch_size, most)
    n_steps = -(-most // batch_size)
    starts = np.arange(n_steps) * batch_size
    filled = [np.resize(of_network, n_steps * batch_size) for of_network in rows]
    counts = [np.minimum(len(of_network) - starts, batch_size) for of_network in rows]
    shaped = np.stack(filled).reshape(len(rows), n_steps, batch_size)
    return Batches(shaped.astype(np.int32), np.stack(counts).astype(np.float32))


def _validation(trainings: Sequence[Training]) -> Batches | None:
    if trainings[0].validation_rows is None:
        return None
    rows = [np.asarray(training.validation_rows) for training in trainings]
    return _batches(rows, PREDICTION_BATCH)


def _histories(losses: np.ndarray, lengths: Sequence[int]) -> list[History]:
    names = ("loss", "val_loss")
    return [
        {name: losses[:length, j, i].tolist() for j, name in enumerate(names[: losses.shape[1]])}
        for i, length in enumerate(lengths)
    ]
