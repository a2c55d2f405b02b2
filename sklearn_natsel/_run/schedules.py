"""The loop around the evolution: breed, evaluate, tell, record, until told to stop."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sklearn_natsel._evaluation import Evaluations
from sklearn_natsel._evolution import Candidate, Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.journal import Journal
from sklearn_natsel._run.stopping import Stopping

Evaluate = Callable[[Iterable[Candidate], int], Evaluations]


def evolve(
    evolution: Evolution,
    evaluate: Evaluate,
    stopping: Stopping,
    history: History,
    on_generation: Callable[[dict[str, Any]], bool],
    schedule: str = "generational",
    journal: Journal | None = None,
) -> str:
    """Run an evolution to its end.

    Parameters
    ----------
    evolution : Evolution
        Breeds the candidates.

    evaluate : callable
        Takes candidates and how many of them are a generation; yields each with
        its fitness and its seconds as soon as they are known, in any order;
        candidates may be missing. May take the candidates in other threads, one at a time.

    stopping : Stopping
        The limits.

    history : History
        Gets a row per generation.

    on_generation : callable
        Is given each row; ends the evolution by returning True.

    schedule : {"generational", "steady-state"}, default="generational"
        When candidates are bred.

    journal : Journal, default=None
        Where a steady-state evolution is written down.

    Returns
    -------
    reason : str
        Why it ended, as `stop_reason_` of the search.
    """
    run = SCHEDULES[schedule](
        evolution, evaluate, stopping, history, on_generation, journal or Journal()
    )
    try:
        reason = run.until_told_to_stop()
        run.finish()
    except KeyboardInterrupt:
        reason = "interrupted"
        run.record()
    return reason


class _Schedule(ABC):
    """When candidates are bred, and what counts as a generation."""

    def __init__(
        self,
        evolution: Evolution,
        evaluate: Evaluate,
        stopping: Stopping,
        history: History,
        on_generation: Callable[[dict[str, Any]], bool],
        journal: Journal,
    ) -> None:
        self._evolution = evolution
        self._evaluate = evaluate
        self._stopping = stopping
        self._history = history
        self._on_generation = on_generation
        self._journal = journal
        self._told: list[float] = []
        self._is_exhausted = False
        # The evolution can't breed while it is told or looked at.
        self._lock = threading.Lock()

    def until_told_to_stop(self) -> str:
        """Evaluate generations; return the reason for the end."""
        for evaluations in self._generations():
            self._tell(evaluations)
            row = self.record()
            if row is None:
                break
            if self._on_generation(row):
                return "callback"
            if reason := self._stopping.reason(self._history):
                return reason
        ended = "space_exhausted" if self._is_exhausted else "callback"
        return self._stopping.reason(self._history) or ended

    @abstractmethod
    def finish(self) -> None:
        """Wait for what is still being evaluated."""

    def record(self) -> dict[str, Any] | None:
        """Add the row of what was told since the last one; None if that is nothing."""
        new = self._told[self._history.n_evaluations :]
        if not new:
            return None
        with self._lock:
            return self._history.record(self._evolution, new, self._stopping.seconds)

    def _tell(self, evaluations: Evaluations) -> None:
        for candidate, fitness, seconds in evaluations:
            with self._lock:
                self._journal.tell(self._evolution, candidate, fitness, seconds)
            self._told.append(fitness)

    @abstractmethod
    def _generations(self) -> Iterator[Evaluations]:
        """Yield the evaluations of each generation."""


class _Generational(_Schedule):
    """A generation is bred when the one before is complete: the same for any number of workers."""

    def _generations(self) -> Iterator[Evaluations]:
        while asked := self._evolution.ask(limit=self._stopping.remaining(self._history)):
            yield self._evaluate(asked, len(asked))
        self._is_exhausted = True

    def finish(self) -> None:
        """Wait for nothing: a generation ends with its last evaluation."""


class _SteadyState(_Schedule):
    """A candidate is bred whenever a worker is free, from what has been told by then.

    A generation is as many evaluations as the population has members.
    """

    def _generations(self) -> Iterator[Evaluations]:
        self._is_over = False
        size = self._evolution.population_size
        self._evaluations = iter(self._evaluate(self._breed(), size))
        while True:
            yield islice(self._evaluations, size)

    def finish(self) -> None:
        """Breed no more, and wait for what is still being evaluated."""
        self._is_over = True
        self._tell(self._evaluations)
        row = self.record()
        if row is not None:
            self._on_generation(row)

    def _breed(self) -> Iterator[Candidate]:
        """Breed as long as the budget lasts; runs in the threads that feed the workers."""
        budget = self._stopping.remaining(self._history)
        if self._stopping.n_generations is not None:
            budget = min(budget, self._stopping.n_generations * self._evolution.population_size)
        while len(self._evolution.candidates) < budget and not self._is_over:
            with self._lock:
                candidate = self._journal.ask_one(self._evolution)
            if candidate is None:
                self._is_exhausted = True
                return
            yield candidate
            self._is_over |= time.time() >= self._stopping.deadline


SCHEDULES: dict[str, type[_Schedule]] = {
    "generational": _Generational,
    "steady-state": _SteadyState,
}
"""By the values of the parameter `schedule`."""
