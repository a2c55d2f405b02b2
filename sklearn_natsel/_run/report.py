"""What the user is told of each generation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import FitFailedWarning

from sklearn_natsel._evaluation import Evaluator, Outcome
from sklearn_natsel._evolution import Candidate
from sklearn_natsel._run.history import progress_line
from sklearn_natsel._run.stopping import Stopping


class Report:
    """Prints a line for each generation and calls the user's callback, which may end the run.

    Parameters
    ----------
    evaluator : Evaluator
        Knows the results so far.

    stopping : Stopping
        Is told if the callback asks to end the search.

    verbose : int
        Whether to print.

    callback : callable or None
        Is given each row, as the user is to see it.

    as_shown : callable, default=dict
        Turns a row of the history into what the user is to see.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        stopping: Stopping,
        verbose: int,
        callback: Callable[[dict[str, Any]], Any] | None,
        as_shown: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    ) -> None:
        self._evaluator = evaluator
        self._stopping = stopping
        self._verbose = verbose
        self._callback = callback
        self._as_shown = as_shown
        self._has_warned = False

    def begin_generation(self, n: int) -> None:
        """Tell nothing."""

    def evaluated(self, candidate: Candidate) -> None:
        """Tell nothing."""

    def end_generation(self, row: dict[str, Any]) -> None:
        """Tell of a generation in a line of text, and by the callback."""
        if row["generation"] == 0:
            self._warn_if_nothing_works()
        shown = self._as_shown(row)
        if self._verbose > 0:
            print(progress_line(shown), flush=True)
        if self._callback is not None:
            self._heed(self._callback(shown))

    def _heed(self, answer: Any) -> None:
        """End the search if the callback has returned True; other answers may be by accident."""
        if isinstance(answer, (bool, np.bool_)):
            if answer:
                self._stopping.request()
        elif answer is not None and not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"The 'callback' has returned {answer!r}, which changes nothing: only True ends "
                "the search, and None or False let it go on.",
                UserWarning,
                stacklevel=2,
            )

    def _warn_if_nothing_works(self) -> None:
        """Tell at once if no setting of a first generation works: to go on may waste hours.

        The estimator's own setting does not count, for it tells nothing of the space.
        """
        outcomes = self._evaluator.outcomes()
        searched = [o for o in outcomes if o.candidate.origin != "default"] or outcomes
        fitness = self._evaluator.latest_fitness
        # Few are evaluated whole: that these have a score does not help all the others.
        for group in (searched, [o for o in searched if _has_less(o)]):
            if group and all(math.isnan(fitness[outcome.candidate]) for outcome in group):
                warnings.warn(_nothing_works(group), FitFailedWarning, stacklevel=2)
                return


def _has_less(outcome: Outcome) -> bool:
    """Whether the fits were given a part of a resource."""
    return outcome.rung.resource is not None and not outcome.is_complete


def _nothing_works(outcomes: Sequence[Outcome]) -> str:
    """Say so, and why, as far as that is known."""
    results = (result for outcome in outcomes for result in outcome.results)
    error = next((result["fit_error"] for result in results if result["fit_error"]), None)
    told = f"None of the first {len(outcomes)} settings that were searched has a score."
    if all(map(_has_less, outcomes)):
        least = min(outcome.rung.resource or 0 for outcome in outcomes)
        told += f" They were given {least} of the 'resource': a larger 'min_resources' may help."
    return told + (f" The first error was:\n{error}" if error else "")
