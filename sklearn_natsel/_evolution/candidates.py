"""What is evaluated: settings with what is known of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
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

    is_default: bool = False
    """Whether it is the estimator as it is without a search; it may be given as well."""

    fitness: float | None = None
    """None until it is told; NaN if the evaluation failed.

    Of one that was evaluated in part it is an estimate of what the rest would make of it.
    """

    seconds: float = math.nan
    """What the evaluation took, or would take in full; NaN if that is unknown."""

    rung: int = 0
    """The highest rung that it was asked to be evaluated on."""

    scores: list[float] = field(default_factory=list)
    """Those that were told, one for each rung from the first."""

    estimates: list[float] = field(default_factory=list)
    """What each of them lets one expect of a whole evaluation."""


@dataclass(frozen=True)
class Child:
    """A genome that was bred but is not yet a candidate."""

    genome: Genome
    origin: str
    parents: tuple[int, ...] = ()
    is_default: bool = False


def fitness_of(candidates: Sequence[Candidate]) -> Floats:
    """Return the fitness of each candidate, NaN if it was not told."""
    return np.array([math.nan if c.fitness is None else c.fitness for c in candidates])
