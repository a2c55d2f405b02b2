"""An evolution with its workers, from the first candidate to the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sklearn_natsel._evaluation import Evaluations, Evaluator, Interrupts, Pool, Result, Task
from sklearn_natsel._evolution import Candidate, Evolution
from sklearn_natsel._memory import ResultsStore
from sklearn_natsel._run.callbacks import Progress
from sklearn_natsel._run.history import History
from sklearn_natsel._run.journal import open_journal
from sklearn_natsel._run.parameters import EVOLUTION
from sklearn_natsel._run.schedules import evolve
from sklearn_natsel._run.stopping import Stopping


def run(
    task: Task,
    fitness: Callable[[list[Result]], float],
    evolution: Evolution,
    stopping: Stopping,
    history: History,
    options: Mapping[str, Any],
    *,
    store: ResultsStore | None,
    goal: Mapping[str, Any],
    on_generation: Callable[[dict[str, Any], Evaluator], bool],
    interrupts: Interrupts,
    progress: Progress | None = None,
) -> tuple[str, Evaluator]:
    """Evolve, and evaluate in workers, until a limit is reached.

    Parameters
    ----------
    task, fitness, evolution, store
        As of `Evaluator`.

    stopping, history
        As of `evolve`.

    options : dict of str -> object
        Parameters of the search, by name.

    goal : dict of str -> object
        What is maximised, to tell the journals of searches apart.

    on_generation : callable
        Is given the row of each generation, and the evaluator; ends the evolution by returning
        True.

    interrupts : Interrupts
        Watches for Ctrl-C.

    progress : Progress, default=None
        Tells scikit-learn's callbacks.

    Returns
    -------
    stop_reason : str
        Why it ended.

    evaluator : Evaluator
        Has at least one result.

    Raises
    ------
    KeyboardInterrupt
        If nothing was evaluated before an interrupt, or a single one must end more than this.
    """
    journal = open_journal(
        store,
        evolution.space,
        {**{name: options[name] for name in (*EVOLUTION, "random_state", "schedule")}, **goal},
    )

    def evaluate(candidates: Iterable[Candidate], n: int) -> Evaluations:
        evaluations = evaluator.evaluate(candidates)
        return evaluations if progress is None else progress.follow(evaluations, n)

    def is_asked_to_stop() -> bool:
        return progress is not None and progress.asks_to_stop

    def end_generation(row: dict[str, Any]) -> bool:
        evaluator.warn_if_nothing_works(row)
        return on_generation(row, evaluator) or is_asked_to_stop()

    with Pool(
        options["n_jobs"],
        options["pre_dispatch"],
        options["fit_timeout"],
        interrupts,
        shared=task.shared,
        one_by_one=options["schedule"] == "steady-state",
    ) as pool:
        evaluator = Evaluator(
            task,
            fitness,
            evolution,
            pool,
            store,
            stopping.deadline,
            goes_on=lambda: not is_asked_to_stop(),
        )
        try:
            stop_reason = evolve(
                evolution, evaluate, stopping, history, end_generation, options["schedule"], journal
            )
        finally:
            evaluator.keep_arrived()
    if not evaluator.results or interrupts.must_be_raised(stop_reason):
        raise KeyboardInterrupt
    return stop_reason, evaluator
