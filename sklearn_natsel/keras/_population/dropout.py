"""What dropout keeps: a hash of the seed and of each output's place, in a few operations.

JAX's own generators cost more. Threefry takes as long to compile, and half as long to run, as the
layers around it, and the others draw differently for a network that is stacked with others.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

# Multiples of it, 2**32 over the golden ratio, lie far from each other.
_GOLDEN = np.uint32(0x9E3779B9)


def fold(key: Any, number: Any) -> Any:
    """Return a key that depends on another one and on a number."""
    return _mix(key + jnp.asarray(number, jnp.uint32) * _GOLDEN)


def kept(key: Any, shape: tuple[int, int], dropout: Any) -> Any:
    """Return the factors of outputs: 0, or what makes up for those.

    Parameters
    ----------
    key : array of uint32, scalar
        Which outputs are dropped follows from it and from their place.

    shape : tuple of int
        Samples and outputs.

    dropout : array, scalar
        The share that is dropped.

    Returns
    -------
    factors : array of shape `shape`
        Their mean is 1.
    """
    of_samples = fold(key, jax.lax.iota(jnp.uint32, shape[0]))[:, None]
    drawn = fold(of_samples, jax.lax.iota(jnp.uint32, shape[1])) >> 8  # what a float can count
    return jnp.where(drawn >= dropout * 2**24, 1 / (1 - dropout), 0)


def _mix(x: Any) -> Any:
    """Spread each bit over all, by the constants of "lowbias32" (C. Wellons, 2018)."""
    x = (x ^ (x >> 16)) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * np.uint32(0x846CA68B)
    return x ^ (x >> 16)
