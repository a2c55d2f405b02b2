"""What each part of the surrogate is worth: it is left out, or changed, and all else is kept.

Parts are no parameters of the search. So this asks and tells the evolution itself, with
constants of its modules replaced.

    python benchmarks/parts.py --lcbench FOLDER --seeds 3 --budgets 25 50 100
"""

import argparse
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from time import process_time
from unittest.mock import patch

import numpy as np
from tasks import predicted_tasks, table_tasks

from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._space import Space

ROOM = "sklearn_natsel._evolution.surrogate"

# name: the constants to replace
VARIANTS = {
    "as it is": {},
    "no climbs: the most promising places as they were drawn": {"climb._N_ROUNDS": 0},
    "one climb instead of ten": {"peaks._N_CLIMBS": 1},
    "any improvement counts for every child": {"peaks._MARGINS": (0.0,)},
    "the forest has no turns": {"turns._TURNS_WITH_PEAKS": 10**6},
    "the forest has every other turn": {"turns._TURNS_WITH_PEAKS": 1},
}


def run(task, budget, seed):
    """Return the best score after each evaluation, and the milliseconds for each, without it."""
    evolution = Evolution(Space(task.space), np.random.RandomState(seed))
    table, scores, seconds = task.estimator.table, [], 0.0
    while len(scores) < budget:
        start = process_time()
        asked = evolution.ask(budget - len(scores))
        seconds += process_time() - start
        for candidate in asked:
            scores.append(table.look_up(candidate.params))
            evolution.tell(candidate, scores[-1])
    return np.maximum.accumulate(scores), 1000 * seconds / budget


def measure(tasks, budgets, n_seeds):
    """Return the regrets, of shape (n_tasks, n_seeds, n_budgets), and the mean milliseconds."""
    regrets, milliseconds = [], []
    for task in tasks:
        for seed in range(n_seeds):
            best, cost = run(task, max(budgets), seed)
            regrets.append([100 * task.regret(best[budget - 1]) for budget in budgets])
            milliseconds.append(cost)
    shape = len(tasks), n_seeds, len(budgets)
    return np.reshape(regrets, shape), np.mean(milliseconds)


def replaced(constants):
    """Return a context in which constants of the surrogate have other values."""
    stack = ExitStack()
    for place, value in constants.items():
        module, _, name = place.partition(".")
        stack.enter_context(patch.object(import_module(f"{ROOM}.{module}"), name, value))
    return stack


def main():
    """Print a row for each variant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", type=Path, metavar="FOLDER", help="the *.npz tables in it")
    parser.add_argument("--lcbench", type=Path, metavar="FOLDER", help="the networks of LCBench")
    parser.add_argument("--budgets", type=int, nargs="+", default=[25, 50, 100, 200])
    parser.add_argument("--seeds", type=int, default=3, help="number of seeds")
    args = parser.parse_args()
    tasks = table_tasks(args.tables) if args.tables else []
    tasks += predicted_tasks(args.lcbench) if args.lcbench else []
    for name, constants in VARIANTS.items():
        with replaced(constants):
            regrets, milliseconds = measure(tasks, args.budgets, args.seeds)
        errors = np.sqrt((regrets.var(axis=1, ddof=1) / args.seeds).sum(axis=0)) / len(tasks)
        cells = [
            f"{mean:.1f} ± {error:.1f}" for mean, error in zip(regrets.mean(axis=(0, 1)), errors)
        ]
        print(f"| {name} | {' | '.join(cells)} | {milliseconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
