"""Evaluate candidates in parallel; the results stream back as they finish."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from sklearn_natsel._evaluation.fit_context import FitContext
from sklearn_natsel._evaluation.groups import Groups
from sklearn_natsel._evaluation.task import Procedure, Result, Task
from sklearn_natsel._evaluation.workers import (
    AnyCall,
    Call,
    FitTimeoutError,
    Known,
    Pool,
    WorkerDiedError,
)
from sklearn_natsel._evolution import Candidate, Ladder, Rung
from sklearn_natsel._memory import ResultsStore


class Evaluation(NamedTuple):
    """What has come of a candidate on a rung of the ladder."""

    candidate: Candidate

    fitness: float
    """From the results on the splits of the rung, with its resource."""

    seconds: float
    """Of all fits so far."""

    rung: Rung

    is_complete: bool
    """Whether it was the last one."""

    is_last: bool
    """Whether the candidate was not asked to go on, at least not yet."""


class Outcome(NamedTuple):
    """What is known of a candidate in the end."""

    candidate: Candidate

    rung: Rung
    """The highest that it was evaluated on."""

    results: list[Result]
    """On the splits of the rung, with its resource."""

    is_complete: bool
    """Whether it is the last one."""


Evaluations = Iterator[Evaluation]

Fits = dict[tuple[int | None, int], Result]
"""Results by resource and split."""


class Evaluator:
    """Runs a procedure with candidates.

    Parameters
    ----------
    procedure : Procedure
        What to do with each.

    ladder : Ladder
        In which parts.

    fitness : callable
        Tells the fitness from the results on splits.

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
        Is given a candidate, the number of a fit and how many fits are asked for before the
        fit is sent off, and returns its context. None if no callback is told of fits.

    Attributes
    ----------
    results : dict of Candidate -> list of Result
        Of those that are complete.

    fitness : dict of Candidate -> float
        Of the same ones.

    latest_fitness : dict of Candidate -> float
        Of all that were evaluated on a rung, on the highest one.
    """

    def __init__(
        self,
        procedure: Procedure,
        ladder: Ladder,
        fitness: Callable[[list[Result]], float],
        pool: Pool,
        store: ResultsStore | None,
        deadline: float,
        goes_on: Callable[[], bool],
        open_context: Callable[[Candidate, int, int], FitContext] | None = None,
    ) -> None:
        self._procedure = procedure
        self._ladder = ladder
        self._fitness_of = fitness
        self._pool = pool
        self._store = store
        self._deadline = deadline
        self._goes_on = goes_on
        self._open_context = open_context
        # A limit of each fit, or who is told of it, can't be heeded in a group.
        joins = procedure.has_joint_tasks and pool.timeout is None and open_context is None
        self._groups = Groups(procedure, store, deadline, goes_on) if joins else None
        self._fits: defaultdict[Candidate, Fits] = defaultdict(dict)
        self._n_climbed: defaultdict[Candidate, int] = defaultdict(int)
        self.results: dict[Candidate, list[Result]] = {}
        self.fitness: dict[Candidate, float] = {}
        self.latest_fitness: dict[Candidate, float] = {}

    @property
    def is_parallel(self) -> bool:
        """Whether several tasks run at once."""
        return self._pool.n_workers > 1

    def evaluate(self, candidates: Iterable[Candidate], n: int | None = None) -> Evaluations:
        """Yield what has come of each candidate, as soon as all its fits on a rung are there.

        Parameters
        ----------
        candidates : iterable of Candidate
            Each is taken when a worker has room for it, maybe in other threads, one at a time, and
            evaluated up to its `rung`.

        n : int or None, default=None
            How many they are, if that is known.
        """
        for (task, key), outcome in self._outcomes(candidates, n):
            if outcome is None:
                continue
            result = self._result_of(outcome, task, key)
            if self._groups is not None:
                self._groups.learn(self._procedure.seconds([result]))
            fits = self._fits[task.candidate]
            fits[task.resource, task.split] = result
            while rung := self._next_rung(task.candidate):
                yield self._climb(task.candidate, rung)

    def _outcomes(
        self, candidates: Iterable[Candidate], n: int | None
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the task of each call with the key of its result, and what has become of it."""
        if self._groups is None:
            n_tasks = None if n is None else n * self._ladder[0].n_splits
            return self._pool.outcomes(self._calls(candidates), n_tasks)
        if n is None:
            return self._pool.outcomes(self._calls_by_candidate(candidates, self._groups))
        # That the longest come first depends on what earlier fits took; groups must not.
        in_order = sorted(candidates, key=lambda candidate: candidate.index)
        n_groups = self._pool.n_workers
        return self._pool.outcomes(self._groups.join(self._calls(in_order), n_groups), n_groups)

    def _next_rung(self, candidate: Candidate) -> Rung | None:
        """Return the next rung of a candidate, if it is to be there and all fits have come back."""
        n_climbed = self._n_climbed[candidate]
        if n_climbed > candidate.rung:
            return None
        rung, fits = self._ladder[n_climbed], self._fits[candidate]
        return rung if all((rung.resource, i) in fits for i in range(rung.n_splits)) else None

    def _climb(self, candidate: Candidate, rung: Rung) -> Evaluation:
        """Take note that a candidate was evaluated on a rung."""
        self._n_climbed[candidate] += 1
        fits = self._fits[candidate]
        results = [fits[rung.resource, split] for split in range(rung.n_splits)]
        self.latest_fitness[candidate] = fitness = self._fitness_of(results)
        is_complete = rung is self._ladder[-1]
        if is_complete:
            self.results[candidate], self.fitness[candidate] = results, fitness
            del self._fits[candidate]
        return Evaluation(
            candidate,
            fitness,
            self._procedure.seconds(list(fits.values())),
            rung,
            is_complete,
            is_last=self._n_climbed[candidate] > candidate.rung,
        )

    def outcomes(self) -> list[Outcome]:
        """Return what is known of all candidates with a rung, in the order of breeding."""
        in_order = sorted(self.latest_fitness, key=lambda candidate: candidate.index)
        return [self.outcome(candidate) for candidate in in_order]

    def outcome(self, candidate: Candidate) -> Outcome:
        """Return what is known of one of them."""
        rung = self._ladder[self._n_climbed[candidate] - 1]
        if candidate in self.results:
            return Outcome(candidate, rung, self.results[candidate], is_complete=True)
        fits = self._fits[candidate]
        results = [fits[rung.resource, split] for split in range(rung.n_splits)]
        return Outcome(candidate, rung, results, is_complete=False)

    def keep_arrived(self) -> None:
        """Keep what has come back, after an error has ended the search."""
        for (task, key), outcome in self._pool.arrived():
            if outcome is not None:
                self._result_of(outcome, task, key)

    def _calls(self, candidates: Iterable[Candidate]) -> Iterator[Call | Known]:
        """Yield what the pool is to run for each candidate, and what is known already."""
        for candidate in candidates:
            deadline = self._deadline if candidate.index else math.inf
            tasks = self._tasks(candidate)
            keys: dict[int | None, str | None] = {}
            for number, task in enumerate(tasks):
                if not self._goes_on():
                    return
                if task.resource not in keys:
                    keys[task.resource] = self._key(task)
                key = keys[task.resource]
                known = self._store.load(key, task.split) if self._store and key else None
                if known is not None:
                    yield Known((task, None), known)
                    continue
                if self._open_context is not None:
                    context = self._open_context(candidate, number, len(tasks))
                    task = replace(task, context=context)
                function, kwargs = self._procedure.prepare(task)
                if self._store:
                    function = self._store.guarded(function)
                yield Call((task, key), function, kwargs, deadline)

    def _calls_by_candidate(
        self, candidates: Iterable[Candidate], groups: Groups
    ) -> Iterator[AnyCall]:
        """Yield the same, as a group for each candidate: the next one may depend on its results."""
        for candidate in candidates:
            yield from groups.join(self._calls([candidate]), n_groups=1)
            if not self._goes_on():
                return

    def _tasks(self, candidate: Candidate) -> list[Task]:
        """Return what is to be run up to the rung that a candidate was asked for."""
        return [
            Task(candidate, split, rung.resource)
            for rung in self._ladder[self._n_climbed[candidate] : candidate.rung + 1]
            for split in range(rung.first, rung.n_splits)
        ]

    def _key(self, task: Task) -> str | None:
        return self._store.key(self._procedure.setting(task)) if self._store else None

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
