"""Sort what is to be trained into groups, and train these at once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import jax
import joblib
from joblib import Parallel, delayed

Train = Callable[[list[int]], list[Any]]

# Networks in a group: on a CPU, more of them are hardly faster.
_GROUP_SIZES = {"cpu": 8, "gpu": 64}

# Groups at once on a GPU: what is compiled must not wait for what is trained, but all share its
# memory.
_THREADS_OF_A_DEVICE = 4


def train_in_groups(keys: Sequence[Hashable], train: Train) -> list[Any]:
    """Train what is alike at once, and what is unlike by several threads.

    Parameters
    ----------
    keys : list of hashable or None
        Of each network, what those have in common that can be trained together; None if it
        can't be trained.

    train : callable
        Takes the numbers of networks with one key and trains these; returns as many results.

    Returns
    -------
    results : list
        In the order of the keys; None for those without one.
    """
    members: defaultdict[Hashable, list[int]] = defaultdict(list)
    for i, key in enumerate(keys):
        if key is not None:
            members[key].append(i)
    # Compiling takes most of the time where nearly each has a structure of its own.
    found = Parallel(max(1, min(len(members), _n_threads())), backend="threading")(
        delayed(_train_all)(train, own) for own in members.values()
    )
    results: list[Any] = [None] * len(keys)
    for own, of_group in zip(members.values(), found):
        for i, result in zip(own, of_group):
            results[i] = result
    return results


def _n_threads() -> int:
    """Return how many groups are trained at once: one for each core of this process."""
    if jax.default_backend() != "cpu":
        return _THREADS_OF_A_DEVICE
    return int(os.environ.get("NPROC") or joblib.cpu_count())


def _train_all(train: Train, members: list[int]) -> list[Any]:
    return [each for part in _parts(members) for each in _train(train, part)]


def _parts(members: list[int]) -> Iterator[list[int]]:
    """Yield groups of the full size, and what is left one by one: two sizes to be compiled for."""
    size = _GROUP_SIZES.get(jax.default_backend(), 1)
    n_full = len(members) // size * size
    for start in range(0, n_full, size):
        yield members[start : start + size]
    for member in members[n_full:]:
        yield [member]


def _train(train: Train, members: list[int]) -> list[Any]:
    """Train a group; by halves, if the memory of the device does not suffice."""
    try:
        return train(members)
    except jax.errors.JaxRuntimeError as error:
        half = len(members) // 2
        if "RESOURCE_EXHAUSTED" not in str(error) or not half:
            raise
    return [each for part in (members[:half], members[half:]) for each in _train(train, part)]
