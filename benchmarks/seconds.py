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
    """Search a table once; return its regret at each budget of time."""
    task = load_table(path)
    table = task.estimator.table
    unit = table.seconds.mean()
    settings = SEARCHERS[name](Space(table.axes), np.random.RandomState(seed))
    setting, clock, best = next(settings), 0.0, task.median
    regrets = {}
    for _ in range(MOST_EVALUATIONS):
        score, seconds = table.look_up(setting), table.seconds_of(setting)
        clock += seconds / unit
        # What is finished too late does not count any more.
        regrets.update({b: task.regret(best) for b in budgets if b < clock and b not in regrets})
        best = max(best, score)
        if len(regrets) == len(budgets):
            break
        setting = settings.send((score, seconds))
    return name, task.name, seed, *(100 * regrets.get(b, task.regret(best)) for b in budgets)


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
    results = pd.DataFrame(runs, columns=["searcher", "table", "seed", *args.budgets])
    by_table = results.drop(columns="seed").groupby(["searcher", "table"])
    mean, error = by_table.mean(), by_table.sem()
    of_tables = {"mean": mean.groupby("searcher").mean()}
    n_tables = results["table"].nunique()
    of_tables["error"] = np.sqrt((error**2).groupby("searcher").sum()) / n_tables
    print("Normalised regret x 100 after the time of so many random settings")
    shown = of_tables["mean"].map("{:.2f}".format) + of_tables["error"].map(" ± {:.2f}".format)
    print(shown.loc[list(SEARCHERS)].to_string())
    print("\nBy table")
    print(mean.unstack("searcher").round(1).to_string())


if __name__ == "__main__":
    main()
