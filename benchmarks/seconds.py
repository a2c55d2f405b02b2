"""Compare what is found in equal time, with and without a price of time.

The tables hold how long the training of each setting took, so the clock that the evolution is
told of is theirs, and a search of weeks takes a second. The unit of time is the mean training of
the table: 100 of them is what 100 random settings take on average.

    python benchmarks/seconds.py --tables FOLDER
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tasks import load_table

from sklearn_natsel._evolution import Evolution
from sklearn_natsel._space import Space

# A search by a price of time evaluates more settings in the same time: as many as this at most.
MOST_EVALUATIONS = 600


def evolution(surrogate, space, rng):
    """Breed candidates as the search does with its defaults."""
    evolving = Evolution(space, rng, surrogate=surrogate)
    while asked := evolving.ask():
        for candidate in asked:
            fitness, seconds = yield candidate.params
            evolving.tell(candidate, fitness, seconds)


def random_settings(space, rng):
    """Draw settings, some of them perhaps twice."""
    while True:
        yield space.decode(space.random(rng))


SEARCHERS = {
    "surrogate=True": partial(evolution, True),
    'surrogate="per_second"': partial(evolution, "per_second"),
    "random settings": random_settings,
}


def run_one(name, path, seed, budgets):
    """Search a table once; return its regret at each budget, of time and of settings."""
    task = load_table(path)
    table = task.estimator.table
    unit = table.seconds.mean()
    settings = SEARCHERS[name](Space(table.axes), np.random.RandomState(seed))
    setting, clock, score = next(settings), [0.0], [task.median]
    while min(clock[-1], len(clock) - 1) <= max(budgets) and len(clock) <= MOST_EVALUATIONS:
        result = table.look_up(setting), table.seconds_of(setting)
        score.append(result[0])
        clock.append(clock[-1] + result[1] / unit)
        setting = settings.send(result)
    best = np.maximum.accumulate(score)
    in_time = [best[np.searchsorted(clock, budget, side="right") - 1] for budget in budgets]
    of_settings = [best[min(int(budget), len(best) - 1)] for budget in budgets]
    regrets = [100 * task.regret(score) for score in (*in_time, *of_settings)]
    return name, task.name, seed, *regrets


def report(results, budgets):
    """Print the regret at each budget: mean over seeds and tables, and by table."""
    by_table = results.groupby(["searcher", "table"])[budgets]
    mean, error = by_table.mean(), by_table.sem()
    over_tables = np.sqrt((error**2).groupby("searcher").sum()) / results["table"].nunique()
    shown = mean.groupby("searcher").mean().map("{:.2f}".format)
    print((shown + over_tables.map(" ± {:.2f}".format)).loc[list(SEARCHERS)].to_string())
    print(mean.stack().unstack("searcher")[list(SEARCHERS)].round(1).to_string())


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, metavar="FOLDER", required=True)
    parser.add_argument("--budgets", type=float, nargs="+", default=[12, 25, 50, 100, 200])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    args = parser.parse_args()
    runs = Parallel(n_jobs=args.jobs)(
        delayed(run_one)(name, path, seed, args.budgets)
        for name in SEARCHERS
        for path in sorted(args.tables.glob("*.npz"))
        for seed in range(args.seeds)
    )
    in_time = [f"{budget:g}" for budget in args.budgets]
    of_settings = [f"{budget} settings" for budget in in_time]
    columns = ["searcher", "table", "seed", *in_time, *of_settings]
    results = pd.DataFrame(runs, columns=columns)
    print("Normalised regret x 100 after the time of so many random settings")
    report(results, in_time)
    print("\nand after so many settings of its own")
    report(results, of_settings)


if __name__ == "__main__":
    main()
