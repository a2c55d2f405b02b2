"""Measure what the search costs beside the fits, as ratios to scikit-learn's own searches.

The estimator is as cheap as they come, so that the search itself shows. Both sides of a ratio
run in turns, and the median counts. The machine may be busy with other things: with one job,
seconds are those of the processor.

    python benchmarks/overhead.py
    python benchmarks/overhead.py --only evaluations imports --repeats 9
"""

import argparse
import pickle
import subprocess
import sys
import time
import warnings
from statistics import median

import numpy as np
import sklearn
from joblib import Parallel, delayed
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.metrics import check_scoring
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, StratifiedKFold
from sklearn.model_selection._validation import _fit_and_score
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.fixes import parse_version

from sklearn_natsel import GeneticSearchCV

X, y = load_iris(return_X_y=True)
DISTRIBUTION = {"var_smoothing": loguniform(1e-12, 1.0)}
CALLBACKS_OF_GRID_SEARCH = parse_version(sklearn.__version__) >= parse_version("1.9")


def grid(n):
    return {"var_smoothing": np.geomspace(1e-12, 1.0, n)}


def genetic(n, space=DISTRIBUTION, **params):
    return GeneticSearchCV(GaussianNB(), space, max_evaluations=n, random_state=0, **params)


def seconds_of(search):
    clock = time.process_time if search.n_jobs in (None, 1) else time.perf_counter
    started = clock()
    search.fit(X, y)
    return clock() - started


def in_turns(ours, theirs, repeats):
    """Call both in turns, and return the median of each and of their ratios."""
    pairs = [(ours(), theirs()) for _ in range(repeats)]
    a, b = zip(*pairs)
    return median(a), median(b), median(x / y for x, y in pairs)


def told(params):
    return "".join(f", {name}={value!r}" for name, value in params.items())


def evaluations(repeats):
    """200 evaluations against as many of RandomizedSearchCV."""
    for n_jobs, params in (
        (1, {}),
        (1, {"surrogate": False}),
        (2, {}),
        (2, {"schedule": "steady-state"}),
    ):
        random = RandomizedSearchCV(
            GaussianNB(), DISTRIBUTION, n_iter=200, n_jobs=n_jobs, random_state=0
        )
        search = genetic(200, n_jobs=n_jobs, **params)
        seconds_of(random)  # starts the workers
        result = in_turns(lambda s=search: seconds_of(s), lambda r=random: seconds_of(r), repeats)
        yield f"200 evaluations, n_jobs={n_jobs}{told(params)} (s)", *result, 1.1


def seconds_of_fits(n):
    """Return what n settings on five splits take in joblib's workers, without any search."""
    started = time.perf_counter()
    splits = list(StratifiedKFold(5).split(X, y))
    Parallel(n_jobs=2)(
        delayed(_fit_and_score)(
            clone(GaussianNB()),
            X,
            y,
            scorer=check_scoring(GaussianNB()),
            train=train,
            test=test,
            verbose=0,
            parameters={"var_smoothing": value},
            fit_params={},
            score_params={},
            error_score=np.nan,
        )
        for value in grid(n)["var_smoothing"]
        for train, test in splits
    )
    return time.perf_counter() - started


def many_fits(repeats):
    """8,000 fits on two jobs against GridSearchCV, which sends its callbacks with each of them.

    The second figure of each is of what is spent beside the fits, the time of which is subtracted
    from both.
    """
    n = 1600
    seconds_of(genetic(20, n_jobs=2))  # starts the workers
    target = 0.2 if CALLBACKS_OF_GRID_SEARCH else 1.1
    theirs = GridSearchCV(GaussianNB(), grid(n), n_jobs=2)
    ways = [{}, {"schedule": "steady-state"}, {"schedule": "steady-state", "surrogate": False}]
    runs = [
        (
            seconds_of_fits(n),
            seconds_of(theirs),
            *(seconds_of(genetic(n, n_jobs=2, **params)) for params in ways),
        )
        for _ in range(max(repeats // 3, 1))
    ]
    fits, grids, *ours = map(np.array, zip(*runs))
    for params, seconds in zip(ways, ours):
        for what, spent, by_grid in (
            ("8,000 fits", seconds, grids),
            ("  beside the fits", seconds - fits, grids - fits),
        ):
            ratio = np.median(spent / by_grid)
            title = f"{what}, n_jobs=2{told(params)} (s)"
            yield title, np.median(spent), np.median(by_grid), ratio, target


def long_searches(repeats):
    """Time per evaluation of a long search against that of a short one."""
    result = in_turns(
        lambda: 1000 * seconds_of(genetic(5000, cv=2)) / 5000,
        lambda: 1000 * seconds_of(genetic(500, cv=2)) / 500,
        max(repeats // 2, 1),
    )
    yield "an evaluation of 5,000 against one of 500 (ms)", *result, 1.3


def imports(repeats):
    """Import in a fresh process."""

    def seconds_to_import(module):
        code = (
            f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        )
        out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        return float(out.stdout)

    seconds_to_import("sklearn_natsel")  # writes the byte code
    result = in_turns(
        lambda: seconds_to_import("sklearn_natsel"),
        lambda: seconds_to_import("sklearn.model_selection"),
        2 * repeats,
    )
    yield "import against sklearn.model_selection (s)", *result, 1.1


def pickles(_):
    """Size of a fitted search against that of GridSearchCV with the same rows."""
    for n in (20, 200, 2000):
        searches = genetic(n, grid(n), cv=2), GridSearchCV(GaussianNB(), grid(n), cv=2)
        ours, theirs = (len(pickle.dumps(search.fit(X, y))) / 1000 for search in searches)
        yield (
            f"pickle after {n} evaluations against GridSearchCV (kB)",
            ours,
            theirs,
            ours / theirs,
            2,
        )


MEASUREMENTS = {
    function.__name__: function
    for function in (evaluations, many_fits, long_searches, imports, pickles)
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    # On 1.9 the estimator without callbacks would be told in every search.
    warnings.simplefilter("ignore")
    print(f"scikit-learn {sklearn.__version__}")
    print(f"{'':66}{'ours':>9}{'theirs':>9}{'ratio':>8}{'at most':>9}")
    missed = 0
    for name in args.only:
        for title, ours, theirs, ratio, target in MEASUREMENTS[name](args.repeats):
            note = "" if ratio <= target else "  missed"
            missed += ratio > target
            print(f"{title:66}{ours:9.3f}{theirs:9.3f}{ratio:8.2f}{target:9.2f}{note}", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
