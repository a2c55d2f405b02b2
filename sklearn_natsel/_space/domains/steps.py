"""How far a mutation steps."""

from __future__ import annotations

import numpy as np

# The longest step of a mutation, and the shortest on a continuous scale, as fractions of the range.
LONGEST_STEP = 0.5
SHORTEST_STEP = 1e-4


def step_length(shortest: float, longest: float, rng: np.random.RandomState) -> float:
    """Draw the length of a mutation step, uniform on the log scale.

    Far and near values are both tried at every stage of the evolution: no step
    size has to be set or adapted.

    References
    ----------
    H. Mühlenbein and D. Schlierkamp-Voosen, "Predictive Models for the Breeder
    Genetic Algorithm I", Evolutionary Computation 1(1), 1993, section 4.
    """
    return float(shortest * (longest / shortest) ** rng.random_sample())


def step_integer(value: int, low: int, high: int, rng: np.random.RandomState) -> int:
    """Move at least 1 and at most half the range; reflect where an end is hit."""
    if low == high:
        return value
    distance = round(step_length(1.0, max(1.0, LONGEST_STEP * (high - low)), rng))
    moved = value + (distance if rng.random_sample() < 0.5 else -distance)
    if moved < low or moved > high:
        moved = 2 * value - moved
    return int(min(max(moved, low), high))
