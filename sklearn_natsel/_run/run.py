"""The loop around the evolution: breed, evaluate, tell, record, until told to stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn_natsel._evaluation import Evaluation, Evaluations, Evaluator
from sklearn_natsel._evolution import Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.journal import Journal
from sklearn_natsel._run.observer import Observer
from sklearn_natsel._run.schedules import Schedule
from sklearn_natsel._run.stopping import Stopping


def run(
    evolution: Evolution | Journal,
    evaluator: Evaluator,
    schedule: Schedule,
    stopping: Stopping,
    history: History,
    observers: Sequence[Observer] = (),
) -> str:
    """Run an evolution from the first candidate to the last.

    Parameters
    ----------
    evolution : Evolution or Journal
        Breeds the candidates.

    evaluator : Evaluator
        Evaluates them. Afterwards it has at least one result.

    schedule : Schedule
        When they are bred.

    stopping : Stopping
        The limits.

    history : History
        Gets a row per generation.

    observers : list of Observer, default=()
        Are told how it goes.

    Returns
    -------
    stop_reason : str
        Why it ended, as `stop_reason_` of the search.

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted before anything was evaluated.
    """
    loop = _Loop(evolution, schedule, stopping, history, observers)
    try:
        reason = loop.until_told_to_stop(evaluator)
    except KeyboardInterrupt:
        if not evaluator.results:
            raise
        reason = "interrupted"
        loop.record()
    finally:
        evaluator.keep_arrived()
    return reason


class _Loop:
    """Tells the evolution, the history and the observers what comes back."""

    def __init__(
        self,
        evolution: Evolution | Journal,
        schedule: Schedule,
        stopping: Stopping,
        history: History,
        observers: Sequence[Observer],
    ) -> None:
        self._evolution = evolution
        self._schedule = schedule
        self._stopping = stopping
        self._history = history
        self._observers = observers
        self._told: list[Evaluation] = []

    def until_told_to_stop(self, evaluator: Evaluator) -> str:
        """Evaluate generations; return the reason for the end."""
        reason = None
        generations = self._schedule.generations(
            self._evolution, evaluator, self._stopping, self._history
        )
        for size, evaluations in generations:
            came = self._follow(size, evaluations)
            reason = self._stopping.reason(self._history)
            if reason or not came:
                break
        rest = self._schedule.rest()
        if rest is not None:
            self._follow(*rest)
        # Without a limit, an evolution ends when there is nothing left to breed.
        return reason or self._stopping.reason(self._history) or "space_exhausted"

    def _follow(self, size: int, evaluations: Evaluations) -> bool:
        """Tell of each evaluation of a generation; return whether there was any."""
        for observer in self._observers:
            observer.begin_generation(size)
        for evaluation in evaluations:
            if evaluation.is_last:
                for observer in self._observers:
                    observer.evaluated(evaluation.candidate)
            with self._schedule.lock:
                self._evolution.tell(*evaluation[:3])
            self._told.append(evaluation)
        row = self.record()
        if row is None:
            return False
        for observer in self._observers:
            observer.end_generation(row)
        return True

    def record(self) -> dict[str, Any] | None:
        """Add the row of what was told since the last one; None if that is nothing."""
        if not self._told:
            return None
        new, self._told = self._told, []
        with self._schedule.lock:
            return self._history.record(self._evolution, new, self._stopping.seconds)
