"""What is evaluated: settings with what is known of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_natsel._space import Genome

Floats = NDArray[np.float64]


@dataclass(eq=False)
class Candidate:
    """A setting to evaluate, and where it came from."""

    index: int
    """Position in the order of breeding, from 0."""

    genome: Genome
    params: dict[str, Any]
    generation: int
    origin: str
    parents: tuple[int, ...]
    """Indices of the candidates that it was bred from."""

    fitness: float | None = None
    """None until it is told; NaN if the evaluation failed."""

    seconds: float = math.nan
    """What the evaluation took; NaN if that is unknown."""


@dataclass(frozen=True)
class Child:
    """A genome that was bred but is not yet a candidate."""

    genome: Genome
    origin: str
    parents: tuple[int, ...] = ()


def fitness_of(candidates: Sequence[Candidate]) -> Floats:
    """Return the fitness of each candidate, NaN if it was not told."""
    return np.array([math.nan if c.fitness is None else c.fitness for c in candidates])
