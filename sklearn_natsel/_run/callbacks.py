"""scikit-learn's callbacks (from 1.9), as a tree of contexts: search, generation, evaluation.

Only the process of the search holds contexts, unless a callback is to be told of the
fits themselves. Then each evaluation has contexts of its fits, which go with them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from copy import copy
from threading import Lock
from typing import Any

from sklearn.base import clone

from sklearn_natsel._evaluation import FitContext
from sklearn_natsel._evolution import Candidate
from sklearn_natsel._run.stopping import Stopping
from sklearn_natsel._space import callbacks_of


class NoContext:
    """Stands in for a callback context on scikit-learn below 1.9."""

    max_subtasks = None

    def subcontext(self, **kwargs: Any) -> NoContext:
        return self

    def call_on_fit_task_begin(self, **kwargs: Any) -> NoContext:
        return self

    def call_on_fit_task_end(self, **kwargs: Any) -> bool:
        return False

    def propagate_callback_context(self, sub_estimator: Any) -> AbstractContextManager[None]:
        return nullcontext()


def root_context(search: Any, max_subtasks: int) -> Any:
    """Open the context of a whole `fit`."""
    if not hasattr(search, "_init_callback_context"):
        return NoContext()
    return search._init_callback_context(max_subtasks=max_subtasks)


def reaches_fits(search: Any, context: Any) -> bool:
    """Whether the estimator has callbacks when it is fitted: its own, or some of the search.

    Raises if its own ones belong on the search.
    """
    if not hasattr(search.estimator, "set_callbacks"):
        return False
    # On copies, for they may remember it.
    estimator = clone(search.estimator)
    with copy(context).propagate_callback_context(estimator):
        parts = [estimator, *estimator.get_params().values()]
        return any(map(callbacks_of, parts))


class Progress:
    """Tells the callbacks of a search how the evolution goes.

    Parameters
    ----------
    search : estimator
        Whose callbacks are told.

    context : CallbackContext or NoContext
        Of the whole `fit`.

    n_generations : int or None
        The most generations that there can be, None if that is unknown.

    stopping : Stopping
        Is told if a callback asks to end the search.
    """

    def __init__(
        self, search: Any, context: Any, n_generations: int | None, stopping: Stopping
    ) -> None:
        self._search = search
        self._context = context.subcontext(task_name="evolution", max_subtasks=n_generations)
        self._context.call_on_fit_task_begin(estimator=search)
        self._stopping = stopping
        self._n_begun = 0
        self._generation: Any = None
        self._size: int | None = None
        self._n_evaluations = 0
        self._evaluations: dict[Candidate, Any] = {}
        # Fits are sent off by the threads that feed the workers, maybe while a generation ends.
        self._lock = Lock()

    def begin_generation(self, n: int) -> None:
        """Open the context of a generation, unless a fit has done so."""
        with self._lock:
            self._size = n
            if self._generation is None:
                self._open_generation()

    def open_fit(self, candidate: Candidate, split: int, n_splits: int) -> FitContext:
        """Open the context of a fit, and before it the one of its evaluation."""
        with self._lock:
            if self._generation is None:  # between two generations of the steady state
                self._open_generation()
            if candidate not in self._evaluations:
                self._evaluations[candidate] = self._open_evaluation(n_splits)
            evaluation = self._evaluations[candidate]
        context = evaluation.subcontext(task_name="candidate-split-evaluation", task_id=split)
        return FitContext(self._search, context)

    def evaluated(self, candidate: Candidate) -> None:
        """Tell that an evaluation has ended."""
        with self._lock:
            context = self._evaluations.pop(candidate, None) or self._open_evaluation(0)
        self._end(context)

    def end_generation(self, row: dict[str, Any]) -> None:
        """Tell that the generation has ended."""
        with self._lock:
            generation, self._generation = self._generation, None
        self._end(generation)

    def end(self) -> None:
        """Tell that the evolution has ended."""
        cut_short = [*self._evaluations.values(), *([self._generation] if self._generation else [])]
        for context in cut_short:
            context.call_on_fit_task_end(estimator=self._search)
        self._context.call_on_fit_task_end(estimator=self._search)

    def _open_generation(self) -> None:
        self._n_begun += 1
        self._n_evaluations = 0
        if self._context.max_subtasks is not None:
            # Generations that come out short can be more than were expected.
            self._context.max_subtasks = max(self._context.max_subtasks, self._n_begun)
        self._generation = self._context.subcontext(task_name="generation", max_subtasks=self._size)
        self._generation.call_on_fit_task_begin(estimator=self._search)

    def _open_evaluation(self, n_splits: int) -> Any:
        self._n_evaluations += 1
        if self._generation.max_subtasks is not None:
            # In the steady state more may begin than end.
            self._generation.max_subtasks = max(self._generation.max_subtasks, self._n_evaluations)
        context = self._generation.subcontext(
            task_name="evaluation", max_subtasks=n_splits, sequential_subtasks=not n_splits
        )
        return context.call_on_fit_task_begin(estimator=self._search)

    def _end(self, context: Any) -> None:
        if context.call_on_fit_task_end(estimator=self._search):
            self._stopping.request(at_once=True)
