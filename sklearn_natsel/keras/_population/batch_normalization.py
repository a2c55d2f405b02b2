"""A layer of batch normalisation for batches of which some samples do not count."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import keras


class BatchNormalization(keras.layers.BatchNormalization):
    """What Keras' layer computes of whole batches, for those samples that count.

    Keras' own masked moments divide by a little more than their number, which makes a gradient of
    what should be none, and fail with a single feature.
    """

    def _moments(self, inputs: Any, mask: Any) -> tuple[Any, Any]:
        if mask is None:
            return super()._moments(inputs, mask)
        counted, n = mask[:, None], mask.sum()
        mean = jnp.where(counted, inputs, 0).sum(axis=0) / n
        return mean, jnp.where(counted, jnp.square(inputs - mean), 0).sum(axis=0) / n
