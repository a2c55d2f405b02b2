"""Augmentation inside the compiled program, by a limit that is data of it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from sklearn_natsel.keras._augmentation import Augmentation
from sklearn_natsel.keras._population.dropout import fold


def augmented(augmentation: Augmentation, samples: Any, max_shift: Any, key: Any) -> Any:
    """Return the samples of a batch with their images changed.

    Parameters
    ----------
    augmentation : Augmentation
        What is done, but for its own `max_shift`.

    samples : array of shape (n_samples, n_features)
        The images.

    max_shift : array, scalar
        The pixels by which an image is moved at most.

    key : array of uint32, scalar
        Decides which are mirrored, and how far each is moved.

    Returns
    -------
    samples : array of shape (n_samples, n_features)
    """
    places = jax.lax.iota(jnp.uint32, len(samples))
    flips = fold(fold(key, 0), places) >> 31 == 1
    # From 0 to 1, in steps that a float can count.
    drawn = jnp.stack([fold(fold(key, axis), places) >> 8 for axis in (1, 2)]) / 2**24
    moves = jnp.floor(drawn * (2 * max_shift + 1)) - max_shift
    return augmentation.change(jnp, samples, flips, moves.astype(jnp.int32))
