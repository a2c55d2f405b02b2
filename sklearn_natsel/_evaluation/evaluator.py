"""Evaluate candidates in parallel; the results stream back as they finish."""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sklearn.exceptions import FitFailedWarning

from sklearn_natsel._evaluation.order import longest_first
from sklearn_natsel._evaluation.workers.errors import FitTimeoutError, WorkerDiedError
from sklearn_natsel._evaluation.workers.pool import Call, Known, Pool
from sklearn_natsel._evolution import Candidate, Evolution
from sklearn_natsel._memory import ResultsStore

Evaluations = Iterator[tuple[Candidate, float, float]]
"""Of each candidate its fitness and its seconds."""

Result = dict[str, Any]
"""What is known of a part of an evaluation; its `fit_error` is a text or None."""


class Task(ABC):
    """What is done with a candidate: one part or several, which may run in different workers.

    Attributes
    ----------
    n_parts : int
        The number of parts.

    shared : list of object
        The arguments that all of them have in common, as far as they may be large.

    times : tuple of str
        The entries of a result that tell what it took, in seconds.
    """

    n_parts = 1
    shared: list[Any]
    times: tuple[str, ...]

    @abstractmethod
    def call(self, candidate: Candidate, part: int) -> tuple[Callable[..., Result], dict[str, Any]]:
        """Return a function that gives the result of a part, and its arguments."""

    @abstractmethod
    def failure(self, error: Exception) -> Result:
        """Return the result of a part that has cost its worker, or raise the error."""

    def seconds(self, results: list[Result]) -> float:
        """Return how long all parts have taken; NaN if one has failed, for it may be cut short."""
        if any(result["fit_error"] for result in results):
            return math.nan
        return float(sum(result[name] for result in results for name in self.times))

    def is_lasting(self, result: Result) -> bool:
        """Whether a result may be kept for later searches.

        An error may be the machine's and not the setting's: no memory, a full
        disk, a missing package. It must not outlive its cause.
        """
        return result["fit_error"] is None


class Evaluator:
    """Runs a task with the candidates of an evolution.

    Parameters
    ----------
    task : Task
        What to do with each.

    fitness : callable
        Tells the fitness from the results of all parts.

    evolution : Evolution
        Has bred the candidates.

    pool : Pool
        Runs the parts.

    store : ResultsStore or None
        Parts whose results it has are not run; the others are added to it.

    deadline : float
        Parts that would start after this time (of `time.time`) are left out, but
        for those of the first candidate of the search: there is always a result.

    goes_on : callable
        No further part is started once this returns False.

    Attributes
    ----------
    results : dict of Candidate -> list of Result
        Of those that are complete.
    """

    def __init__(
        self,
        task: Task,
        fitness: Callable[[list[Result]], float],
        evolution: Evolution,
        pool: Pool,
        store: ResultsStore | None,
        deadline: float,
        goes_on: Callable[[], bool],
    ) -> None:
        self._task = task
        self._fitness = fitness
        self._evolution = evolution
        self._pool = pool
        self._store = store
        self._deadline = deadline
        self._goes_on = goes_on
        self.results: dict[Candidate, list[Result]] = {}

    def evaluate(self, candidates: Iterable[Candidate]) -> Evaluations:
        """Yield each candidate with its fitness and its seconds, as soon as it is complete.

        Parameters
        ----------
        candidates : iterable of Candidate
            A list is a generation, whose order is free. Of any other iterable, each is
            taken when a worker has room for it.
        """
        n_calls = None
        if isinstance(candidates, list):
            n_calls = len(candidates) * self._task.n_parts
            if self._pool.is_parallel:
                candidates = longest_first(self._evolution, candidates)
        unfinished: defaultdict[Candidate, dict[int, Result]] = defaultdict(dict)
        for (candidate, part, key), outcome in self._pool.run(self._calls(candidates), n_calls):
            if outcome is None:
                continue
            unfinished[candidate][part] = self._result_of(outcome, part, key)
            if len(unfinished[candidate]) == self._task.n_parts:
                parts = unfinished.pop(candidate)
                results = self.results[candidate] = [parts[i] for i in sorted(parts)]
                yield candidate, self._fitness(results), self._task.seconds(results)

    @property
    def best(self) -> Candidate | None:
        """The best that the evolution was told of, of equal ones the first that was bred."""
        scored = [c for c in self.results if c.fitness is not None and not math.isnan(c.fitness)]
        return max(scored, key=lambda c: (c.fitness, -c.index), default=None)

    @property
    def best_params(self) -> dict[str, Any] | None:
        """The setting of the best one; None without a score."""
        best = self.best
        return None if best is None else dict(best.params)

    def warn_if_nothing_works(self, row: dict[str, Any]) -> None:
        """Tell at once if a first generation has no score: to go on may be a waste of hours."""
        if row["generation"] > 0 or row["n_failed"] < row["n_evaluated"]:
            return
        results = (result for results in self.results.values() for result in results)
        error = next((result["fit_error"] for result in results if result["fit_error"]), None)
        warnings.warn(
            f"None of the first {row['n_evaluated']} settings has a score."
            + (f" The first error was:\n{error}" if error else ""),
            FitFailedWarning,
            stacklevel=2,
        )

    def keep_arrived(self) -> None:
        """Keep what has come back, after an error has ended the search."""
        for (_, part, key), outcome in self._pool.arrived():
            if outcome is not None:
                self._result_of(outcome, part, key)

    def _calls(self, candidates: Iterable[Candidate]) -> Iterator[Call | Known]:
        for candidate in candidates:
            key = self._store.key(candidate.params) if self._store else None
            deadline = self._deadline if candidate.index else math.inf
            for part in range(self._task.n_parts):
                if not self._goes_on():
                    return
                known = self._store.load(key, part) if self._store and key else None
                if known is not None:
                    yield Known((candidate, part, None), known)
                else:
                    function, kwargs = self._task.call(candidate, part)
                    if self._store:
                        function = self._store.guarded(function)
                    yield Call((candidate, part, key), function, kwargs, deadline)

    def _result_of(self, outcome: Any, part: int, key: str | None) -> Result:
        """Return the result of a part; keep it, if it will last and the store lacks it."""
        if isinstance(outcome, (WorkerDiedError, FitTimeoutError)):
            return self._task.failure(outcome)
        result: Result = outcome
        if self._store and key and self._task.is_lasting(result):
            self._store.save(key, part, result)
        return result
