"""Measure what a search of 20,000 trivial fits adds to what joblib's backends take for them.

4,000 settings on 5 splits of 20 samples, an estimator that does nothing, two workers: through loky
and through a dask cluster of processes. "joblib" is the time of the same calls without a search.
"own" is the time of the same search with fits that come from nowhere, in no time; its share is that
of the search with workers. Children are bred without the surrogate, which is made for fits that are
worth choosing. The memory is that of the process of the search, after a quarter of the fits and at
the end.

    python benchmarks/many_fits.py
    python benchmarks/many_fits.py --backends loky --settings 1000
"""

import argparse
import time
from contextlib import contextmanager
from unittest.mock import patch

import joblib
import numpy as np
import psutil
from sklearn.base import BaseEstimator
from sklearn.model_selection import ParameterSampler
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.parallel import Parallel, delayed

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation import Pool

SPACE = {"a": range(1000), "b": range(1000)}
X = np.zeros((20, 1))
SPLITS = [(np.arange(16), np.arange(16, 20))] * 5


class Trivial(BaseEstimator):
    """Learns nothing, and scores the sum of its parameters."""

    def __init__(self, a=0, b=0):
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
    from dask.distributed import Client, SubprocessCluster

    workers = {"n_workers": 2, "threads_per_worker": 1}
    with (
        SubprocessCluster(**workers, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask", n_jobs=2),
    ):
        yield


def without_search(n):
    """Return the seconds of the same fits without a search."""
    options = {"scorer": score, "score_params": {}, "fit_params": {}, "verbose": 0}
    options |= {"return_n_test_samples": True, "return_times": True}
    calls = (
        delayed(_fit_and_score)(
            Trivial(), X, None, train=train, test=test, parameters=params, **options
        )
        for params in ParameterSampler(SPACE, n, random_state=0)
        for train, test in SPLITS
    )
    started = time.perf_counter()
    for _ in Parallel(return_as="generator_unordered", pre_dispatch="2*n_jobs")(calls):
        pass
    return time.perf_counter() - started


def score(estimator, X, y=None):
    return estimator.score(X, y)


def with_search(n, schedule):
    """Return the seconds of a search, and the memory of this process on the way, in MB."""
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
    started = time.perf_counter()
    search.fit(X)
    seconds = time.perf_counter() - started
    assert search.n_evaluations_ == n
    return seconds, next(mb for done, mb in memory if done >= n / 4), memory[-1][1]


def without_workers(n, schedule):
    """Return the seconds of a search whose fits cost nothing."""
    result = {"fit_error": None, "n_test_samples": 4, "fit_time": 0.0, "score_time": 0.0}

    def run(pool, calls, n_calls=None):
        for call in calls:
            yield call.key, {**result, "test_scores": sum(call.kwargs["parameters"].values())}

    with patch.object(Pool, "outcomes", run), joblib.parallel_config(n_jobs=1):
        return with_search(n, schedule)[0]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backends", nargs="+", default=["loky", "dask"])
    parser.add_argument("--settings", type=int, default=4000)
    args = parser.parse_args()
    print(f"{args.settings * len(SPLITS)} fits")
    titles = ("joblib (s)", "search (s)", "own (s)", "own share", "MB at 1/4", "MB at end")
    print(f"{'':20}" + "".join(f"{title:>13}" for title in titles))
    for backend in args.backends:
        with workers_of(backend):
            without_search(100)  # starts the workers
            alone = without_search(args.settings)
            for schedule in ("generational", "steady-state"):
                own = without_workers(args.settings, schedule)
                seconds, early, late = with_search(args.settings, schedule)
                print(
                    f"{f'{backend}, {schedule}':20}{alone:13.1f}{seconds:13.1f}{own:13.2f}"
                    f"{own / seconds:13.2f}{early:13.0f}{late:13.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
