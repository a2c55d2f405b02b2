"""What each part of the surrogate is worth: it is left out, or changed, and all else is kept.

Parts are no parameters of the search. So this asks and tells the evolution itself, with
constants of its modules replaced. Printed are the regret or, on live tasks, whose best setting
nobody knows, by how much the best score is better than with the same seed in the first row: in
standard deviations over seeds, those of all rows taken together.

    python benchmarks/parts.py --lcbench FOLDER --seeds 3 --budgets 25 50 100
    OMP_NUM_THREADS=1 python benchmarks/parts.py --live --seeds 10 --budgets 30 60
"""

import argparse
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from time import process_time
from unittest.mock import patch

import numpy as np
from searchers import evaluate
from tasks import live_tasks, predicted_tasks, table_tasks

from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._space import Space

# Live tasks whose fits are short.
SHORT = ["svc_digits", "svr_diabetes", "pipeline_wine", "models_diabetes"]

ROOM = "sklearn_natsel._evolution.surrogate"

# name: the constants to replace
VARIANTS = {
    "as it is": {},
    "no climbs: the most promising places as they were drawn": {"climb._N_ROUNDS": 0},
    "one climb instead of ten": {"peaks._N_CLIMBS": 1},
    "any improvement counts for every child": {"peaks._MARGINS": (0.0,)},
    "the forest has no turns": {"turns._TURNS_WITH_PEAKS": 10**6},
    "the forest has every other turn": {"turns._TURNS_WITH_PEAKS": 1},
    "the forest alone": {"turns._TURNS_WITH_PEAKS": 0},
}


def look_up(task, setting):
    """Return the score that a table holds."""
    return task.estimator.table.look_up(setting)


def train(task, setting):
    """Return the score of a live task."""
    return evaluate(task, setting, task.scoring)


def run(task, score, budget, seed):
    """Return the best score after each evaluation, and the milliseconds for each, without it."""
    evolution = Evolution(Space(task.space), np.random.RandomState(seed))
    scores, seconds = [], 0.0
    while len(scores) < budget:
        start = process_time()
        asked = evolution.ask(budget - len(scores))
        seconds += process_time() - start
        for candidate in asked:
            scores.append(score(task, candidate.params))
            evolution.tell(candidate, scores[-1])
    return np.fmax.accumulate(scores), 1000 * seconds / budget


def measure(tasks, score, budgets, n_seeds):
    """Return the best scores, of shape (n_tasks, n_seeds, n_budgets), and the mean milliseconds."""
    found, milliseconds = [], []
    for task in tasks:
        for seed in range(n_seeds):
            best, cost = run(task, score, max(budgets), seed)
            found.append([best[budget - 1] for budget in budgets])
            milliseconds.append(cost)
    return np.reshape(found, (len(tasks), n_seeds, len(budgets))), np.mean(milliseconds)


def regrets(tasks, found):
    """Return the normalised regret x 100."""
    by_task = [100 * task.regret(found[:, i]) for i, task in enumerate(tasks)]
    return np.stack(by_task, axis=1)


def gains(tasks, found):
    """Return how much better scores are than the first variant's with the same seed.

    All variants tell what a standard deviation over seeds is: those of one alone may by chance all
    have ended with the same setting.
    """
    deviation = np.sqrt(found.var(axis=2, ddof=1, keepdims=True).mean(axis=0))
    return (found - found[0]) / deviation


def replaced(constants):
    """Return a context in which constants of the surrogate have other values."""
    stack = ExitStack()
    for place, value in constants.items():
        module, _, name = place.partition(".")
        stack.enter_context(patch.object(import_module(f"{ROOM}.{module}"), name, value))
    return stack


def print_row(name, values, milliseconds):
    """Print the mean over tasks for each budget, and its standard error over seeds."""
    n_tasks, n_seeds, _ = values.shape
    errors = np.sqrt((values.var(axis=1, ddof=1) / n_seeds).sum(axis=0)) / n_tasks
    means = values.mean(axis=(0, 1))
    cells = [f"{mean:.2f} ± {error:.2f}" for mean, error in zip(means, errors)]
    print(f"| {name} | {' | '.join(cells)} | {milliseconds:.1f} |")


def main():
    """Print a row for each variant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--tables", type=Path, metavar="FOLDER", help="the *.npz tables in it")
    add("--lcbench", type=Path, metavar="FOLDER", help="the networks of LCBench")
    add("--live", nargs="*", metavar="TASK", help=f"live tasks; {', '.join(SHORT)} by default")
    add("--budgets", type=int, nargs="+", default=[25, 50, 100, 200])
    add("--seeds", type=int, default=3, help="number of seeds")
    args = parser.parse_args()
    if args.live is None:
        tasks = table_tasks(args.tables) if args.tables else []
        tasks += predicted_tasks(args.lcbench) if args.lcbench else []
        score, in_units = look_up, regrets
    else:
        tasks = [task for task in live_tasks() if task.name in (args.live or SHORT)]
        score, in_units = train, gains
    found, milliseconds = [], []
    for constants in VARIANTS.values():
        with replaced(constants):
            scores, cost = measure(tasks, score, args.budgets, args.seeds)
        found.append(scores)
        milliseconds.append(cost)
    for row in zip(VARIANTS, in_units(tasks, np.array(found)), milliseconds):
        print_row(*row)


if __name__ == "__main__":
    main()
