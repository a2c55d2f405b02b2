"""Sort trainings into groups that one program trains at once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import jax
import joblib
from joblib import Parallel, delayed

from sklearn_natsel.keras._population.group import History, filled, train_group
from sklearn_natsel.keras._population.program import program_of
from sklearn_natsel.keras._population.structure import Structure, structure_of
from sklearn_natsel.keras._training import Training

# Networks in a group: on a CPU, more of them are hardly faster.
_GROUP_SIZES = {"cpu": 8, "gpu": 64}

# Groups at once on a GPU: what is compiled must not wait for what is trained, but all share its
# memory.
_THREADS_OF_A_DEVICE = 4


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
    groups: defaultdict[tuple[Structure, Hashable, Hashable], list[int]] = defaultdict(list)
    for i, training in enumerate(trainings):
        structure = structure_of(training)
        if structure is not None:
            ends = training.initial_epoch, training.epochs
            groups[structure, _place(training), ends].append(i)
    first_of_groups = [trainings[members[0]] for members in groups.values()]
    arrays = {_place(training): training.arrays[0] for training in first_of_groups}
    features = {place: jax.device_put(filled(array)) for place, array in arrays.items()}
    # Compiling takes most of the time where nearly each has a structure of its own.
    found = Parallel(max(1, min(len(groups), _n_threads())), backend="threading")(
        delayed(_train_all)(structure, [trainings[i] for i in members], features[place])
        for (structure, place, _), members in groups.items()
    )
    histories: list[History | None] = [None] * len(trainings)
    for members, of_group in zip(groups.values(), found):
        for i, history in zip(members, of_group):
            histories[i] = history
    return histories


def _n_threads() -> int:
    """Return how many groups are trained at once: one for each core of this process."""
    if jax.default_backend() != "cpu":
        return _THREADS_OF_A_DEVICE
    return int(os.environ.get("NPROC") or joblib.cpu_count())


def _place(training: Training) -> Hashable:
    """Return what tells the features of a training from others, without looking at them."""
    features = training.arrays[0]
    return features.__array_interface__["data"], features.shape


def _train_all(structure: Structure, trainings: list[Training], features: Any) -> list[History]:
    return [each for part in _parts(trainings) for each in _train(structure, part, features)]


def _parts(members: list[Training]) -> Iterator[list[Training]]:
    """Yield groups of the full size, and what is left one by one: two sizes to be compiled for."""
    size = _GROUP_SIZES.get(jax.default_backend(), 1)
    n_full = len(members) // size * size
    for start in range(0, n_full, size):
        yield members[start : start + size]
    for member in members[n_full:]:
        yield [member]


def _train(structure: Structure, trainings: list[Training], features: Any) -> list[History]:
    """Train a group; by halves, if the memory of the device does not suffice."""
    try:
        return train_group(program_of(structure), trainings, features)
    except jax.errors.JaxRuntimeError as error:
        half = len(trainings) // 2
        if "RESOURCE_EXHAUSTED" not in str(error) or not half:
            raise
    halves = trainings[:half], trainings[half:]
    return [each for part in halves for each in _train(structure, part, features)]
