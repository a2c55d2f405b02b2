"""A task: one fit that is to be run."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn_natsel._evaluation.fit_context import FitContext
from sklearn_natsel._evolution import Candidate

Result = dict[str, Any]
"""What is known of a fit; its `fit_error` is a text or None."""


@dataclass(frozen=True)
class Task:
    """A candidate, to be fitted on one of the splits."""

    candidate: Candidate
    split: int

    resource: int | None = None
    """What the fit is given of the resource; None if there is none."""

    context: FitContext | None = None
    """For callbacks that are told of fits, if there are any."""


class Procedure(ABC):
    """How a candidate is evaluated: by one fit, or by several that may run in different workers.

    Attributes
    ----------
    n_splits : int
        The number of fits with the same resource.

    shared : list of object
        The arguments that all fits have in common, as far as they may be large.

    times : tuple of str
        The entries of a result that tell what it took, in seconds.

    has_joint_tasks : bool
        Whether several tasks may be run as one.
    """

    n_splits = 1
    has_joint_tasks = False
    shared: list[Any]
    times: tuple[str, ...]

    def setting(self, task: Task) -> dict[str, Any]:
        """Return the parameters of a task, the resource included: with the split, what decides."""
        return task.candidate.params

    @abstractmethod
    def prepare(self, task: Task) -> tuple[Callable[..., Result], dict[str, Any]]:
        """Return a function that gives the result of a task, and its arguments."""

    def is_joint(self, task: Task) -> bool:
        """Whether a task is one of those that may be run as one."""
        return self.has_joint_tasks

    def prepare_many(
        self, tasks: Sequence[Task]
    ) -> tuple[Callable[..., list[Result | None]], dict[str, Any]]:
        """Return a function that gives the results of such tasks, and its arguments.

        A result is None if the task is to be run alone.
        """
        raise NotImplementedError

    @abstractmethod
    def failure(self, error: Exception) -> Result:
        """Return the result of a task that has cost its worker, or raise the error."""

    def seconds(self, results: list[Result]) -> float:
        """Return how long fits took; NaN if one has failed, for it may be cut short."""
        if any(result["fit_error"] for result in results):
            return math.nan
        return float(sum(result[name] for result in results for name in self.times))

    def is_lasting(self, result: Result) -> bool:
        """Whether a result may be kept for later searches.

        An error may be the machine's and not the setting's: no memory, a full
        disk, a missing package. It must not outlive its cause.
        """
        return result["fit_error"] is None
