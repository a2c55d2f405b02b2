"""The loop around the evolution: ask, evaluate, tell, record, until told to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sklearn_natsel._evolution import Candidate, Evolution
from sklearn_natsel._history import History
from sklearn_natsel._interrupts import Interrupts
from sklearn_natsel._stopping import Stopping

Evaluate = Callable[[list[Candidate]], Iterable[tuple[Candidate, float]]]


def evolve(
    evolution: Evolution,
    evaluate: Evaluate,
    stopping: Stopping,
    history: History,
    on_generation: Callable[[dict[str, Any]], bool],
    interrupts: Interrupts,
) -> str:
    """Run an evolution to its end.

    Parameters
    ----------
    evolution : Evolution
        Breeds the candidates.

    evaluate : callable
        Takes the candidates of a generation, yields each with its fitness as
        soon as it is known, in any order; candidates may be missing.

    stopping : Stopping
        The limits.

    history : History
        Gets a row per generation.

    on_generation : callable
        Is given each row; ends the evolution by returning True.

    interrupts : Interrupts
        Tells a first Ctrl-C, which ends the evolution, from a second one.

    Returns
    -------
    reason : str
        Why it ended, as `stop_reason_` of the search.
    """
    try:
        return _run(evolution, evaluate, stopping, history, on_generation)
    except KeyboardInterrupt:
        if interrupts.count > 1:
            raise
        recorded = history.rows[-1]["generation"] if history.rows else -1
        evaluated = [
            candidate
            for candidate in evolution.candidates
            if candidate.fitness is not None and candidate.generation > recorded
        ]
        if evaluated:
            history.record(evolution, evaluated, stopping.seconds)
        return "interrupted"


def _run(
    evolution: Evolution,
    evaluate: Evaluate,
    stopping: Stopping,
    history: History,
    on_generation: Callable[[dict[str, Any]], bool],
) -> str:
    while True:
        asked = evolution.ask(limit=stopping.remaining(history))
        if not asked:
            return "space_exhausted"
        evaluated = []
        for candidate, fitness in evaluate(asked):
            evolution.tell(candidate, fitness)
            evaluated.append(candidate)
        if not evaluated:
            return stopping.reason(history) or "callback"
        if on_generation(history.record(evolution, evaluated, stopping.seconds)):
            return "callback"
        if reason := stopping.reason(history):
            return reason
