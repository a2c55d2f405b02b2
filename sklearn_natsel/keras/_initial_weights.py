"""Initial weights, drawn by NumPy: JAX compiles its generator anew for each shape."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from scipy.special import ndtr, ndtri

# What is left of the standard deviation of a normal distribution that is cut at two of them.
_CUT = 0.87962566103423978


def draw_weights(initializer: keras.initializers.Initializer, shape: tuple[int, ...]) -> Any:
    """Draw from the distribution of an initializer, with its seed.

    Parameters
    ----------
    initializer : keras.initializers.Initializer
        The distribution. Any but those of LeCun, Glorot and He draws by itself.

    shape : tuple of int
        The shape of the weights.

    Returns
    -------
    weights : array of shape `shape`
        An array that a variable of Keras can be set to.
    """
    if not isinstance(initializer, keras.initializers.VarianceScaling):
        return initializer(shape)
    rng = np.random.default_rng(initializer.seed)
    n_in, n_out = shape
    fans = {"fan_in": n_in, "fan_out": n_out, "fan_avg": (n_in + n_out) / 2}
    deviation = math.sqrt(initializer.scale / max(1.0, fans[initializer.mode]))
    if initializer.distribution == "uniform":
        weights = rng.uniform(-math.sqrt(3), math.sqrt(3), shape)
    elif initializer.distribution == "untruncated_normal":
        weights = rng.standard_normal(shape)
    else:
        weights = ndtri(rng.uniform(ndtr(-2), ndtr(2), shape)) / _CUT
    return (deviation * weights).astype(np.float32)
