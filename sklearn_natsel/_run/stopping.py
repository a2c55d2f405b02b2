"""When to end an evolution."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

from sklearn_natsel._evolution import is_better, reaches
from sklearn_natsel._run.history import History

# How many generations there are if nothing else bounds the effort.
_N_GENERATIONS = 40

# Sums of parts are rounded to so many.
_DIGITS = 9


@dataclass
class Stopping:
    """Limits of a search; the first one reached ends it, and so does a request.

    Time is counted from the creation of this object.
    """

    n_generations: int | None = None
    max_evaluations: int | None = None
    max_time: float | None = None
    patience: int | None = None
    tol: float = 0.0
    target_score: float | None = None
    started: float = field(default_factory=time.time)
    _is_requested: bool = field(default=False, init=False)
    _fits_may_start: bool = field(default=True, init=False)

    @classmethod
    def bounded(cls, **limits: Any) -> Stopping:
        """Make an object with these limits that ends an evolution in any case."""
        budgets = ("n_generations", "max_evaluations", "max_time")
        if all(limits.get(name) is None for name in budgets):
            limits["n_generations"] = _N_GENERATIONS
        return cls(**limits)

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.time() - self.started

    @property
    def deadline(self) -> float:
        """The time, as of `time.time`, after which no fit starts."""
        return math.inf if self.max_time is None else self.started + self.max_time

    def remaining(self, history: History) -> float:
        """How many more whole evaluations there may be."""
        if self.max_evaluations is None:
            return math.inf
        return round(self.max_evaluations - history.effort, _DIGITS)

    def max_effort(self, history: History, generation_size: int) -> float:
        """How many whole evaluations there may be in all, in generations of this size."""
        limit = self.remaining(history)
        if self.n_generations is None:
            return limit
        return min(limit, self.n_generations * generation_size)

    def request(self, at_once: bool = False) -> None:
        """End the search after this generation, or with the fits that are running."""
        self._is_requested = True
        self._fits_may_start &= not at_once

    def goes_on(self) -> bool:
        """Whether fits may start."""
        return self._fits_may_start

    def reason(self, history: History) -> str | None:
        """Say which limit has been reached, None if none has."""
        if self._is_requested:
            return "callback"
        if reaches(history.best, self.target_score):
            return "target_score"
        if self.remaining(history) < 1:
            return "max_evaluations"
        if self.n_generations is not None and len(history.rows) >= self.n_generations:
            return "n_generations"
        if self.patience is not None and self._stagnant(history) >= self.patience:
            return "patience"
        if time.time() >= self.deadline:
            return "max_time"
        return None

    def _stagnant(self, history: History) -> int:
        """Count the generations since the last improvement above `tol`."""
        improved_at, reference = 0, -math.inf
        for generation, row in enumerate(history.rows):
            best = row["best_so_far"]
            if is_better(best, reference, self.tol):
                improved_at, reference = generation, best
        return len(history.rows) - 1 - improved_at
