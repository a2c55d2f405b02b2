"""When candidates are bred, and what counts as a generation."""

from __future__ import annotations

import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import chain

from sklearn_natsel._evaluation import Evaluation, Evaluations, Evaluator, longest_first
from sklearn_natsel._evolution import ROUNDING, Candidate, Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.journal import Journal
from sklearn_natsel._run.stopping import Stopping

Generation = tuple[int, Evaluations]
"""How many candidates make up a generation, and those that have been evaluated, one by one."""


class Schedule(ABC):
    """When candidates are bred: one object for each run.

    Attributes
    ----------
    one_by_one : bool
        Whether what is bred depends on each single evaluation, which therefore must come back
        as soon as it is known.

    depends_on_timing : bool
        Whether other candidates may be bred if fits take other times. Such a run can be repeated
        only by what a journal tells.

    lock : Lock
        To be held while the evolution is told or looked at, for it may be breeding in a thread.
    """

    one_by_one = False
    depends_on_timing = False

    def __init__(self) -> None:
        self.lock = threading.Lock()

    @abstractmethod
    def generations(
        self,
        evolution: Evolution | Journal,
        evaluator: Evaluator,
        stopping: Stopping,
        history: History,
    ) -> Iterator[Generation]:
        """Yield generation after generation; who iterates tells the evolution and records it."""

    @abstractmethod
    def count_generations(self, evolution: Evolution, n_candidates: int) -> int | None:
        """Return how many generations breed so many candidates, None if that is unknown."""

    def rest(self) -> Generation | None:
        """Breed no more; return what is still being evaluated, if anything is."""
        return None

    def expected_generations(self, evolution: Evolution, stopping: Stopping) -> int | None:
        """Return how many generations there can be, None if that is unknown."""
        limits = [stopping.n_generations]
        if stopping.max_evaluations is not None:
            limits.append(self.count_generations(evolution, stopping.max_evaluations))
        return min((limit for limit in limits if limit is not None), default=None)


class Generational(Schedule):
    """A generation is bred when the one before is complete: the same for any number of workers."""

    def generations(
        self,
        evolution: Evolution | Journal,
        evaluator: Evaluator,
        stopping: Stopping,
        history: History,
    ) -> Iterator[Generation]:
        """Yield what is bred as one, in the order in which the workers will wait least."""
        while asked := evolution.ask(limit=stopping.remaining(history)):
            limit = history.effort + stopping.remaining(history)
            yield len(asked), self._rounds(evolution, evaluator, asked, limit)

    def _rounds(
        self,
        evolution: Evolution | Journal,
        evaluator: Evaluator,
        asked: list[Candidate],
        limit: float,
    ) -> Evaluations:
        """Evaluate a generation, then those that are worth more than their first rung, and so on.

        Who goes on is decided when all results of a round are there, so that it is the
        same for any number of workers.
        """
        while asked:
            if evaluator.is_parallel:
                asked = longest_first(asked, evolution.candidates, evolution.space)
            yield from evaluator.evaluate(asked, len(asked))
            asked = evolution.promote(limit)

    def count_generations(self, evolution: Evolution, n_candidates: int) -> int | None:
        """Return how many the evolution breeds them in."""
        return evolution.count_generations(n_candidates)


class SteadyState(Schedule):
    """A candidate is bred whenever a worker is free, from what has been told by then.

    If evaluations have parts, one that is worth more than was asked of it goes first. A generation
    is as many whole evaluations as the population has members, or what costs as much; what one has
    cost too much, the next one has less.
    """

    one_by_one = True
    depends_on_timing = True

    def __init__(self) -> None:
        super().__init__()
        self._is_over = False
        self._size = 0
        # What has come back has cost, and what all generations so far may cost.
        self._effort = 0.0
        self._due = 0.0
        self._evaluations: Evaluations = iter(())

    def generations(
        self,
        evolution: Evolution | Journal,
        evaluator: Evaluator,
        stopping: Stopping,
        history: History,
    ) -> Iterator[Generation]:
        """Yield the evaluations in the order in which they come, cut into generations."""
        self._size = evolution.population_size
        limit = stopping.max_effort(history, self._size)
        self._evaluations = self._evaluate(evolution, evaluator, stopping, limit)
        self._due = self._size
        while generation := self._next_generation():
            yield generation
            self._due += self._size

    def _evaluate(
        self,
        evolution: Evolution | Journal,
        evaluator: Evaluator,
        stopping: Stopping,
        limit: float,
    ) -> Evaluations:
        """Evaluate what is bred, until nothing is left to be asked for.

        Where a space is exhausted, the last results may tell that others are worth more.
        """
        is_new = True
        while is_new:
            is_new = False
            for evaluation in evaluator.evaluate(self._breed(evolution, stopping, limit)):
                is_new = True
                yield evaluation

    def rest(self) -> Generation | None:
        """Breed no more; return what is still being evaluated, if anything is."""
        self._is_over = True
        self._due = math.inf
        return self._next_generation()

    def _next_generation(self) -> Generation | None:
        """Return the next evaluations as soon as there is one of them."""
        for first in self._evaluations:
            return self._size, self._up_to_what_is_due(first)
        return None

    def _up_to_what_is_due(self, first: Evaluation) -> Evaluations:
        """Yield the first evaluation, and others until all have cost as much as they may."""
        for evaluation in chain([first], self._evaluations):
            self._effort += evaluation.rung.effort
            yield evaluation
            if self._effort >= self._due - ROUNDING:
                return

    def count_generations(self, evolution: Evolution, n_candidates: int) -> int | None:
        """Return how many times the population they are."""
        return math.ceil(n_candidates / evolution.population_size)

    def _breed(
        self, evolution: Evolution | Journal, stopping: Stopping, limit: float
    ) -> Iterator[Candidate]:
        """Breed as long as the budget lasts; runs in the threads that feed the workers."""
        while evolution.effort < limit - ROUNDING and not self._is_over:
            with self.lock:
                candidate = evolution.ask_one(limit)
            if candidate is None:
                return
            yield candidate
            self._is_over |= time.time() >= stopping.deadline


SCHEDULES: dict[str, type[Schedule]] = {
    "generational": Generational,
    "steady-state": SteadyState,
}
"""By the values of the parameter `schedule`."""
