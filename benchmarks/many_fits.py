"""Measure what a search of 20,000 trivial fits adds to what joblib's backends take for them.

4,000 settings on 5 splits of 20 samples, an estimator that does nothing, two workers: through loky
and through a dask cluster of two processes. The same calls without a search, straight through
joblib, are the backend's part of the processor time of this process; the rest is the search's own,
and its share is that of the whole duration. Children are bred without the
surrogate, which is made for fits that are worth choosing. The memory is that of the process of the
search, after a quarter of the fits and at the end.

    python benchmarks/many_fits.py
    python benchmarks/many_fits.py --backends loky --settings 1000
"""

import argparse
import time
from contextlib import contextmanager

import joblib
import numpy as np
import psutil
from scipy.stats import uniform
from sklearn.base import BaseEstimator
from sklearn.model_selection import ParameterSampler
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.parallel import Parallel, delayed

from sklearn_natsel import GeneticSearchCV

SPACE = {"a": uniform(0, 1), "b": uniform(0, 1)}
X = np.zeros((20, 1))
SPLITS = [(np.arange(16), np.arange(16, 20))] * 5


class Trivial(BaseEstimator):
    """Learns nothing, and scores the sum of its parameters."""

    def __init__(self, a=0.0, b=0.0):
        self.a = a
        self.b = b

    def fit(self, X, y=None):
        return self

    def score(self, X, y=None):
        return self.a + self.b


@contextmanager
def workers_of(backend):
    if backend == "loky":
        with joblib.parallel_config(backend="loky", n_jobs=2):
            yield
        return
    from dask.distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask", n_jobs=2),
    ):
        yield


def without_search(n):
    """Return the seconds, and those of the processor, of the same fits without a search."""
    options = {"scorer": score, "score_params": {}, "fit_params": {}, "verbose": 0}
    options |= {"return_n_test_samples": True, "return_times": True}
    calls = (
        delayed(_fit_and_score)(
            Trivial(), X, None, train=train, test=test, parameters=params, **options
        )
        for params in ParameterSampler(SPACE, n, random_state=0)
        for train, test in SPLITS
    )
    started, cpu = time.perf_counter(), time.process_time()
    for _ in Parallel(return_as="generator_unordered", pre_dispatch="2*n_jobs")(calls):
        pass
    return time.perf_counter() - started, time.process_time() - cpu


def score(estimator, X, y=None):
    return estimator.score(X, y)


def with_search(n, schedule):
    """Return both for a search, and the memory of this process on the way, in MB."""
    process, memory = psutil.Process(), []

    def look(search, record):
        memory.append((record["n_evaluations"], process.memory_info().rss / 1e6))

    search = GeneticSearchCV(
        Trivial(),
        SPACE,
        population_size=20,
        n_offspring=100,
        surrogate=False,
        max_evaluations=n,
        schedule=schedule,
        callback=look,
        scoring=score,
        cv=SPLITS,
        refit=False,
        random_state=0,
    )
    started, cpu = time.perf_counter(), time.process_time()
    search.fit(X)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert search.n_evaluations_ == n
    return seconds, cpu, next(mb for done, mb in memory if done >= n / 4), memory[-1][1]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backends", nargs="+", default=["loky", "dask"])
    parser.add_argument("--settings", type=int, default=4000)
    args = parser.parse_args()
    print(f"{args.settings * len(SPLITS)} fits")
    titles = ("joblib (s)", "search (s)", "own CPU (s)", "own share", "MB at 1/4", "MB at end")
    print(f"{'':20}" + "".join(f"{title:>13}" for title in titles))
    for backend in args.backends:
        with workers_of(backend):
            without_search(100)  # starts the workers
            alone, alone_cpu = without_search(args.settings)
            for schedule in ("generational", "steady-state"):
                seconds, cpu, early, late = with_search(args.settings, schedule)
                own = cpu - alone_cpu
                print(
                    f"{f'{backend}, {schedule}':20}{alone:13.1f}{seconds:13.1f}{own:13.1f}"
                    f"{own / seconds:13.2f}{early:13.0f}{late:13.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
