"""A search to be interrupted, in a process of its own.

python interrupted_search.py LOG N_JOBS SECONDS_OF_REFIT alone|together

Prints the process ids of its workers, then what it has found.
"""

import json
import os
import signal
import sys
import time

from killed_search import make_data
from logging_classifier import LoggingClassifier
from processes import workers_of
from sklearn.base import clone

from sklearn_natsel import GeneticSearchCV


class SlowToRefit(LoggingClassifier):
    """Takes its time on all of the data, and says when it begins."""

    def __init__(self, a=0.0, b=0, seconds=0.0, log=None, refit_seconds=0.0):
        super().__init__(a, b, seconds, log)
        self.refit_seconds = refit_seconds

    def fit(self, X, y):
        if len(X) == 60:
            with open(self.log, "a") as log:
                log.write("refit\n")
            end = time.time() + self.refit_seconds
            while time.time() < end:
                time.sleep(0.01)
        return super().fit(X, y)


class FittedTogether(SlowToRefit):
    """Takes several settings at once."""

    def fit_many(self, settings, X, y, splits):
        models = [clone(self).set_params(**setting) for setting in settings]
        return [model.fit(X[rows], y[rows]) for model, rows in zip(models, splits)]


def main():
    # A shell starts what it runs in the background with SIGINT ignored, tests included.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log, n_jobs, refit_seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    kind = FittedTogether if sys.argv[4] == "together" else SlowToRefit
    estimator = kind(seconds=0.1, log=log, refit_seconds=refit_seconds)
    search = GeneticSearchCV(
        estimator,
        {"a": [i / 100 for i in range(101)], "b": range(4)},
        population_size=10,
        n_offspring=5,
        n_generations=2 if refit_seconds else 50,
        cv=2,
        n_jobs=n_jobs,
        random_state=0,
    )
    search.fit(*make_data())
    found = {
        "stop_reason": search.stop_reason_,
        "n_rows": len(search.cv_results_["params"]),
        "n_evaluations": int(search.n_evaluations_),
        "history": [int(n) for n in search.evolution_history_["n_evaluated"]],
        "fitted": search.best_estimator_.predict(make_data()[0]).shape == (60,),
        "workers": workers_of(os.getpid()),
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
