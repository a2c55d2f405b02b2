"""Evaluate candidates in parallel; the results stream back as they finish."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sklearn_natsel._evaluation.fit_context import FitContext
from sklearn_natsel._evaluation.task import Procedure, Result, Task
from sklearn_natsel._evaluation.workers import Call, FitTimeoutError, Known, Pool, WorkerDiedError
from sklearn_natsel._evolution import Candidate
from sklearn_natsel._memory import ResultsStore

Evaluations = Iterator[tuple[Candidate, float, float]]
"""Of each candidate its fitness and its seconds."""


class Evaluator:
    """Runs a procedure with candidates.

    Parameters
    ----------
    procedure : Procedure
        What to do with each.

    fitness : callable
        Tells the fitness from the results on all splits.

    pool : Pool
        Runs the tasks.

    store : ResultsStore or None
        Tasks whose results it has are not run; the others are added to it.

    deadline : float
        Tasks that would start after this time (of `time.time`) are left out, but
        for those of the first candidate of the search: there is always a result.

    goes_on : callable
        No further task is started once this returns False.

    open_context : callable, default=None
        Is given a candidate, a split and the number of splits before the fit is sent
        off, and returns its context. None if no callback is told of fits.

    Attributes
    ----------
    results : dict of Candidate -> list of Result
        Of those that are complete.

    fitness : dict of Candidate -> float
        Of the same ones.
    """

    def __init__(
        self,
        procedure: Procedure,
        fitness: Callable[[list[Result]], float],
        pool: Pool,
        store: ResultsStore | None,
        deadline: float,
        goes_on: Callable[[], bool],
        open_context: Callable[[Candidate, int, int], FitContext] | None = None,
    ) -> None:
        self._procedure = procedure
        self._fitness_of = fitness
        self._pool = pool
        self._store = store
        self._deadline = deadline
        self._goes_on = goes_on
        self._open_context = open_context
        self.results: dict[Candidate, list[Result]] = {}
        self.fitness: dict[Candidate, float] = {}

    @property
    def is_parallel(self) -> bool:
        """Whether several tasks run at once."""
        return self._pool.is_parallel

    def evaluate(self, candidates: Iterable[Candidate], n: int | None = None) -> Evaluations:
        """Yield each candidate with its fitness and its seconds, as soon as it is complete.

        Parameters
        ----------
        candidates : iterable of Candidate
            Each is taken when a worker has room for it, maybe in other threads, one at a time.

        n : int or None, default=None
            How many they are, if that is known.
        """
        n_tasks = None if n is None else n * self._procedure.n_splits
        unfinished: defaultdict[Candidate, dict[int, Result]] = defaultdict(dict)
        for (task, key), outcome in self._pool.outcomes(self._calls(candidates), n_tasks):
            if outcome is None:
                continue
            known = unfinished[task.candidate]
            known[task.split] = self._result_of(outcome, task, key)
            if len(known) == self._procedure.n_splits:
                yield self._complete(task.candidate, unfinished.pop(task.candidate))

    def _complete(
        self, candidate: Candidate, by_split: dict[int, Result]
    ) -> tuple[Candidate, float, float]:
        results = self.results[candidate] = [by_split[split] for split in sorted(by_split)]
        self.fitness[candidate] = self._fitness_of(results)
        return candidate, self.fitness[candidate], self._procedure.seconds(results)

    def keep_arrived(self) -> None:
        """Keep what has come back, after an error has ended the search."""
        for (task, key), outcome in self._pool.arrived():
            if outcome is not None:
                self._result_of(outcome, task, key)

    def _calls(self, candidates: Iterable[Candidate]) -> Iterator[Call | Known]:
        """Yield what the pool is to run for each candidate, and what is known already."""
        for candidate in candidates:
            key = self._store.key(candidate.params) if self._store else None
            deadline = self._deadline if candidate.index else math.inf
            for split in range(self._procedure.n_splits):
                if not self._goes_on():
                    return
                known = self._store.load(key, split) if self._store and key else None
                if known is not None:
                    yield Known((Task(candidate, split), None), known)
                else:
                    task = Task(candidate, split, self._context_of(candidate, split))
                    function, kwargs = self._procedure.prepare(task)
                    if self._store:
                        function = self._store.guarded(function)
                    yield Call((task, key), function, kwargs, deadline)

    def _context_of(self, candidate: Candidate, split: int) -> FitContext | None:
        if self._open_context is None:
            return None
        return self._open_context(candidate, split, self._procedure.n_splits)

    def _result_of(self, outcome: Any, task: Task, key: str | None) -> Result:
        """Return the result of a task; keep it, if it will last and the store lacks it."""
        if isinstance(outcome, (WorkerDiedError, FitTimeoutError)):
            if task.context is not None:
                task.context.end()
            return self._procedure.failure(outcome)
        result: Result = outcome
        if self._store and key and self._procedure.is_lasting(result):
            self._store.save(key, task.split, result)
        return result
