"""Dense networks that are alike are trained as one program, with the features in common."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import jax

from sklearn_natsel.keras._population.group import History, filled, train_group
from sklearn_natsel.keras._population.groups import train_in_groups
from sklearn_natsel.keras._population.program import program_of
from sklearn_natsel.keras._population.structure import structure_of
from sklearn_natsel.keras._training import Training


def train_together(trainings: Sequence[Training]) -> list[History | None]:
    """Train networks, those that are alike at once.

    Parameters
    ----------
    trainings : list of Training
        What is to be trained.

    Returns
    -------
    histories : list of dict or None
        In the order of the trainings; None for those that only Keras can train.
    """
    keys: list[Any] = [_key(training) for training in trainings]
    one_of_each = {key: each for key, each in zip(keys, trainings) if key}
    arrays = {_place(training): training.arrays[0] for training in one_of_each.values()}
    features = {place: jax.device_put(filled(array)) for place, array in arrays.items()}

    def train(members: list[int]) -> list[History]:
        structure, place, *_ = keys[members[0]]
        return train_group(program_of(structure), [trainings[i] for i in members], features[place])

    return train_in_groups(keys, train)


def _key(training: Training) -> Hashable:
    structure = structure_of(training)
    if structure is None:
        return None
    return structure, _place(training), training.initial_epoch, training.epochs


def _place(training: Training) -> Hashable:
    """Return what tells the features of a training from others, without looking at them."""
    features = training.arrays[0]
    return features.__array_interface__["data"], features.shape
