"""Measure how busy a search keeps its workers: the share of their time that they spend in fits.

A fit sleeps, which needs no core, so that any number of workers runs on any machine. Its time is
lognormal (sigma 0.8) and follows from the setting alone, by a hash: nobody can foresee it. One
split, a population of 30 and, in the generational schedule, as many children; the workers, real
processes, are started before. The time counts to the end of the last fit, when the others have
nothing left to do: more fits for each worker would make their share larger.

    python benchmarks/workers.py
    python benchmarks/workers.py --workers 16 64 --fits 100 --schedules steady-state
    python benchmarks/workers.py --rungs

With rungs, settings are evaluated with a ninth and a third of a resource first, which takes as
small a share of the time; `--fits` counts whole evaluations, or what costs as much.
"""

import argparse
import time
import warnings

import numpy as np
from joblib import hash as digest
from scipy.stats import norm, uniform
from sklearn.base import BaseEstimator

from sklearn_natsel import GeneticSearchCV

SIGMA = 0.8
RUNGS = (9, 27, 81)
SCHEDULES = ("generational", "steady-state")


class Sleeper(BaseEstimator):
    """Sleeps in `fit`."""

    def __init__(self, median=0.0, a=0.5, b=0.5, resource=RUNGS[-1]):
        self.median = median
        self.resource = resource
        self.a = a
        self.b = b

    @property
    def seconds(self):
        quantile = (int(digest((self.a, self.b))[:8], 16) + 0.5) / 16**8
        share = self.resource / RUNGS[-1]
        return share * self.median * np.exp(SIGMA * norm.ppf(quantile))

    def fit(self, X, y=None):
        time.sleep(self.seconds)
        return self

    def score(self, X, y=None):
        return -((self.a - 0.3) ** 2) - (self.b - 0.8) ** 2


def search_with(schedule, n_workers, median, n, seed, resource=None):
    search = GeneticSearchCV(
        Sleeper(median),
        {"a": uniform(0, 1), "b": uniform(0, 1)},
        population_size=30,
        n_offspring=30,
        max_evaluations=n,
        schedule=schedule,
        cv=[(range(9), range(9, 10))],
        refit=False,
        n_jobs=n_workers,
        resource=resource,
        random_state=seed,
    )
    return search.fit(np.zeros((10, 1)))


def busy_share(schedule, n_workers, median, n, seed, resource):
    search = search_with(schedule, n_workers, median, n, seed, resource)
    asleep = 0.0
    for params in search.cv_results_["params"]:
        reached = params.pop("resource", RUNGS[-1])
        rungs = [r for r in RUNGS if r <= reached] if resource else RUNGS[-1:]
        asleep += sum(Sleeper(median, **params, resource=rung).seconds for rung in rungs)
    return asleep / (n_workers * search.evolution_history_["seconds"][-1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 4, 16, 64])
    parser.add_argument("--seconds", type=float, default=0.5, help="median of a fit")
    parser.add_argument("--fits", type=int, default=40, help="for each worker, at least 150 in all")
    parser.add_argument("--schedules", nargs="+", choices=SCHEDULES, default=list(SCHEDULES))
    parser.add_argument("--rungs", action="store_true", help="evaluate settings in parts")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"{'workers':>8}{'fits':>8}" + "".join(f"{schedule:>15}" for schedule in args.schedules))
    for n_workers in args.workers:
        n = max(150, args.fits * n_workers)
        for _ in range(2):
            search_with("generational", n_workers, 0.1, 4 * n_workers, args.seed)  # starts them
        sizes = (n_workers, args.seconds, n, args.seed)
        resource = "resource" if args.rungs else None
        shares = [busy_share(s, *sizes, resource) for s in args.schedules]
        print(f"{n_workers:8}{n:8}" + "".join(f"{share:15.3f}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
