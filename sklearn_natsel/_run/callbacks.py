"""scikit-learn's callbacks (from 1.9), as a tree of contexts: search, generation, evaluation.

Only the process of the search holds contexts. scikit-learn's own searches send
one with every fit, which pickles the whole tree each time.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from copy import copy
from typing import Any

from sklearn.base import clone

from sklearn_natsel._evolution import Candidate
from sklearn_natsel._run.stopping import Stopping


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
    """Open the context of a whole `fit`; raise if the estimator has callbacks of a search."""
    if not hasattr(search, "_init_callback_context"):
        return NoContext()
    context = search._init_callback_context(max_subtasks=max_subtasks)
    if hasattr(search.estimator, "set_callbacks"):
        # Tried here, for the refit would be too late, and on a copy, which may remember it.
        with copy(context).propagate_callback_context(clone(search.estimator)):
            pass
    return context


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

    def begin_generation(self, n: int) -> None:
        """Open the context of a generation."""
        self._n_begun += 1
        if self._context.max_subtasks is not None:
            # Generations that come out short can be more than were expected.
            self._context.max_subtasks = max(self._context.max_subtasks, self._n_begun)
        self._generation = self._context.subcontext(task_name="generation", max_subtasks=n)
        self._generation.call_on_fit_task_begin(estimator=self._search)

    def evaluated(self, candidate: Candidate) -> None:
        """Tell that an evaluation has ended."""
        context = self._generation.subcontext(task_name="evaluation")
        self._end(context.call_on_fit_task_begin(estimator=self._search))

    def end_generation(self, row: dict[str, Any]) -> None:
        """Tell that the generation has ended."""
        self._end(self._generation)

    def end(self) -> None:
        """Tell that the evolution has ended."""
        self._context.call_on_fit_task_end(estimator=self._search)

    def _end(self, context: Any) -> None:
        if context.call_on_fit_task_end(estimator=self._search):
            self._stopping.request(at_once=True)
