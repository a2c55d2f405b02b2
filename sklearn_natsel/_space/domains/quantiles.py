"""What is asked of any distribution that tells its quantiles."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

import numpy as np


def signature_of(distribution: Any) -> Hashable:
    """Return what distributions share that are the same."""
    return tuple(float(distribution.ppf(quantile)) for quantile in np.linspace(0.1, 0.9, 9))


def support_of(distribution: Any) -> tuple[Any, Any]:
    """Return the ends as they are: a float would round integers beyond 2**53."""
    return distribution.support() if hasattr(distribution, "support") else (-math.inf, math.inf)


def inside_unit_interval(quantile: float) -> float:
    """Return a quantile that is neither 0 nor 1: there the values may be infinite."""
    return min(max(float(quantile), 1e-12), 1 - 1e-12)
