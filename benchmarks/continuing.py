"""What a promoted setting would save if its training went on, and what that would take.

A setting that is promoted is trained anew with more of the resource. The first table has what this
costs for one setting that is trained with a ninth, a third and all of it: the seconds of the
processor if each training begins again, and if it goes on (`warm_start`); the size of the models
that wait, and the time to send them to a process and back; and the largest difference of predicted
probabilities. The second has the share that going on would save of whole searches, counted in the
resource and in seconds: at most so much, if all that go on do so from what was trained.

    OMP_NUM_THREADS=1 python benchmarks/continuing.py
"""

import argparse
import pickle
import warnings
from time import process_time

import numpy as np
import pandas as pd
from real_resources import boosting
from scipy.stats import randint, uniform
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from sklearn_natsel import GeneticSearchCV

PARTS = (9, 27, 81)


def seconds_of(function, repeats=3):
    """Return what a call returns, and the least time that it took."""
    times = []
    for _ in range(repeats):
        started = process_time()
        result = function()
        times.append(process_time() - started)
    return result, min(times)


def trained_anew(model, resource, X, y):
    """Return the model with all of the resource, and the seconds of all three trainings."""
    total = np.zeros(len(PARTS))
    for i, amount in enumerate(PARTS):
        fresh = clone(model).set_params(**{resource: amount})
        fitted, total[i] = seconds_of(lambda fresh=fresh: clone(fresh).fit(X, y))
    return fitted, total


def gone_on(model, resource, X, y):
    """Return the same with `warm_start`, through a pickle each time."""
    fitted = clone(model).set_params(warm_start=True)
    seconds, sizes, sending = np.zeros(len(PARTS)), [], []
    for i, amount in enumerate(PARTS):
        fitted.set_params(**{resource: amount})
        _, seconds[i] = seconds_of(lambda fitted=fitted: fitted.fit(X, y), repeats=1)
        fitted, sent = seconds_of(lambda fitted=fitted: pickle.loads(pickle.dumps(fitted)))
        sizes.append(len(pickle.dumps(fitted)) / 1e6)
        sending.append(sent)
    return fitted, seconds, sizes, sending


def compare(name, model, resource, X, y):
    """Return a row of the first table, and the seconds of each part if it begins again."""
    fresh, anew = trained_anew(model, resource, X, y)
    old, on, sizes, sending = gone_on(model, resource, X, y)
    apart = np.abs(fresh.predict_proba(X) - old.predict_proba(X)).max()
    row = {
        "model": name,
        "anew": anew.sum(),
        "goes on": on.sum(),
        "saved %": 100 * (1 - on.sum() / anew.sum()),
        "MB kept for each that waits": "{:.2f}, {:.2f}".format(*sizes),
        "ms to send": "{:.1f}, {:.1f}".format(*[1000 * s for s in sending]),
        "apart": apart,
    }
    return row, anew, on


def saved(search, anew, on):
    """Return which share of the resource, and of the seconds, going on would save."""
    amounts = np.array(search.cv_results_["n_resources"])
    n_on = [(amounts >= amount).sum() for amount in PARTS]
    spent = np.dot(n_on, PARTS)
    steps = np.diff(PARTS, prepend=0)
    return 1 - np.dot(n_on, steps) / spent, 1 - np.dot(n_on, on) / np.dot(n_on, anew)


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluations", type=int, nargs="*", default=[25, 50])
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    training = boosting()
    X, y = training.X, training.y
    tree = {"max_depth": randint(2, 20), "max_features": uniform(0.1, 0.9)}
    models = [
        ("boosting", training.estimator, "max_iter", training.space),
        ("random forest", RandomForestClassifier(random_state=0), "n_estimators", tree),
        ("extra trees", ExtraTreesClassifier(random_state=0), "n_estimators", tree),
    ]
    rows, searched = [], []
    for name, model, resource, space in models:
        row, anew, on = compare(name, model, resource, X, y)
        rows.append(row)
        for n in args.evaluations:
            shares = []
            for seed in range(args.seeds):
                search = GeneticSearchCV(
                    model, space, resource=resource, max_resources=PARTS[-1], max_evaluations=n,
                    refit=False, random_state=seed, cv=3,
                ).fit(X, y)  # fmt: skip
                shares.append(saved(search, anew, on))
            in_resource, in_seconds = 100 * np.mean(shares, axis=0)
            searched.append((name, n, in_resource, in_seconds))
    print(pd.DataFrame(rows).to_string(index=False, float_format="%.3f"))
    columns = ["model", "evaluations", "% of the resource", "% of the seconds"]
    print(pd.DataFrame(searched, columns=columns).to_string(index=False, float_format="%.1f"))


if __name__ == "__main__":
    main()
