"""Arrays of several networks as one, and back; batches of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np


def stack(of_networks: Sequence[Any]) -> Any:
    """Stack the arrays at the same places of equal structures, one for each network."""
    return jax.tree.map(lambda *arrays: np.stack([np.asarray(x) for x in arrays]), *of_networks)


def give_back(stacked: Sequence[Any], of_networks: Sequence[Sequence[Any]]) -> None:
    """Assign what was stacked to the variables of each network, which lie in as many lists."""
    values = jax.tree.map(np.asarray, tuple(stacked))
    for i, lists in enumerate(of_networks):
        for variables, own in zip(lists, values):
            for variable, value in zip(variables, own):
                variable.assign(jax.device_put(value[i]))


def take(samples: Any, rows: np.ndarray) -> Any:
    """Return rows of all arrays, with floats that are as precise as Keras wants them."""
    kinds = {"f": keras.config.floatx()}

    def take_of(array: np.ndarray) -> np.ndarray:
        return array[rows].astype(kinds.get(array.dtype.kind, array.dtype), copy=False)

    return jax.tree.map(take_of, samples)
